//! Socket.IO in memory: events from their arguments to messages and back, without a socket, on one thread.

use crate::arguments::Arguments;
use crate::codec::measure::{Timing, measure_works};
use crate::report::{self, Record, Report, digits};

mod case;
mod cores;
mod peers;

/// The name of this part.
pub const PART: &str = "socketio";

/// Does what the command line asks for.
pub fn run(arguments: &Arguments, report: &mut Report) {
    let peers: Vec<_> = peers::all().into_iter().filter(|peer| arguments.wants_who(peer.name())).collect();
    let mut sections = case::sections();
    sections.iter_mut().for_each(|section| section.cases.retain(|case| arguments.wants_row(&case.name())));
    if arguments.list {
        sections.iter().flat_map(|it| &it.cases).for_each(|case| println!("{PART}: {}", case.name()));
        return;
    }
    println!("\n## Socket.IO in memory\n");
    println!("Events a second, each with one argument. See README.md.");
    for section in sections.into_iter().filter(|section| !section.cases.is_empty()) {
        println!("\n### {}\n", section.title);
        println!(
            "{}",
            report::head(&["", "sansocket", "allocations", "socketioxide", "allocations", "times as many"])
        );
        for case in &section.cases {
            let works = peers.iter().map(|peer| (peer.name(), peer.work(case))).collect();
            let timings = measure_works(works, arguments.pace);
            let records: Vec<_> =
                timings.iter().map(|timing| record(section.title, case.name(), timing)).collect();
            print(&case.name(), &records);
            report.add(records);
        }
    }
    if arguments.wants_row(cores::SECTION) {
        let records = cores::records();
        println!("\n### {}\n", cores::SECTION);
        println!("{}", report::everyone(&records.iter().collect::<Vec<_>>()));
        report.add(records);
    }
}

fn record(title: &'static str, name: String, timing: &Timing) -> Record {
    Record::new(PART, title, name, timing.who, 1e9 / timing.nanos)
        .with("allocations", timing.allocations)
        .with("ns", timing.nanos)
}

fn print(name: &str, records: &[Record]) {
    let of = |who: &str| records.iter().find(|record| record.who == who);
    let cells = |who: &str| {
        let allocations = of(who).and_then(|record| record.detail("allocations"));
        let rate = of(who).map(|record| record.value);
        [rate, allocations].map(|value| value.map_or("–".into(), digits)).join(" | ")
    };
    let ratio = of("sansocket").zip(of("socketioxide"));
    let ratio = ratio.map_or("–".into(), |(ours, theirs)| digits(ours.value / theirs.value));
    println!("| {name} | {} | {} | {ratio} |", cells("sansocket"), cells("socketioxide"));
}
