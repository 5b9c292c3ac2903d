//! The input, bit by bit.

/// Bits that were taken out of the input and not used yet: the next one is the lowest (RFC 1951 §3.1.1).
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Bits {
    hold: u64,
    count: u32,
}

impl Bits {
    pub(super) fn is_empty(self) -> bool {
        self.count == 0
    }
}

/// Bits of an input that comes in pieces. Above the `count` bits that count, `hold` has zeros or what will follow.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    hold: u64,
    count: u32,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    #[inline(always)]
    pub(super) fn new(Bits { hold, count }: Bits, rest: &'a [u8]) -> Reader<'a> {
        Reader { hold, count, rest }
    }

    /// What was not taken out of the input, and the bits that were and are still to be used.
    #[inline(always)]
    pub(super) fn into_parts(self) -> (&'a [u8], Bits) {
        (self.rest, Bits { hold: low(self.hold, self.count), count: self.count })
    }

    /// Takes in as much as there is: 56 bits if the input has them. A match at its longest takes 48 (15 and 5 of
    /// length, 15 and 13 of distance).
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        if self.fill_from_many().is_none() {
            *self = self.filled_from_few();
        }
    }

    /// Takes in at least 56 bits, if as much input is left as can be looked at once.
    #[inline(always)]
    pub(super) fn fill_from_many(&mut self) -> Option<()> {
        let bytes = self.rest.first_chunk()?;
        self.hold |= u64::from_le_bytes(*bytes) << self.count;
        self.rest = &self.rest[(63 - self.count) as usize / 8..];
        self.count |= 56;
        Some(())
    }

    /// By value, so that a reader can lie in registers.
    #[inline(never)]
    fn filled_from_few(mut self) -> Self {
        while self.count < 56 {
            let Some((byte, rest)) = self.rest.split_first() else { break };
            self.hold |= u64::from(*byte) << self.count;
            self.count += 8;
            self.rest = rest;
        }
        self
    }

    /// The bits that are there, the next one lowest.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        self.hold
    }

    /// How many of them count.
    #[inline(always)]
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Uses up `n` bits that are there.
    #[inline(always)]
    pub(super) fn drop(&mut self, n: u32) {
        debug_assert!(n <= self.count);
        self.hold >>= n;
        self.count -= n;
    }

    /// The next `n` bits, at most 32, once all of them are there.
    #[inline]
    pub(super) fn take(&mut self, n: u32) -> Option<u32> {
        self.fill();
        if self.count < n {
            return None;
        }
        let bits = low(self.hold, n) as u32;
        self.drop(n);
        Some(bits)
    }

    /// Leaves out what is left of a byte that was begun.
    pub(super) fn align(&mut self) {
        self.drop(self.count % 8);
    }

    /// Fills the beginning of `to` with bytes, as many as there are; bits must be [aligned](Reader::align).
    pub(super) fn copy_to(&mut self, to: &mut [u8]) -> usize {
        let mut n = 0;
        while n < to.len() && self.count > 0 {
            to[n] = self.hold as u8;
            self.drop(8);
            n += 1;
        }
        if self.count == 0 {
            // What lies above are bytes that are now copied from the input itself.
            self.hold = 0;
        }
        let more = self.rest.len().min(to.len() - n);
        let (now, later) = self.rest.split_at(more);
        to[n..n + more].copy_from_slice(now);
        self.rest = later;
        n + more
    }
}

/// The lowest `n` of `bits`, where `n` is below 64.
#[inline(always)]
pub(super) const fn low(bits: u64, n: u32) -> u64 {
    bits & ((1 << n) - 1)
}
