//! The suites, in the order they run: what is quick and often wrong first.

mod autobahn;
mod counts;
mod fuzz;
mod interop;
mod rust;
mod supply;

use crate::choice::Depth;
use crate::site::Site;

/// Something that is proved.
#[derive(Debug)]
pub(crate) struct Suite {
    /// How `--only` calls it.
    pub(crate) name: &'static str,
    /// What it proves.
    pub(crate) about: &'static str,
    /// In which runs.
    pub(crate) depth: Depth,
    /// Proves it.
    pub(crate) run: fn(&mut Site) -> Verdict,
}

/// A remark for the suite's line, or why there is none.
pub(crate) type Verdict = Result<String, Woe>;

/// Why a suite did not pass.
#[derive(Debug)]
pub(crate) enum Woe {
    /// Something is wrong with the project.
    Failed(String),
    /// A tool that the suite needs is not here and cannot be had.
    NotRun(String),
}

/// All of them.
pub(crate) const ALL: &[Suite] = &[
    usual("fmt", "the code is formatted", rust::format),
    usual("clippy", "no lint, with all features and with none", rust::clippy),
    usual("docs", "the documentation builds without a warning", rust::docs),
    usual("tests", "unit, property and integration tests, all features", rust::tests),
    usual("doctests", "the examples in the documentation", rust::doctests),
    usual("tree", "who may import whom, purity, sizes, names", rust::tree),
    usual("hostile", "every recorded hostile input", rust::hostile),
    usual("plain", "plain `cargo test --workspace`, default features", rust::plain),
    usual("no_std", "the cores link without std", rust::no_std),
    usual("counts", "instructions of the hot paths, against the record", counts::compare),
    usual("supply", "licences, sources and bans of all dependencies", supply::check),
    usual("fuzz", "every fuzz target for a while, committed corpora replayed", fuzz::smoke),
    usual("interop-node", "npm ws, as client and as server", interop::node),
    usual("interop-engineio", "npm engine.io of both protocols, as client and as server", interop::engineio),
    usual(
        "interop-socketio",
        "npm socket.io 4.8 and 2.5 with both parsers, as client and as server",
        interop::socketio,
    ),
    usual("interop-python", "Python websockets, as client and as server", interop::python),
    usual("interop-chromium", "headless Chromium on the served pages", interop::chromium),
    usual(
        "interop-bundles",
        "the bundles of engine.io-client and socket.io-client 4.8 and 2.5 in headless Chromium",
        interop::bundles,
    ),
    usual("autobahn", "the Autobahn suite, both roles, both runtimes", autobahn::run),
    Suite { name: "benches", about: "the benchmarks build (--full)", depth: Depth::Full, run: rust::benches },
];

/// What `counts` compares with, made anew.
pub(crate) const RECORD_COUNTS: Suite =
    usual("record-counts", "writes down the instructions of the hot paths", counts::record);

const fn usual(name: &'static str, about: &'static str, run: fn(&mut Site) -> Verdict) -> Suite {
    Suite { name, about, depth: Depth::Usual, run }
}
