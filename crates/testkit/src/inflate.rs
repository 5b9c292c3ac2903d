//! A naive inflater (RFC 1951), bit by bit, and a deflater that is not ours: to test ours against.

use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress_to_output};

/// Why bytes are no deflate stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Corrupt {
    /// The rules of RFC 1951 are broken, or a distance reaches behind the window.
    Broken,
    /// The stream ends inside a block.
    Truncated,
}

/// Inflates one message's payload (RFC 7692 §7.2.2): `history` is what earlier messages inflated to, as far as the
/// window is kept. Distances may not pass `window` bytes.
///
/// # Errors
/// [`Corrupt`].
pub fn inflate_message(payload: &[u8], history: &[u8], window: usize) -> Result<Vec<u8>, Corrupt> {
    let with_tail = [payload, &[0, 0, 0xff, 0xff]].concat();
    let mut bits = Bits { bytes: &with_tail, at: 0 };
    let mut out = history.to_vec();
    // A block with BFINAL ends a stream but not the message (§7.2.3.4): what stands behind begins the next one, at a
    // whole byte.
    // Fewer bits than a block's head has are what is left of a byte.
    while bits.at + 3 <= 8 * with_tail.len() {
        let last = bits.take(1)?;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out)?,
            1 => coded(&mut bits, &mut out, window, &fixed())?,
            2 => {
                let codes = dynamic(&mut bits)?;
                coded(&mut bits, &mut out, window, &codes)?;
            }
            _ => return Err(Corrupt::Broken),
        }
        if last == 1 {
            bits.at = bits.at.next_multiple_of(8);
            if bits.at == 8 * payload.len() {
                break; // The message ended itself; the tail has nothing to end.
            }
        }
        if bits.at == 8 * payload.len() {
            // Whole without the tail: it ended with BFINAL, or the tail was left on.
            break;
        }
    }
    Ok(out.split_off(history.len()))
}

/// Deflates one message with a window of 32 KiB that refers to nothing before it, and strips the tail (RFC 7692
/// §7.2.1).
pub fn deflate_message(payload: &[u8]) -> Vec<u8> {
    let mut out = deflate_blocks(payload, TDEFLFlush::Sync);
    assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
    out.truncate(out.len() - 4);
    out
}

/// Deflates `payload` into a stream whose last block has BFINAL.
pub fn deflate_final(payload: &[u8]) -> Vec<u8> {
    deflate_blocks(payload, TDEFLFlush::Finish)
}

fn deflate_blocks(payload: &[u8], flush: TDEFLFlush) -> Vec<u8> {
    const PROBES_AND_GREEDY: u32 = 128;
    let mut out = Vec::new();
    let mut compressor = CompressorOxide::new(PROBES_AND_GREEDY);
    compress_to_output(&mut compressor, payload, flush, |bytes| {
        out.extend_from_slice(bytes);
        true
    });
    out
}

/// Packs bits from the lowest up: for streams that no deflater writes.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl BitWriter {
    /// Adds the lowest `count` bits of `bits`, lowest first.
    pub fn put(&mut self, bits: u32, count: usize) -> &mut BitWriter {
        for place in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            self.bytes[self.used / 8] |= ((bits >> place & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
        self
    }

    /// Adds a Huffman code, whose bits are packed from the highest down (RFC 1951 §3.1.1).
    pub fn put_code(&mut self, code: u32, count: usize) -> &mut BitWriter {
        self.put(code.reverse_bits() >> (32 - count), count)
    }

    /// The bytes so far, the last filled up with zeros.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Result<usize, Corrupt> {
        let mut value = 0;
        for place in 0..count {
            let byte = self.bytes.get(self.at / 8).ok_or(Corrupt::Truncated)?;
            value |= usize::from(byte >> (self.at % 8) & 1) << place;
            self.at += 1;
        }
        Ok(value)
    }

    fn symbol(&mut self, code: &Code) -> Result<usize, Corrupt> {
        let (mut value, mut first, mut index) = (0, 0, 0);
        for count in &code.count[1..] {
            value |= self.take(1)?;
            if value < first + count {
                return Ok(code.symbols[index + value - first]);
            }
            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }
        Err(Corrupt::Broken)
    }
}

/// A canonical Huffman code (RFC 1951 §3.2.2): how many codes there are of each length, and the symbols in order.
struct Code {
    count: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[usize]) -> Result<Code, Corrupt> {
        let mut count = [0; 16];
        for length in lengths {
            count[*length] += 1;
        }
        count[0] = 0;
        let left = (1..16).try_fold(1_usize, |left, length| (left << 1).checked_sub(count[length]));
        // An incomplete code is let pass only if it is a single one of one bit (§3.2.7), or none.
        if left.ok_or(Corrupt::Broken)? > 0 && count[2..].iter().any(|count| *count > 0) {
            return Err(Corrupt::Broken);
        }
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|symbol| lengths[*symbol] > 0).collect();
        symbols.sort_by_key(|symbol| lengths[*symbol]);
        Ok(Code { count, symbols })
    }
}

