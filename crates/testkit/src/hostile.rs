//! The hostile list: inputs that broke something somewhere once.

use serde_json::Value;

/// One entry of `tests/hostile/inputs.json`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// `F-001`: which tests name.
    pub id: String,
    /// What it attacks: `frame`, `deflate`, `handshake`.
    pub layer: String,
    /// Who is attacked: `server`, `client` or `both`.
    pub role: String,
    /// In a few words.
    pub title: String,
    /// `hex` and `http` for bytes in full, `text`, `recipe` and `api` for what a test has to build.
    pub kind: String,
    /// The bytes, in hexadecimal or with escapes (`\r`, `\n`, `\\`, `\x00`); or how to make them.
    pub input: String,
    /// What has to happen.
    pub expected: String,
    /// What it may cost.
    pub bound: String,
}

impl Entry {
    /// The bytes of an entry of kind `hex` or `http`.
    ///
    /// # Panics
    /// If it is of another kind.
    pub fn bytes(&self) -> Vec<u8> {
        match self.kind.as_str() {
            "hex" => unhex(&self.input),
            "http" => unescape(&self.input),
            other => panic!("{}: {} has no bytes, it is of kind {other}", self.id, self.title),
        }
    }
}

/// All entries of `layer`, in the order of the list.
///
/// # Panics
/// If the list is no longer what it was: an array of objects with eight strings each.
pub fn entries(layer: &str) -> Vec<Entry> {
    let list: Value = serde_json::from_str(include_str!("../../../tests/hostile/inputs.json")).expect("JSON");
    let entries = list.as_array().expect("an array").iter().map(entry);
    entries.filter(|entry| entry.layer == layer).collect()
}

/// Bytes from hexadecimal digits; spaces are skipped.
///
/// # Panics
/// If there is anything else, or half a byte.
pub fn unhex(digits: &str) -> Vec<u8> {
    let digits: String = digits.split_whitespace().collect();
    assert!(digits.len().is_multiple_of(2), "half a byte");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// Bytes from ASCII with the escapes `\r`, `\n`, `\\` and `\x00` to `\xff`.
///
/// # Panics
/// If there is another escape.
pub fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let (byte, len) = match (first, behind.first()) {
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b'\\')) => (b'\\', 2),
            (b'\\', Some(b'x')) => (unhex(&text[text.len() - rest.len() + 2..][..2])[0], 4),
            (b'\\', other) => panic!("an unknown escape {other:?} in {text}"),
            (plain, _) => (*plain, 1),
        };
        bytes.push(byte);
        rest = &rest[len..];
    }
    bytes
}

fn entry(value: &Value) -> Entry {
    let field = |name: &str| value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned();
    Entry {
        id: field("id"),
        layer: field("layer"),
        role: field("role"),
        title: field("title"),
        kind: field("kind"),
        input: field("input"),
        expected: field("expected"),
        bound: field("bound"),
    }
}
