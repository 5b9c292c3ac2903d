//! A row of echoes: everyone has a turn in every round.

use std::io;
use std::time::Duration;

use super::child::{Child, Duty};
use super::load::Outcome;
use super::servers::Server;
use super::{median, turn};
use crate::arguments::Pace;
use crate::report::{self, Record, digits};

/// A row of a part that has a table for each.
pub struct Row {
    /// The part.
    pub part: &'static str,
    /// The section of the part.
    pub section: &'static str,
    /// What filters look at.
    pub name: String,
}

impl Row {
    /// Measures everyone, and prints a table.
    pub fn measure(
        &self,
        servers: &[&'static Server],
        pace: Pace,
        load: impl Fn(&Child, Duration) -> io::Result<Outcome>,
    ) -> io::Result<Vec<Record>> {
        let (rounds, time) = match pace {
            Pace::Full => (5, Duration::from_millis(300)),
            Pace::Quick => (1, Duration::from_millis(120)),
        };
        let mut turns = vec![Vec::new(); servers.len()];
        for _ in 0..rounds {
            for (server, turns) in servers.iter().zip(&mut turns) {
                turns.push(turn(pace, server, Duty::Echo, |child| load(child, time))?);
            }
        }
        let records = servers.iter().zip(turns).map(|(server, turns)| self.record(server, &turns));
        let records: Vec<_> = records.collect();
        self.print(&records);
        Ok(records)
    }

    fn record(&self, server: &'static Server, turns: &[Outcome]) -> Record {
        let all = |of: fn(&Outcome) -> f64| turns.iter().map(of).collect::<Vec<_>>();
        Record::new(self.part, self.section, self.name.clone(), server.name, median(all(|turn| turn.rate)))
            .with("p50_us", median(all(|turn| turn.p50)))
            .with("p99_us", median(all(|turn| turn.p99)))
            .with("cpu_us", median(all(|turn| turn.cpu)))
    }

    fn print(&self, records: &[Record]) {
        println!("\n### {}\n", self.name);
        println!("{}", report::head(&["", "messages/s", "p50 µs", "p99 µs", "CPU µs", "÷ best other"]));
        let others = records.iter().filter(|record| record.is_other()).map(|record| record.value);
        let best = others.max_by(f64::total_cmp);
        for record in records {
            let detail = |name| record.detail(name).map_or("–".into(), digits);
            let ratio = best.map_or("–".into(), |best| digits(record.value / best));
            let (rate, p50, p99) = (digits(record.value), detail("p50_us"), detail("p99_us"));
            println!("| {} | {rate} | {p50} | {p99} | {} | {ratio} |", record.who, detail("cpu_us"));
        }
    }
}
