//! Everything that proves the project, behind one command: `cargo xtask test`.
//!
//! Runs the [suites](suites::ALL) one after another, prints a line for each, and last `N passed, N failed`. It installs
//! what the suites need beyond Rust (npm and PyPI packages below `target/xtask`, Chromium and valgrind by apt when it may,
//! the Autobahn suite below the user's cache); a suite whose tool cannot be had is reported as not run, which counts as
//! failed when the environment says `CI=true`.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, reason = "this program times and waits for others; no machine is in it")]

mod apt;
mod choice;
mod report;
mod site;
mod step;
mod suites;

use std::process::ExitCode;

use choice::{Choice, Depth, USAGE};
use report::Report;
use site::Site;
use suites::Suite;

fn main() -> ExitCode {
    match Choice::read(std::env::args().skip(1)) {
        Ok(Choice::Test { depth, only }) => {
            let site = Site::here(depth);
            let chosen = suites::ALL.iter().filter(|suite| match &only[..] {
                [] => suite.depth <= depth,
                names => names.iter().any(|name| name == suite.name),
            });
            run(site, chosen)
        }
        Ok(Choice::RecordCounts) => run(Site::here(Depth::Usual), [&suites::RECORD_COUNTS]),
        Ok(Choice::List) => {
            for suite in suites::ALL {
                println!("{:<16} {}", suite.name, suite.about);
            }
            ExitCode::SUCCESS
        }
        Ok(Choice::Help) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(mistake) => {
            eprint!("xtask: {mistake}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run<'s>(mut site: Site, chosen: impl IntoIterator<Item = &'s Suite>) -> ExitCode {
    let mut report = Report::default();
    for suite in chosen {
        report.begin(suite.name);
        let started = site.open(suite.name);
        let verdict = (suite.run)(&mut site);
        report.end(verdict, started.elapsed(), &site);
    }
    report.finish()
}
