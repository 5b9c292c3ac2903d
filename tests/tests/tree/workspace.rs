//! The workspace as cargo and the folders tell of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::source::Source;

/// The crates that are pure: `no_std`, no clock, no async, no randomness, no runtime.
pub(crate) const CORES: [&str; 6] = ["core", "http1", "engineio", "socketio", "websocket", "stack"];

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_owned()
}

/// The folders of `crates/`, in order.
pub(crate) fn crates() -> Vec<String> {
    let folders = fs::read_dir(root().join("crates")).expect("crates/ can be read");
    let folders = folders.map(|entry| entry.expect("crates/ can be read"));
    let mut names: Vec<String> = folders
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().into_string().expect("a crate's folder is named in ASCII"))
        .collect();
    names.sort();
    names
}

/// Every Rust file below `folder` of the repository.
pub(crate) fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    gather(&root(), &root().join(folder), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every Rust file that is ours.
pub(crate) fn all_sources() -> Vec<Source> {
    ["crates", "tests", "xtask", "fuzz", "benches"].into_iter().flat_map(sources).collect()
}

fn gather(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the repository can be read").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            if name != "target" && name != "node_modules" {
                gather(root, &path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a Rust file is UTF-8");
            let path = path.strip_prefix(root).expect("it lies in the repository").to_owned();
            found.push(Source::new(path.to_string_lossy().into_owned(), text));
        }
    }
}

/// What a package declares in its `Cargo.toml`.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// For what it is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Normal,
    Development,
    Build,
}

/// The dependencies that `crates/{folder}` declares, for any platform and feature.
pub(crate) fn declared(folder: &str) -> Vec<Dependency> {
    let manifest = root().join("crates").join(folder).join("Cargo.toml");
    let text = cargo(&["metadata", "--offline", "--no-deps", "--format-version", "1"]);
    let all: Value = serde_json::from_str(&text).expect("cargo metadata speaks JSON");
    let packages = all["packages"].as_array().expect("the workspace has packages");
    let package = packages
        .iter()
        .find(|package| package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest))
        .unwrap_or_else(|| panic!("crates/{folder} is not a member of the workspace"));
    let dependencies = package["dependencies"].as_array().expect("dependencies are a list");
    dependencies
        .iter()
        .map(|dependency| Dependency {
            name: dependency["name"].as_str().expect("a dependency has a name").to_owned(),
            kind: match dependency["kind"].as_str() {
                None => Kind::Normal,
                Some("build") => Kind::Build,
                Some(_) => Kind::Development,
            },
        })
        .collect()
}

/// The package's name that a folder of `crates/` stands for.
pub(crate) fn package(folder: &str) -> String {
    if folder == "cli" { "sansocket".to_owned() } else { format!("sansocket-{folder}") }
}

/// What cargo, run in the repository, says.
pub(crate) fn cargo(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(words).current_dir(root()).output().expect("cargo starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {}: {said}", words.join(" "));
    String::from_utf8(output.stdout).expect("cargo speaks UTF-8")
}
