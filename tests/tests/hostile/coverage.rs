//! No entry is forgotten.

use sansocket_testkit::hostile::entries;

use crate::expected::expected;

/// Where entries are tested that have their id in a test's name.
const SOURCES: &[&str] = &[
    include_str!("frame.rs"),
    include_str!("deflate.rs"),
    include_str!("driver.rs"),
    include_str!("process.rs"),
    include_str!("crowd.rs"),
];

/// Entries that are tested elsewhere, under a comment with their id.
const ELSEWHERE: &[(&str, &str)] = &[
    ("R-001", include_str!("../../../crates/websocket/tests/cuts.rs")),
    ("R-002", include_str!("../../../crates/websocket/tests/calls.rs")),
    ("R-005", include_str!("../../../crates/websocket/tests/calls.rs")),
    ("R-012", include_str!("../../../crates/websocket/tests/deadlines.rs")),
    ("P-001", include_str!("../../../crates/tokio/tests/exhausted.rs")),
];

/// Entries that cannot be had as they stand, and what stands for them.
const SUBSTITUTED: &[(&str, &str)] = &[
    (
        "R-016",
        "Memory that a peer can make us take is bounded by limits before it is taken (every entry's bound is asserted by \
         the counting allocator), so there is no allocation of a peer's size that could be let fail.",
    ),
    (
        "R-017",
        "No 32-bit processor is at hand. Lengths are judged as u64 before they become usize; the entries with lengths \
         of 2^32, 2^53 and 2^63 run here.",
    ),
    (
        "R-018",
        "Tests run with overflow checks (the dev profile), and so do the fuzz targets (their release profile turns \
         them on); the bytes are the same.",
    ),
    ("P-002", "The kernel cannot be told to abort an accept; the loop treats every error as that of P-001."),
];

#[test]
fn every_entry_is_tested_or_says_what_stands_for_it() {
    let mut missing = Vec::new();
    for entry in ["frame", "deflate", "driver", "process"].iter().flat_map(|layer| entries(layer)) {
        let name = format!("fn {}_", entry.id.to_lowercase().replace('-', "_"));
        let in_bytes = entry.kind == "hex" && expected(&entry.id).is_some();
        let by_name = SOURCES.iter().any(|source| source.contains(&name));
        let elsewhere = ELSEWHERE.iter().any(|(id, source)| *id == entry.id && source.contains(id));
        let substituted = SUBSTITUTED.iter().any(|(id, why)| *id == entry.id && !why.is_empty());
        if !(in_bytes || by_name || elsewhere || substituted) {
            missing.push(format!("{} {}", entry.id, entry.title));
        }
    }
    assert!(missing.is_empty(), "nothing tests\n{}", missing.join("\n"));
}
