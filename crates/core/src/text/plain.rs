//! Where text has to be looked at by whoever writes or reads it between quotes.

/// From the byte `at` on, the first that may not stand in a quoted string as it is (a quote, a backslash, a control
/// character), or the end. It is the beginning of a character, for it is ASCII.
///
/// Strings are most of what there is in JSON, and most of them are short, so this is to be inlined, and sets nothing up.
///
/// # Panics
/// If `at` is behind the end.
#[inline]
pub fn plain_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut rest = &bytes[at..];
    while let Some(block) = rest.first_chunk() {
        let ends = ends(block);
        if ends != 0 {
            return at + first(ends);
        }
        (at, rest) = (at + BLOCK, &rest[BLOCK..]);
    }
    // The last block overlaps what was looked at before.
    let Some(block) = bytes.last_chunk() else {
        return rest.iter().position(|byte| !is_plain(*byte)).map_or(bytes.len(), |plain| at + plain);
    };
    let ends = if rest.is_empty() { 0 } else { ends(block) >> ((BLOCK - rest.len()) * BITS) };
    if ends == 0 { bytes.len() } else { at + first(ends) }
}

/// May a byte of text stand in a quoted string as it is? See [`plain_end`].
#[inline]
pub const fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

/// How many bytes stand before the first of the `ends`, of which there is one.
#[inline]
fn first(ends: Ends) -> usize {
    ends.trailing_zeros() as usize / BITS
}

#[cfg(all(target_arch = "x86_64", not(sansocket_portable)))]
use sse2::{BITS, BLOCK, Ends, ends};
#[cfg(not(all(target_arch = "x86_64", not(sansocket_portable))))]
use words::{BITS, BLOCK, Ends, ends};

/// What every processor of this architecture has.
#[cfg(all(target_arch = "x86_64", not(sansocket_portable)))]
mod sse2 {
    use core::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };

    pub(super) type Ends = u32;
    pub(super) const BLOCK: usize = 16;
    /// One for each byte.
    pub(super) const BITS: usize = 1;

    #[inline]
    pub(super) fn ends(block: &[u8; BLOCK]) -> Ends {
        let [low, high] =
            [0, 8].map(|half| u64::from_le_bytes(*block[half..].first_chunk().expect("8 of 16")));
        // SAFETY: SSE2 is part of x86-64.
        unsafe { ends_of(low as i64, high as i64) }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn ends_of(low: i64, high: i64) -> Ends {
        let block = _mm_set_epi64x(high, low);
        let quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'"' as i8));
        let backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\\' as i8));
        // There is no unsigned comparison: what is its own minimum is not the larger.
        let controls = _mm_cmpeq_epi8(block, _mm_min_epu8(block, _mm_set1_epi8(0x1f)));
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls)) as Ends
    }
}

/// Eight bytes in a register, for all others.
#[cfg(any(test, sansocket_portable, not(target_arch = "x86_64")))]
mod words {
    pub(super) type Ends = u64;
    pub(super) const BLOCK: usize = 8;
    /// The highest of each byte.
    pub(super) const BITS: usize = 8;

    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;

    #[inline]
    pub(super) fn ends(block: &[u8; BLOCK]) -> Ends {
        let word = u64::from_le_bytes(*block);
        // No byte carries into the next one, for the highest bits are left out, and looked at by themselves.
        let reaches = |word: u64, byte: u8| ((word & !HIGHEST) + ONES * u64::from(0x80 - byte)) | word;
        let below = |word: u64, byte: u8| !reaches(word, byte) & HIGHEST;
        let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        below(word, 0x20) | equal(b'"') | equal(b'\\')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// Text with everything in it that may be mistaken for an end.
    fn text() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            8 => proptest::char::range(' ', '~'),
            1 => proptest::sample::select(&['"', '\\', '\0', '\u{1f}', '\u{7f}', '!', '#', '\u{dc}'][..]),
            1 => any::<char>(),
        ];
        proptest::collection::vec(character, 0..100).prop_map(|characters| characters.into_iter().collect())
    }

    /// The bytes that the ends of each block are at.
    fn places(ends: impl Iterator<Item = u64>, block: usize, bits: usize) -> Vec<usize> {
        let sets = |ends: u64, at: usize| ends >> (at * bits) & ((1 << bits) - 1) != 0;
        let within = |ends| (0..block).filter(move |at| sets(ends, *at));
        ends.enumerate().flat_map(|(number, ends)| within(ends).map(move |at| number * block + at)).collect()
    }

    proptest! {
        #[test]
        fn a_plain_run_ends_where_a_loop_says(text in text(), at in 0_usize..100) {
            let at = at.min(text.len());
            let wanted = (at..text.len()).find(|at| !is_plain(text.as_bytes()[*at]));
            prop_assert_eq!(plain_end(&text, at), wanted.unwrap_or(text.len()));
        }

        #[test]
        fn ends_are_seen_wherever_they_are_and_nothing_else_is(
            mut bytes: [u8; 16],
            end in proptest::sample::select(&b"\"\\\0\x1f!"[..]),
            at in 0_usize..16,
        ) {
            bytes[at] = end;
            let wanted: Vec<_> = (0..16).filter(|at| !is_plain(bytes[*at])).collect();
            let all = bytes.as_chunks().0.iter().map(|block| u64::from(ends(block)));
            prop_assert_eq!(&places(all, BLOCK, BITS), &wanted);
            let all = bytes.as_chunks().0.iter().map(words::ends);
            prop_assert_eq!(&places(all, words::BLOCK, words::BITS), &wanted);
        }
    }
}
