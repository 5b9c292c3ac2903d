//! Packets into MessagePack.

use alloc::vec::Vec;

use sansocket_core::{Message, Payload};

use crate::args::Args;
use crate::encoded::Encoded;
use crate::json::{Fault, Level, Number, Placeholder, Scan, Token, Writer};
use crate::packet::{AckId, Kind, Packet};
use crate::value::Value;

/// The message that a packet is.
pub(crate) fn encode(packet: &Packet) -> Encoded {
    let mut to = Vec::new();
    match &packet.kind {
        Kind::Connect(None) => begin(2, 0, &mut to),
        Kind::Disconnect => begin(2, 1, &mut to),
        Kind::Connect(Some(says)) => {
            begin(3, 0, &mut to);
            push_value(says, &mut to);
        }
        Kind::Event { id, name, args } => {
            begin(3 + u8::from(id.is_some()), 2, &mut to);
            push_text("data", &mut to);
            push_head(&ARRAY, args.len() + 1, &mut to);
            push_text(name, &mut to);
            push_args(args, &mut to);
        }
        Kind::Ack { args, .. } => {
            begin(4, 3, &mut to);
            push_text("data", &mut to);
            push_head(&ARRAY, args.len(), &mut to);
            push_args(args, &mut to);
        }
        Kind::ConnectError(why) => {
            begin(3, 4, &mut to);
            push_value(why, &mut to);
        }
    }
    push_text("nsp", &mut to);
    push_text(&packet.nsp, &mut to);
    if let Kind::Event { id: Some(id), .. } | Kind::Ack { id, .. } = &packet.kind {
        push_id(*id, &mut to);
    }
    Encoded::one(Message::binary(to))
}

fn begin(members: u8, kind: u8, to: &mut Vec<u8>) {
    to.push(0x80 | members);
    push_text("type", to);
    to.push(kind);
}

fn push_id(id: AckId, to: &mut Vec<u8>) {
    push_text("id", to);
    push_unsigned(id.get(), to);
}

fn push_value(value: &Value, to: &mut Vec<u8>) {
    push_text("data", to);
    let mut writer = Writer::new(Level::Value);
    value.write(&mut writer);
    let parts = writer.into_parts();
    push_known(&parts.text, &parts.attachments, to);
}

fn push_args(args: &Args, to: &mut Vec<u8>) {
    push_known(args.as_json(), args.attachments(), to);
}

/// Values of JSON, with commas between them, of which is known that they are.
fn push_known(text: &str, attachments: &[Payload], to: &mut Vec<u8>) {
    // It was checked when it came, or we wrote it.
    let pushed = push_json(text, attachments, to);
    debug_assert_eq!(pushed, Ok(()), "{text}");
}

/// Writes what JSON says. MessagePack says first how many things follow, which JSON does not: so it is gone over twice.
fn push_json(text: &str, attachments: &[Payload], to: &mut Vec<u8>) -> Result<(), Fault> {
    let mut counts = counts(text, attachments)?.into_iter();
    let mut words = Words { scan: Scan::new(text, 0), text, attachments };
    while let Some(word) = words.next()? {
        match word {
            Word::Binary(bytes) => {
                push_head(&BINARY, bytes.len(), to);
                to.extend_from_slice(bytes);
            }
            Word::Token(Token::Sign(b'[')) => push_head(&ARRAY, counts.next().unwrap_or_default(), to),
            Word::Token(Token::Sign(b'{')) => push_head(&MAP, counts.next().unwrap_or_default(), to),
            Word::Token(Token::Sign(_)) => {}
            Word::Token(Token::String(written)) => push_text(&written.unescape(), to),
            Word::Token(Token::Number(written)) => push_number(written, to),
            Word::Token(Token::Null) => to.push(0xc0),
            Word::Token(Token::Bool(value)) => to.push(0xc2 + u8::from(value)),
        }
    }
    Ok(())
}

/// How many things are in each array and each object, in the order in which they open.
fn counts(text: &str, attachments: &[Payload]) -> Result<Vec<usize>, Fault> {
    let mut words = Words { scan: Scan::new(text, 0), text, attachments };
    let mut counts = Vec::new();
    // Of those that are open: which it is, and whether its elements count or its colons.
    let mut open: Vec<(usize, u8)> = Vec::new();
    while let Some(word) = words.next()? {
        let innermost = open.last().copied();
        let counts_here = match (word, innermost) {
            (Word::Token(Token::Sign(b':')), _) => true,
            (Word::Token(Token::Sign(b']' | b'}' | b',')), _) => false,
            (_, innermost) => innermost.is_some_and(|(_, bracket)| bracket == b'['),
        };
        if let Some((at, _)) = innermost.filter(|_| counts_here) {
            counts[at] += 1;
        }
        match word {
            Word::Token(Token::Sign(bracket @ (b'[' | b'{'))) => {
                open.push((counts.len(), bracket));
                counts.push(0);
            }
            Word::Token(Token::Sign(b']' | b'}')) => drop(open.pop()),
            _ => {}
        }
    }
    Ok(counts)
}

