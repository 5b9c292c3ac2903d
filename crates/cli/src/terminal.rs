//! What a peer sent, made safe to print: a terminal obeys control characters, so none gets through.

use std::fmt;

use sansocket_core::Excerpt;

/// Text of a peer on one line, in which every control character (C0, C1, DEL) and every invisible one that reorders
/// text is written as an escape: `\n`, `\u{1b}`, `\u{202e}`.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Excerpt::of(self.0).up_to(usize::MAX).fmt(f)
    }
}

/// Bytes of a peer, two hex digits each: `81 05 48`.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// The beginning of a payload on one line: quoted text if it is printable, else hex.
pub(crate) struct Preview<'a>(pub(crate) &'a [u8]);

impl Preview<'_> {
    /// As much text as fits on a line.
    const CHARACTERS: usize = 72;
    /// As much hex as fits on a line.
    const BYTES: usize = 24;
}

impl fmt::Display for Preview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(self.0) {
            Ok(text) if text.chars().all(|c| Excerpt::is_plain(c) || matches!(c, '\t' | '\n' | '\r')) => {
                let cut = text.char_indices().nth(Self::CHARACTERS).map_or(text.len(), |(place, _)| place);
                let rest = if cut < text.len() { " …" } else { "" };
                write!(f, "\"{}\"{rest}", Escaped(&text[..cut]))
            }
            _ => {
                let (shown, rest) = self.0.split_at(self.0.len().min(Self::BYTES));
                write!(f, "{}{}", Hex(shown), if rest.is_empty() { "" } else { " …" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        let hostile = "\x1b]0;title\x07\u{9b}31m\r\n\u{202e}\u{2028}\x7f\\ and ünï🚀";
        let shown = Escaped(hostile).to_string();
        assert!(shown.chars().all(Excerpt::is_plain), "{shown}");
        assert_eq!(shown, r"\u{1b}]0;title\u{7}\u{9b}31m\r\n\u{202e}\u{2028}\u{7f}\\ and ünï🚀");
    }

    #[test]
    fn a_preview_is_text_if_it_can_be() {
        assert_eq!(Preview("Grüße\n".as_bytes()).to_string(), "\"Grüße\\n\"");
        assert_eq!(Preview(b"\x00\xff").to_string(), "00 ff");
        assert_eq!(Preview(b"\x1b[2J").to_string(), "1b 5b 32 4a");
        assert!(Preview(&[b'a'; 100]).to_string().ends_with("a\" …"));
        assert!(Preview(&[0; 100]).to_string().ends_with("00 …"));
        assert_eq!(Preview(b"").to_string(), "\"\"");
    }
}
