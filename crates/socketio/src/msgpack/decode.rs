//! Packets out of MessagePack.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use sansocket_core::{Payload, Utf8Bytes};
use serde::{Serialize, Serializer};

use super::date;
use super::head::{Head, Heads};
use crate::args::Args;
use crate::fault::PacketError;
use crate::json::{self, Level, Parts, Writer};
use crate::limits::Limits;
use crate::nsp::Nsp;
use crate::packet::{AckId, Kind, Packet};
use crate::value::Value;

/// Reads the packet that a message is.
pub(crate) fn decode(message: &Payload, limits: &Limits) -> Result<Packet, PacketError> {
    let fields = Fields::of(message)?;
    let nsp = Nsp::new(fields.nsp.ok_or(PacketError::NotMsgpack(message.len()))?)?;
    let data = fields.data;
    let kind = match fields.kind {
        Some(0) => Kind::Connect(
            data.map(|data| value(data, limits, |head| matches!(head, Head::Map(_)))).transpose()?,
        ),
        Some(1) if data.is_none() => Kind::Disconnect,
        Some(1) => return Err(PacketError::Payload),
        Some(2) => event(fields.id, data.ok_or(PacketError::Payload)?, limits)?,
        Some(3) => {
            let args = data.map_or(Ok(Args::none()), |data| answer(data, limits))?;
            Kind::Ack { id: fields.id.unwrap_or(AckId::MAX), args }
        }
        Some(4) => {
            let is_reason = |head: &Head<'_>| matches!(head, Head::Map(_) | Head::Text(_));
            Kind::ConnectError(value(data.ok_or(PacketError::Payload)?, limits, is_reason)?)
        }
        Some(other) => return Err(unknown(other)),
        None => return Err(PacketError::NotMsgpack(message.len())),
    };
    Ok(Packet { nsp, kind })
}

/// The members of a packet that mean something.
#[derive(Default)]
struct Fields<'m> {
    kind: Option<u64>,
    nsp: Option<&'m str>,
    id: Option<AckId>,
    /// Where the data begins.
    data: Option<Heads<'m>>,
}

impl<'m> Fields<'m> {
    /// Goes over all of a message. Members may come in any order; unknown ones, such as the `options` of JavaScript's
    /// clients, are passed over.
    fn of(message: &'m Payload) -> Result<Fields<'m>, PacketError> {
        let mut heads = Heads::new(message);
        let Head::Map(members) = heads.next()? else { return Err(PacketError::NotMsgpack(0)) };
        let mut fields = Fields::default();
        for _ in 0..members {
            let Head::Text(key) = heads.next()? else { return Err(heads.fault()) };
            let value = heads.clone();
            match (key, heads.next()?) {
                ("type", Head::Unsigned(kind)) => fields.kind = Some(kind),
                ("nsp", Head::Text(nsp)) => fields.nsp = Some(nsp),
                ("id", Head::Unsigned(id)) => fields.id = Some(AckId::new(id).ok_or(PacketError::AckId)?),
                // JavaScript says what it does not say.
                (_, head) if is_undefined(&head) => {}
                ("type" | "nsp" | "id", _) => return Err(value.fault()),
                (key, _) => {
                    if key == "data" {
                        fields.data = Some(value.clone());
                    }
                    heads = value;
                    heads.skip()?;
                }
            }
        }
        if heads.at == message.len() { Ok(fields) } else { Err(heads.fault()) }
    }
}

fn unknown(kind: u64) -> PacketError {
    let digit = u32::try_from(kind).ok().and_then(|kind| char::from_digit(kind, 10));
    digit.map_or(PacketError::Payload, PacketError::UnknownType)
}

fn event(id: Option<AckId>, mut data: Heads<'_>, limits: &Limits) -> Result<Kind, PacketError> {
    let Head::Array(len) = data.next()? else { return Err(PacketError::Payload) };
    let others = len.checked_sub(1).ok_or(PacketError::Name)?;
    let name: Utf8Bytes = match data.next()? {
        Head::Text(name) => name.into(),
        Head::Unsigned(number) => number.to_string().into(),
        Head::Signed(number) => number.to_string().into(),
        Head::Float(number) if number.is_finite() => number.to_string().into(),
        _ => return Err(PacketError::Name),
    };
    Ok(Kind::Event { id, name, args: elements(data, others, limits)? })
}

fn answer(mut data: Heads<'_>, limits: &Limits) -> Result<Args, PacketError> {
    match data.next()? {
        Head::Array(len) => elements(data, len, limits),
        _ => Err(PacketError::Payload),
    }
}

fn elements(mut data: Heads<'_>, count: u32, limits: &Limits) -> Result<Args, PacketError> {
    let mut writer = Writer::new(Level::Value);
    for at in 0..count {
        if at > 0 {
            writer.push(",");
        }
        // The packet's own array is one level.
        transcode(&mut data, limits.max_depth.saturating_sub(1), &mut writer)?;
    }
    Ok(Args::from(Parts { count: count as usize, ..finish(writer)? }))
}

/// One value, if its kind is as it should be.
fn value(data: Heads<'_>, limits: &Limits, fits: fn(&Head<'_>) -> bool) -> Result<Value, PacketError> {
    if !fits(&data.clone().next()?) {
        return Err(PacketError::Payload);
    }
    let mut writer = Writer::new(Level::Value);
    transcode(&mut { data }, limits.max_depth, &mut writer)?;
    let parts = finish(writer)?;
    json::read(&parts.text, &parts.attachments).map_err(|_| PacketError::Payload)
}

