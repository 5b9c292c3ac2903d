//! The binary as its users meet it: arguments in, lines out, an exit code. Every program started here ends with its
//! test, also when that fails, and none is waited for longer than [`PATIENCE`].
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::disallowed_methods, reason = "these tests run in real time")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take that has no time of its own: far more than it does, on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What of the environment `serve` listens to.
const VARIABLES: [&str; 20] = [
    "LISTEN",
    "PORT",
    "RUNTIME",
    "THREADS",
    "DEFLATE",
    "MAX_PAYLOAD",
    "WS_PING_INTERVAL",
    "WS_PING_TIMEOUT",
    "ORIGIN",
    "TLS_CERT",
    "TLS_KEY",
    "PING_INTERVAL",
    "PING_TIMEOUT",
    "UPGRADE_TIMEOUT",
    "ALLOW_EIO3",
    "COOKIE",
    "CONNECT_TIMEOUT",
    "RECOVERY_MS",
    "PARSER",
    "CLIENT_BUNDLE",
];

/// Both runtimes.
pub(crate) const RUNTIMES: [&str; 2] = ["tokio", "smol"];

/// `sansocket` with these arguments, and none of the caller's environment that would change what it does.
pub(crate) fn sansocket(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sansocket"));
    command.args(args).stdin(Stdio::null());
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// What a program said until it ended.
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: Option<i32>,
}

/// Runs `command` to its end, with `input` on its standard input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Said {
    let mut running = Running::start(command);
    running.write(input);
    running.finish()
}

/// A program under way; killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    out: Lines,
    err: Lines,
}

impl Running {
    /// Starts `command` with pipes for everything.
    pub(crate) fn start(command: &mut Command) -> Running {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stdin = child.stdin.take();
        let out = Lines::of(child.stdout.take().expect("a pipe"));
        let err = Lines::of(child.stderr.take().expect("a pipe"));
        Running { child, stdin, out, err }
    }

    /// Writes to its standard input. A program that does not listen any more is no fault.
    pub(crate) fn write(&mut self, input: &[u8]) {
        let _ = self.stdin.as_mut().expect("standard input is open").write_all(input);
    }

    /// Ends its standard input.
    pub(crate) fn end_input(&mut self) {
        self.stdin = None;
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> String {
        self.out
            .next(PATIENCE)
            .unwrap_or_else(|| panic!("no more lines; on standard error: {}", self.err.rest()))
    }

    /// The next line of its standard error.
    pub(crate) fn error_line(&mut self) -> String {
        self.err.next(PATIENCE).expect("a line on standard error")
    }

    /// Sends it a signal by name: `TERM`, `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -s {name}");
    }

    /// Waits for its end, at most this long.
    pub(crate) fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Ends its standard input and collects what it says until its end.
    pub(crate) fn finish(mut self) -> Said {
        self.end_input();
        let status = self.wait(PATIENCE).unwrap_or_else(|| panic!("it does not end"));
        Said { out: self.out.rest(), err: self.err.rest(), code: status.code() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A `sansocket serve` that is ready.
pub(crate) struct Server {
    pub(crate) program: Running,
    /// What it said when it was.
    pub(crate) line: String,
    /// `127.0.0.1:40123`
    pub(crate) address: String,
}

impl Server {
    /// Starts `serve` on a free port with these arguments besides.
    pub(crate) fn start(args: &[&str]) -> Server {
        Server::ready(sansocket(&["serve", "--listen", "127.0.0.1:0"]).args(args))
    }

    /// Starts `command`, which is to serve, and waits until it says that it is ready.
    pub(crate) fn ready(command: &mut Command) -> Server {
        let mut program = Running::start(command);
        let line = program.line();
        let address =
            line.strip_prefix("listening on http://").or(line.strip_prefix("listening on https://"));
        let address =
            address.and_then(|rest| rest.split_once(' ')).expect("the line that says where it listens");
        Server { address: address.0.to_owned(), line, program }
    }

    /// The address of the server of Engine.IO.
    pub(crate) fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of a path by WebSocket.
    pub(crate) fn ws(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }
}

/// The lines of a pipe, read by a thread so that waiting for one can end.
struct Lines(Receiver<String>);

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Lines {
        let (sender, lines) = channel();
        thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
                line.clear();
            }
        });
        Lines(lines)
    }

    fn next(&self, patience: Duration) -> Option<String> {
        match self.0.recv_timeout(patience) {
            Ok(line) => Some(line.trim_end_matches('\n').to_owned()),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    /// All there is until the pipe ends.
    fn rest(&self) -> String {
        std::iter::from_fn(|| self.0.recv_timeout(PATIENCE).ok()).collect()
    }
}
