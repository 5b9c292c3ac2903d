//! Markdown.

use crate::measure::Timing;

/// The head of a table.
pub fn head(columns: &[&str], last: &str) -> String {
    let rule = "|---:".repeat(columns.len() + 1);
    format!("| | {} | {last} |\n|---{rule}|", columns.join(" | "))
}

/// A line of it: times, a dash for who does not do it, and how many times as long as we the best other takes.
pub fn line(name: &str, columns: &[&str], timings: &[Timing]) -> String {
    let of = |who: &str| timings.iter().find(|timing| timing.who == who).map(|timing| timing.nanos);
    let cells = columns.iter().map(|who| of(who).map_or("–".into(), digits));
    let others = columns.iter().filter(|who| !who.starts_with("sansocket")).filter_map(|who| of(who));
    let best = others.min_by(f64::total_cmp);
    let ratio = best.zip(of(columns[0])).map_or("–".into(), |(best, ours)| format!("{:.2}", best / ours));
    format!("| {name} | {} | {ratio} |", cells.collect::<Vec<_>>().join(" | "))
}

/// Three digits that mean something.
pub fn digits(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
