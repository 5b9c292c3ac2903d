//! What a socket costs that nobody uses: the server's memory (RSS), shared out among them, and that of bare TCP.

use std::io;
use std::thread;
use std::time::Duration;

use super::{PART, SECTION, Wants};
use crate::arguments::Pace;
use crate::echo::child::{Child, Duty};
use crate::echo::script::Script;
use crate::echo::servers::{self, Server, Speech};
use crate::echo::shape::Shape;
use crate::report::{self, Record, digits};

/// What filters look at.
pub(super) const ROW: &str = "memory";
/// Who does nothing but hold TCP connections.
const BARE: &str = "=raw-tokio";
/// Time for a server to come to rest.
const REST: Duration = Duration::from_millis(300);

pub(super) fn run(servers: &[&'static Server], pace: Pace) -> io::Result<Vec<Record>> {
    let many = if pace == Pace::Full { 10_000 } else { 2000 };
    println!("\n### Memory of {many} sockets that nobody uses, bytes of RSS each\n");
    println!("{}", report::head(&["", "opened", "after an echo of 64 B"]));
    let bare = servers::all().filter(|server| server.name == BARE);
    let mut records = Vec::new();
    for server in servers.iter().copied().chain(bare) {
        let (opened, echoed) = measure(&Child::start(server, Duty::Echo)?, many)?;
        println!("| {} | {} | {} |", server.name, digits(opened), digits(echoed));
        records.push(Record::new(PART, SECTION, ROW.into(), server.name, opened).with("echoed", echoed));
    }
    Ok(records)
}

fn measure(child: &Child, many: usize) -> io::Result<(f64, f64)> {
    let shape = Shape::new(many, 1, 64);
    let script = match child.server.speech {
        Speech::SocketIo => super::script(Wants::Echo, shape),
        other => Script::new(other, shape),
    };
    // One first, so that what is made once is not counted.
    script.prove(&script.open(child.address)?)?;
    let before = child.memory()?;
    let each = |now: f64| (now - before) / many as f64;
    let streams = (0..many).map(|_| script.open(child.address)).collect::<io::Result<Vec<_>>>()?;
    thread::sleep(REST);
    let opened = each(child.memory()?);
    streams.iter().try_for_each(|stream| script.prove(stream))?;
    thread::sleep(REST);
    Ok((opened, each(child.memory()?)))
}
