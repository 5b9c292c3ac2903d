//! Engine.IO: one packet as a WebSocket carries it, or the body of a poll packet by packet.

use std::io::{self, Write};

use sansocket_core::{Data, Text};
use sansocket_engineio::{
    Form, Open, Packet, PacketError, PayloadError, PayloadLimits, PayloadReader, Protocol, jsonp, payload,
};

use super::socketio::Explainer;
use super::words::{bytes, counted, line};
use crate::exit::Exit;
use crate::terminal::{Escaped, Preview};

/// What of Engine.IO the bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum What {
    /// One packet: a WebSocket message of text
    Packet,
    /// One packet: a WebSocket message of bytes
    Binary,
    /// The body of a poll's answer, or of a POST
    Payload,
    /// The same for JSONP: a script, or a form
    Jsonp,
}

/// Explains `stream`, which is `what`; and what its messages carry, if somebody can.
pub(super) fn explain(
    stream: &[u8],
    what: What,
    protocol: Protocol,
    carried: Option<Explainer>,
    out: &mut impl Write,
) -> io::Result<Exit> {
    match what {
        What::Packet => Packets::new(stream, protocol, carried, out).alone(Kind::Text),
        What::Binary => Packets::new(stream, protocol, carried, out).alone(Kind::Bytes),
        What::Payload => Packets::new(stream, protocol, carried, out).payload(),
        What::Jsonp => match unwrapped(stream, out)? {
            Some(payload) => Packets::new(&payload, protocol, carried, out).payload(),
            None => Ok(Exit::Violation),
        },
    }
}

/// The payload in a script (a poll's answer) or in a form (the body of a POST).
fn unwrapped(stream: &[u8], out: &mut impl Write) -> io::Result<Option<Vec<u8>>> {
    if let Some((index, payload)) = std::str::from_utf8(stream).ok().and_then(script) {
        writeln!(out, "a script that hands {} to callback {}\n", bytes(payload.len()), Escaped(index))?;
        return Ok(Some(payload.into_bytes()));
    }
    match jsonp::decode(stream) {
        Ok(payload) => {
            writeln!(out, "a form whose field d holds {}\n", bytes(payload.len()))?;
            Ok(Some(payload.to_vec()))
        }
        Err(error) => {
            line(out, stream, Preview(stream))?;
            writeln!(out, "  VIOLATION: neither a script such as `___eio[0](\"4hello\");` nor a form")?;
            writeln!(out, "    {error}")?;
            Ok(None)
        }
    }
}

/// The callback's number and the payload of `___eio[0]("4hello");`.
fn script(text: &str) -> Option<(&str, String)> {
    let (index, rest) = text.trim_end().strip_prefix("___eio[")?.split_once("](")?;
    let string = rest.strip_suffix(");")?;
    Some((index, serde_json::from_str(string).ok()?))
}

/// How a packet is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Bytes,
}

/// One walk from packet to packet.
struct Packets<'a, W> {
    stream: &'a [u8],
    protocol: Protocol,
    /// Who explains what messages carry.
    carried: Option<Explainer>,
    packets: usize,
    messages: usize,
    out: W,
}

impl<'a, W: Write> Packets<'a, W> {
    fn new(stream: &'a [u8], protocol: Protocol, carried: Option<Explainer>, out: W) -> Self {
        Packets { stream, protocol, carried, packets: 0, messages: 0, out }
    }

    /// All of it is one packet.
    fn alone(mut self, kind: Kind) -> io::Result<Exit> {
        self.begin(0)?;
        let text = match kind {
            Kind::Text => Text::from_utf8(self.stream).map(Data::Text).map_err(|_| PacketError::NotUtf8),
            Kind::Bytes => Ok(Data::Binary(self.stream)),
        };
        let mut scratch = Vec::new();
        match text.and_then(|data| Packet::decode(self.protocol, data, &mut scratch)) {
            Ok(packet) => match self.packet(self.stream, kind, &packet)? {
                Exit::Done => self.summary("no violation", Exit::Done),
                exit => self.summary("one violation", exit),
            },
            Err(fault) => self.violation(0, fault.into()),
        }
    }

