//! What the user sees: a line per suite, the tail of what failed, and the count.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use crate::site::Site;
use crate::suites::{Verdict, Woe};

/// So much of a failing suite's output is shown; the rest is in its log.
const SHOWN_LINES: usize = 60;

/// The running count.
#[derive(Debug, Default)]
pub(crate) struct Report {
    passed: usize,
    failed: usize,
    not_run: usize,
}

impl Report {
    /// Names the suite that starts, and leaves the line open for how it ends.
    pub(crate) fn begin(&self, name: &str) {
        print!("{name:<16} ");
        // Who watches sees what is running; if nobody can be told, the run goes on.
        let _ = std::io::stdout().flush();
    }

    /// Ends the line.
    pub(crate) fn end(&mut self, verdict: Verdict, took: Duration, site: &Site) {
        let seconds = took.as_secs_f64();
        match verdict {
            Ok(note) => {
                self.passed += 1;
                println!("passed   {seconds:>7.1} s  {note}");
            }
            Err(Woe::NotRun(why)) if std::env::var("CI").as_deref() != Ok("true") => {
                self.not_run += 1;
                println!("not run  {seconds:>7.1} s  {why}");
            }
            Err(Woe::NotRun(why)) => {
                self.failed += 1;
                println!("failed   {seconds:>7.1} s  not run, and CI=true: {why}");
            }
            Err(Woe::Failed(why)) => {
                self.failed += 1;
                println!("failed   {seconds:>7.1} s  {why}");
                for line in site.log_tail(SHOWN_LINES) {
                    println!("    | {line}");
                }
                println!("    all of it: {}", site.log_path().display());
            }
        }
    }

    /// The last line, and the exit code that says the same.
    pub(crate) fn finish(self) -> ExitCode {
        if self.not_run > 0 {
            println!("{} not run: install what the lines above name, and run again", self.not_run);
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
