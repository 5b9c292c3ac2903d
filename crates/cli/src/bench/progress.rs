//! A bar on standard error while a load runs, if somebody looks.
#![allow(clippy::disallowed_methods, reason = "a bar moves with the wall clock")]

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Tally;

/// Ten pictures a second look like motion, and cost nothing.
const FRAME: Duration = Duration::from_millis(100);
/// Characters of the bar.
const WIDTH: usize = 30;

/// A bar that moves by itself until it is dropped.
pub(super) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Shows how far a load of `duration` is, unless standard error is not a terminal.
    pub(super) fn show(tally: Arc<Tally>, duration: Duration) -> Progress {
        let running = stderr().is_terminal().then(|| {
            let (stop, stopped) = channel();
            let bar = thread::spawn(move || {
                let start = Instant::now();
                while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(FRAME) {
                    draw(start.elapsed(), duration, tally.messages());
                }
                // Erases the line.
                eprint!("\r\x1b[K");
            });
            (stop, bar)
        });
        Progress { running }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, bar)) = self.running.take() {
            drop(stop);
            // A bar that panicked is no reason to lose the report.
            let _ = bar.join();
        }
    }
}

fn draw(elapsed: Duration, duration: Duration, messages: u64) {
    let done = (elapsed.as_secs_f64() / duration.as_secs_f64()).min(1.0);
    let full = (done * WIDTH as f64) as usize;
    let rate = messages as f64 / elapsed.as_secs_f64();
    let mut err = stderr().lock();
    // A terminal that went away shows nothing, and that is no reason to stop either.
    let _ = write!(
        err,
        "\r[{:=<full$}{:<rest$}] {:>3.0} %  {rate:.0} messages/s\x1b[K",
        "",
        "",
        done * 100.0,
        rest = WIDTH - full
    );
    let _ = err.flush();
}
