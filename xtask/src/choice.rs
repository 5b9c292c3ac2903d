//! What the user asked for on the command line.

use crate::suites;

/// The text of `cargo xtask help`.
pub(crate) const USAGE: &str = "\
Usage: cargo xtask test [--full] [--only SUITE]...
       cargo xtask list
       cargo xtask record-counts

  test           run every suite; the last line says how many passed and failed
    --full       the long form: every Autobahn case, 10,000 cases a property, 10 minutes a fuzz target,
                 floods and crowds in the numbers of the hostile list
    --only NAME  only this suite; may be given several times
  list           name the suites
  record-counts  count again what the suite 'counts' compares with, and write it down

Environment: CI=true makes a suite that cannot run count as failed.
Logs: target/xtask/SUITE.log
";

/// A command line, understood.
#[derive(Debug)]
pub(crate) enum Choice {
    Test { depth: Depth, only: Vec<String> },
    List,
    RecordCounts,
    Help,
}

/// How long the suites may take.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Depth {
    /// What every change runs: within 40 minutes on two cores.
    Usual,
    /// Everything long.
    Full,
}

impl Choice {
    /// Reads the words after `cargo xtask`.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Choice, String> {
        let mut words = words;
        match words.next().as_deref() {
            Some("test") => read_test(words),
            Some("list") => Ok(Choice::List),
            Some("record-counts") => Ok(Choice::RecordCounts),
            Some("help" | "--help" | "-h") => Ok(Choice::Help),
            Some(other) => Err(format!("there is no command '{other}'")),
            None => Err("a command is missing".to_owned()),
        }
    }
}

fn read_test(mut words: impl Iterator<Item = String>) -> Result<Choice, String> {
    let (mut depth, mut only) = (Depth::Usual, Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--full" => depth = Depth::Full,
            "--list" => return Ok(Choice::List),
            "--only" => {
                let name = words.next().ok_or("--only needs the name of a suite")?;
                if !suites::ALL.iter().any(|suite| suite.name == name) {
                    return Err(format!("there is no suite '{name}'; `cargo xtask list` names them"));
                }
                only.push(name);
            }
            "--help" | "-h" => return Ok(Choice::Help),
            other => return Err(format!("unknown option '{other}'")),
        }
    }
    Ok(Choice::Test { depth, only })
}
