//! Huffman codes, RFC 1951 §3.2: tables in which the bits that come are looked up.

use super::bits::low;

/// The longest code (RFC 1951 §3.2.7).
const LONGEST: usize = 15;
/// Symbols of the largest code, literals and lengths.
const SYMBOLS: usize = 288;

/// What a code stands for, and how many bits that takes.
///
/// | bits | |
/// |---|---|
/// | 0–7 | how many bits the code and its extra bits have together |
/// | 8–11 | how many the code has |
/// | 12–15 | its [`Kind`] |
/// | 16–31 | a literal, the base of a length or distance, or where a second table begins |
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry(u32);

/// The kinds of entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Kind(u32);

impl Kind {
    /// A base, to which extra bits are added.
    pub(super) const BASE: Kind = Kind(0);
    /// A byte.
    pub(super) const LITERAL: Kind = Kind(1 << 12);
    /// The end of the block.
    pub(super) const END: Kind = Kind(1 << 13);
    /// No code, or one that must not occur.
    pub(super) const INVALID: Kind = Kind(1 << 14);
    /// Either: one question for what is rare.
    pub(super) const END_OR_INVALID: Kind = Kind(Kind::END.0 | Kind::INVALID.0);
    /// Where to look up the bits behind; its length is theirs.
    const SECOND: Kind = Kind(1 << 15);
}

impl Entry {
    /// Bits that no code begins with. One bit tells that: only codes of a single bit may be incomplete.
    const NONE: Entry = Entry::of(Kind::INVALID, 0, 0).with_length(1);

    const fn of(kind: Kind, value: u16, extra: u8) -> Entry {
        Entry((value as u32) << 16 | kind.0 | extra as u32)
    }

    const fn with_length(self, length: u32) -> Entry {
        Entry(self.0 + length + (length << 8))
    }

    /// How many bits it takes.
    #[inline(always)]
    pub(super) const fn bits(self) -> u32 {
        self.0 & 0xff
    }

    #[inline(always)]
    pub(super) const fn is(self, kind: Kind) -> bool {
        self.0 & kind.0 != 0
    }

    #[inline(always)]
    pub(super) const fn value(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Its base and its extra bits, which stand in `bits` behind the code.
    #[inline(always)]
    pub(super) const fn with_extra(self, bits: u64) -> usize {
        self.value() as usize + (low(bits, self.bits()) >> ((self.0 >> 8) & 0xf)) as usize
    }
}

/// Codes whose first `BITS` bits are looked up at once; where that does not settle it, a second look tells. `SIZE`
/// entries are enough for both.
pub(super) struct Codes<const BITS: u32, const SIZE: usize> {
    entries: [Entry; SIZE],
}

/// Literals and lengths. Ten bits settle nearly all; 1,334 entries hold any complete code of 288 symbols.
pub(super) type Lengths = Codes<10, 1334>;
/// Distances: 402 entries hold any complete code of 32 symbols.
pub(super) type Distances = Codes<8, 402>;
/// Lengths of codes (RFC 1951 §3.2.7), of at most 7 bits.
pub(super) type Meta = Codes<7, 128>;

/// Do all bits begin with some code?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coverage {
    /// They do.
    Complete,
    /// There is only one code, of one bit, or none.
    Partial,
}

/// The lengths are no prefix code that RFC 1951 allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NoCode;

impl<const BITS: u32, const SIZE: usize> Codes<BITS, SIZE> {
    pub(super) const fn empty() -> Self {
        Codes { entries: [Entry::NONE; SIZE] }
    }

    /// What `bits` begin with. Right once at least as many bits are there as the entry takes.
    #[inline(always)]
    pub(super) fn look_up(&self, bits: u64) -> Entry {
        let entry = self.entries[low(bits, BITS) as usize];
        if entry.is(Kind::SECOND) { self.look_further(entry, bits) } else { entry }
    }

    #[inline]
    fn look_further(&self, second: Entry, bits: u64) -> Entry {
        self.entries[second.value() as usize + low(bits >> BITS, second.bits()) as usize]
    }

