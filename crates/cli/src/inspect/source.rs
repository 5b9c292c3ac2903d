//! Where the bytes come from: the command line, a file, or standard input.

use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sansocket_core::Payload;

use crate::exit::Failure;

/// How the bytes are written down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// As hex if all of it reads as hex, else as they are.
    Guess,
    /// As hex.
    Hex,
    /// As base64.
    Base64,
    /// On the command line, as they are.
    Text,
    /// As they are.
    Raw,
}

/// The bytes that `words` of the command line stand for: hex, base64 or text, the name of a file, or (none, or `-`)
/// standard input.
pub(super) fn read(words: &[String], form: Form) -> Result<Vec<u8>, Failure> {
    match words {
        words if form == Form::Text => Ok(words.join(" ").into_bytes()),
        [] => standard_input(form),
        [word] if word == "-" => standard_input(form),
        [word] if form == Form::Raw || Path::new(word).is_file() => file(word, form),
        words if form == Form::Base64 => from_base64(&words.concat()).map_err(|error| no_base64(&error)),
        words => from_hex(&words.join(" ")).map_err(|error| match words {
            [word] => Failure::usage(format!("`{word}` is neither hex ({error}) nor a file"))
                .advise("give bytes such as `81 05 48 65 6c 6c 6f`, or the name of a file that exists"),
            _ => no_hex(&error),
        }),
    }
}

/// What one argument says in hex.
pub(super) fn hex(word: &str) -> Result<Payload, String> {
    from_hex(word).map(Payload::from)
}

fn standard_input(form: Form) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
    formed(bytes, form)
}

fn file(name: &str, form: Form) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(name).map_err(|error| Failure::new(format!("cannot read {name}: {error}")))?;
    formed(bytes, form)
}

fn formed(bytes: Vec<u8>, form: Form) -> Result<Vec<u8>, Failure> {
    let text = || std::str::from_utf8(&bytes).map_err(|_| "it is not even text".to_owned());
    match form {
        Form::Raw | Form::Text => Ok(bytes),
        Form::Base64 => text().and_then(from_base64).map_err(|error| no_base64(&error)),
        Form::Hex => text().and_then(from_hex).map_err(|error| no_hex(&error)),
        Form::Guess => Ok(text().and_then(from_hex).unwrap_or(bytes)),
    }
}

fn no_hex(error: &str) -> Failure {
    Failure::usage(format!("this is not hex: {error}")).advise(
        "write two digits a byte, as in `81 05 48 65 6c 6c 6f`; bytes as they are come with --raw FILE",
    )
}

fn no_base64(error: &str) -> Failure {
    Failure::usage(format!("this is not base64: {error}"))
        .advise("write it with its padding, as in `gQVIZWxsbw==`; spaces and line ends are passed over")
}

fn from_base64(text: &str) -> Result<Vec<u8>, String> {
    let dense: String = text.split_whitespace().collect();
    STANDARD.decode(dense).map_err(|error| error.to_string())
}

/// Hex with whatever people put between the bytes: spaces, line ends, commas, colons, `0x`, `\x`, and comments from
/// `#` to the end of the line.
fn from_hex(text: &str) -> Result<Vec<u8>, String> {
    let lines = text.lines().map(|line| line.split_once('#').map_or(line, |(bytes, _comment)| bytes));
    let words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':')));
    let words = words.flat_map(|word| word.split("\\x").flat_map(|word| word.split("0x")));
    let mut bytes = Vec::new();
    for word in words {
        if let Some(wrong) = word.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("`{}` is no hex digit", wrong.escape_debug()));
        }
        if word.len() % 2 == 1 {
            return Err(format!("`{word}` has half a byte too much or too little"));
        }
        for place in (0..word.len()).step_by(2) {
            bytes.extend(u8::from_str_radix(&word[place..place + 2], 16));
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_however_it_is_written() {
        let hello = Ok(b"\x81\x05Hello".to_vec());
        for text in [
            "810548656c6c6f",
            "81 05 48 65 6C 6C 6F\n",
            "0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f",
            "0x810548656c6c6f",
            "81:05:48:65:6c:6c:6f",
            r"\x81\x05\x48\x65\x6c\x6c\x6f",
            "8105 # a header\n48656c6c6f # and its payload",
        ] {
            assert_eq!(from_hex(text), hello, "{text}");
        }
    }

    #[test]
    fn base64_may_be_broken_into_lines() {
        assert_eq!(from_base64("gQVI\nZWxs bw==\n"), Ok(b"\x81\x05Hello".to_vec()));
        assert!(from_base64("gQVIZWxsbw").is_err() && from_base64("g-VIZWxsbw==").is_err());
    }

    #[test]
    fn what_is_not_hex_is_named() {
        assert_eq!(from_hex("81 0g"), Err("`g` is no hex digit".into()));
        assert_eq!(from_hex("81 0"), Err("`0` has half a byte too much or too little".into()));
        assert_eq!(from_hex("\u{1b}"), Err("`\\u{1b}` is no hex digit".into()));
    }

    #[test]
    fn a_guess_takes_hex_for_hex_and_all_else_as_it_is() {
        assert_eq!(formed(b"8100\n".to_vec(), Form::Guess).unwrap(), b"\x81\x00");
        assert_eq!(formed(b"\x81\x00".to_vec(), Form::Guess).unwrap(), b"\x81\x00");
        assert_eq!(formed(b"8100".to_vec(), Form::Raw).unwrap(), b"8100");
        assert!(formed(b"\x81\x00".to_vec(), Form::Hex).is_err());
    }
}
