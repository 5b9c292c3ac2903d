//! A server in a process of its own, on a core of its own: its memory and its time are not the load's.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};

use super::servers::{self, Server};

/// The word that makes this program a server: `serve NAME echo` or `serve NAME broadcast`.
pub const SERVE: &str = "serve";
/// The core of the servers.
const SERVER_CORE: usize = 0;
/// The core of the load.
const LOAD_CORE: usize = 1;
/// Connections that wait to be accepted: the standard library's 128 are few when 10,000 come at once.
const BACKLOG: i32 = 4096;

/// What a server does with a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duty {
    /// Says it back.
    Echo,
    /// Says it to all.
    Broadcast,
}

/// A server that runs until it is dropped.
pub struct Child {
    /// Which.
    pub server: &'static Server,
    /// Where it listens.
    pub address: SocketAddr,
    process: process::Child,
}

impl Child {
    /// Starts one.
    pub fn start(server: &'static Server, duty: Duty) -> io::Result<Child> {
        let duty = if duty == Duty::Echo { "echo" } else { "broadcast" };
        let mut process = Command::new(std::env::current_exe()?)
            .args([SERVE, server.name, duty])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut port = String::new();
        BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut port)?;
        let port: u16 = port.trim().parse().map_err(io::Error::other)?;
        Ok(Child { server, address: (Ipv4Addr::LOCALHOST, port).into(), process })
    }

    /// What its threads took of a processor so far.
    pub fn cpu(&self) -> io::Result<Duration> {
        cpu(self.process.id())
    }

    /// Bytes of memory it has.
    pub fn memory(&self) -> io::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kib: f64 = line.trim_end_matches("kB").trim().parse().map_err(io::Error::other)?;
        Ok(kib * 1024.0)
    }

    /// Does `work`, and says how many cores others used meanwhile: a machine is rarely ours alone.
    pub fn undisturbed<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<(T, f64)> {
        let ours = || Ok::<_, io::Error>(self.cpu()? + cpu(process::id())?);
        let (start, busy_before, ours_before) = (Instant::now(), busy()?, ours()?);
        let result = work()?;
        let (busy, ours) = (busy()? - busy_before, ours()? - ours_before);
        let others = busy.saturating_sub(ours).as_secs_f64() / start.elapsed().as_secs_f64();
        Ok((result, others))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What all threads of a process took of a processor.
fn cpu(process: u32) -> io::Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        nanos += stat.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
    }
    Ok(Duration::from_nanos(nanos))
}

/// What everyone took of all processors.
fn busy() -> io::Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|tick| tick.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal, in hundredths of a second
    let idle = ticks.iter().skip(3).take(2).sum::<u64>();
    Ok(Duration::from_millis(10 * (ticks.iter().take(8).sum::<u64>() - idle)))
}

/// Is a server, for ever, if the command line says so.
pub fn serve(mut words: impl Iterator<Item = String>) -> io::Result<()> {
    let (name, duty) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let server = servers::all().find(|server| server.name == name);
    let server = server.ok_or_else(|| io::Error::other(format!("no server is called {name}")))?;
    let run = if duty == "echo" { Some(server.echo) } else { server.broadcast };
    let run = run.ok_or_else(|| io::Error::other(format!("{name} does not {duty}")))?;
    raise_limits();
    pin(SERVER_CORE);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    rustix::net::listen(&listener, BACKLOG)?;
    println!("{}", listener.local_addr()?.port());
    io::stdout().flush()?;
    run(listener);
    Ok(())
}

/// Opens as many files as the system allows.
pub fn raise_limits() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Makes this thread the load.
pub fn pin_load() {
    pin(LOAD_CORE);
}

/// Binds this thread to a core. On a machine with one that fails, and does no harm.
fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    let _ = sched_setaffinity(None, &cores);
}
