//! Peers that nobody here wrote: npm `ws`, `engine.io` and `socket.io`, Python `websockets`, Chromium.

use std::path::PathBuf;
use std::time::Duration;

use crate::apt;
use crate::site::Site;
use crate::step::Step;
use crate::suites::{Verdict, Woe};

/// The scripts take seconds; a hanging peer must not hold the run.
const LIMIT: Duration = Duration::from_secs(300);

/// Both runtimes' programs, as the scripts find them.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The command line.
    pub(crate) sansocket: PathBuf,
    /// The echoing clients, by runtime: one that speaks WebSocket, one that speaks Engine.IO.
    pub(crate) clients: Vec<(&'static str, PathBuf)>,
    engineio: Vec<(&'static str, PathBuf)>,
}

/// Builds what is tested.
pub(crate) fn programs(site: &Site) -> Result<Programs, Woe> {
    Step::cargo("build --release --package sansocket").run(site)?;
    Ok(Programs {
        sansocket: site.target("release/sansocket"),
        clients: examples(site, "autobahn_client")?,
        engineio: examples(site, "engineio_client")?,
    })
}

/// An example of both adapters. They name it alike, so each is put aside under its runtime's name.
fn examples(site: &Site, name: &str) -> Result<Vec<(&'static str, PathBuf)>, Woe> {
    let example = |runtime: &'static str| {
        let package = format!("sansocket-{runtime}");
        Step::cargo("build --release --example").word(name).word("--package").word(package).run(site)?;
        let (built, kept) =
            (site.target(&format!("release/examples/{name}")), site.made(&format!("{name}-{runtime}")));
        // Another one may still run, of a run that was cut off: it keeps its file, and this gets one of its own.
        let _ = std::fs::remove_file(&kept);
        std::fs::copy(&built, &kept).map_err(|error| Woe::Failed(format!("{}: {error}", built.display())))?;
        Ok((runtime, kept))
    };
    ["tokio", "smol"].into_iter().map(example).collect()
}

pub(crate) fn node(site: &mut Site) -> Verdict {
    have_packages(site)?;
    let programs = programs(site)?;
    with_programs(Step::new("node").words("--test --test-reporter=tap ws.test.mjs"), &programs)
        .folder(site.root().join("tests/interop"))
        .run(site)?;
    Ok(tap_count(site))
}

pub(crate) fn engineio(site: &mut Site) -> Verdict {
    have_packages(site)?;
    let programs = programs(site)?;
    // For each file: a session that hangs shall be a failure, not the end of the run. They take a minute and a half.
    let tests = "--test --test-force-exit --test-timeout=270000 --test-reporter=tap \
                 clients.test.mjs servers.test.mjs refusals.test.mjs";
    with_programs(Step::new("node").words(tests), &programs)
        .folder(site.root().join("tests/interop/engineio"))
        .run(site)?;
    Ok(tap_count(site))
}

pub(crate) fn socketio(site: &mut Site) -> Verdict {
    have_packages(site)?;
    let programs = programs(site)?;
    // For each file, as above. They take a minute and a half.
    let tests = "--test --test-force-exit --test-timeout=270000 --test-reporter=tap \
                 rows.test.mjs operators.test.mjs ends.test.mjs recovery.test.mjs refusals.test.mjs \
                 servers.test.mjs";
    with_programs(Step::new("node").words(tests), &programs)
        .folder(site.root().join("tests/interop/socketio"))
        .run(site)?;
    Ok(tap_count(site))
}

pub(crate) fn python(site: &mut Site) -> Verdict {
    let venv = have_venv(site)?;
    let programs = programs(site)?;
    with_programs(Step::new(venv.join("bin/python")).words("-m unittest -v test_websockets.py"), &programs)
        .folder(site.root().join("tests/interop"))
        .run(site)?;
    Ok(unittest_count(site))
}

pub(crate) fn chromium(site: &mut Site) -> Verdict {
    in_chromium(site, "--test --test-reporter=tap chromium.test.mjs page.test.mjs")
}

pub(crate) fn bundles(site: &mut Site) -> Verdict {
    // For each file, as above. They take two minutes.
    let tests = "--test --test-force-exit --test-timeout=270000 --test-reporter=tap \
                 engineio/chromium.test.mjs socketio/chromium.test.mjs";
    in_chromium(site, tests)
}

fn in_chromium(site: &mut Site, tests: &str) -> Verdict {
    let browser = have_chromium(site)?;
    have_packages(site)?;
    let programs = programs(site)?;
    with_programs(Step::new("node").words(tests), &programs)
        .variable("CHROMIUM", browser)
        .folder(site.root().join("tests/interop"))
        .run(site)?;
    Ok(tap_count(site))
}

fn with_programs(step: Step, programs: &Programs) -> Step {
    let mut step = step.variable("SANSOCKET", &programs.sansocket).limit(LIMIT);
    for (runtime, path) in &programs.clients {
        step = step.variable(format!("CLIENT_{}", runtime.to_uppercase()), path);
    }
    for (runtime, path) in &programs.engineio {
        step = step.variable(format!("ENGINEIO_{}", runtime.to_uppercase()), path);
    }
    step
}

/// The npm packages of `tests/interop`, exactly as its lock file names them.
fn have_packages(site: &Site) -> Result<(), Woe> {
    if Step::new("node").words("--version").output(site).is_err() {
        return Err(Woe::NotRun("Node.js is not installed".to_owned()));
    }
    Step::new("npm")
        .words("ci --ignore-scripts --no-audit --no-fund")
        .folder(site.root().join("tests/interop"))
        .run(site)
        .map_err(|_| Woe::NotRun("`npm ci` in tests/interop does not work (no network?)".to_owned()))
}

/// A Python environment below `target/xtask` with what `tests/interop/requirements.txt` names.
fn have_venv(site: &Site) -> Result<PathBuf, Woe> {
    let venv = site.made("venv");
    let missing = |_| {
        let said = site.log_tail(1).pop().unwrap_or_default();
        Woe::NotRun(format!("a Python environment with `websockets` cannot be made: {said}"))
    };
    if !venv.join("bin/python").exists() {
        Step::new("python3").words("-m venv").word(&venv).run(site).map_err(missing)?;
    }
    Step::new(venv.join("bin/python"))
        .words("-m pip install --quiet -r tests/interop/requirements.txt")
        .run(site)
        .map_err(missing)?;
    Ok(venv)
}

/// Chromium, from Debian's packages if it is not there and we may.
fn have_chromium(site: &Site) -> Result<String, Woe> {
    const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
    let find = || {
        let found = |name: &&str| Step::new(name).words("--version").output(site).is_ok();
        NAMES.iter().find(|name| found(name)).map(|name| (*name).to_owned())
    };
    if let Some(name) = find() {
        return Ok(name);
    }
    apt::install(site, "chromium", "Chromium")?;
    find().ok_or_else(|| Woe::NotRun("Chromium was installed, but does not start".to_owned()))
}

/// Node's test runner ends with `# pass 12`.
fn tap_count(site: &Site) -> String {
    let log = site.log_text();
    let passed = log.lines().rev().find_map(|line| line.strip_prefix("# pass "));
    format!("{} tests", passed.unwrap_or("?"))
}

/// Python's ends with `Ran 12 tests in 3.4s`.
fn unittest_count(site: &Site) -> String {
    let log = site.log_text();
    let ran = log.lines().rev().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next());
    format!("{} tests", ran.unwrap_or("?"))
}
