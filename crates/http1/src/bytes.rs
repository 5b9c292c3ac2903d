//! Which bytes may stand where (RFC 9110 §5.5 and §5.6.2).

const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const VALUE: u8 = 4;

/// The sets each byte belongs to.
static SETS: [u8; 256] = sets();

const fn sets() -> [u8; 256] {
    let mut sets = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        sets[byte] = sets_of(byte as u8);
        byte += 1;
    }
    sets
}

const fn sets_of(byte: u8) -> u8 {
    match byte {
        b'!' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~' => {
            TOKEN | TARGET | VALUE
        }
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => TOKEN | TARGET | VALUE,
        // RFC 9112 §3.2: a request target has no fragment. But RFC 9110 §5.6.2: `#` may stand in a token.
        b'#' => TOKEN | VALUE,
        // Some that RFC 3986 would have encoded are sent as they are (`|`, `{`): they do no harm.
        0x21..=0x7e => TARGET | VALUE,
        // RFC 9110 §5.5: visible ASCII, obs-text, and spaces and tabs between them.
        b' ' | b'\t' | 0x80..=0xff => VALUE,
        _ => 0,
    }
}

pub(crate) fn may_be_token(byte: u8) -> bool {
    SETS[byte as usize] & TOKEN != 0
}

pub(crate) fn may_be_target(byte: u8) -> bool {
    SETS[byte as usize] & TARGET != 0
}

pub(crate) fn may_be_value(byte: u8) -> bool {
    SETS[byte as usize] & VALUE != 0
}

/// May this be a method, the name of a header field, or any other `token` (RFC 9110 §5.6.2)?
pub fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().copied().all(may_be_token)
}

/// May this be the value of a header field (RFC 9110 §5.5): no CR, LF, NUL or other control, and neither spaces nor
/// tabs at its ends?
pub fn is_value(value: &[u8]) -> bool {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let has_blank_ends = value.first().is_some_and(is_blank) || value.last().is_some_and(is_blank);
    !has_blank_ends && value.iter().copied().all(may_be_value)
}

pub(crate) fn is_target(target: &[u8]) -> bool {
    !target.is_empty() && target.iter().copied().all(may_be_target)
}
