//! How the cost of a message grows with the number of connections, and whether as many as there may be are held.

use std::io;
use std::thread;
use std::time::Duration;

use super::child::{Child, Duty};
use super::load;
use super::script::Script;
use super::servers::Server;
use super::shape::Shape;
use super::{median, turn};
use crate::arguments::Pace;
use crate::report::{self, Record, Report, digits};

/// The name of this part.
pub const PART: &str = "scale";
/// Whose cost is drawn: ourselves, the limits, and two of the others.
const DRAWN: [&str; 10] = [
    "sansocket",
    "sansocket-serve",
    "sansocket-smol",
    "sansocket-smol-serve",
    "tokio-tungstenite",
    "fastwebsockets",
    "=raw-tokio",
    "=raw-smol",
    "=raw-epoll",
    "=ideal-epoll",
];
/// Who holds on.
const HELD: [&str; 2] = ["sansocket", "sansocket-smol"];
/// Bytes of a message.
const SIZE: usize = 64;

/// Measures the costs, and holds.
pub fn run(servers: &[&'static Server], pace: Pace, report: &mut Report) -> io::Result<()> {
    let (crowds, rounds, time): (&[usize], _, _) = match pace {
        Pace::Full => (&[10, 30, 100, 300, 1000, 3000, 10_000, 15_000], 1, Duration::from_secs(1)),
        Pace::Quick => (&[10, 100, 1000], 1, Duration::from_millis(150)),
    };
    println!("\n## Cost of a message by connections\n");
    println!(
        "µs of the server's processor for an echo of {SIZE} B, one message under way on each connection.\n"
    );
    let mut records = Vec::new();
    for crowd in crowds {
        for server in servers.iter().filter(|server| DRAWN.contains(&server.name)) {
            let shape = Shape::new(*crowd, 1, SIZE);
            let costs = (0..rounds)
                .map(|_| turn(pace, server, Duty::Echo, |child| Ok(load::load(child, shape, time)?.cpu)))
                .collect::<io::Result<Vec<_>>>()?;
            let record = Record::new(PART, "Scale", crowd.to_string(), server.name, median(costs));
            records.push(record.with("connections", *crowd as f64));
        }
    }
    println!("{}", report::by_who(&records.iter().collect::<Vec<_>>()));
    report.add(records);
    hold(servers, pace)
}

fn hold(servers: &[&'static Server], pace: Pace) -> io::Result<()> {
    let (connections, time) = match pace {
        Pace::Full => (15_000, Duration::from_secs(60)),
        Pace::Quick => (3000, Duration::from_secs(1)),
    };
    println!("\n### {connections} connections in one process, held for {} s\n", time.as_secs());
    println!("{}", report::head(&["", "echoed at first", "echoed at last", "RSS, bytes each"]));
    for server in servers.iter().filter(|server| HELD.contains(&server.name)) {
        let child = Child::start(server, Duty::Echo)?;
        let script = Script::new(server.speech, Shape::new(connections, 1, SIZE));
        let before = child.memory()?;
        let streams = (0..connections).map(|_| script.open(child.address)).collect::<io::Result<Vec<_>>>()?;
        streams.iter().try_for_each(|stream| script.prove(stream))?;
        thread::sleep(time);
        let each = (child.memory()? - before) / connections as f64;
        streams.iter().try_for_each(|stream| script.prove(stream))?;
        println!("| {} | {connections} | {connections} | {} |", server.name, digits(each));
    }
    Ok(())
}
