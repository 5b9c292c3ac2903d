//! What we depend on: licences, sources, and crates that must not come back. The lists stand in `deny.toml`, which
//! `cargo deny check` reads too; this check needs neither the network nor another tool.

use std::collections::BTreeMap;

use crate::site::Site;
use crate::step::Step;
use crate::suites::{Verdict, Woe};

pub(crate) fn check(site: &mut Site) -> Verdict {
    let rules = std::fs::read_to_string(site.root().join("deny.toml"))
        .map_err(|error| Woe::Failed(format!("deny.toml: {error}")))?;
    let allowed = list(&rules, "allow");
    let banned = list(&rules, "deny");
    // Everything that the workspace can pull in, on this machine: "name version (source)|licence".
    let tree = Step::cargo(
        "tree --workspace --all-features --edges normal,build,dev --prefix none --locked --format {p}|{l}",
    )
    .output(site)?;
    let mut versions = BTreeMap::<&str, Vec<&str>>::new();
    let mut faults = Vec::new();
    for line in tree.lines() {
        let (package, licence) = line.trim_end_matches(" (*)").split_once('|').unwrap_or((line, ""));
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let seen = versions.entry(name).or_default();
        if seen.contains(&version) {
            continue;
        }
        seen.push(version);
        if !licence_fits(licence, &allowed) {
            faults.push(format!("{name} {version}: the licence '{licence}' is not in deny.toml"));
        }
        if banned.iter().any(|banned| banned == name) {
            faults.push(format!("{name} {version}: banned in deny.toml"));
        }
        if package.contains("://") {
            faults.push(format!("{package}: does not come from crates.io"));
        }
    }
    if !faults.is_empty() {
        return Err(Woe::Failed(faults.join("; ")));
    }
    let twice = versions.values().filter(|versions| versions.len() > 1).count();
    Ok(format!("{} packages, {twice} in more than one version", versions.len()))
}

/// An SPDX expression fits if some alternative of it has only allowed parts. Ours have no nesting deeper than
/// `(A OR B) AND C`, so it is read as a conjunction of alternatives.
fn licence_fits(expression: &str, allowed: &[String]) -> bool {
    // The old way to write OR.
    let expression = expression.replace('/', " OR ");
    let fits = |name: &str| allowed.iter().any(|allowed| allowed == name.trim_matches([' ', '(', ')']));
    if expression.contains('(') {
        return expression.split(" AND ").all(|part| part.split(" OR ").any(fits));
    }
    expression.split(" OR ").any(|part| part.split(" AND ").all(fits))
}

/// The strings of the array `name` in a TOML text: the first of each line's quoted strings.
fn list(text: &str, name: &str) -> Vec<String> {
    let start = format!("{name} = [");
    text.lines()
        .skip_while(|line| !line.starts_with(&start))
        .take_while(|line| line.trim() != "]")
        .filter_map(|line| line.split('"').nth(1).map(str::to_owned))
        .collect()
}

#[test]
fn licences_are_read_as_alternatives() {
    let allowed = ["MIT".to_owned(), "Unicode-3.0".to_owned()];
    for fine in ["MIT", "MIT OR Apache-2.0", "Apache-2.0/MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
        assert!(licence_fits(fine, &allowed), "{fine}");
    }
    for wrong in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0"] {
        assert!(!licence_fits(wrong, &allowed), "{wrong}");
    }
}

#[test]
fn a_list_is_read_up_to_its_end() {
    let text = "deny = [\n  \"a\", # \"why\"\n  \"b\",\n]\nallow = [\n  \"c\",\n]\n";
    assert_eq!(list(text, "deny"), ["a", "b"]);
    assert_eq!(list(text, "allow"), ["c"]);
}
