//! A Rust file, read just well enough to check rules on: comments, strings and tests can be told from the rest.

/// A file of the repository.
#[derive(Debug)]
pub(crate) struct Source {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    /// As it stands.
    pub(crate) text: String,
    /// Without comments and `#[cfg(test)]` items, strings emptied; line numbers are kept.
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn new(path: String, text: String) -> Source {
        let bare = without_comments_and_strings(&text);
        let code = if path.ends_with("/tests.rs") || path.contains("/tests/") {
            if path.starts_with("crates/") { "\n".repeat(bare.lines().count()) } else { bare }
        } else {
            without_tests(&bare)
        };
        Source { path, text, code }
    }

    /// Lines that are neither blank nor comment, tests included.
    pub(crate) fn lines_of_code(&self) -> usize {
        without_comments_and_strings(&self.text).lines().filter(|line| !line.trim().is_empty()).count()
    }

    /// Lines of [`code`](Source::code) with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// The name without folders and `.rs`.
    pub(crate) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".rs").unwrap_or(name)
    }
}

/// Blanks out comments, and what stands in string and character literals.
fn without_comments_and_strings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = match literal_or_comment(rest, out.chars().next_back()) {
            0 => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
            length => &rest[..length],
        };
        if first == '"' || first == 'r' || first == 'b' {
            out.push_str("\"\"");
        }
        out.extend(skipped.chars().filter(|c| *c == '\n'));
        rest = &rest[skipped.len()..];
    }
    out
}

/// How many bytes of `rest` a comment or literal takes that starts right here, or 0.
fn literal_or_comment(rest: &str, before: Option<char>) -> usize {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |at| at + 2);
    }
    if rest.starts_with('"') {
        return quoted(rest, 1);
    }
    if in_word {
        return 0;
    }
    for prefix in ["r", "br"] {
        if let Some(tail) = rest.strip_prefix(prefix) {
            let fences = tail.chars().take_while(|c| *c == '#').count();
            if tail[fences..].starts_with('"') {
                let end = format!("\"{}", "#".repeat(fences));
                let start = prefix.len() + fences + 1;
                return rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len());
            }
        }
    }
    if rest.starts_with("b\"") {
        return quoted(rest, 2);
    }
    character(rest)
}

/// The length of a string whose content starts at `start`.
fn quoted(rest: &str, start: usize) -> usize {
    let mut escaped = false;
    for (at, c) in rest[start..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return start + at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal such as `'x'`, `'\''`, `b'\n'`; 0 for a lifetime.
fn character(rest: &str) -> usize {
    let start = if rest.starts_with("b'") { 2 } else { usize::from(rest.starts_with('\'')) };
    if start == 0 {
        return 0;
    }
    let mut inside = rest[start..].char_indices();
    match inside.next() {
        Some((_, '\\')) => {
            inside.next();
            rest[start + 2..].find('\'').map_or(0, |at| start + 2 + at + 1)
        }
        Some(_) => inside.next().filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| start + at + 1),
        None => 0,
    }
}

/// Blanks out each item under `#[cfg(test)]`.
fn without_tests(bare: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(bare.len());
    let mut rest = bare;
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        let item = &rest[at..at + item_length(&rest[at..])];
        out.extend(item.chars().filter(|c| *c == '\n'));
        rest = &rest[at + item.len()..];
    }
    out.push_str(rest);
    out
}

/// An item ends with a `;` outside of braces, or with the brace that closes its first one.
fn item_length(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn comments_strings_and_tests_are_told_from_code() {
    let text = "let a = 'x'; // std::time\nlet b = \"std::time\"; let c: &'static str = r#\"std::\"time\"#;\n\
                #[cfg(test)]\nmod tests {\n    use std::time;\n}\nlet d = '\\''; let e = b'\"'; f();\n";
    let source = Source::new("crates/x/src/x.rs".to_owned(), text.to_owned());
    assert!(!source.code.contains("std"), "{}", source.code);
    assert!(source.code.contains("&'static str"), "{}", source.code);
    assert_eq!(source.lines().find(|(_, line)| line.contains("f();")).map(|(number, _)| number), Some(7));
    assert_eq!(source.lines_of_code(), 7 - 1 + 1);
}
