//! What waits for the peer.

use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::{Compress, Data, Message, SendError};

use crate::queue::{Queue, Weigh};
use crate::{Binary, Form, Packet, PayloadWriter, Protocol, Pushed, encode_message};

/// Packets that wait for a transport to take them, each as the WebSocket message that it is in protocol 4.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    waiting: Queue<Waiting>,
    /// A pong waits: another one would say nothing new.
    pong: bool,
    /// Somebody was told that there is no room.
    blocked: bool,
}

#[derive(Debug)]
struct Waiting {
    packet: Message,
    compress: Compress,
}

impl Weigh for Waiting {
    fn weight(&self) -> usize {
        self.packet.as_bytes().len()
    }
}

/// One polling body.
pub(crate) struct Payload {
    pub(crate) body: Bytes,
    pub(crate) form: Form,
    pub(crate) compress: Compress,
}

impl Outlet {
    /// Queues what the user says.
    pub(crate) fn send(
        &mut self,
        message: Message,
        compress: Compress,
        high_water: usize,
    ) -> Result<(), SendError<Message>> {
        if !self.has_room(high_water) {
            self.blocked = true;
            return Err(SendError::Blocked(message));
        }
        self.push(encode_message(message, Protocol::V4, Binary::Raw), compress);
        Ok(())
    }

    pub(crate) fn has_room(&self, high_water: usize) -> bool {
        self.bytes() < high_water
    }

    /// Is there room again, and does somebody wait for it?
    pub(crate) fn is_relieved(&self, high_water: usize) -> bool {
        self.blocked && self.has_room(high_water)
    }

    /// The same, to be told to whoever waits: once.
    pub(crate) fn unblock(&mut self, high_water: usize) -> bool {
        let room = self.is_relieved(high_water);
        self.blocked &= !room;
        room
    }

    /// Queues a packet of ours.
    pub(crate) fn say(&mut self, packet: Packet<'_>) {
        self.push(packet.encode(Protocol::V4, Binary::Raw), Compress::No);
    }

    /// Answers a ping with what it said. While one answer waits, others are not worth their memory.
    pub(crate) fn pong(&mut self, ping: &str) {
        if !core::mem::replace(&mut self.pong, true) {
            self.say(Packet::Pong(ping.into()));
        }
    }

    /// The next packet as a WebSocket message.
    pub(crate) fn next(&mut self, protocol: Protocol, binary: Binary) -> Option<Message> {
        let packet = self.pop()?.packet;
        Some(match packet {
            Message::Text(_) => packet,
            Message::Binary(_) => encode_message(packet, protocol, binary),
        })
    }

    /// As many packets as fit into one polling body, and behind them, if that fits too, `last`, which is taken then.
    pub(crate) fn payload(&mut self, form: Form, most: usize, last: &mut Option<Packet<'_>>) -> Payload {
        let (mut writer, mut compress, mut scratch) =
            (PayloadWriter::new(form, most), Compress::No, Vec::new());
        while let Some(waiting) = self.waiting.front() {
            // What was queued by us is a packet.
            let packet = Packet::decode(Protocol::V4, Data::from(&waiting.packet), &mut scratch);
            if packet.map(|packet| writer.push(packet)) == Ok(Pushed::Full) {
                break;
            }
            if waiting.compress == Compress::Yes {
                compress = Compress::Yes;
            }
            self.pop();
        }
        if self.is_empty() {
            last.take_if(|last| writer.push(*last) == Pushed::Taken);
        }
        Payload { body: writer.finish(), form, compress }
    }

    /// The form of the next polling body, for a peer that reads bytes like this.
    pub(crate) fn form(&self, protocol: Protocol, binary: Binary) -> Form {
        let has_bytes = || self.waiting.iter().any(|waiting| matches!(waiting.packet, Message::Binary(_)));
        match protocol {
            Protocol::V4 => Form::V4,
            Protocol::V3 if binary == Binary::Raw && has_bytes() => Form::V3Binary,
            Protocol::V3 => Form::V3Text,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.waiting.weight()
    }

    pub(crate) fn clear(&mut self) {
        *self = Outlet::default();
    }

    fn push(&mut self, packet: Message, compress: Compress) {
        self.waiting.push_back(Waiting { packet, compress });
    }

    fn pop(&mut self) -> Option<Waiting> {
        let first = self.waiting.pop_front()?;
        if first.packet.as_text().is_some_and(|text| text.starts_with('3')) {
            self.pong = false;
        }
        Some(first)
    }
}
