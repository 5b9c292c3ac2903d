//! Engine.IO in memory: packets, payloads and whole sessions, without a socket, on one thread.

use crate::arguments::{Arguments, Pace};
use crate::codec::measure::{Timing, measure_works};
use crate::codec::work::Work;
use crate::report::{self, Record, Report, digits};

mod case;
mod peers;
mod session;

/// The name of this part.
pub const PART: &str = "engineio";

/// Does what the command line asks for.
pub fn run(arguments: &Arguments, report: &mut Report) {
    let peers: Vec<_> = peers::all().into_iter().filter(|peer| arguments.wants_who(peer.name())).collect();
    let talks: Vec<_> = session::all().into_iter().filter(|talk| arguments.wants_row(&talk.name())).collect();
    let mut sections = case::sections();
    sections.iter_mut().for_each(|section| section.cases.retain(|case| arguments.wants_row(&case.name())));
    if arguments.list {
        sections.iter().flat_map(|it| &it.cases).for_each(|case| println!("{PART}: {}", case.name()));
        talks.iter().for_each(|talk| println!("{PART}: {}", talk.name()));
        return;
    }
    println!("\n## Engine.IO in memory\n");
    println!("Packets a second, and payloads where several packets are one. See README.md.");
    for section in sections.into_iter().filter(|section| !section.cases.is_empty()) {
        begin_table(section.title);
        for case in &section.cases {
            let works = peers.iter().filter_map(|peer| Some((peer.name(), peer.work(case)?)));
            row(section.title, &case.name(), case.packets, works.collect(), arguments.pace, report);
        }
    }
    if !talks.is_empty() {
        begin_table(session::TITLE);
    }
    for talk in talks {
        let works = talk.works().into_iter().filter(|(who, _)| arguments.wants_who(who)).collect();
        row(session::TITLE, &talk.name(), talk.window, works, arguments.pace, report);
    }
}

fn begin_table(title: &str) {
    println!("\n### {title}\n");
    println!(
        "{}",
        report::head(&["", "sansocket", "payloads/s", "engineioxide", "payloads/s", "times as many"])
    );
}

/// Measures works that do `packets` packets at a go, and prints a line.
fn row(
    title: &'static str,
    name: &str,
    packets: usize,
    works: Vec<(&'static str, Work)>,
    pace: Pace,
    report: &mut Report,
) {
    let rates: Vec<Record> =
        measure_works(works, pace).iter().map(|timing| record(title, name, packets, timing)).collect();
    let of = |who: &str| rates.iter().find(|record| record.who == who);
    let cells = |who: &str| {
        let rate = of(who).map_or("–".into(), |record| digits(record.value));
        let payloads = of(who).and_then(|record| record.detail("payloads"));
        format!("{rate} | {}", payloads.filter(|_| packets > 1).map_or("–".into(), digits))
    };
    let ratio = of("sansocket").zip(of("engineioxide"));
    let ratio = ratio.map_or("–".into(), |(ours, theirs)| digits(ours.value / theirs.value));
    println!("| {name} | {} | {} | {ratio} |", cells("sansocket"), cells("engineioxide"));
    report.add(rates);
}

fn record(title: &'static str, name: &str, packets: usize, timing: &Timing) -> Record {
    let payloads = 1e9 / timing.nanos;
    Record::new(PART, title, name.into(), timing.who, payloads * packets as f64)
        .with("payloads", payloads)
        .with("allocations", timing.allocations / packets as f64)
}
