//! What forms and queries hold (`application/x-www-form-urlencoded`).

/// The first byte that `form`, which is not empty, stands for, and how many bytes that takes. `None`: a `%` that no two
/// hexadecimal digits follow.
pub(crate) fn first(form: &[u8]) -> Option<(u8, usize)> {
    match form {
        [b'%', high, low, ..] => Some((hexadecimal(*high)? << 4 | hexadecimal(*low)?, 3)),
        [b'%', ..] | [] => None,
        [b'+', ..] => Some((b' ', 1)),
        [other, ..] => Some((*other, 1)),
    }
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
