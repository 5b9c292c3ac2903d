//! Packets out of the messages of a connection.

use alloc::boxed::Box;
use alloc::sync::Arc;

use sansocket_core::{Message, Payload, Utf8Bytes};

use crate::fault::PacketError;
use crate::limits::Limits;
use crate::packet::{Kind, Packet, Revision, is_reserved};
use crate::parser::Parser;
use crate::wire::{self, Heading};

/// Reads packets from the messages of one connection, and keeps a packet whose attachments are still to come.
///
/// Between packets it is a few words; a packet that waits has a box of its own.
#[derive(Clone, Debug)]
pub struct Decoder {
    parser: Parser,
    revision: Revision,
    limits: Arc<Limits>,
    waiting: Option<Box<Waiting>>,
}

/// A packet that waits for its attachments.
#[derive(Clone, Debug)]
struct Waiting {
    packet: Packet,
    /// So many are still to come.
    attachments: usize,
    /// So many bytes they may have.
    room: usize,
}

impl Decoder {
    /// A decoder for a peer of revision 5.
    pub fn new(parser: Parser, limits: Arc<Limits>) -> Decoder {
        Decoder { parser, revision: Revision::V5, limits, waiting: None }
    }

    /// The same, for a peer of that revision.
    #[must_use]
    pub fn for_revision(self, revision: Revision) -> Decoder {
        Decoder { revision, ..self }
    }

    /// Takes the next message; gives a packet if it is whole now.
    ///
    /// # Errors
    /// [`PacketError`]: the peer's fault. The connection is to be closed, and nothing more to be handed in.
    pub fn handle_message(&mut self, message: Message) -> Result<Option<Packet>, PacketError> {
        let packet = match &self.parser {
            Parser::Json => match message {
                Message::Text(text) => return self.heading(&text),
                Message::Binary(attachment) => return self.attachment(attachment),
            },
            #[cfg(feature = "msgpack")]
            Parser::Msgpack => match message {
                Message::Text(_) => return Err(PacketError::UnexpectedText),
                Message::Binary(bytes) => crate::msgpack::decode(&bytes, &self.limits)?,
            },
            Parser::Custom(codec) => codec.decode(&message, &self.limits)?,
        };
        check_name(&packet)?;
        Ok(Some(packet))
    }

    /// The packet whose attachments are awaited, with those that came. Who would not take such a packet need not wait for the
    /// rest of it.
    pub fn waiting(&self) -> Option<&Packet> {
        self.waiting.as_ref().map(|waiting| &waiting.packet)
    }

    /// Are attachments awaited?
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    fn heading(&mut self, text: &Utf8Bytes) -> Result<Option<Packet>, PacketError> {
        if self.is_waiting() {
            return Err(PacketError::AttachmentExpected);
        }
        let Heading { packet, attachments } = wire::decode(text, self.revision, &self.limits)?;
        check_name(&packet)?;
        if attachments == 0 {
            return Ok(Some(packet));
        }
        let room = self.limits.max_attachment_bytes;
        self.waiting = Some(Box::new(Waiting { packet, attachments, room }));
        Ok(None)
    }

    fn attachment(&mut self, attachment: Payload) -> Result<Option<Packet>, PacketError> {
        let mut waiting = self.waiting.take().ok_or(PacketError::UnexpectedAttachment)?;
        let too_large = PacketError::AttachmentsTooLarge(self.limits.max_attachment_bytes);
        waiting.room = waiting.room.checked_sub(attachment.len()).ok_or(too_large)?;
        if let Some(args) = waiting.packet.args_mut() {
            args.attach(attachment);
        }
        waiting.attachments -= 1;
        if waiting.attachments == 0 {
            return Ok(Some(waiting.packet));
        }
        self.waiting = Some(waiting);
        Ok(None)
    }
}

/// Events that would be taken for something else are nobody's.
fn check_name(packet: &Packet) -> Result<(), PacketError> {
    match &packet.kind {
        Kind::Event { name, .. } if is_reserved(name) => Err(PacketError::Reserved),
        _ => Ok(()),
    }
}
