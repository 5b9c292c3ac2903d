//! Writing, never past a limit.

use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::Data;

use super::{BYTES, COLON, Form, HEADER_END, PACKETS, SEPARATOR, TEXT, utf16_len};
use crate::packet::{Packet, Protocol};

/// Did a packet go into the payload?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "a packet that was not taken has to go with the next payload"]
pub enum Pushed {
    /// It did.
    Taken,
    /// It would have passed the limit; nothing was written. [Finish](PayloadWriter::finish) this payload, and push it
    /// to the next one.
    Full,
}

/// Writes a payload of at most so many bytes, and 4,096 packets. A packet that is larger by itself goes alone.
///
/// ```
/// use sansocket_engineio::{Form, Packet, PayloadWriter, Pushed};
///
/// let mut payload = PayloadWriter::new(Form::V4, 8);
/// assert_eq!(payload.push(Packet::Message("hello".into())), Pushed::Taken);
/// assert_eq!(payload.push(Packet::Ping("probe".into())), Pushed::Full);
/// assert_eq!(payload.push(Packet::Noop), Pushed::Taken);
/// assert_eq!(payload.finish(), "4hello\u{1e}6");
/// ```
#[derive(Clone, Debug)]
pub struct PayloadWriter {
    form: Form,
    most: usize,
    packets: usize,
    body: Vec<u8>,
}

impl PayloadWriter {
    /// An empty payload that may become `most` bytes.
    pub const fn new(form: Form, most: usize) -> PayloadWriter {
        PayloadWriter { form, most, packets: 0, body: Vec::new() }
    }

    /// Adds `packet`, if it fits or is the first.
    pub fn push(&mut self, packet: Packet<'_>) -> Pushed {
        let len = self.len_of(&packet);
        let fits = self.packets < PACKETS && self.body.len().saturating_add(len) <= self.most;
        if self.packets > 0 && !fits {
            return Pushed::Full;
        }
        // Packets are small and many, or few and large: growing by doubling suits both.
        self.body.reserve(len);
        let end = self.body.len() + len;
        self.put(&packet);
        debug_assert_eq!(self.body.len(), end);
        self.packets += 1;
        Pushed::Taken
    }

    /// Bytes so far.
    pub const fn len(&self) -> usize {
        self.body.len()
    }

    /// Packets so far.
    pub const fn packets(&self) -> usize {
        self.packets
    }

    /// Has nothing been added?
    pub const fn is_empty(&self) -> bool {
        self.packets == 0
    }

    /// The payload. Without packets it is empty, which no reader accepts.
    pub fn finish(self) -> Bytes {
        self.body.into()
    }

    fn len_of(&self, packet: &Packet<'_>) -> usize {
        match self.form {
            Form::V4 => usize::from(self.packets > 0) + packet.text_len(Protocol::V4),
            Form::V3Text => decimal_len(units(packet)) + 1 + packet.text_len(Protocol::V3),
            Form::V3Binary => {
                let len = 1 + packet.data().as_bytes().len();
                1 + decimal_len(len) + 1 + len
            }
        }
    }

    fn put(&mut self, packet: &Packet<'_>) {
        match self.form {
            Form::V4 => {
                if self.packets > 0 {
                    self.body.push(SEPARATOR);
                }
                packet.put_text(Protocol::V4, &mut self.body);
            }
            Form::V3Text => {
                put_decimal(units(packet), b'0', &mut self.body);
                self.body.push(COLON);
                packet.put_text(Protocol::V3, &mut self.body);
            }
            Form::V3Binary => {
                let data = packet.data();
                self.body.push(if matches!(data, Data::Text(_)) { TEXT } else { BYTES });
                put_decimal(1 + data.as_bytes().len(), 0, &mut self.body);
                self.body.push(HEADER_END);
                packet.put_typed(&mut self.body);
            }
        }
    }
}

/// The UTF-16 code units of a packet as text.
fn units(packet: &Packet<'_>) -> usize {
    match packet.data() {
        Data::Text(text) => 1 + utf16_len(text.as_bytes()),
        Data::Binary(_) => packet.text_len(Protocol::V3),
    }
}

const fn decimal_len(number: usize) -> usize {
    match number.checked_ilog10() {
        Some(log) => log as usize + 1,
        None => 1,
    }
}

/// Writes `number` with digits that count from `zero`.
fn put_decimal(number: usize, zero: u8, to: &mut Vec<u8>) {
    let (start, mut rest) = (to.len(), number);
    for _ in 0..decimal_len(number) {
        to.push(zero + (rest % 10) as u8);
        rest /= 10;
    }
    to[start..].reverse();
}
