//! Names say what a thing is; some words never do.

use crate::source::Source;
use crate::workspace::sources;

const EMPTY_WORDS: [&str; 6] = ["manager", "util", "utils", "common", "helper", "process"];
/// As a prefix of a function it says less than the rest of the name alone.
const EMPTY_PREFIX: &str = "do_";

#[test]
fn files_are_named_after_what_they_hold() {
    for source in sources("crates") {
        for word in source.stem().split('_') {
            assert!(!EMPTY_WORDS.contains(&word), "{}: '{word}' says nothing", source.path);
        }
    }
}

#[test]
fn functions_and_types_are_named_after_what_they_do() {
    for source in sources("crates") {
        for function in functions(&source) {
            let (name, number) = (&function.name, function.line);
            let empty =
                name.split('_').any(|word| EMPTY_WORDS.contains(&word)) || name.starts_with(EMPTY_PREFIX);
            assert!(!empty, "{}:{number}: fn {name} says nothing of what it does", source.path);
        }
        for (number, name) in types(&source) {
            let empty = camel_words(&name).iter().any(|word| EMPTY_WORDS.contains(&word.as_str()));
            assert!(!empty, "{}:{number}: {name} says nothing of what it is", source.path);
        }
    }
}

/// A function as it is declared.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) line: usize,
    pub(crate) name: String,
    /// Between the parentheses.
    pub(crate) parameters: String,
    /// After the arrow, up to the body.
    pub(crate) result: String,
}

/// The functions that a file declares outside of its tests.
pub(crate) fn functions(source: &Source) -> Vec<Function> {
    let code = &source.code;
    let starts = code.match_indices("fn ").filter(|(at, _)| {
        let before = code[..*at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || c == '(')
    });
    starts
        .filter_map(|(at, _)| {
            let rest = &code[at + 3..];
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let open = rest.find('(')?;
            let close = open + closing(&rest[open..])?;
            let end = close + rest[close..].find(['{', ';']).unwrap_or(rest.len() - close);
            let result = rest[close + 1..end].trim().strip_prefix("->").unwrap_or_default().to_owned();
            let line = code[..at].lines().count().max(1);
            let parameters = rest[open + 1..close].to_owned();
            (!name.is_empty()).then_some(Function { line, name, parameters, result })
        })
        .collect()
}

/// Where the parenthesis closes that opens at 0.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn types(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in source.lines() {
        let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for pair in words.windows(2) {
            if ["struct", "enum", "trait", "type", "mod"].contains(&pair[0]) {
                found.push((number, pair[1].to_owned()));
            }
        }
    }
    found
}

fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() => word.push(c),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    words
}

#[test]
fn a_signature_is_read_in_parts() {
    let text =
        "impl X {\n    pub fn take(&mut self, by: impl Fn(u8) -> u8) -> (u8, u16) {\n        1\n    }\n}\n";
    let source = Source::new("crates/x/src/x.rs".to_owned(), text.to_owned());
    let [function] = &functions(&source)[..] else { panic!("one function is there") };
    assert_eq!((function.name.as_str(), function.line), ("take", 2));
    assert_eq!(function.parameters, "&mut self, by: impl Fn(u8) -> u8");
    assert_eq!(function.result.trim(), "(u8, u16)");
    assert_eq!(camel_words("ConnectionManager"), ["connection", "manager"]);
}
