//! A row in short: ourselves, the best limit, the best of the others.

use crate::report::{self, Record};

/// The columns.
pub fn head() -> String {
    report::head(&["ns", "sansocket", "owned", "limit", "÷ limit", "best other", "", "÷ best"])
}

/// A line of them.
pub fn line(name: &str, records: &[&Record]) -> String {
    let of = |who: &str| records.iter().find(|record| record.who == who).map(|record| record.value);
    let best = |is: fn(&Record) -> bool| {
        records.iter().filter(|record| is(record)).min_by(|a, b| a.value.total_cmp(&b.value))
    };
    let ours = of("sansocket");
    let limit = best(|record| record.is_measure).map(|record| record.value);
    let other = best(Record::is_other);
    let digits = |value: Option<f64>| value.map_or("–".into(), report::digits);
    let ratio = |to: Option<f64>| digits(ours.zip(to).map(|(ours, to)| ours / to));
    let cells = [
        name.into(),
        digits(ours),
        digits(of("sansocket-owned")),
        digits(limit),
        ratio(limit),
        other.map_or("–".into(), |other| other.who.into()),
        digits(other.map(|other| other.value)),
        ratio(other.map(|other| other.value)),
    ];
    format!("| {} |", cells.join(" | "))
}