    /// Fills the table for codes of the given `lengths`, one a symbol, of which `symbols` tells what they stand for.
    ///
    /// # Errors
    /// If more codes are given than there are, or fewer: but a single code of one bit is allowed, and none at all.
    pub(super) fn assign(&mut self, lengths: &[u8], symbols: &[Entry]) -> Result<Coverage, NoCode> {
        let mut sorted = Sorted::by_length(lengths)?;
        // The table begins with one entry and doubles whenever codes get longer, so most of it is copied at once.
        let (mut known, mut code) = (0, 0);
        self.entries[0] = Entry::NONE;
        let mut second = Second::behind(1 << BITS);
        let mut start = 0;
        for length in 1..=sorted.longest {
            let end = start + usize::from(sorted.left[length]);
            let length = length as u32;
            known = self.double(known, length.min(BITS));
            for at in start..end {
                let entry = symbols.get(usize::from(sorted.symbols[at])).ok_or(NoCode)?.with_length(length);
                if length <= BITS {
                    self.entries[code] = entry;
                } else {
                    let prefix = low(code as u64, BITS) as usize;
                    if second.prefix != Some(prefix) {
                        second = second.next(prefix, sorted.bits_behind(length, BITS));
                        self.entries[prefix] = second.pointer();
                    }
                    let table = self.entries.get_mut(second.start..second.end).ok_or(NoCode)?;
                    (code >> BITS..table.len()).step_by(1 << (length - BITS)).for_each(|i| table[i] = entry);
                    sorted.left[length as usize] -= 1;
                }
                code = next(code, length);
            }
            start = end;
        }
        self.double(known, BITS);
        Ok(if sorted.is_complete { Coverage::Complete } else { Coverage::Partial })
    }

    /// What `known` bits settle, for `length` bits.
    #[inline]
    fn double(&mut self, known: u32, length: u32) -> u32 {
        for known in known..length {
            self.entries.copy_within(..1 << known, 1 << known);
        }
        length
    }
}

/// The second table that is being filled, and so all tables behind the first up to its end.
struct Second {
    /// The bits that lead to it.
    prefix: Option<usize>,
    start: usize,
    end: usize,
    bits: u32,
}

impl Second {
    fn behind(first: usize) -> Second {
        Second { prefix: None, start: first, end: first, bits: 0 }
    }

    fn next(&self, prefix: usize, bits: u32) -> Second {
        Second { prefix: Some(prefix), start: self.end, end: self.end + (1 << bits), bits }
    }

    fn pointer(&self) -> Entry {
        Entry::of(Kind::SECOND, self.start as u16, self.bits as u8)
    }
}

/// The code behind `code` among those of `length` bits; both are written as they come, their first bit lowest.
fn next(code: usize, length: u32) -> usize {
    let zeros = !code & ((1 << length) - 1);
    let Some(last) = zeros.checked_ilog2() else { return 0 };
    (code & ((1 << last) - 1)) | (1 << last)
}

/// Symbols that have codes, in the codes' order (RFC 1951 §3.2.2): shorter ones first.
struct Sorted {
    symbols: [u16; SYMBOLS],
    /// How many codes of each length there are; of those too long for the first table, how many are to be given out.
    left: [u16; LONGEST + 1],
    longest: usize,
    is_complete: bool,
}

impl Sorted {
    fn by_length(lengths: &[u8]) -> Result<Sorted, NoCode> {
        let Used { symbols: used, len, counts } = Used::of(lengths);
        let mut sorted = Sorted { symbols: [0; SYMBOLS], left: counts, longest: 0, is_complete: false };
        let (mut place, mut free) = ([0; LONGEST + 2], 1);
        for length in 1..=LONGEST {
            // Twice as many codes with every bit, less those that were given out.
            free = 2 * free - i32::from(counts[length]);
            if free < 0 {
                return Err(NoCode);
            }
            place[length + 1] = place[length] + usize::from(counts[length]);
            if counts[length] > 0 {
                sorted.longest = length;
            }
        }
        if free > 0 && sorted.longest > 1 {
            return Err(NoCode);
        }
        sorted.is_complete = free == 0;
        for symbol in &used[..len] {
            let place = &mut place[usize::from(lengths[usize::from(*symbol)])];
            sorted.symbols[*place] = *symbol;
            *place += 1;
        }
        Ok(sorted)
    }