    /// It is the body of a poll.
    fn payload(mut self) -> io::Result<Exit> {
        let form = self.form()?;
        // How many packets a body may have is a server's own limit, and not the body's fault.
        let limits = PayloadLimits { packets: None };
        let mut reader = PayloadReader::new(form, self.stream.to_vec().into(), limits);
        while let Some(start) = reader.position() {
            self.begin(start)?;
            let end = {
                let mut ahead = reader.clone();
                ahead.next();
                ahead.position().unwrap_or(self.stream.len())
            };
            let wire = &self.stream[start..end];
            match reader.next() {
                Some(Ok(packet)) => match self.framed(form, wire, &packet)? {
                    Exit::Done => {}
                    exit => return self.summary("one violation", exit),
                },
                Some(Err(fault)) => return self.violation(start, fault),
                None => break,
            }
        }
        self.summary("no violation", Exit::Done)
    }

    /// How the payload joins its packets: protocol 3 tells by its first byte.
    fn form(&mut self) -> io::Result<Form> {
        let (form, words) = match (self.protocol, self.stream.first()) {
            (Protocol::V4, _) => (Form::V4, "of protocol 4"),
            (Protocol::V3, Some(0 | 1)) => (Form::V3Binary, "of protocol 3, in its binary form"),
            (Protocol::V3, _) => (Form::V3Text, "of protocol 3, as text"),
        };
        writeln!(self.out, "a payload {words}\n")?;
        Ok(form)
    }
}

