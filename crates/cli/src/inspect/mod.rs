//! `sansocket inspect`: explains recorded bytes, WebSocket frame by frame, Engine.IO and Socket.IO packet by packet.

mod engineio;
mod head;
mod socketio;
mod source;
#[cfg(test)]
mod tests;
mod walk;
mod words;

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use clap::ArgGroup;
use sansocket_core::{Decoded, Instant, Payload};
use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};
use sansocket_websocket::frame;
use sansocket_websocket::{Extensions, Options, Role, WebSocket};

use crate::engineio::Revision;
use crate::exit::{Exit, Failure, output_failed};
use crate::socketio::ParserName;
use crate::units;
use engineio::What;
use head::Head;
use socketio::{Dialect, Explainer};
use source::Form;
use walk::Walk;

/// Explain WebSocket bytes frame by frame, Engine.IO and Socket.IO packet by packet, up to the first violation
///
/// Takes one direction of a WebSocket connection: hex, a file, or standard input; also a captured stream that begins
/// with the HTTP head of the opening handshake. With --engineio it takes one packet, or the body of a poll; with
/// --socketio one packet; with both it also explains what the messages of Engine.IO carry.
#[derive(clap::Args)]
#[command(after_help = HELP)]
#[command(group(ArgGroup::new("packets").args(["engineio", "socketio"]).multiple(true)))]
pub(crate) struct Inspect {
    /// Hex (spaces, commas, colons and 0x are fine) or the name of a file; without it, or as `-`, standard input
    input: Vec<String>,

    /// Who reads these bytes: a server gets masked frames, a client unmasked ones [default: told by the first frame,
    /// or by the HTTP head]
    #[arg(long, value_enum, conflicts_with = "packets")]
    role: Option<Reader>,

    /// permessage-deflate was negotiated: RSV1 marks compressed messages
    #[arg(long, conflicts_with = "packets")]
    deflate: bool,

    /// The bytes are Engine.IO, and what of it
    #[arg(long, value_enum, value_name = "WHAT")]
    engineio: Option<What>,

    /// The bytes are a packet of Socket.IO; with --engineio, its messages carry some
    #[arg(long)]
    socketio: bool,

    /// The revision of Engine.IO; Socket.IO 2 stands on 3, the later ones on 4
    #[arg(long, value_enum, value_name = "REVISION", default_value = "4", requires = "packets")]
    eio: Revision,

    /// How packets of Socket.IO are written
    #[arg(long, value_enum, default_value_t, requires = "socketio")]
    parser: ParserName,

    /// In hex, a binary message that follows the packet; may be given several times, in order
    #[arg(long = "attachment", value_name = "HEX", value_parser = source::hex, requires = "socketio",
        conflicts_with = "engineio")]
    attachments: Vec<Payload>,

    /// The file or standard input holds hex
    #[arg(long, group = "form")]
    hex: bool,

    /// The bytes come as base64, on the command line too
    #[arg(long, group = "form")]
    base64: bool,

    /// The words of the command line are the bytes themselves
    #[arg(long, group = "form")]
    text: bool,

    /// The file or standard input holds the bytes as they are [default: told by the content]
    #[arg(long, group = "form")]
    raw: bool,

    /// The largest message that the reader would take, inflated or not
    #[arg(long, value_name = "BYTES", default_value = "64M", value_parser = units::bytes)]
    max_message: usize,
}

const HELP: &str = r#"Examples:
  sansocket inspect 81 85 37fa213d 7f9f4d5158
  sansocket inspect capture.bin --role client --deflate
  xxd -p capture.bin | sansocket inspect
  sansocket inspect --engineio packet --text 4hello
  sansocket inspect --engineio payload --eio 3 --raw body.bin
  sansocket inspect --engineio payload --socketio --raw body.bin
  sansocket inspect --socketio --text '2/admin,7["say","hello"]'
  sansocket inspect --socketio --text '51-["file",{"_placeholder":true,"num":0}]' --attachment 010203

Exit codes: 0 if nothing is wrong, 5 if the stream breaks the protocol."#;

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
        let stream = source::read(&self.input, self.form())?;
        let mut out = BufWriter::new(io::stdout().lock());
        let exit = self.explain(&stream, &mut out).map_err(output_failed)?;
        out.flush().map_err(output_failed)?;
        Ok(exit)
    }

    fn form(&self) -> Form {
        let told = [
            (self.hex, Form::Hex),
            (self.base64, Form::Base64),
            (self.text, Form::Text),
            (self.raw, Form::Raw),
        ];
        told.into_iter().find_map(|(said, form)| said.then_some(form)).unwrap_or(Form::Guess)
    }

    fn explain(&self, stream: &[u8], out: &mut impl Write) -> io::Result<Exit> {
        match (self.engineio, self.dialect()) {
            (Some(what), dialect) => {
                engineio::explain(stream, what, self.eio.into(), dialect.map(Explainer::new), out)
            }
            (None, Some(dialect)) => socketio::explain(stream, &self.attachments, dialect, out),
            (None, None) => self.explain_websocket(stream, out),
        }
    }

    /// How packets of Socket.IO were written, if there are some.
    fn dialect(&self) -> Option<Dialect> {
        let revision = crate::socketio::revision(self.eio.into());
        self.socketio.then_some(Dialect { parser: self.parser, revision })
    }

    fn explain_websocket(&self, stream: &[u8], out: &mut impl Write) -> io::Result<Exit> {
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
