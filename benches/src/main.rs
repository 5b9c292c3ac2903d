//! The comparison: `cargo run --release [-- FILTER …]` prints everything whose name contains a filter, as Markdown.
//! With `--once N` work is only done, N times, for a profiler to look at.

use std::io;

use sansocket_benches::work::Section;
use sansocket_benches::{echo, measure, table};

fn main() -> io::Result<()> {
    let wanted = Wanted::from_args(std::env::args().skip(1));
    for section in sansocket_benches::in_memory() {
        run(section, &wanted);
    }
    if wanted.once.is_none() {
        echo::print(|name| wanted.row(name))?;
    }
    Ok(())
}

/// What the command line asks for.
#[derive(Default)]
struct Wanted {
    filters: Vec<String>,
    /// Only this one.
    who: Option<String>,
    /// Do it so often, and take no time.
    once: Option<usize>,
}

impl Wanted {
    fn from_args(mut args: impl Iterator<Item = String>) -> Wanted {
        let mut wanted = Wanted::default();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--once" => wanted.once = Some(args.next().and_then(|n| n.parse().ok()).expect("--once N")),
                "--who" => wanted.who = Some(args.next().expect("--who NAME")),
                _ => wanted.filters.push(arg),
            }
        }
        wanted
    }

    fn row(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter))
    }

    fn who(&self, who: &str) -> bool {
        self.who.as_ref().is_none_or(|wanted| wanted == who)
    }
}

fn run(section: Section, wanted: &Wanted) {
    let rows: Vec<_> = section.rows.iter().filter(|plan| wanted.row(&plan.name)).collect();
    if rows.is_empty() {
        return;
    }
    if wanted.once.is_none() {
        println!("\n### {}\n\n{}\n", section.title, section.note);
        println!("{}", table::head(section.columns, "best other ÷ ours"));
    }
    for plan in rows {
        let mut row = plan.build();
        row.entries.retain(|entry| wanted.who(entry.who));
        match wanted.once {
            Some(n) => row.entries.iter_mut().for_each(|entry| (entry.work)(n)),
            None => println!("{}", table::line(&plan.name, section.columns, &measure::measure(row))),
        }
    }
}
