//! No entry is forgotten.

use sansocket_testkit::hostile::{Entry, entries};

use crate::engineio::{packets, requests};
use crate::expected::expected;
use crate::socketio;

/// Where entries are tested that have their id in a test's name.
const SOURCES: &[&str] = &[
    include_str!("frame.rs"),
    include_str!("deflate.rs"),
    include_str!("driver.rs"),
    include_str!("process.rs"),
    include_str!("crowd.rs"),
    include_str!("sockets/floods.rs"),
    include_str!("sockets/futures.rs"),
    include_str!("sockets/words.rs"),
    include_str!("engineio/requests.rs"),
    include_str!("engineio/sessions.rs"),
    include_str!("engineio/upgrades.rs"),
    include_str!("socketio.rs"),
    include_str!("../../../crates/engineio/tests/codec_hostile.rs"),
    include_str!("../../../crates/engineio/tests/client/heartbeat.rs"),
    include_str!("../../../crates/engineio/tests/client/hostile.rs"),
    include_str!("../../../crates/engineio/tests/client/upgrade.rs"),
    include_str!("../../../crates/socketio/tests/server/hostile.rs"),
    include_str!("../../../crates/socketio/tests/server/recovery.rs"),
    include_str!("../../../crates/http1/tests/hostile_client.rs"),
    include_str!("../../../crates/http1/tests/hostile_server.rs"),
    include_str!("../../../crates/http1/tests/server_deadlines.rs"),
];

const POLLING: &str = include_str!("../../../crates/engineio/tests/polling.rs");
const REFUSALS: &str = include_str!("../../../crates/engineio/tests/refusals.rs");
const HEARTBEAT: &str = include_str!("../../../crates/engineio/tests/heartbeat.rs");
const UPGRADE: &str = include_str!("../../../crates/engineio/tests/upgrade.rs");
const CONNECTING: &str = include_str!("../../../crates/socketio/tests/server/connecting.rs");
const DISCONNECTING: &str = include_str!("../../../crates/socketio/tests/server/disconnecting.rs");

/// Entries that are tested elsewhere, under a comment with their id.
const ELSEWHERE: &[(&str, &str)] = &[
    ("R-001", include_str!("../../../crates/websocket/tests/cuts.rs")),
    ("R-002", include_str!("../../../crates/websocket/tests/calls.rs")),
    ("R-005", include_str!("../../../crates/websocket/tests/calls.rs")),
    ("R-012", include_str!("../../../crates/websocket/tests/deadlines.rs")),
    ("P-001", include_str!("../../../crates/tokio/tests/exhausted.rs")),
    ("E-017", include_str!("../../../crates/engineio/tests/codec_hostile.rs")),
    ("I-006", REFUSALS),
    ("I-011", REFUSALS),
    ("I-012", POLLING),
    ("I-013", POLLING),
    ("I-015", POLLING),
    ("I-021", POLLING),
    ("I-023", POLLING),
    ("I-017", HEARTBEAT),
    ("I-018", HEARTBEAT),
    ("U-001", REFUSALS),
    ("U-002", REFUSALS),
    ("U-003", REFUSALS),
    ("U-005", UPGRADE),
    ("U-006", UPGRADE),
    ("U-007", UPGRADE),
    ("U-008", UPGRADE),
    ("U-010", UPGRADE),
    ("U-011", UPGRADE),
    ("S-062", include_str!("../../../crates/socketio/tests/server/hostile.rs")),
    ("N-001", CONNECTING),
    ("N-002", DISCONNECTING),
    ("N-003", CONNECTING),
    ("N-007", DISCONNECTING),
    ("N-008", DISCONNECTING),
    ("N-013", include_str!("../../../crates/socketio/tests/server/acks.rs")),
    ("N-015", include_str!("../../../crates/socketio/tests/server/broadcasting.rs")),
    ("N-016", include_str!("../../../crates/socketio/tests/server/back_pressure.rs")),
    ("N-017", include_str!("../../../crates/tokio/tests/socketio_sockets.rs")),
    ("N-017", include_str!("../../../crates/smol/tests/socketio_sockets.rs")),
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

const LAYERS: &[&str] = &[
    "frame", "deflate", "driver", "process", "engineio", "session", "upgrade", "http1", "socketio", "state",
];

/// Where what may be done to any machine is done to each.
const MACHINES: &[Suffering] = &[
    Suffering {
        who: "a WebSocket",
        sources: &[
            include_str!("driver.rs"),
            include_str!("../../../crates/websocket/tests/cuts.rs"),
            include_str!("../../../crates/websocket/tests/calls.rs"),
            include_str!("../../../crates/websocket/tests/deadlines.rs"),
        ],
    },
    Suffering {
        who: "a server of Engine.IO",
        sources: &[
            include_str!("../../../crates/engineio/tests/driver.rs"),
            include_str!("../../../crates/engineio/tests/anything.rs"),
            include_str!("../../../crates/engineio/tests/properties.rs"),
        ],
    },
    Suffering {
        who: "a client of Engine.IO",
        sources: &[
            include_str!("../../../crates/engineio/tests/client/driver.rs"),
            include_str!("../../../crates/engineio/tests/client/properties.rs"),
        ],
    },
    Suffering {
        who: "a server of Socket.IO",
        sources: &[
            include_str!("../../../crates/socketio/tests/server/driver.rs"),
            include_str!("../../../crates/socketio/tests/server/properties.rs"),
        ],
    },
    Suffering {
        who: "a client of Socket.IO",
        sources: &[
            include_str!("../../../crates/socketio/tests/client/driver.rs"),
            include_str!("../../../crates/socketio/tests/client/properties.rs"),
        ],
    },
];

/// Where what may happen to any server happens to each.
const SERVERS: &[Suffering] = &[
    Suffering {
        who: "servers of WebSockets",
        sources: &[include_str!("process.rs"), include_str!("crowd.rs")],
    },
    Suffering {
        who: "servers of Socket.IO",
        sources: &[
            include_str!("sockets/floods.rs"),
            include_str!("sockets/futures.rs"),
            include_str!("sockets/words.rs"),
        ],
    },
];

/// Who lets connections in, and what a stream's end is, is the same code whatever is served: these are tried once.
const BELOW: &[&str] = &["P-001", "P-002", "P-003", "P-012"];

/// Somebody to whom every entry of a layer is to happen.
struct Suffering {
    who: &'static str,
    sources: &'static [&'static str],
}