/// The two codes of a block: literals and lengths, distances.
struct Codes {
    literals: Code,
    distances: Code,
}

fn fixed() -> Codes {
    let literals: Vec<usize> = (0..288_usize)
        .map(|symbol| match symbol {
            144..256 => 9,
            256..280 => 7,
            _ => 8,
        })
        .collect();
    let code = |lengths: &[usize]| Code::new(lengths).expect("RFC 1951 §3.2.6");
    Codes { literals: code(&literals), distances: code(&[5; 32]) }
}

fn dynamic(bits: &mut Bits<'_>) -> Result<Codes, Corrupt> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances, count) = (bits.take(5)? + 257, bits.take(5)? + 1, bits.take(4)? + 4);
    if literals > 286 || distances > 30 {
        return Err(Corrupt::Broken);
    }
    let mut lengths = [0; 19];
    for place in &ORDER[..count] {
        lengths[*place] = bits.take(3)?;
    }
    let code = Code::new(&lengths)?;
    let mut lengths: Vec<usize> = Vec::new();
    while lengths.len() < literals + distances {
        let (value, times) = match bits.symbol(&code)? {
            16 => (*lengths.last().ok_or(Corrupt::Broken)?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length, 1),
        };
        lengths.extend(std::iter::repeat_n(value, times));
    }
    if lengths.len() > literals + distances || lengths[256] == 0 {
        return Err(Corrupt::Broken);
    }
    let (literals, distances) = lengths.split_at(literals);
    Ok(Codes { literals: Code::new(literals)?, distances: Code::new(distances)? })
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>) -> Result<(), Corrupt> {
    bits.at = bits.at.next_multiple_of(8);
    let (len, complement) = (bits.take(16)?, bits.take(16)?);
    if len != complement ^ 0xffff {
        return Err(Corrupt::Broken);
    }
    for _ in 0..len {
        out.push(bits.take(8)? as u8);
    }
    Ok(())
}

fn coded(bits: &mut Bits<'_>, out: &mut Vec<u8>, window: usize, codes: &Codes) -> Result<(), Corrupt> {
    loop {
        let length = match bits.symbol(&codes.literals)? {
            literal @ 0..256 => {
                out.push(literal as u8);
                continue;
            }
            256 => return Ok(()),
            symbol @ 257..265 => symbol - 254,
            285 => 258,
            symbol @ 265..285 => stepped(bits, symbol - 261, 4)? + 3,
            _ => return Err(Corrupt::Broken),
        };
        let distance = match bits.symbol(&codes.distances)? {
            symbol @ 0..4 => symbol + 1,
            symbol @ 4..30 => stepped(bits, symbol - 2, 2)? + 1,
            _ => return Err(Corrupt::Broken),
        };
        if distance > out.len() || distance > window {
            return Err(Corrupt::Broken);
        }
        for _ in 0..length {
            out.push(out[out.len() - distance]);
        }
    }
}

/// The tables of RFC 1951 §3.2.5 as the rule they follow: every `steps` symbols the number of extra bits grows by one.
fn stepped(bits: &mut Bits<'_>, symbol: usize, steps: usize) -> Result<usize, Corrupt> {
    let extra = symbol / steps;
    Ok(((steps + symbol % steps) << extra) + bits.take(extra)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_7692_inflate_to_hello() {
        let hello = b"Hello".to_vec();
        let whole: [&[u8]; 4] = [
            &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], // §7.2.3.1
            &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00], // §7.2.3.3
            &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], // §7.2.3.4
            &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00], // §7.2.3.5
        ];
        for payload in whole {
            assert_eq!(inflate_message(payload, b"", 32_768), Ok(hello.clone()), "{payload:02x?}");
        }
        // §7.2.3.2: with the window kept.
        assert_eq!(inflate_message(&[0xf2, 0x00, 0x11, 0x00, 0x00], b"Hello", 32_768), Ok(hello));
        assert_eq!(inflate_message(&[0xf2, 0x00, 0x11, 0x00, 0x00], b"Hello", 4), Err(Corrupt::Broken));
    }

    #[test]
    fn what_the_other_deflater_writes_comes_back() {
        let mut noise = 1_u32;
        let bytes: Vec<u8> = (0..100_000_u32)
            .map(|at| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if at % 3000 < 1000 { (noise >> 24) as u8 } else { (at / 7 % 50) as u8 }
            })
            .collect();
        assert_eq!(inflate_message(&deflate_message(&bytes), b"", 32_768), Ok(bytes.clone()));
        let two = [deflate_final(&bytes), deflate_final(b"end"), vec![0]].concat();
        assert_eq!(inflate_message(&two, b"", 32_768), Ok([&bytes[..], b"end"].concat()));
    }
}