    /// How many bits a second table needs that begins with a code of `length`: until the codes to come fill it.
    fn bits_behind(&self, length: u32, first: u32) -> u32 {
        let mut bits = length - first;
        let mut free = 1 << bits;
        loop {
            let length = (first + bits) as usize;
            free -= i32::from(self.left[length]);
            if free <= 0 || length >= self.longest {
                return bits;
            }
            bits += 1;
            free *= 2;
        }
    }
}

/// Symbols that have codes, in their own order.
struct Used {
    symbols: [u16; SYMBOLS + 1],
    len: usize,
    /// How many have a code of each length.
    counts: [u16; LONGEST + 1],
}

impl Used {
    fn of(lengths: &[u8]) -> Used {
        /// So many lengths are looked at together: text leaves most symbols without a code.
        const GROUP: usize = 8;
        let mut used = Used { symbols: [0; SYMBOLS + 1], len: 0, counts: [0; LONGEST + 1] };
        let (groups, rest) = lengths.as_chunks::<GROUP>();
        for (i, group) in groups.iter().enumerate() {
            if *group != [0; GROUP] {
                used.add(i * GROUP, group);
            }
        }
        used.add(groups.len() * GROUP, rest);
        used.counts[0] = 0;
        used
    }

    /// Notes every symbol and goes on behind those with a code: a branch would be foretold wrong too often.
    #[inline(always)]
    fn add(&mut self, first: usize, lengths: &[u8]) {
        for (symbol, length) in (first as u16..).zip(lengths) {
            self.symbols[self.len] = symbol;
            self.len += usize::from(*length > 0);
            self.counts[usize::from(*length)] += 1;
        }
    }
}

/// What the codes of literals and lengths stand for (RFC 1951 §3.2.5). The last two take part in the fixed code but
/// must not occur.
pub(super) static LENGTHS: [Entry; 288] = {
    let mut symbols = [Entry::of(Kind::INVALID, 0, 0); 288];
    let mut literal = 0;
    while literal < 256 {
        symbols[literal] = Entry::of(Kind::LITERAL, literal as u16, 0);
        literal += 1;
    }
    symbols[256] = Entry::of(Kind::END, 0, 0);
    let (mut i, mut base) = (0, 3);
    while i < 28 {
        // Eight lengths without extra bits, then four each with one more.
        let extra = if i < 8 { 0 } else { (i as u8 - 4) / 4 };
        symbols[257 + i] = Entry::of(Kind::BASE, base, extra);
        base += 1 << extra;
        i += 1;
    }
    symbols[285] = Entry::of(Kind::BASE, 258, 0);
    symbols
};

/// What the codes of distances stand for (RFC 1951 §3.2.5). The last two take part in the fixed code but must not occur.
pub(super) static DISTANCES: [Entry; 32] = {
    let mut symbols = [Entry::of(Kind::INVALID, 0, 0); 32];
    let (mut i, mut base) = (0, 1);
    while i < 30 {
        // Four distances without extra bits, then two each with one more.
        let extra = if i < 4 { 0 } else { (i as u8 - 2) / 2 };
        symbols[i] = Entry::of(Kind::BASE, base, extra);
        base += 1 << extra;
        i += 1;
    }
    symbols
};

/// What the codes of code lengths stand for (RFC 1951 §3.2.7): a length, or one of three ways to repeat.
pub(super) static META: [Entry; 19] = {
    let mut symbols = [Entry::of(Kind::BASE, 0, 0); 19];
    let mut length = 0;
    while length < 19 {
        let extra = match length {
            16 => 2,
            17 => 3,
            18 => 7,
            _ => 0,
        };
        symbols[length] = Entry::of(Kind::BASE, length as u16, extra);
        length += 1;
    }
    symbols
};

/// Lengths of the fixed codes of literals and lengths (RFC 1951 §3.2.6).
pub(super) static FIXED_LENGTHS: [u8; 288] = {
    let mut lengths = [8; 288];
    let mut symbol = 144;
    while symbol < 280 {
        lengths[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    lengths
};

/// Lengths of the fixed codes of distances (RFC 1951 §3.2.6).
pub(super) static FIXED_DISTANCES: [u8; 32] = [5; 32];
