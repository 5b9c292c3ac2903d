//! What is written down: a line for each case, a column for each path.

use std::fmt;

/// So much more is a slowdown, and so much less worth being written down: above what a release of the compiler changes
/// by chance, below what anybody gives away on purpose.
pub(crate) const TOLERANCE: f64 = 0.03;

/// The columns.
pub(crate) const PATHS: [&str; 2] = ["avx2", "portable"];

const EXPLANATION: &str =
    "# Instructions per message. Written by `cargo xtask record-counts`; when, CONTRIBUTING.md says.";

/// All that was counted.
#[derive(PartialEq, Debug)]
pub(crate) struct Record {
    /// The versions of what the counts depend on besides us.
    pub(crate) made_with: String,
    /// In the order of the program that is counted.
    pub(crate) cases: Vec<Counted>,
}

/// One line.
#[derive(PartialEq, Debug)]
pub(crate) struct Counted {
    pub(crate) name: String,
    /// On each of the [`PATHS`].
    pub(crate) per_message: [f64; 2],
}

/// A count that differs by more than [`TOLERANCE`].
#[derive(PartialEq, Debug)]
pub(crate) struct Change<'r> {
    name: &'r str,
    path: &'static str,
    recorded: f64,
    now: f64,
}

impl Record {
    /// Reads what [`Display`](fmt::Display) wrote.
    pub(crate) fn read(text: &str) -> Result<Record, String> {
        let mut lines = text.lines();
        let made_with =
            lines.nth(1).and_then(|line| line.strip_prefix("# ")).ok_or("the versions are missing")?;
        lines.next();
        let cases = lines.map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [name, counts @ ..] = &fields[..] else { return None };
            let counts: Vec<f64> = counts.iter().filter_map(|count| count.parse().ok()).collect();
            Some(Counted { name: (*name).to_owned(), per_message: counts.try_into().ok()? })
        });
        let cases = cases.collect::<Option<_>>().ok_or("a line has not a name and two numbers")?;
        Ok(Record { made_with: made_with.to_owned(), cases })
    }

    /// What differs in `now`, which has the same cases.
    pub(crate) fn changes<'r>(&'r self, now: &Record) -> Vec<Change<'r>> {
        let pairs = self.cases.iter().zip(&now.cases).flat_map(|(then, now)| {
            let counts = then.per_message.into_iter().zip(now.per_message);
            PATHS.into_iter().zip(counts).map(|(path, (recorded, now))| Change {
                name: &then.name,
                path,
                recorded,
                now,
            })
        });
        pairs.filter(|change| (change.ratio() - 1.0).abs() > TOLERANCE).collect()
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{EXPLANATION}\n# {}\ncase\t{}", self.made_with, PATHS.join("\t"))?;
        self.cases.iter().try_for_each(|Counted { name, per_message: [first, second] }| {
            writeln!(f, "{name}\t{first:.1}\t{second:.1}")
        })
    }
}

impl Change<'_> {
    /// How much larger it is than recorded.
    pub(crate) fn ratio(&self) -> f64 {
        self.now / self.recorded
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { name, path, recorded, now } = self;
        write!(f, "{name:<42} {path:<8} {recorded:>10.1} recorded {now:>10.1} now  x {:.3}", self.ratio())
    }
}

/// What callgrind and the program say together, as one number.
pub(crate) fn per_message(said: &str) -> Option<f64> {
    let number =
        |before: &str| said.lines().find_map(|line| line.split_once(before)?.1.trim().parse::<f64>().ok());
    let (instructions, messages) = (number("Collected :")?, number("messages ")?);
    (instructions > 0.0).then_some(instructions / messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(counts: &[[f64; 2]]) -> Record {
        let case =
            |(at, counts): (usize, &[f64; 2])| Counted { name: format!("case/{at}"), per_message: *counts };
        Record { made_with: "rustc 1".to_owned(), cases: counts.iter().enumerate().map(case).collect() }
    }

    #[test]
    fn what_is_written_is_read() {
        let written = record(&[[100.0, 200.5], [3.0, 4.0]]);
        assert_eq!(Record::read(&written.to_string()), Ok(written));
        for wrong in ["", "# a\n# b\ncase\na\t1", "# a\n# b\ncase\na\t1\t2\t3", "# a\n# b\ncase\na\t1\tx"] {
            assert!(Record::read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn three_percent_are_nothing_and_more_is_a_change() {
        let recorded = record(&[[1000.0, 1000.0]]);
        assert_eq!(recorded.changes(&record(&[[1029.9, 970.1]])), []);
        let now = record(&[[1030.1, 969.9]]);
        let changes = recorded.changes(&now);
        assert_eq!(changes.iter().map(|change| change.path).collect::<Vec<_>>(), PATHS);
        assert!(changes[0].ratio() > 1.0 && changes[1].ratio() < 1.0);
    }

    #[test]
    fn callgrind_and_the_program_are_heard() {
        let said = "==7== Callgrind\nmessages 4\n==7== Events    : Ir\n==7== Collected : 4010\n==7==\n";
        assert_eq!(per_message(said), Some(1002.5));
        assert_eq!(per_message("messages 4\n==7== Collected : 0\n"), None, "the function has another name");
    }
}
