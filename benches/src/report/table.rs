//! Markdown.

use super::Record;

/// The head of a table whose first column is text.
pub fn head(columns: &[&str]) -> String {
    let rule = "|---:".repeat(columns.len() - 1);
    format!("| {} |\n|---{rule}|", columns.join(" | "))
}

/// Three digits that mean something, and thousands as such.
pub fn digits(value: f64) -> String {
    match value.abs() {
        ..9.995 => format!("{value:.2}"),
        ..99.95 => format!("{value:.1}"),
        ..9999.5 => format!("{value:.0}"),
        ..99_950.0 => format!("{:.1} k", value / 1e3),
        ..999_500.0 => format!("{:.0} k", value / 1e3),
        _ => format!("{:.2} M", value / 1e6),
    }
}

/// A table of all: a line for each row, a column for each who.
pub fn everyone(records: &[&Record]) -> String {
    table(records, |record| &record.row, |record| record.who)
}

/// A table of all: a line for each who, a column for each row.
pub fn by_who(records: &[&Record]) -> String {
    table(records, |record| record.who, |record| &record.row)
}

fn table<'a>(
    records: &[&'a Record],
    line: fn(&'a Record) -> &'a str,
    column: fn(&'a Record) -> &'a str,
) -> String {
    let (lines, columns) = (names(records, line), names(records, column));
    let cell = |at: &str, in_column: &str| {
        let found = records.iter().find(|record| line(record) == at && column(record) == in_column);
        found.map_or("–".into(), |record| digits(record.value))
    };
    let lines: Vec<_> = lines
        .iter()
        .map(|at| {
            let cells: Vec<_> = columns.iter().map(|in_column| cell(at, in_column)).collect();
            format!("| {at} | {} |", cells.join(" | "))
        })
        .collect();
    format!("{}\n{}", head(&[&[""], &columns[..]].concat()), lines.join("\n"))
}

/// Each name once, in the order of the records.
fn names<'a>(records: &[&'a Record], name: fn(&'a Record) -> &'a str) -> Vec<&'a str> {
    let mut names = Vec::new();
    for record in records {
        if !names.contains(&name(record)) {
            names.push(name(record));
        }
    }
    names
}
