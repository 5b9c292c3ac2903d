//! Frames as the RFC draws them, byte by byte: the reference that everyone's are compared with.

use super::content::Random;

/// A masking key.
pub type Key = [u8; 4];

/// FIN, the first bit of a frame.
pub const FIN: u8 = 0x80;
/// RSV1, the bit of a deflated message.
pub const RSV1: u8 = 0x40;
const MASKED: u8 = 0x80;

/// A masking key for a client's frame.
pub fn key(random: &mut Random) -> Key {
    random.draw().to_le_bytes()
}

/// Appends a frame. `head` is its first byte; with a `key` it is a client's.
pub fn put(wire: &mut Vec<u8>, head: u8, key: Option<Key>, payload: &[u8]) {
    let mask = if key.is_some() { MASKED } else { 0 };
    wire.push(head);
    match payload.len() {
        n @ ..126 => wire.push(mask | n as u8),
        n @ 126..0x1_0000 => {
            wire.push(mask | 126);
            wire.extend((n as u16).to_be_bytes());
        }
        n => {
            wire.push(mask | 127);
            wire.extend((n as u64).to_be_bytes());
        }
    }
    let key = key.inspect(|key| wire.extend(key)).unwrap_or_default();
    wire.extend(unmask(payload, key));
}

fn unmask(payload: &[u8], key: Key) -> impl Iterator<Item = u8> {
    payload.iter().zip(key.into_iter().cycle()).map(|(byte, key)| byte ^ key)
}

/// A message that was written.
#[derive(Debug)]
pub struct Written {
    /// The first byte of its first frame, FIN taken off.
    pub head: u8,
    /// Was every frame of it masked?
    pub masked: bool,
    /// Its payload, unmasked and put together.
    pub payload: Vec<u8>,
}

/// Takes whole messages out of what was written.
pub fn messages(mut wire: &[u8]) -> Vec<Written> {
    let mut messages: Vec<Written> = Vec::new();
    let mut unfinished = false;
    while let [head, length, rest @ ..] = wire {
        let masked = length & MASKED != 0;
        let (n, rest) = match length & !MASKED {
            126 => rest.split_first_chunk().map(|(n, rest)| (u64::from(u16::from_be_bytes(*n)), rest)),
            127 => rest.split_first_chunk().map(|(n, rest)| (u64::from_be_bytes(*n), rest)),
            n => Some((u64::from(n), rest)),
        }
        .expect("a whole header");
        let (key, rest) = match rest.split_first_chunk() {
            Some((key, rest)) if masked => (*key, rest),
            _ => (Key::default(), rest),
        };
        let (payload, rest) = rest.split_at(n as usize);
        wire = rest;
        match messages.last_mut() {
            Some(message) if unfinished => {
                assert_eq!(head & !FIN, 0, "a continuation");
                message.payload.extend(unmask(payload, key));
                message.masked &= masked;
            }
            _ => {
                let payload = unmask(payload, key).collect();
                messages.push(Written { head: head & !FIN, masked, payload });
            }
        }
        unfinished = head & FIN == 0;
    }
    assert!(wire.is_empty() && !unfinished, "a whole frame, and a whole message");
    messages
}
