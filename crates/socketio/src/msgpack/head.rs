//! MessagePack, value by value.

use core::ops::Range;

use sansocket_core::{Payload, Text};

use crate::fault::PacketError;

/// A value, or the beginning of one that has others in it.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Head<'m> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    /// A number below 0.
    Signed(i64),
    Float(f64),
    Text(&'m str),
    /// Where in the message bytes lie.
    Binary(Range<usize>),
    Extension {
        kind: i8,
        data: Range<usize>,
    },
    /// So many values follow.
    Array(u32),
    /// So many keys, each with a value behind it, follow.
    Map(u32),
}

/// Goes over a message from left to right, and takes no memory: what the message says of lengths is believed when the bytes
/// are there.
#[derive(Clone, Debug)]
pub(super) struct Heads<'m> {
    pub(super) message: &'m Payload,
    pub(super) at: usize,
}

impl<'m> Heads<'m> {
    pub(super) fn new(message: &'m Payload) -> Heads<'m> {
        Heads { message, at: 0 }
    }

    /// The next value.
    pub(super) fn next(&mut self) -> Result<Head<'m>, PacketError> {
        let start = self.at;
        let [marker] = self.take()?;
        Ok(match marker {
            0x00..=0x7f => Head::Unsigned(marker.into()),
            0x80..=0x8f => Head::Map((marker & 0x0f).into()),
            0x90..=0x9f => Head::Array((marker & 0x0f).into()),
            0xa0..=0xbf => self.text((marker & 0x1f).into())?,
            0xc0 => Head::Nil,
            0xc2 | 0xc3 => Head::Bool(marker == 0xc3),
            0xc4..=0xc6 => {
                let len = self.length(marker - 0xc4)?;
                Head::Binary(self.bytes(len)?)
            }
            0xc7..=0xc9 => {
                let len = self.length(marker - 0xc7)?;
                self.extension(len)?
            }
            0xca => Head::Float(f32::from_be_bytes(self.take()?).into()),
            0xcb => Head::Float(f64::from_be_bytes(self.take()?)),
            0xcc..=0xcf => Head::Unsigned(self.unsigned(marker - 0xcc)?),
            0xd0..=0xd3 => self.signed(marker - 0xd0)?,
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4))?,
            0xd9..=0xdb => {
                let len = self.length(marker - 0xd9)?;
                self.text(len)?
            }
            0xdc | 0xdd => Head::Array(self.length(marker - 0xdb)?),
            0xde | 0xdf => Head::Map(self.length(marker - 0xdd)?),
            0xe0..=0xff => Head::Signed(i64::from(marker.cast_signed())),
            0xc1 => return Err(PacketError::NotMsgpack(start)),
        })
    }

    /// Passes a value with all that is in it.
    pub(super) fn skip(&mut self) -> Result<(), PacketError> {
        // Each takes a byte at least, so what the message claims is not counted for longer than it is.
        let mut left = 1_u64;
        while left > 0 {
            left -= 1;
            left = left.saturating_add(match self.next()? {
                Head::Array(len) => len.into(),
                Head::Map(len) => 2 * u64::from(len),
                _ => 0,
            });
        }
        Ok(())
    }

    /// That there is no packet in this place.
    pub(super) fn fault(&self) -> PacketError {
        PacketError::NotMsgpack(self.at)
    }

    fn text(&mut self, len: u32) -> Result<Head<'m>, PacketError> {
        let start = self.at;
        let range = self.bytes(len)?;
        let text = Text::from_utf8(&self.message[range]).map_err(|_| PacketError::NotMsgpack(start))?;
        Ok(Head::Text(text.as_str()))
    }

    fn extension(&mut self, len: u32) -> Result<Head<'m>, PacketError> {
        let [kind] = self.take()?;
        Ok(Head::Extension { kind: kind.cast_signed(), data: self.bytes(len)? })
    }

    /// A length of 1, 2 or 4 bytes.
    fn length(&mut self, log: u8) -> Result<u32, PacketError> {
        // Four bytes at most, so that it always fits.
        Ok(self.unsigned(log)? as u32)
    }

    /// A number of 1, 2, 4 or 8 bytes.
    fn unsigned(&mut self, log: u8) -> Result<u64, PacketError> {
        Ok(match log {
            0 => u8::from_be_bytes(self.take()?).into(),
            1 => u16::from_be_bytes(self.take()?).into(),
            2 => u32::from_be_bytes(self.take()?).into(),
            _ => u64::from_be_bytes(self.take()?),
        })
    }

    fn signed(&mut self, log: u8) -> Result<Head<'m>, PacketError> {
        let number: i64 = match log {
            0 => i8::from_be_bytes(self.take()?).into(),
            1 => i16::from_be_bytes(self.take()?).into(),
            2 => i32::from_be_bytes(self.take()?).into(),
            _ => i64::from_be_bytes(self.take()?),
        };
        Ok(u64::try_from(number).map_or(Head::Signed(number), Head::Unsigned))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], PacketError> {
        let bytes = self.message[self.at..].first_chunk().ok_or_else(|| self.fault())?;
        self.at += N;
        Ok(*bytes)
    }

    fn bytes(&mut self, len: u32) -> Result<Range<usize>, PacketError> {
        let rest = self.message.len() - self.at;
        let len = usize::try_from(len).ok().filter(|len| *len <= rest).ok_or_else(|| self.fault())?;
        self.at += len;
        Ok(self.at - len..self.at)
    }
}
