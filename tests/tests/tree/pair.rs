//! The two adapters are one text with two names.

use std::collections::BTreeMap;

use crate::workspace::sources;

#[test]
fn both_adapters_have_the_same_files() {
    let names = |runtime: &str| -> Vec<String> { texts(runtime).into_keys().collect() };
    assert_eq!(names("tokio"), names("smol"), "left: crates/tokio, right: crates/smol");
}

/// Every file of an adapter by its path, without comments.
fn texts(runtime: &str) -> BTreeMap<String, String> {
    let prefix = format!("crates/{runtime}/");
    let files =
        ["src", "examples", "tests"].into_iter().flat_map(|folder| sources(&format!("{prefix}{folder}")));
    files.map(|source| (source.path.replacen(&prefix, "", 1), source.code)).collect()
}
