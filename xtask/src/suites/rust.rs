//! What needs nothing but Rust.

use std::path::Path;

use crate::choice::Depth;
use crate::site::Site;
use crate::step::Step;
use crate::suites::Verdict;

/// Integration tests that are suites of their own.
const NAMED: [&str; 2] = ["tree", "hostile"];

pub(crate) fn format(site: &mut Site) -> Verdict {
    Step::cargo("fmt --all --check").run(site)?;
    Ok(String::new())
}

pub(crate) fn clippy(site: &mut Site) -> Verdict {
    // `incompatible_msrv` is on in the workspace's lints: nothing newer than `rust-version` gets in.
    Step::cargo("clippy --workspace --all-targets --all-features -- -D warnings").run(site)?;
    Step::cargo("clippy --workspace --no-default-features -- -D warnings").run(site)?;
    Ok(String::new())
}

pub(crate) fn docs(site: &mut Site) -> Verdict {
    Step::cargo("doc --workspace --no-deps --all-features")
        .variable("RUSTDOCFLAGS", "-D warnings")
        .run(site)?;
    Ok(String::new())
}

pub(crate) fn tests(site: &mut Site) -> Verdict {
    let mut step = tests_of_all_features(site).words("--lib --bins --examples");
    for name in test_names(site.root()).iter().filter(|name| !NAMED.contains(&name.as_str())) {
        step = step.word("--test").word(name);
    }
    step.run(site)?;
    Ok(counted(site))
}

pub(crate) fn doctests(site: &mut Site) -> Verdict {
    Step::cargo("test --workspace --all-features --doc").run(site)?;
    Ok(counted(site))
}

pub(crate) fn tree(site: &mut Site) -> Verdict {
    tests_of_all_features(site).words("--test tree").run(site)?;
    Ok(counted(site))
}

pub(crate) fn hostile(site: &mut Site) -> Verdict {
    tests_of_all_features(site).words("--test hostile").run(site)?;
    Ok(counted(site))
}

pub(crate) fn plain(site: &mut Site) -> Verdict {
    Step::cargo("test --workspace --no-fail-fast").run(site)?;
    Ok(counted(site))
}

/// Builds a `no_std` library over the cores: a crate that brings `std` in would define the panic handler twice.
pub(crate) fn no_std(site: &mut Site) -> Verdict {
    for features in ["", "--features deflate"] {
        Step::cargo("build --manifest-path tests/no_std/Cargo.toml --target-dir")
            .word(site.made("no_std"))
            .words(features)
            .run(site)?;
    }
    Ok("with and without deflate".to_owned())
}

/// Builds the benchmarks, and with them the other libraries that they compare with. How fast we are, they say when run.
pub(crate) fn benches(site: &mut Site) -> Verdict {
    Step::cargo("build --release --all-targets --manifest-path benches/Cargo.toml").run(site)?;
    Ok(String::new())
}

fn tests_of_all_features(site: &Site) -> Step {
    let tests = Step::cargo("test --workspace --all-features --no-fail-fast");
    match site.depth() {
        Depth::Usual => tests.variable("PROPTEST_CASES", "256"),
        // `how_many` of the hostile tests reads the second.
        Depth::Full => tests.variable("PROPTEST_CASES", "10000").variable("SANSOCKET_FULL", "1"),
    }
}

/// The integration tests of all packages by name.
fn test_names(root: &Path) -> Vec<String> {
    let packages = std::fs::read_dir(root.join("crates"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()));
    let mut names: Vec<String> = packages
        .chain([root.join("tests")])
        .filter_map(|package| std::fs::read_dir(package.join("tests")).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == "rs") || path.join("main.rs").exists())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// How many tests the log tells of.
fn counted(site: &Site) -> String {
    let log = site.log_text();
    let (passed, ignored) = (count(&log, "passed"), count(&log, "ignored"));
    if ignored > 0 { format!("{passed} tests, {ignored} ignored") } else { format!("{passed} tests") }
}

/// Sums up what cargo says of each binary: `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn count(log: &str, word: &str) -> usize {
    let results = log.lines().filter_map(|line| line.trim().strip_prefix("test result: "));
    results
        .flat_map(|line| line.split([';', '.']))
        .filter_map(|part| part.trim().strip_suffix(word)?.trim().parse::<usize>().ok())
        .sum()
}

#[test]
fn tests_are_counted_over_all_binaries() {
    let log =
        "test result: ok. 12 passed; 0 failed; 1 ignored; finished in 0.12s\nx\ntest result: ok. 3 passed; 0";
    assert_eq!((count(log, "passed"), count(log, "ignored")), (15, 1));
}
