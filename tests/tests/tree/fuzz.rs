//! Every fuzz target is registered and has a corpus, and every corpus belongs to one.

use std::collections::BTreeSet;
use std::fs;

use crate::workspace::{root, sources};

#[test]
fn every_fuzz_target_is_registered() {
    let files: BTreeSet<String> = sources("fuzz/fuzz_targets")
        .iter()
        .filter(|source| source.path.matches('/').count() == 2)
        .map(|source| source.stem().to_owned())
        .collect();
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("fuzz/Cargo.toml can be read");
    let paths = manifest.lines().filter_map(|line| line.trim().strip_prefix("path = \"fuzz_targets/"));
    let registered: BTreeSet<String> =
        paths.filter_map(|path| Some(path.strip_suffix(".rs\"")?.to_owned())).collect();
    assert_eq!(
        files, registered,
        "left: files in fuzz/fuzz_targets; right: [[bin]] entries in fuzz/Cargo.toml"
    );
    assert!(!files.is_empty(), "there are no fuzz targets");
}

#[test]
fn every_corpus_belongs_to_a_target() {
    let targets: BTreeSet<String> =
        sources("fuzz/fuzz_targets").iter().map(|source| source.stem().to_owned()).collect();
    for entry in fs::read_dir(root().join("fuzz/corpus")).into_iter().flatten() {
        let name = entry.expect("fuzz/corpus can be read").file_name().to_string_lossy().into_owned();
        assert!(targets.contains(&name), "fuzz/corpus/{name} belongs to no target");
    }
}

#[test]
fn every_target_has_recorded_inputs() {
    for source in sources("fuzz/fuzz_targets") {
        let corpus = root().join("fuzz/corpus").join(source.stem());
        let recorded = fs::read_dir(&corpus).into_iter().flatten().count();
        assert!(recorded > 0, "{} has no inputs to be replayed", corpus.display());
    }
}
