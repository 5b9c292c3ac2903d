//! Echo: how many messages a second, how late the answers, how much of a processor for each.

use std::io;
use std::time::Duration;

use super::child::Duty;
use super::load::{self, Outcome};
use super::servers::{Server, Speech};
use super::shape::{self, Shape};
use super::{median, turn};
use crate::arguments::{Arguments, Pace};
use crate::report::{self, Record, Report, digits};

/// The name of this part.
pub const PART: &str = "echo";

/// Measures every shape, prints a table for each, and one of all.
pub fn run(servers: &[&'static Server], arguments: &Arguments, report: &mut Report) -> io::Result<()> {
    let (rounds, time) = match arguments.pace {
        Pace::Full => (5, Duration::from_millis(300)),
        Pace::Quick => (1, Duration::from_millis(120)),
    };
    println!("\n## Echo over loopback\n");
    println!("Connections x messages under way on each, binary. The server has one core, the load another.");
    for shape in shape::ALL.into_iter().filter(|shape| arguments.wants_row(&shape.name())) {
        let mut turns = vec![Vec::new(); servers.len()];
        for _ in 0..rounds {
            for (server, turns) in servers.iter().zip(&mut turns).filter(|(server, _)| takes_part(server)) {
                turns.push(turn(arguments.pace, server, Duty::Echo, |child| load::load(child, shape, time))?);
            }
        }
        let turns = servers.iter().zip(turns).filter(|(_, turns)| !turns.is_empty());
        let records: Vec<_> = turns.map(|(server, turns)| record(shape, server, &turns)).collect();
        print(&shape, &records);
        report.add(records);
    }
    let records = report.part(PART);
    if !records.is_empty() {
        println!("\n### Messages a second\n\n{}", report::by_who(&records));
    }
    Ok(())
}

/// What is deflated is not compared: nobody else does it. Engine.IO and Socket.IO have parts of their own.
fn takes_part(server: &Server) -> bool {
    server.speech.is_plain() && server.speech != Speech::Deflate
}

fn record(shape: Shape, server: &'static Server, turns: &[Outcome]) -> Record {
    let all = |of: fn(&Outcome) -> f64| turns.iter().map(of).collect::<Vec<_>>();
    let rates = all(|turn| turn.rate);
    let (least, most) =
        (rates.iter().copied().fold(f64::MAX, f64::min), rates.iter().copied().fold(0.0, f64::max));
    let mut record = Record::new(PART, "Echo", shape.name(), server.name, median(rates))
        .with("min", least)
        .with("max", most)
        .with("p50_us", median(all(|turn| turn.p50)))
        .with("p99_us", median(all(|turn| turn.p99)))
        .with("cpu_us", median(all(|turn| turn.cpu)));
    record.is_measure = server.name == "=ideal-epoll";
    record
}

/// The table of a shape: ourselves, the others by their speed, the limits.
fn print(shape: &Shape, records: &[Record]) {
    println!("\n### {}\n", shape.name());
    let columns = [
        "",
        "messages/s",
        "least",
        "most",
        "p50 µs",
        "p99 µs",
        "CPU µs",
        "÷ best other",
        "÷ runtime",
        "÷ limit",
    ];
    println!("{}", report::head(&columns));
    let of = |who: &str| records.iter().find(|record| record.who == who).map(|record| record.value);
    let best =
        records.iter().filter(|record| record.is_other()).map(|record| record.value).max_by(f64::total_cmp);
    let mut sorted: Vec<_> = records.iter().collect();
    sorted.sort_by(|a, b| (a.rank(), b.value).partial_cmp(&(b.rank(), a.value)).expect("numbers"));
    for record in sorted {
        let detail = |name| record.detail(name).map_or("–".into(), digits);
        let ratio = |to: Option<f64>| to.map_or("–".into(), |to| digits(record.value / to));
        let runtime = if record.who.contains("smol") { "=raw-smol" } else { "=raw-tokio" };
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            record.who,
            digits(record.value),
            detail("min"),
            detail("max"),
            detail("p50_us"),
            detail("p99_us"),
            detail("cpu_us"),
            ratio(best),
            ratio(of(runtime)),
            ratio(of("=ideal-epoll")),
        );
    }
}
