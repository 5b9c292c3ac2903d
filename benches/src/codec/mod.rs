//! Codecs in memory: no socket, one thread. Every peer talks to a [`Wire`](wire::Wire).

use crate::arguments::{Arguments, Pace};
use crate::report::{self, Record, Report};

pub mod case;
pub mod content;
pub mod frames;
pub mod limits;
pub mod measure;
pub mod opening;
pub mod peers;
mod strict;
pub mod summary;
pub mod wire;
pub mod work;
pub mod zlib;

use case::{Case, Section};
use peers::Peer;

/// The name of this part.
pub const PART: &str = "codec";

/// Does what the command line asks for.
pub fn run(arguments: &Arguments, report: &mut Report) {
    let everyone = peers::all().into_iter().chain(limits::all());
    let peers: Vec<_> = everyone.filter(|peer| arguments.wants_who(peer.name())).collect();
    if arguments.list {
        peers.iter().for_each(|peer| println!("{PART}: {}: {}", peer.name(), peer.notes()));
    }
    if arguments.strict {
        strict::print(&peers);
        return;
    }
    for Section { title, mut cases } in case::sections() {
        cases.retain(|case| arguments.wants_row(&case.name()));
        if let Some(n) = arguments.once {
            once(&cases, &peers, n);
        } else if arguments.list {
            cases.iter().for_each(|case| println!("{PART}: {}", case.name()));
        } else if arguments.check {
            cases.iter().for_each(|case| check(case, &peers));
            cases.iter().for_each(|case| println!("{}: checked", case.name()));
        } else if !cases.is_empty() {
            section(title, &cases, &peers, arguments.pace, report);
        }
    }
    if !report.part(PART).is_empty() {
        print_everyone(report);
    }
}

/// Bare work, for a profiler to look at.
fn once(cases: &[Case], peers: &[Box<dyn Peer>], n: usize) {
    for case in cases {
        for peer in peers {
            if let Some(mut work) = work::work(&**peer, case) {
                work(n);
            }
        }
    }
}

fn check(case: &Case, peers: &[Box<dyn Peer>]) {
    peers.iter().for_each(|peer| work::check(&**peer, case));
}

/// Measures cases, and prints a line for each as soon as it is there.
fn section(title: &'static str, cases: &[Case], peers: &[Box<dyn Peer>], pace: Pace, report: &mut Report) {
    println!("\n### {title}\n\n{}", summary::head());
    for case in cases {
        check(case, peers);
        let timings = measure::measure(case, peers, pace);
        let records: Vec<_> = timings.into_iter().map(|timing| record(title, case, timing)).collect();
        println!("{}", summary::line(&case.name(), &records.iter().collect::<Vec<_>>()));
        report.add(records);
    }
}

fn record(title: &'static str, case: &Case, timing: measure::Timing) -> Record {
    let mut record = Record::new(PART, title, case.name(), timing.who, timing.nanos)
        .with("min", timing.least)
        .with("max", timing.most)
        .with("allocations", timing.allocations);
    record.is_measure = limits::STRICT.contains(&timing.who);
    record
}

/// All rows with all columns.
fn print_everyone(report: &Report) {
    let records = report.part(PART);
    println!("\n### Everyone, ns");
    for section in records.chunk_by(|a, b| a.section == b.section) {
        println!("\n{}\n\n{}", section[0].section, report::everyone(section));
    }
}