/// The words of JSON, where a placeholder is one.
struct Words<'t> {
    scan: Scan<'t>,
    text: &'t str,
    attachments: &'t [Payload],
}

#[derive(Clone, Copy)]
enum Word<'t> {
    Token(Token<'t>),
    Binary(&'t Payload),
}

impl<'t> Words<'t> {
    fn next(&mut self) -> Result<Option<Word<'t>>, Fault> {
        let Some(byte) = self.scan.peek() else { return Ok(None) };
        if byte == b'{'
            && !self.attachments.is_empty()
            && let Placeholder::Of { number, end } = Placeholder::at(self.text, self.scan.at())
            && let Some(bytes) = self.attachments.get(number)
        {
            self.scan = Scan::new(self.text, end);
            return Ok(Some(Word::Binary(bytes)));
        }
        self.scan.token().map(|token| Some(Word::Token(token)))
    }
}

/// How a kind of value says its length: in the marker if it is short, or in 1, 2 or 4 bytes behind it.
struct Form {
    /// The marker for lengths up to and including a number.
    short: Option<(u8, usize)>,
    one: Option<u8>,
    two: u8,
    four: u8,
}

const TEXT: Form = Form { short: Some((0xa0, 31)), one: Some(0xd9), two: 0xda, four: 0xdb };
const BINARY: Form = Form { short: None, one: Some(0xc4), two: 0xc5, four: 0xc6 };
const ARRAY: Form = Form { short: Some((0x90, 15)), one: None, two: 0xdc, four: 0xdd };
const MAP: Form = Form { short: Some((0x80, 15)), one: None, two: 0xde, four: 0xdf };

fn push_head(form: &Form, len: usize, to: &mut Vec<u8>) {
    match (form, u8::try_from(len), u16::try_from(len)) {
        (Form { short: Some((marker, longest)), .. }, Ok(short), _) if len <= *longest => {
            to.push(marker | short)
        }
        (Form { one: Some(marker), .. }, Ok(len), _) => to.extend_from_slice(&[*marker, len]),
        (form, _, Ok(len)) => {
            to.push(form.two);
            to.extend_from_slice(&len.to_be_bytes());
        }
        (form, ..) => {
            to.push(form.four);
            to.extend_from_slice(&(len as u32).to_be_bytes());
        }
    }
}

fn push_text(text: &str, to: &mut Vec<u8>) {
    push_head(&TEXT, text.len(), to);
    to.extend_from_slice(text.as_bytes());
}

/// A whole number that fits is one; any other is a float of 64 bits, as all are in JavaScript.
fn push_number(written: &str, to: &mut Vec<u8>) {
    match Number::of(written) {
        Number::Unsigned(number) => push_unsigned(number, to),
        Number::Signed(number) => push_signed(number, to),
        Number::Float(number) => {
            to.push(0xcb);
            to.extend_from_slice(&number.to_be_bytes());
        }
    }
}

fn push_unsigned(number: u64, to: &mut Vec<u8>) {
    let bytes = number.to_be_bytes();
    match number {
        0..=0x7f => to.push(bytes[7]),
        0x80..=0xff => to.extend_from_slice(&[0xcc, bytes[7]]),
        0x100..=0xffff => to.extend_from_slice(&[0xcd, bytes[6], bytes[7]]),
        0x1_0000..=0xffff_ffff => {
            to.push(0xce);
            to.extend_from_slice(&bytes[4..]);
        }
        _ => {
            to.push(0xcf);
            to.extend_from_slice(&bytes);
        }
    }
}

fn push_signed(number: i64, to: &mut Vec<u8>) {
    let bytes = number.to_be_bytes();
    match number {
        -0x20..=0 => to.push(bytes[7]),
        -0x80..=-0x21 => to.extend_from_slice(&[0xd0, bytes[7]]),
        -0x8000..=-0x81 => to.extend_from_slice(&[0xd1, bytes[6], bytes[7]]),
        -0x8000_0000..=-0x8001 => {
            to.push(0xd2);
            to.extend_from_slice(&bytes[4..]);
        }
        _ => {
            to.push(0xd3);
            to.extend_from_slice(&bytes);
        }
    }
}