impl Suffering {
    /// Is there a test with its id in its name, or in a comment?
    fn knows(&self, id: &str) -> bool {
        let names = names(id);
        self.sources
            .iter()
            .any(|source| source.contains(id) || names.iter().any(|name| source.contains(name)))
    }
}

#[test]
fn every_entry_is_tested_or_says_what_stands_for_it() {
    let mut missing = Vec::new();
    for entry in LAYERS.iter().flat_map(|layer| entries(layer)) {
        let by_data = is_run_from_the_list(&entry);
        let by_name = names(&entry.id).iter().any(|name| SOURCES.iter().any(|source| source.contains(name)));
        let mut elsewhere = ELSEWHERE.iter().filter(|(id, _)| *id == entry.id).peekable();
        let elsewhere = elsewhere.peek().is_some() && elsewhere.all(|(id, source)| source.contains(id));
        if !(by_data || by_name || elsewhere || is_substituted(&entry)) {
            missing.push(format!("{} {}", entry.id, entry.title));
        }
    }
    assert!(missing.is_empty(), "nothing tests\n{}", missing.join("\n"));
}

#[test]
fn what_may_be_done_to_any_machine_or_server_is_done_to_each() {
    let of = |layer, all: &'static [Suffering]| {
        entries(layer).into_iter().flat_map(move |entry| all.iter().map(move |one| (entry.clone(), one)))
    };
    let missing: Vec<String> = of("driver", MACHINES)
        .chain(of("process", SERVERS))
        .filter(|(entry, one)| {
            !one.knows(&entry.id) && !is_substituted(entry) && !BELOW.contains(&&*entry.id)
        })
        .map(|(entry, one)| format!("{} {} ({})", entry.id, entry.title, one.who))
        .collect();
    assert!(missing.is_empty(), "nothing tests\n{}", missing.join("\n"));
}

fn is_substituted(entry: &Entry) -> bool {
    SUBSTITUTED.iter().any(|(id, why)| *id == entry.id && !why.is_empty())
}

fn is_run_from_the_list(entry: &Entry) -> bool {
    let is_of_websocket = ["frame", "deflate"].contains(&&*entry.layer);
    let as_frames = is_of_websocket && entry.kind == "hex" && expected(&entry.id).is_some();
    as_frames || requests::tests(entry) || packets::tests(entry) || socketio::tests(entry)
}

/// How tests of an entry begin: `fn e_020_`, and `fn e020_`.
fn names(id: &str) -> [String; 2] {
    let (layer, number) = id.split_once('-').expect("a letter and a number");
    let layer = layer.to_lowercase();
    [format!("fn {layer}_{number}_"), format!("fn {layer}{number}_")]
}
