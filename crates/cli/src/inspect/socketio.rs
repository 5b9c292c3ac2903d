//! Socket.IO: a packet field by field, the attachments that follow it, and what it means.

mod fields;
mod meaning;
mod shown;

use std::io::{self, Write};
use std::sync::Arc;

use sansocket_core::{Data, Payload, Text};
use sansocket_socketio::{Args, Decoder, Limits, Packet, PacketError, Revision};

use super::words::{bytes, counted, line};
use crate::exit::Exit;
use crate::socketio::ParserName;
use crate::terminal::Preview;
use fields::Fields;

/// How the packets were written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) parser: ParserName,
    pub(super) revision: Revision,
}

/// Explains the message `stream`, which is a packet or begins one, and the `attachments` that followed it.
pub(super) fn explain(
    stream: &[u8],
    attachments: &[Payload],
    dialect: Dialect,
    out: &mut impl Write,
) -> io::Result<Exit> {
    let mut explainer = Explainer::new(dialect);
    let first = match dialect.parser {
        ParserName::Json => Text::from_utf8(stream).map(Data::Text).unwrap_or(Data::Binary(stream)),
        ParserName::Msgpack => Data::Binary(stream),
    };
    let messages = || std::iter::once(first).chain(attachments.iter().map(|bytes| Data::Binary(bytes)));
    let mut read = 0;
    let mut end = Exit::Done;
    for (place, message) in messages().enumerate() {
        let (kind, len) =
            (if let Data::Text(_) = message { "text" } else { "bytes" }, message.as_bytes().len());
        writeln!(out, "message {}: {kind}, {}", place + 1, bytes(len))?;
        read += len;
        end = explainer.message(message, out)?;
        if end != Exit::Done {
            break;
        }
    }
    explainer.finish(out)?;
    let verdict = if end == Exit::Done { "no violation" } else { "one violation" };
    writeln!(out, "\n{}, {}: {verdict}", counted(explainer.packets, "packet"), bytes(read))?;
    Ok(end)
}

/// Explains the messages of one direction of a connection, one after the other.
pub(super) struct Explainer {
    parser: ParserName,
    revision: Revision,
    decoder: Decoder,
    /// How many attachments the packet under way has said that it has.
    announced: usize,
    /// Those that were whole.
    packets: usize,
}

impl Explainer {
    pub(super) fn new(dialect: Dialect) -> Explainer {
        let Dialect { parser, revision } = dialect;
        // How much a server takes is its own limit, and not the bytes' fault: they are here already.
        let limits = Limits { max_attachment_bytes: usize::MAX, ..Limits::default() };
        let decoder = Decoder::new(parser.into(), Arc::new(limits)).for_revision(revision);
        Explainer { parser, revision, decoder, announced: 0, packets: 0 }
    }

    /// Explains the next message.
    pub(super) fn message(&mut self, message: Data<'_>, out: &mut impl Write) -> io::Result<Exit> {
        match (self.parser, message) {
            (ParserName::Json, Data::Text(text)) => {
                let fields = Fields::of(text.as_str());
                fields.explain(self.revision, out)?;
                self.announced = fields.attachment_count();
            }
            (ParserName::Json, Data::Binary(attachment)) => self.attachment(attachment, out)?,
            (ParserName::Msgpack, Data::Binary(packet)) => line(out, packet, "a packet as MessagePack")?,
            (ParserName::Msgpack, Data::Text(text)) => line(out, text.as_bytes(), Preview(text.as_bytes()))?,
        }
        match self.decoder.handle_message(message.into_owned()) {
            Ok(Some(packet)) => {
                self.packets += 1;
                if self.parser == ParserName::Msgpack {
                    meaning::fields(&packet, out)?;
                }
                meaning::explain(&packet, out)?;
                Ok(Exit::Done)
            }
            Ok(None) => Ok(Exit::Done),
            Err(fault) => violation(&fault, out),
        }
    }

    /// Says what is missing, if the bytes end within a packet.
    pub(super) fn finish(&self, out: &mut impl Write) -> io::Result<()> {
        match self.announced.checked_sub(self.attached()) {
            Some(missing) if self.decoder.is_waiting() => {
                let (missing, verb) =
                    (counted(missing, "attachment"), if missing == 1 { "is" } else { "are" });
                line(out, b"", format_args!("{missing} {verb} still to come: the packet is not whole yet"))
            }
            _ => Ok(()),
        }
    }

    /// How many attachments of the packet under way came.
    fn attached(&self) -> usize {
        self.decoder.waiting().and_then(Packet::args).map_or(0, |args: &Args| args.attachments().len())
    }

    fn attachment(&self, attachment: &[u8], out: &mut impl Write) -> io::Result<()> {
        if !self.decoder.is_waiting() {
            return line(out, attachment, Preview(attachment));
        }
        let (place, all) = (self.attached() + 1, self.announced);
        let (len, preview) = (bytes(attachment.len()), Preview(attachment));
        line(out, attachment, format_args!("attachment {place} of {all}, {len}: {preview}"))
    }
}

fn violation(fault: &PacketError, out: &mut impl Write) -> io::Result<Exit> {
    writeln!(out, "  VIOLATION in the packet")?;
    writeln!(out, "    {fault}")?;
    match fault {
        PacketError::UnexpectedAttachment => writeln!(out, "    MessagePack? --parser msgpack reads it")?,
        PacketError::UnexpectedText => writeln!(out, "    the default parser? --parser json reads it")?,
        _ => {}
    }
    writeln!(out, "    the connection ends here with \"parse error\", and nobody reads on")?;
    Ok(Exit::Violation)
}