/// What stands there.
impl<W: Write> Packets<'_, W> {
    fn begin(&mut self, at: usize) -> io::Result<()> {
        self.packets += 1;
        writeln!(self.out, "packet {}, at byte {at}", self.packets)
    }

    /// A packet with what sets it apart from the next.
    fn framed(&mut self, form: Form, wire: &[u8], packet: &Packet<'_>) -> io::Result<Exit> {
        let end_of_header = |end: u8| wire.iter().position(|byte| *byte == end).map_or(0, |at| at + 1);
        match form {
            Form::V4 => {
                // Behind the last one there is none, and within a packet there cannot be one.
                let packet_end = wire.iter().position(|byte| *byte == payload::SEPARATOR);
                let (wire, separator) = wire.split_at(packet_end.unwrap_or(wire.len()));
                let exit = self.packet(wire, Kind::Text, packet)?;
                if !separator.is_empty() {
                    line(&mut self.out, separator, "separator")?;
                }
                Ok(exit)
            }
            Form::V3Text => {
                let (header, wire) = wire.split_at(end_of_header(b':'));
                let units = String::from_utf8_lossy(&header[..header.len().saturating_sub(1)]);
                line(&mut self.out, header, format_args!("length {units}, in UTF-16 code units"))?;
                self.packet(wire, Kind::Text, packet)
            }
            Form::V3Binary => {
                let (header, wire) = wire.split_at(end_of_header(0xff));
                let kind = if header.first() == Some(&0) { Kind::Text } else { Kind::Bytes };
                let name = if kind == Kind::Text { "text" } else { "bytes" };
                line(&mut self.out, header, format_args!("{name}, length {}, in bytes", wire.len()))?;
                self.packet(wire, kind, packet)
            }
        }
    }

    /// A packet by itself.
    fn packet(&mut self, wire: &[u8], kind: Kind, packet: &Packet<'_>) -> io::Result<Exit> {
        let armored = kind == Kind::Text && wire.starts_with(b"b");
        let typed = match (kind, self.protocol) {
            (Kind::Text, Protocol::V3) if armored => 2,
            (Kind::Bytes, Protocol::V4) => 0,
            _ => 1,
        };
        let (head, data) = wire.split_at(typed);
        if armored {
            line(&mut self.out, head, "a message of bytes, as base64")?;
        } else if typed > 0 {
            line(&mut self.out, head, format_args!("type {}", name(packet)))?;
        }
        let meaning = match packet {
            Packet::Message(message) => return self.message(data, *message),
            Packet::Open(json) => return self.open(data, json),
            Packet::Ping(probe) | Packet::Pong(probe) => {
                if !data.is_empty() {
                    line(&mut self.out, data, Preview(data))?;
                }
                heartbeat(packet, probe)
            }
            Packet::Close | Packet::Upgrade | Packet::Noop => {
                if !data.is_empty() {
                    line(&mut self.out, data, "passed over, for this type has no data")?;
                }
                bare(packet)
            }
        };
        line(&mut self.out, b"", meaning).map(|()| Exit::Done)
    }

    fn message(&mut self, wire: &[u8], message: Data<'_>) -> io::Result<Exit> {
        self.messages += 1;
        let data = message.as_bytes();
        let kind = if matches!(message, Data::Text(_)) { "text" } else { "bytes" };
        let (number, len) = (self.messages, bytes(data.len()));
        line(&mut self.out, wire, format_args!("message {number}: {kind}, {len}: {}", Preview(data)))?;
        match &mut self.carried {
            Some(explainer) => explainer.message(message, &mut self.out),
            None => Ok(Exit::Done),
        }
    }

    fn open(&mut self, wire: &[u8], json: &str) -> io::Result<Exit> {
        line(&mut self.out, wire, Preview(json.as_bytes()))?;
        match Open::from_json(json) {
            Ok(open) => {
                let upgrades: Vec<_> = open.upgrades.iter().map(|transport| transport.name()).collect();
                let upgrades = if upgrades.is_empty() { "none".to_owned() } else { upgrades.join(", ") };
                let most = open.max_payload.map_or("not told".to_owned(), bytes);
                let (interval, timeout) = (open.ping_interval, open.ping_timeout);
                let out = &mut self.out;
                line(out, b"", format_args!("session {}, upgrades: {upgrades}", Escaped(&open.sid)))?;
                line(out, b"", format_args!("a heartbeat each {interval:?}, {timeout:?} late at most"))?;
                line(out, b"", format_args!("largest body: {most}"))?;
                Ok(Exit::Done)
            }
            Err(error) => {
                writeln!(self.out, "  VIOLATION in the handshake")?;
                writeln!(self.out, "    {error}")?;
                Ok(Exit::Violation)
            }
        }
    }

    fn violation(mut self, start: usize, fault: PayloadError) -> io::Result<Exit> {
        let rest = &self.stream[start..];
        line(&mut self.out, rest, Preview(rest))?;
        writeln!(self.out, "  VIOLATION in the packet at byte {start} ({start:#x})")?;
        writeln!(self.out, "    {fault}")?;
        writeln!(self.out, "    the session ends here, and nobody reads on")?;
        self.summary("one violation", Exit::Violation)
    }

    fn summary(mut self, end: &str, exit: Exit) -> io::Result<Exit> {
        if let (Some(explainer), Exit::Done) = (&self.carried, exit) {
            explainer.finish(&mut self.out)?;
        }
        let (packets, messages) = (counted(self.packets, "packet"), counted(self.messages, "message"));
        writeln!(self.out, "\n{packets}, {messages}, {}: {end}", bytes(self.stream.len()))?;
        Ok(exit)
    }
}

fn name(packet: &Packet<'_>) -> &'static str {
    match packet {
        Packet::Open(_) => "0 (open)",
        Packet::Close => "1 (close)",
        Packet::Ping(_) => "2 (ping)",
        Packet::Pong(_) => "3 (pong)",
        Packet::Message(_) => "4 (message)",
        Packet::Upgrade => "5 (upgrade)",
        Packet::Noop => "6 (noop)",
    }
}

fn heartbeat(packet: &Packet<'_>, data: &str) -> &'static str {
    match (packet, data) {
        (Packet::Ping(_), "probe") => "a transport that wants to take over asks: `3probe` is due",
        (Packet::Ping(_), _) => "a pong with the same data is due",
        (_, "probe") => "the transport that asked may take over",
        _ => "answers a ping, or is a sign of life",
    }
}

fn bare(packet: &Packet<'_>) -> &'static str {
    match packet {
        Packet::Close => "the session ends",
        Packet::Upgrade => "this transport takes over",
        _ => "releases a waiting poll",
    }
}
