//! Engine.IO payloads read the naive way: what the fast reader is compared to.

use sansocket_core::{Data, Message};
use sansocket_engineio::Packet;

/// How packets are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Joined {
    /// Protocol 4, by record separators.
    BySeparators,
    /// Protocol 3, each behind its length in UTF-16 code units.
    ByUnits,
    /// Protocol 3, each behind a header with its length in bytes.
    ByBytes,
}

/// A packet, owned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Its type, 0 to 6.
    pub digit: u8,
    /// What follows the type.
    pub data: Message,
}

impl Said {
    /// The packet, owned.
    pub fn of(packet: Packet<'_>) -> Said {
        let (digit, data) = match packet {
            Packet::Open(text) => (0, Data::Text(text)),
            Packet::Close => (1, "".into()),
            Packet::Ping(text) => (2, Data::Text(text)),
            Packet::Pong(text) => (3, Data::Text(text)),
            Packet::Message(data) => (4, data),
            Packet::Upgrade => (5, "".into()),
            Packet::Noop => (6, "".into()),
        };
        Said { digit, data: data.into_owned() }
    }

    /// The packet, lent.
    pub fn packet(&self) -> Packet<'_> {
        match (self.digit, Data::from(&self.data)) {
            (0, Data::Text(text)) => Packet::Open(text),
            (1, _) => Packet::Close,
            (2, Data::Text(text)) => Packet::Ping(text),
            (3, Data::Text(text)) => Packet::Pong(text),
            (5, _) => Packet::Upgrade,
            (6, _) => Packet::Noop,
            (_, data) => Packet::Message(data),
        }
    }
}

/// What a payload holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spoken {
    /// The packets up to the end, or the first fault.
    pub packets: Vec<Said>,
    /// Was there a fault?
    pub faulty: bool,
}

/// The packets of `body`, `most` of them.
pub fn read_payload(joined: Joined, body: &[u8], most: usize) -> Spoken {
    let mut packets = Vec::new();
    let mut rest = Some(body);
    while let Some(body) = rest {
        let cut = if packets.len() < most { cut(joined, body) } else { None };
        let Some((packet, behind)) = cut else { return Spoken { packets, faulty: true } };
        packets.push(packet);
        rest = behind;
    }
    Spoken { packets, faulty: false }
}

/// The first packet and, if there is more, what is behind it.
fn cut(joined: Joined, body: &[u8]) -> Option<(Said, Option<&[u8]>)> {
    match joined {
        Joined::BySeparators => {
            let mut parts = body.splitn(2, |byte| *byte == 0x1e);
            let packet = read_text(parts.next()?, "b")?;
            Some((packet, parts.next()))
        }
        Joined::ByUnits => {
            let colon = body.iter().take(311).position(|byte| *byte == b':')?;
            let units = number(body[..colon].iter().map(|digit| digit.checked_sub(b'0')))?;
            let rest = &body[colon + 1..];
            let len = (0..=rest.len()).find(|len| units_of(&rest[..*len]) == Some(units))?;
            let packet = read_text(&rest[..len], "b4")?;
            Some((packet, (len < rest.len()).then_some(&rest[len..])))
        }
        Joined::ByBytes => {
            let end = body.iter().skip(1).take(311).position(|byte| *byte == 0xff)? + 1;
            let len = number(body[1..end].iter().map(|digit| Some(*digit)))?;
            let packet = body.get(end + 1..)?.get(..len)?;
            let behind = &body[end + 1 + len..];
            let said = match (body[0], packet) {
                (0, text) => read_text(text, "b4")?,
                (1, [4, data @ ..]) => Said { digit: 4, data: Message::from(data) },
                _ => return None,
            };
            Some((said, (!behind.is_empty()).then_some(behind)))
        }
    }
}

fn number(digits: impl Iterator<Item = Option<u8>>) -> Option<usize> {
    let mut number = 0_usize;
    for digit in digits {
        let digit = digit.filter(|digit| *digit < 10)?;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    (number > 0).then_some(number)
}

fn units_of(text: &[u8]) -> Option<usize> {
    Some(std::str::from_utf8(text).ok()?.encode_utf16().count())
}

fn read_text(packet: &[u8], armor: &str) -> Option<Said> {
    let text = std::str::from_utf8(packet).ok()?;
    if text.starts_with('b') {
        let bytes = read_base64(text.strip_prefix(armor)?)?;
        return Some(Said { digit: 4, data: Message::from(bytes) });
    }
    let digit = text.chars().next()?.to_digit(7)? as u8;
    let data = if [1, 5, 6].contains(&digit) { "" } else { &text[1..] };
    Some(Said { digit, data: Message::text(data) })
}

/// Bytes from base64, with padding or some or none of it.
pub fn read_base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = text.trim_end_matches('=');
    let padding = text.len() - letters.len();
    if letters.len() % 4 == 1 || padding > (4 - letters.len() % 4) % 4 {
        return None;
    }
    let (mut bytes, mut bits, mut kept) = (Vec::new(), 0_u32, 0);
    for letter in letters.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        (bits, kept) = (bits << 6 | value as u32, kept + 6);
        if kept >= 8 {
            kept -= 8;
            bytes.push((bits >> kept) as u8);
            bits &= (1 << kept) - 1;
        }
    }
    // What is left over are bits that no encoder sets.
    (bits == 0).then_some(bytes)
}
