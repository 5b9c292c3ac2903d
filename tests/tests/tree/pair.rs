//! The two adapters are one text with two names.

use std::collections::BTreeMap;

use crate::workspace::sources;

/// Where a runtime is named: its time, its streams, and what else is used of it. Nothing is decided there.
const OF_THE_RUNTIME: [&str; 3] = ["src/clock.rs", "src/io.rs", "src/runtime.rs"];

#[test]
fn both_adapters_have_the_same_files() {
    let names = |runtime: &str| -> Vec<String> { texts(runtime).into_keys().collect() };
    assert_eq!(names("tokio"), names("smol"), "left: crates/tokio, right: crates/smol");
}

#[test]
fn both_adapters_say_the_same() {
    let (tokio, smol) = (texts("tokio"), texts("smol"));
    for (file, ours) in &tokio {
        if !file.starts_with("src/") || OF_THE_RUNTIME.contains(&file.as_str()) {
            continue;
        }
        let theirs = smol.get(file).unwrap_or_else(|| panic!("crates/smol has no {file}"));
        let words = ours.split_whitespace().zip(theirs.split_whitespace());
        let difference = words.into_iter().find(|(a, b)| a != b);
        assert_eq!(difference, None, "crates/tokio/{file} and crates/smol/{file} differ in more than names");
        assert_eq!(
            ours.split_whitespace().count(),
            theirs.split_whitespace().count(),
            "{file}: one is longer"
        );
    }
}

/// Every file of an adapter by its path: the code, the runtime's name taken out, and each word and sign by itself, for
/// lines break elsewhere when a name is longer.
fn texts(runtime: &str) -> BTreeMap<String, String> {
    let prefix = format!("crates/{runtime}/");
    let files =
        ["src", "examples", "tests"].into_iter().flat_map(|folder| sources(&format!("{prefix}{folder}")));
    files.map(|source| (source.path.replacen(&prefix, "", 1), neutral(&source.code, runtime))).collect()
}

fn neutral(code: &str, runtime: &str) -> String {
    let signs = code.replace(runtime, "runtime").chars().fold(String::new(), |mut apart, c| {
        if c.is_alphanumeric() || c == '_' || c.is_whitespace() {
            apart.push(c);
        } else {
            apart.extend([' ', c, ' ']);
        }
        apart
    });
    // A list that is broken into lines ends with a comma more.
    let words: Vec<&str> = signs.split_whitespace().collect();
    let kept = words.iter().enumerate().filter(|(at, word)| {
        let closes = words.get(at + 1).is_some_and(|next| [")", "]", "}", ">"].contains(next));
        **word != "," || !closes
    });
    kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
}

#[test]
fn line_breaks_and_names_make_no_difference() {
    let one = neutral("tokio::spawn(a, b)", "tokio");
    assert_eq!(one, neutral("smol::spawn(\n    a,\n    b,\n)", "smol"));
    assert_ne!(one, neutral("smol::spawn(b, a)", "smol"));
}
