//! Fuzz targets: the committed corpora replayed, then each target on its own for a while.

use std::time::Duration;

use crate::choice::Depth;
use crate::site::Site;
use crate::step::Step;
use crate::suites::{Verdict, Woe};

/// Beyond its own time, what a target may take to start, replay and end.
const SLACK: Duration = Duration::from_secs(120);

pub(crate) fn smoke(site: &mut Site) -> Verdict {
    have_nightly(site)?;
    have_cargo_fuzz(site)?;
    Step::cargo("+nightly fuzz build").run(site)?;
    let targets = site.stems("fuzz/fuzz_targets", "rs");
    let seconds = match site.depth() {
        Depth::Usual => 10,
        Depth::Full => 600,
    };
    let mut replayed = 0;
    for target in &targets {
        replayed += replay(site, target)?;
        run(site, target, seconds)?;
    }
    Ok(format!("{} targets, {seconds} s each, {replayed} recorded inputs replayed", targets.len()))
}

/// Runs the target once over each recorded input, and says how many there are.
fn replay(site: &Site, target: &str) -> Result<usize, Woe> {
    let corpus = site.root().join("fuzz/corpus").join(target);
    let count = std::fs::read_dir(&corpus).into_iter().flatten().count();
    if count > 0 {
        Step::cargo("+nightly fuzz run")
            .word(target)
            .word(&corpus)
            .words("-- -runs=0")
            .limit(SLACK)
            .run(site)?;
    }
    Ok(count)
}

fn run(site: &Site, target: &str, seconds: u64) -> Result<(), Woe> {
    // New inputs go to the first folder; the committed corpus is only read.
    let found = site.made("corpus").join(target);
    std::fs::create_dir_all(&found).map_err(|error| Woe::Failed(format!("{}: {error}", found.display())))?;
    let mut step = Step::cargo("+nightly fuzz run").word(target).word(&found);
    let corpus = site.root().join("fuzz/corpus").join(target);
    if corpus.is_dir() {
        step = step.word(&corpus);
    }
    step.words(&format!("-- -max_total_time={seconds} -timeout=10"))
        .limit(Duration::from_secs(seconds) + SLACK)
        .run(site)
}

fn have_nightly(site: &Site) -> Result<(), Woe> {
    if Step::cargo("+nightly --version").output(site).is_ok() {
        return Ok(());
    }
    Step::new("rustup").words("toolchain install nightly --profile minimal").run(site).map_err(|_| {
        Woe::NotRun("fuzzing needs the nightly toolchain: rustup toolchain install nightly".to_owned())
    })
}

fn have_cargo_fuzz(site: &Site) -> Result<(), Woe> {
    if Step::cargo("fuzz --version").output(site).is_ok() {
        return Ok(());
    }
    Step::cargo("install cargo-fuzz --locked").run(site).map_err(|_| {
        Woe::NotRun("cargo-fuzz cannot be installed: cargo install cargo-fuzz --locked".to_owned())
    })
}
