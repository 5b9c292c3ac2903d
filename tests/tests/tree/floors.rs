//! Who may import whom.

use crate::workspace::{self, Kind, cargo, declared, package};

/// Each folder of `crates/` with those of ours that its code may use. Tests may use `testkit` too.
///
/// A crate that is not in the table has no place in the house yet: give it one here and in `ARCHITECTURE.md`.
const MAY_USE: [(&str, &[&str]); 12] = [
    ("core", &[]),
    ("http1", &["core"]),
    // Knows neither HTTP's bytes nor WebSocket's frames.
    ("engineio", &["core"]),
    // Knows connections that carry messages, and not what they are.
    ("socketio", &["core"]),
    ("websocket", &["core", "http1"]),
    // Knows how the protocols sit on each other, and nothing that moves them.
    ("stack", &["core", "http1", "engineio", "websocket"]),
    // Knows no protocol.
    ("driver", &["core"]),
    // Knows no runtime.
    ("app", &["core", "http1", "engineio", "socketio", "websocket", "stack", "driver"]),
    ("tokio", &["core", "http1", "engineio", "websocket", "stack", "driver", "app"]),
    ("smol", &["core", "http1", "engineio", "websocket", "stack", "driver", "app"]),
    (
        "cli",
        &["core", "http1", "engineio", "socketio", "websocket", "stack", "driver", "app", "tokio", "smol"],
    ),
    ("testkit", &["core", "http1", "engineio", "socketio", "websocket", "stack"]),
];

/// Needed to make a machine move; none of them belongs into a core, into `driver` or into `app`.
const RUNTIMES: [&str; 9] = [
    "tokio",
    "tokio-util",
    "tokio-rustls",
    "smol",
    "async-io",
    "async-net",
    "async-executor",
    "futures-rustls",
    "mio",
];

/// What would let time, randomness or logging into a core.
const IMPURE: [&str; 12] = [
    "rand",
    "fastrand",
    "getrandom",
    "log",
    "tracing",
    "time",
    "chrono",
    "web-time",
    "futures",
    "futures-core",
    "futures-util",
    "async-trait",
];

#[test]
fn every_crate_has_its_place() {
    let known: Vec<&str> = MAY_USE.iter().map(|(folder, _)| *folder).collect();
    for folder in workspace::crates() {
        assert!(known.contains(&folder.as_str()), "crates/{folder} stands on no floor: add it to MAY_USE");
    }
}

#[test]
fn crates_use_only_floors_below() {
    for folder in workspace::crates() {
        let (_, allowed) =
            MAY_USE.iter().find(|(name, _)| *name == folder).expect("every crate has its place");
        for dependency in declared(&folder).iter().filter(|dependency| ours(&dependency.name)) {
            let in_tests = dependency.kind == Kind::Development;
            let fits = allowed.iter().any(|below| package(below) == dependency.name)
                || (in_tests && dependency.name == package("testkit"))
                || (in_tests && folder == "testkit");
            assert!(fits, "crates/{folder} must not use {} ({:?})", dependency.name, dependency.kind);
        }
    }
}

#[test]
fn only_adapters_know_a_runtime() {
    let pure = workspace::CORES.into_iter().chain(["driver", "app"]);
    for folder in pure {
        for name in normal_packages(folder) {
            assert!(!RUNTIMES.contains(&name.as_str()), "crates/{folder} reaches the runtime {name}");
        }
    }
    for (folder, foreign) in [("tokio", "smol"), ("smol", "tokio")] {
        let packages = normal_packages(folder);
        assert!(!packages.iter().any(|name| name == foreign), "crates/{folder} reaches {foreign}");
    }
}

#[test]
fn cores_reach_no_clock_no_randomness_no_logging() {
    for folder in workspace::CORES {
        for name in normal_packages(folder) {
            assert!(!IMPURE.contains(&name.as_str()), "crates/{folder} reaches {name}");
        }
    }
}

#[test]
fn nothing_turns_std_on_under_a_core() {
    for folder in workspace::CORES {
        for features in [&["--no-default-features"][..], &[], &["--features", "deflate"]] {
            if features.contains(&"deflate") && folder != "websocket" {
                continue;
            }
            // Procedural macros run in the compiler, not in what is built.
            let mut words =
                vec!["tree", "--offline", "--edges", "normal,features,no-proc-macro", "--prefix", "none"];
            let name = package(folder);
            words.extend(["--package", &name]);
            words.extend(features);
            for line in cargo(&words).lines() {
                let std = line.contains("feature \"std\"") && !line.starts_with("sansocket");
                assert!(!std, "crates/{folder} {features:?} has {line}");
            }
        }
    }
}

fn ours(name: &str) -> bool {
    name == "sansocket" || name.starts_with("sansocket-")
}

/// Everything that is built into a crate with all its features, on this machine.
fn normal_packages(folder: &str) -> Vec<String> {
    let name = package(folder);
    let words = [
        "tree",
        "--offline",
        "--all-features",
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--package",
    ];
    let tree = cargo(&[&words[..], &[&name]].concat());
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
