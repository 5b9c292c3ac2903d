//! `socket.io` of npm, in Node. `npm ci --prefix benches/node` installs it.

use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::io::{FdFlags, fcntl_setfd};

/// The name of its row.
pub const NAME: &str = "socket.io";
/// Where its script is, and its modules.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node");

/// Is there Node, with the library?
pub fn is_installed() -> bool {
    let mut node = Command::new("node");
    node.args(["--eval", "require('socket.io')"]).current_dir(FOLDER);
    node.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Becomes Node, on the core of this thread, with this listener.
pub(super) fn serve(listener: TcpListener) {
    fcntl_setfd(&listener, FdFlags::empty()).expect("an open socket");
    let script = format!("{FOLDER}/server.cjs");
    let error = Command::new("node").arg(script).arg(listener.as_raw_fd().to_string()).exec();
    panic!("node: {error}");
}
