//! The messages that are sent and received: the same ones in every run. Others would be other counts.

use bytes::Bytes;
use sansocket_websocket::Kind;

/// What a message is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// Random bytes.
    Binary,
    /// Random ASCII.
    Ascii,
    /// Words of characters of one to four bytes.
    Multibyte,
    /// A list of little objects.
    Json,
    /// Binary messages of 4 to 1024 bytes, sizes spread evenly in the logarithm, in random order.
    MixedBinary,
    /// The same sizes of text, three in four ASCII.
    MixedText,
}

impl Content {
    /// How it travels.
    pub fn kind(self) -> Kind {
        match self {
            Content::Binary | Content::MixedBinary => Kind::Binary,
            _ => Kind::Text,
        }
    }

    /// Messages of `size` bytes, to be taken in turn.
    pub fn messages(self, size: usize) -> Vec<Bytes> {
        let count = match self {
            Content::Json => 64,
            // So many that every size is about as frequent as it should be.
            Content::MixedBinary | Content::MixedText => 8192,
            _ => 1,
        };
        (0..count).map(|seed| self.message(size, seed).into()).collect()
    }

    fn message(self, size: usize, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        let mut bytes = Vec::with_capacity(size + 64);
        match self {
            Content::Binary => bytes.extend((0..size).map(|_| random.draw() as u8)),
            Content::Ascii => bytes.extend((0..size).map(|_| b' ' + random.below(95) as u8)),
            Content::Multibyte => multibyte(size, &mut random, &mut bytes),
            Content::Json => json(size, &mut random, &mut bytes),
            Content::MixedBinary => return Content::Binary.message(mixed_size(&mut random), seed),
            Content::MixedText if seed.is_multiple_of(4) => {
                return Content::Multibyte.message(mixed_size(&mut random), seed);
            }
            Content::MixedText => return Content::Ascii.message(mixed_size(&mut random), seed),
        }
        bytes
    }
}

fn mixed_size(random: &mut Random) -> usize {
    let octave = 4 << random.below(8);
    octave + random.below(octave as u64) as usize
}

fn multibyte(size: usize, random: &mut Random, bytes: &mut Vec<u8>) {
    const WORDS: [&str; 8] = ["привет ", "мир ", "こんにちは", "世界 ", "café ", "hello ", "😀", "δοκιμή "];
    loop {
        let word = WORDS[random.below(8) as usize].as_bytes();
        if bytes.len() + word.len() > size {
            return bytes.resize(size, b'.');
        }
        bytes.extend_from_slice(word);
    }
}

fn json(size: usize, random: &mut Random, bytes: &mut Vec<u8>) {
    bytes.extend(format!(r#"{{"type":"ticker","id":{},"items":["#, random.below(1_000_000)).bytes());
    while bytes.len() < size {
        let symbol = ["BTC", "ETH", "SOL", "ADA", "XRP"][random.below(5) as usize];
        let side = ["buy", "sell"][random.below(2) as usize];
        let (price, cents) = (random.below(100_000), random.below(100));
        let user = random.below(10_000);
        let item = format!(
            r#"{{"symbol":"{symbol}","price":{price}.{cents:02},"side":"{side}","user":"user-{user}"}},"#
        );
        bytes.extend(item.bytes());
    }
    bytes.truncate(size);
}

/// xorshift64*: the same numbers every time.
pub struct Random(u64);

impl Random {
    /// Numbers that follow from `seed`.
    pub fn new(seed: u64) -> Random {
        Random(0x9e37_79b9_7f4a_7c15 ^ (seed + 1) << 20)
    }

    /// The next 32 bits.
    pub fn draw(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    fn below(&mut self, end: u64) -> u64 {
        (u64::from(self.draw()) * end) >> 32
    }
}
