//! Engine.IO over loopback: echoes by polling and over WebSocket, and what sessions cost that nobody uses.

use std::io;
use std::time::Duration;

use super::child::{Child, Duty};
use super::load::{self, Outcome};
use super::servers::{Server, Speech};
use super::shape::Shape;
use super::{median, turn};
use crate::arguments::{Arguments, Pace};
use crate::report::{self, Record, Report, digits};

mod memory;
mod polls;
mod session;

/// The name of this part.
pub const PART: &str = "engineio-loopback";

/// How messages travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Carrier {
    Polling,
    WebSocket,
}

/// Sessions, messages under way on each, and their bytes.
const SHAPES: [Shape; 4] =
    [Shape::new(1, 1, 64), Shape::new(100, 1, 64), Shape::new(100, 16, 125), Shape::new(50, 1, 16 << 10)];

/// Measures everyone who speaks Engine.IO.
pub fn run(servers: &[&'static Server], arguments: &Arguments, report: &mut Report) -> io::Result<()> {
    let servers: Vec<_> =
        servers.iter().copied().filter(|server| server.speech == Speech::EngineIo).collect();
    let (rounds, time) = match arguments.pace {
        Pace::Full => (5, Duration::from_millis(300)),
        Pace::Quick => (1, Duration::from_millis(120)),
    };
    println!("\n## Engine.IO over loopback\n");
    println!("Sessions x messages under way on each. The server has one core, the load another.");
    for carrier in [Carrier::Polling, Carrier::WebSocket] {
        for shape in SHAPES.into_iter().filter(|shape| arguments.wants_row(&name(carrier, *shape))) {
            let mut turns = vec![Vec::new(); servers.len()];
            for _ in 0..rounds {
                for (server, turns) in servers.iter().zip(&mut turns) {
                    turns.push(turn(arguments.pace, server, Duty::Echo, |child| {
                        echo(child, carrier, shape, time)
                    })?);
                }
            }
            let records =
                servers.iter().zip(turns).map(|(server, turns)| record(carrier, shape, server, &turns));
            let records: Vec<_> = records.collect();
            print(&name(carrier, shape), &records);
            report.add(records);
        }
    }
    memory::run(&servers, arguments, report)
}

fn echo(child: &Child, carrier: Carrier, shape: Shape, time: Duration) -> io::Result<Outcome> {
    match carrier {
        Carrier::Polling => polls::load(child, shape, time),
        Carrier::WebSocket => load::load(child, shape, time),
    }
}

/// `polling, 100 x 16, 125 B`, say: what filters look at.
fn name(carrier: Carrier, shape: Shape) -> String {
    let carrier = if carrier == Carrier::Polling { "polling" } else { "websocket" };
    format!("{carrier}, {}", shape.name())
}

fn record(carrier: Carrier, shape: Shape, server: &'static Server, turns: &[Outcome]) -> Record {
    let all = |of: fn(&Outcome) -> f64| turns.iter().map(of).collect::<Vec<_>>();
    Record::new(
        PART,
        "Engine.IO over loopback",
        name(carrier, shape),
        server.name,
        median(all(|turn| turn.rate)),
    )
    .with("p50_us", median(all(|turn| turn.p50)))
    .with("p99_us", median(all(|turn| turn.p99)))
    .with("cpu_us", median(all(|turn| turn.cpu)))
}

fn print(name: &str, records: &[Record]) {
    println!("\n### {name}\n");
    println!("{}", report::head(&["", "messages/s", "p50 µs", "p99 µs", "CPU µs", "÷ best other"]));
    let best =
        records.iter().filter(|record| record.is_other()).map(|record| record.value).max_by(f64::total_cmp);
    for record in records {
        let detail = |name| record.detail(name).map_or("–".into(), digits);
        let ratio = best.map_or("–".into(), |best| digits(record.value / best));
        let (rate, p50, p99) = (digits(record.value), detail("p50_us"), detail("p99_us"));
        println!("| {} | {rate} | {p50} | {p99} | {} | {ratio} |", record.who, detail("cpu_us"));
    }
}
