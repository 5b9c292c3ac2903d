//! How a command ends: exit codes, and failures that say what to do next.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// The table of exit codes that `--help` ends with.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done; a connection ended with close code 1000 or 1001
  1  it could not be done: the message on standard error says what to do next
  2  the arguments make no sense
  3  the peer closed the connection with another code
  4  the connection was lost without a close frame, or the peer did not answer in time
  5  the peer (with inspect: the stream) broke the protocol";

/// An exit code, by its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// All went well.
    Done = 0,
    /// Something outside of us was missing or in the way.
    Failed = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// The peer closed the connection with a code that is not good news.
    Closed = 3,
    /// The connection ended without a goodbye.
    Lost = 4,
    /// The peer broke the protocol.
    Violation = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do what it was asked, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    next: Option<String>,
    exit: Exit,
}

impl Failure {
    /// Something outside of us was missing or in the way.
    pub(crate) fn new(what: impl Into<String>) -> Failure {
        Failure { what: what.into(), next: None, exit: Exit::Failed }
    }

    /// The arguments make no sense.
    pub(crate) fn usage(what: impl Into<String>) -> Failure {
        Failure { exit: Exit::Usage, ..Failure::new(what) }
    }

    /// The same with advice.
    pub(crate) fn advise(self, next: impl Into<String>) -> Failure {
        Failure { next: Some(next.into()), ..self }
    }

    /// Tells it on standard error; the answer is the exit code.
    pub(crate) fn report(self) -> ExitCode {
        eprintln!("sansocket: {self}");
        self.exit.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.next.iter().try_for_each(|next| write!(f, "\n  {next}"))
    }
}

/// Writing to our own standard output failed.
pub(crate) fn output_failed(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        // Whoever read our output has seen enough (`| head`): end as quietly as others do.
        std::process::exit(Exit::Done as i32);
    }
    Failure::new(format!("cannot write to standard output: {error}"))
}
