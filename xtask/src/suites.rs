//! The suites, in the order they run: what is quick and often wrong first.

mod autobahn;
mod fuzz;
mod interop;
mod rust;
mod supply;

use crate::site::Site;

/// Something that is proved.
#[derive(Debug)]
pub(crate) struct Suite {
    /// How `--only` calls it.
    pub(crate) name: &'static str,
    /// What it proves.
    pub(crate) about: &'static str,
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
    Suite { name: "fmt", about: "the code is formatted", run: rust::format },
    Suite { name: "clippy", about: "no lint, with all features and with none", run: rust::clippy },
    Suite { name: "docs", about: "the documentation builds without a warning", run: rust::docs },
    Suite { name: "tests", about: "unit, property and integration tests, all features", run: rust::tests },
    Suite { name: "doctests", about: "the examples in the documentation", run: rust::doctests },
    Suite { name: "tree", about: "who may import whom, purity, sizes, names", run: rust::tree },
    Suite { name: "hostile", about: "every recorded hostile input", run: rust::hostile },
    Suite { name: "plain", about: "plain `cargo test --workspace`, default features", run: rust::plain },
    Suite { name: "no_std", about: "the cores link without std", run: rust::no_std },
    Suite { name: "supply", about: "licences, sources and bans of all dependencies", run: supply::check },
    Suite {
        name: "fuzz",
        about: "every fuzz target for a while, committed corpora replayed",
        run: fuzz::smoke,
    },
    Suite { name: "interop-node", about: "npm ws, as client and as server", run: interop::node },
    Suite {
        name: "interop-python",
        about: "Python websockets, as client and as server",
        run: interop::python,
    },
    Suite { name: "interop-chromium", about: "headless Chromium on the served page", run: interop::chromium },
    Suite { name: "autobahn", about: "the Autobahn suite, both roles, both runtimes", run: autobahn::run },
];
