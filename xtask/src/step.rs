//! One command that a suite runs: its output goes to the suite's log, and its time is bounded.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::site::Site;
use crate::suites::Woe;

/// Nothing that is run here takes longer unless it says so: a hanging test must not hang the run.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// How often a running command is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Between asking and insisting.
const GRACE: Duration = Duration::from_secs(5);

/// A command to be run.
#[derive(Debug)]
pub(crate) struct Step {
    words: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    limit: Duration,
}

impl Step {
    /// The command `program`.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Step {
        let words = vec![program.as_ref().to_owned()];
        Step { words, variables: Vec::new(), folder: None, limit: LIMIT }
    }

    /// A cargo command of the toolchain that runs us, its words separated by blanks.
    pub(crate) fn cargo(words: &str) -> Step {
        Step::new("cargo").words(words)
    }

    /// Adds arguments, separated by blanks.
    pub(crate) fn words(mut self, words: &str) -> Step {
        self.words.extend(words.split_whitespace().map(OsString::from));
        self
    }

    /// Adds one argument as it stands.
    pub(crate) fn word(mut self, word: impl AsRef<OsStr>) -> Step {
        self.words.push(word.as_ref().to_owned());
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Step {
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Runs in this folder instead of the repository's.
    pub(crate) fn folder(mut self, folder: impl Into<PathBuf>) -> Step {
        self.folder = Some(folder.into());
        self
    }

    /// Runs no longer than `limit`.
    pub(crate) fn limit(mut self, limit: Duration) -> Step {
        self.limit = limit;
        self
    }

    /// Runs the command, its output appended to the suite's log.
    ///
    /// # Errors
    /// [`Woe::Failed`] if it ends badly or not in time, [`Woe::NotRun`] if there is no such program.
    pub(crate) fn run(self, site: &Site) -> Result<(), Woe> {
        let shown = self.words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let mut log = OpenOptions::new()
            .append(true)
            .open(site.log_path())
            .map_err(|error| Woe::Failed(format!("cannot write the log: {error}")))?;
        writeln!(log, "$ {shown}").map_err(|error| Woe::Failed(format!("cannot write the log: {error}")))?;
        let copy = log.try_clone().map_err(|error| Woe::Failed(format!("cannot write the log: {error}")))?;
        let mut child = self.command(site).stdout(log).stderr(copy).spawn().map_err(|error| {
            Woe::NotRun(format!("cannot start {}: {error}", self.words[0].to_string_lossy()))
        })?;
        wait(&mut child, self.limit, &shown)
    }

    /// What the command writes to its standard output; nothing goes to the log.
    ///
    /// # Errors
    /// [`Woe::Failed`] if it ends badly, [`Woe::NotRun`] if there is no such program.
    pub(crate) fn output(self, site: &Site) -> Result<String, Woe> {
        let name = self.words[0].to_string_lossy().into_owned();
        let output = self
            .command(site)
            .output()
            .map_err(|error| Woe::NotRun(format!("cannot start {name}: {error}")))?;
        if !output.status.success() {
            return Err(Woe::Failed(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, site: &Site) -> Command {
        let mut command = Command::new(&self.words[0]);
        command
            .args(&self.words[1..])
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.as_deref().unwrap_or(site.root()))
            .stdin(Stdio::null());
        command
    }
}

fn wait(child: &mut Child, limit: Duration, shown: &str) -> Result<(), Woe> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(Woe::Failed(format!("{status}: {shown}"))),
            Ok(None) if started.elapsed() < limit => std::thread::sleep(LOOK),
            Ok(None) => {
                end_all(child);
                return Err(Woe::Failed(format!("not done after {} s: {shown}", limit.as_secs())));
            }
            Err(error) => return Err(Woe::Failed(format!("{error}: {shown}"))),
        }
    }
}

/// Ends the command and everything it started: asks, and then insists. (A process group would be shorter, but then
/// Ctrl-C at the terminal would not reach the command.)
fn end_all(child: &mut Child) {
    let doomed = family(child.id());
    for signal in ["-TERM", "-KILL"] {
        // Whoever is gone already is no trouble.
        let _ = Command::new("kill").arg(signal).args(&doomed).stderr(Stdio::null()).status();
        std::thread::sleep(GRACE);
    }
    let _ = child.wait();
}

/// The process and its descendants, as `ps` knows them.
fn family(eldest: u32) -> Vec<String> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let listed =
        listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let pairs: Vec<(&str, &str)> = listed.lines().filter_map(|line| line.trim().split_once(' ')).collect();
    let mut family = vec![eldest.to_string()];
    let mut at = 0;
    while at < family.len() {
        let children = pairs.iter().filter(|(_, parent)| parent.trim() == family[at]);
        let children: Vec<String> = children.map(|(child, _)| (*child).to_owned()).collect();
        family.extend(children);
        at += 1;
    }
    family
}
