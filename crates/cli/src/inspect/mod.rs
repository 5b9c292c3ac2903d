//! `sansocket inspect`: explains recorded bytes frame by frame.

mod head;
mod source;
#[cfg(test)]
mod tests;
mod walk;

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use sansocket_core::{Decoded, Instant};
use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};
use sansocket_websocket::frame;
use sansocket_websocket::{Extensions, Options, Role, WebSocket};

use crate::exit::{Exit, Failure, output_failed};
use crate::units;
use head::Head;
use source::Form;
use walk::Walk;

/// Explain WebSocket bytes frame by frame, up to the first violation
///
/// Takes one direction of a connection: hex, a file, or standard input; also a captured stream that begins with the
/// HTTP head of the opening handshake.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Inspect {
    /// Hex (spaces, commas, colons and 0x are fine) or the name of a file; without it, or as `-`, standard input
    input: Vec<String>,

    /// Who reads these bytes: a server gets masked frames, a client unmasked ones [default: told by the first frame,
    /// or by the HTTP head]
    #[arg(long, value_enum)]
    role: Option<Reader>,

    /// permessage-deflate was negotiated: RSV1 marks compressed messages
    #[arg(long)]
    deflate: bool,

    /// The file or standard input holds hex
    #[arg(long, conflicts_with = "raw")]
    hex: bool,

    /// It holds the bytes as they are [default: told by the content]
    #[arg(long)]
    raw: bool,

    /// The largest message that the reader would take, inflated or not
    #[arg(long, value_name = "BYTES", default_value = "64M", value_parser = units::bytes)]
    max_message: usize,
}

const HELP: &str = "\
Examples:
  sansocket inspect 81 85 37fa213d 7f9f4d5158
  sansocket inspect capture.bin --role client --deflate
  xxd -p capture.bin | sansocket inspect

Exit codes: 0 if nothing is wrong, 5 if the stream breaks the protocol.";

/// Who reads the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Reader {
    /// Reads what a client wrote.
    Server,
    /// Reads what a server wrote.
    Client,
}

impl Inspect {
    /// Explains the bytes on standard output.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let form = match (self.hex, self.raw) {
            (true, _) => Form::Hex,
            (_, true) => Form::Raw,
            _ => Form::Guess,
        };
        let stream = source::read(&self.input, form)?;
        let mut out = BufWriter::new(io::stdout().lock());
        let exit = self.explain(&stream, &mut out).map_err(output_failed)?;
        out.flush().map_err(output_failed)?;
        Ok(exit)
    }

    fn explain(&self, stream: &[u8], out: &mut impl Write) -> io::Result<Exit> {
        let options = self.options();
        let (start, reader, agreed) = match head::explain(stream, &options, out)? {
            Head::None => (0, self.reader(stream, out)?, Extensions::default()),
            Head::Whole { len, reader, extensions } => {
                (len, self.role.map_or(reader, Role::from), extensions)
            }
            Head::Cut => return Ok(Exit::Done),
            Head::Wrong => return Ok(Exit::Violation),
        };
        let extensions = if self.deflate { anything() } else { agreed };
        let machine = match reader {
            Role::Server => WebSocket::server(options, extensions, Instant::ZERO),
            // What the machine would answer is never sent, so its masks may be known.
            Role::Client => WebSocket::client(options, extensions, [0; 32], Instant::ZERO),
        };
        Walk::new(stream, start, machine, out).run()
    }

    /// Who reads, as told or as the first frame tells.
    fn reader(&self, stream: &[u8], out: &mut impl Write) -> io::Result<Role> {
        if let Some(role) = self.role {
            return Ok(role.into());
        }
        // RFC 6455 §5.1: "a client MUST mask all frames that it sends to the server", and a server none.
        let (role, why) = match frame::decode(stream) {
            Ok(Decoded::Complete { value, .. }) if value.mask.is_none() => (Role::Client, "not masked"),
            Ok(Decoded::Complete { .. }) => (Role::Server, "masked"),
            _ => (Role::Server, "not whole: --role client reads as a client"),
        };
        let name = if role == Role::Client { "client" } else { "server" };
        writeln!(out, "read as a {name} reads, for the first frame is {why}\n")?;
        Ok(role)
    }

    /// What the reader lets happen. The limits that a server has for its own sake are not the stream's fault.
    fn options(&self) -> Arc<Options> {
        Arc::new(Options {
            max_message: Some(self.max_message),
            max_frame: None,
            max_empty_frames: None,
            deflate: Some(DeflateOptions {
                our_takeover: Takeover::Keep,
                peer_takeover: Takeover::Keep,
                our_window: WindowBits::MAX,
                peer_window: WindowBits::MAX,
                ..DeflateOptions::default()
            }),
            ..Options::default()
        })
    }
}

/// Whatever two peers may have agreed on: the largest window, kept from message to message, reads all.
fn anything() -> Extensions {
    let most = Direction { takeover: Takeover::Keep, window: WindowBits::MAX };
    Extensions { deflate: Some(DeflateParams { ours: most, peers: most }) }
}

impl From<Reader> for Role {
    fn from(reader: Reader) -> Role {
        match reader {
            Reader::Server => Role::Server,
            Reader::Client => Role::Client,
        }
    }
}
