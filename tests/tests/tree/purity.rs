//! What must not stand in the code of a core, and where unsafe code may.

use crate::workspace::{self, CORES, crates, sources};

/// Words that bring in a clock, a thread, a task, randomness, or output of a core's own.
const IMPURE: [&str; 19] = [
    "std::",
    "extern crate std",
    "SystemTime",
    "async fn",
    "async {",
    "async move",
    ".await",
    "Waker",
    "Future",
    "getrandom",
    "thread_rng",
    "OsRng",
    "from_entropy",
    "from_os_rng",
    "RandomState",
    "println!",
    "thread_local!",
    "static mut",
    "todo!",
];

/// The only modules with unsafe code, each with a safe twin that its tests compare it to; and, in the unpublished
/// testkit, the allocator that counts, for an allocator cannot be written otherwise.
const UNSAFE_MODULES: [&str; 4] = [
    "crates/core/src/text.rs",
    "crates/core/src/text/",
    "crates/websocket/src/mask",
    "crates/testkit/src/alloc.rs",
];

#[test]
fn cores_are_no_std() {
    for folder in CORES {
        let entry = lib(folder);
        assert!(entry.contains("#![no_std]"), "crates/{folder}/src/lib.rs must say #![no_std]");
    }
}

#[test]
fn cores_know_no_clock_no_async_no_randomness() {
    for folder in CORES {
        for source in sources(&format!("crates/{folder}/src")) {
            for (number, line) in source.lines() {
                for word in IMPURE {
                    // `std::` also ends `nostd::` and stands in features; a word starts where no other goes on.
                    let found = line.match_indices(word).any(|(at, _)| starts_word(line, at));
                    assert!(!found, "{}:{number}: '{word}' in a core", source.path);
                }
            }
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_but_where_speed_needs_it() {
    for folder in crates() {
        let entry = lib(&folder);
        let wanted = if ["core", "websocket", "testkit"].contains(&folder.as_str()) {
            "#![deny(unsafe_code)]"
        } else {
            "#![forbid(unsafe_code)]"
        };
        assert!(entry.contains(wanted), "the entry of crates/{folder} must say {wanted}");
    }
}

#[test]
fn unsafe_code_stays_in_its_modules() {
    for source in crates().iter().flat_map(|folder| sources(&format!("crates/{folder}/src"))) {
        let allowed = UNSAFE_MODULES.iter().any(|module| source.path.starts_with(module));
        for (number, line) in source.lines().filter(|_| !allowed) {
            // The one line that names the module and lifts the lint for it stands beside the other modules.
            let lifts = line.contains("allow(unsafe_code") && source.path.ends_with("src/lib.rs");
            let unsafe_here = words(line).any(|word| word == "unsafe") || line.contains("allow(unsafe_code");
            assert!(
                lifts || !unsafe_here,
                "{}:{number}: unsafe code outside of {UNSAFE_MODULES:?}",
                source.path
            );
        }
    }
}

/// The crate's entry file, tests and comments taken out.
fn lib(folder: &str) -> String {
    let entries = sources(&format!("crates/{folder}/src"));
    let is_entry = |path: &str| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    let entry = entries.into_iter().find(|source| is_entry(&source.path));
    entry.unwrap_or_else(|| panic!("crates/{folder} has no entry in {}", workspace::root().display())).code
}

fn starts_word(line: &str, at: usize) -> bool {
    !line[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}
