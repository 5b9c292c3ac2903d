//! What an idle connection costs: the server's memory (RSS), shared out among its connections.

use std::io;
use std::thread;
use std::time::Duration;

use super::child::{Child, Duty};
use super::script::Script;
use super::servers::Server;
use super::shape::Shape;
use crate::arguments::Pace;
use crate::report::{self, Record, Report, digits};

/// The name of this part.
pub const PART: &str = "memory";
/// Time for a server to come to rest.
const REST: Duration = Duration::from_millis(300);

/// Measures everyone.
pub fn run(servers: &[&'static Server], pace: Pace, report: &mut Report) -> io::Result<()> {
    let connections = if pace == Pace::Full { 10_000 } else { 2000 };
    println!("\n## Memory of an idle connection\n");
    println!("Bytes of RSS each, {connections} connections: just opened, and after one echo of 125 B.\n");
    println!("{}", report::head(&["", "opened", "after an echo"]));
    for server in servers.iter().filter(|server| server.speech.is_plain()) {
        let child = Child::start(server, Duty::Echo)?;
        let shape = Shape::new(connections, 1, 125);
        let (opened, echoed) = measure(&child, shape)?;
        println!("| {} | {} | {} |", server.name, digits(opened), digits(echoed));
        let row = format!("{connections} idle");
        report.add(vec![Record::new(PART, "Memory", row, server.name, echoed).with("opened", opened)]);
    }
    Ok(())
}

fn measure(child: &Child, shape: Shape) -> io::Result<(f64, f64)> {
    let script = Script::new(child.server.speech, shape);
    // One first, so that what is made once is not counted.
    script.prove(&script.open(child.address)?)?;
    let before = child.memory()?;
    let each = |now: f64| (now - before) / shape.connections as f64;
    let streams =
        (0..shape.connections).map(|_| script.open(child.address)).collect::<io::Result<Vec<_>>>()?;
    thread::sleep(REST);
    let opened = each(child.memory()?);
    streams.iter().try_for_each(|stream| script.prove(stream))?;
    thread::sleep(REST);
    Ok((opened, each(child.memory()?)))
}