fn finish(writer: Writer) -> Result<Parts, PacketError> {
    // Only one thing cannot be said: beside binary data, an object that looks like a placeholder.
    writer.finish().map_err(|_| PacketError::Placeholder)
}

/// An array or a map that is not at its end.
struct Open {
    /// So many elements, or members, are to come.
    left: u32,
    first: bool,
    close: &'static str,
}

/// Writes a value as text with attachments, without recursion.
fn transcode(data: &mut Heads<'_>, max_depth: u8, writer: &mut Writer) -> Result<(), PacketError> {
    // Grows with what is there; a level is entered only if the limit allows it.
    let mut open: Vec<Open> = Vec::new();
    loop {
        let (left, close) = match data.next()? {
            Head::Array(len) => (len, "]"),
            Head::Map(len) => (len, "}"),
            leaf => {
                scalar(leaf, data, writer)?;
                (0, "")
            }
        };
        if !close.is_empty() {
            if open.len() >= max_depth.into() {
                return Err(PacketError::TooDeep);
            }
            writer.push(if close == "]" { "[" } else { "{" });
            open.push(Open { left, first: true, close });
        }
        if !next(&mut open, data, writer)? {
            return Ok(());
        }
    }
}

/// Goes to where the next value is to be read, closing what ended; `false` if that was all.
fn next(open: &mut Vec<Open>, data: &mut Heads<'_>, writer: &mut Writer) -> Result<bool, PacketError> {
    while let Some(innermost) = open.last_mut() {
        if innermost.left == 0 {
            writer.push(innermost.close);
            open.pop();
            continue;
        }
        innermost.left -= 1;
        let key = if innermost.close == "}" { Some(key(data)?) } else { None };
        if key.is_some() && is_undefined(&data.clone().next()?) {
            data.next()?;
            continue;
        }
        if !core::mem::take(&mut innermost.first) {
            writer.push(",");
        }
        if let Some(key) = key {
            writer.push_key(&key);
        }
        return Ok(true);
    }
    Ok(false)
}

/// Passes the key of a member.
fn key<'m>(data: &mut Heads<'m>) -> Result<Cow<'m, str>, PacketError> {
    match data.next()? {
        Head::Text(key) => Ok(key.into()),
        Head::Unsigned(key) => Ok(key.to_string().into()),
        Head::Signed(key) => Ok(key.to_string().into()),
        _ => Err(data.fault()),
    }
}

/// A value that has no others in it.
fn scalar(head: Head<'_>, data: &Heads<'_>, writer: &mut Writer) -> Result<(), PacketError> {
    // Text can be written to memory whatever it says, so none of these fails.
    let written = match head {
        Head::Bool(value) => writer.serialize_bool(value),
        Head::Unsigned(number) => writer.serialize_u64(number),
        Head::Signed(number) => writer.serialize_i64(number),
        Head::Float(number) => writer.serialize_f64(number),
        Head::Text(text) => writer.serialize_str(text),
        Head::Binary(range) => {
            writer.push_binary(data.message.slice(range));
            Ok(())
        }
        Head::Extension { kind, data: range } => {
            return extension(kind, data.message.slice(range), data, writer);
        }
        Head::Nil | Head::Array(_) | Head::Map(_) => writer.serialize_none(),
    };
    written.map_err(|_| data.fault())
}

/// What JavaScript's encoder has no marker for.
fn extension(kind: i8, bytes: Payload, data: &Heads<'_>, writer: &mut Writer) -> Result<(), PacketError> {
    let millis = match (kind, &bytes[..]) {
        (0, [_]) => None,
        (0, bytes) if bytes.len() == 8 => be::<8>(bytes),
        (0, _) => {
            writer.push_binary(bytes);
            return Ok(());
        }
        // MessagePack's own timestamps, in three lengths.
        (-1, [_, _, _, _]) => be::<4>(&bytes).map(|seconds| (seconds & 0xffff_ffff) * 1000),
        (-1, bytes) if bytes.len() == 8 => be::<8>(bytes).map(|both| {
            let both = both.cast_unsigned();
            (both & ((1 << 34) - 1)).cast_signed() * 1000 + (both >> 34).cast_signed() / 1_000_000
        }),
        (-1, [nanos @ .., _, _, _, _, _, _, _, _]) if nanos.len() == 4 => {
            let seconds = be::<8>(&bytes[4..]).and_then(|seconds| seconds.checked_mul(1000));
            seconds.and_then(|millis| millis.checked_add((be::<4>(nanos)? & 0xffff_ffff) / 1_000_000))
        }
        _ => return Err(data.fault()),
    };
    let text = millis.and_then(date::text);
    text.serialize(writer).map_err(|_| data.fault())
}

/// A number of that many bytes.
fn be<const N: usize>(bytes: &[u8]) -> Option<i64> {
    let bytes: [u8; N] = *bytes.first_chunk()?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | i64::from(*byte)))
}

/// Is it what JavaScript's encoder writes for `undefined`?
fn is_undefined(head: &Head<'_>) -> bool {
    matches!(head, Head::Extension { kind: 0, data } if data.len() == 1)
}
