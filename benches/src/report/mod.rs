//! What was measured, and how it is shown: Markdown, JSON, plots.

use std::path::Path;
use std::{fs, io};

use serde_json::{Map, Value};

mod plot;
mod table;

use plot::{Axis, Good};
pub use table::{by_who, digits, everyone, head};

/// What one of a row reached.
#[derive(Clone, Debug)]
pub struct Record {
    /// `codec`, say.
    pub part: &'static str,
    /// Rows of one section stand together.
    pub section: &'static str,
    /// The case, or the shape.
    pub row: String,
    /// The peer, the server, or the limit.
    pub who: &'static str,
    /// How much; of what, the part says.
    pub value: f64,
    /// A limit that ratios are formed with?
    pub is_measure: bool,
    /// What else there is to say.
    pub details: Vec<(&'static str, f64)>,
}

impl Record {
    /// Nothing but a value.
    pub fn new(
        part: &'static str,
        section: &'static str,
        row: String,
        who: &'static str,
        value: f64,
    ) -> Record {
        Record { part, section, row, who, value, is_measure: false, details: Vec::new() }
    }

    /// Adds a detail.
    pub fn with(mut self, name: &'static str, value: f64) -> Record {
        self.details.push((name, value));
        self
    }

    /// A detail.
    pub fn detail(&self, name: &str) -> Option<f64> {
        self.details.iter().find(|detail| detail.0 == name).map(|detail| detail.1)
    }

    /// Is it ourselves?
    pub fn is_ours(&self) -> bool {
        self.who.starts_with("sansocket")
    }

    /// Is it another library?
    pub fn is_other(&self) -> bool {
        !self.is_ours() && !self.who.starts_with('=')
    }

    /// Where it stands in a table: ourselves, the others, the limits.
    pub fn rank(&self) -> u8 {
        if self.is_ours() { 0 } else { 1 + u8::from(!self.is_other()) }
    }

    fn json(&self) -> Value {
        let mut object = Map::new();
        for (name, text) in
            [("part", self.part), ("section", self.section), ("row", &self.row), ("who", self.who)]
        {
            object.insert(name.into(), text.into());
        }
        for (name, value) in [("value", self.value)].iter().chain(&self.details) {
            object.insert((*name).into(), (*value).into());
        }
        object.into()
    }
}

type Draw = fn(&[&Record]) -> String;

/// The parts that have a picture, and how it is drawn.
const PLOTS: [(&str, Draw); 4] =
    [("codec", codec), ("echo", echo), ("socketio-loopback", socketio), ("scale", scale)];

fn codec(records: &[&Record]) -> String {
    let axis = Axis { words: "× the limit: less is better", measure: "limit", good: Good::Small };
    plot::dots("Codec: time of a message", axis, records)
}

fn echo(records: &[&Record]) -> String {
    let axis = Axis { words: "× the limit: more is better", measure: "limit", good: Good::Large };
    plot::dots("Echo: messages a second", axis, records)
}

/// Memory, of which less is better, is left to the table.
fn socketio(records: &[&Record]) -> String {
    let rates: Vec<_> = records.iter().copied().filter(|record| record.row != "memory").collect();
    let axis = Axis { words: "× socketioxide: more is better", measure: "socketioxide", good: Good::Large };
    plot::dots("Socket.IO: how many a second", axis, &rates)
}

fn scale(records: &[&Record]) -> String {
    plot::lines("Processor time of an echo, µs", "connections", records)
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Report {
    records: Vec<Record>,
}

impl Report {
    /// Keeps what was measured.
    pub fn add(&mut self, records: Vec<Record>) {
        self.records.extend(records);
    }

    /// What a part has measured.
    pub fn part(&self, part: &str) -> Vec<&Record> {
        self.records.iter().filter(|record| record.part == part).collect()
    }

    /// Writes the results into a folder.
    ///
    /// # Errors
    /// The file system's.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let records: Vec<_> = self.records.iter().map(|record| record.json().to_string()).collect();
        fs::write(folder.join("results.json"), format!("[\n{}\n]\n", records.join(",\n")))?;
        for (part, draw) in PLOTS {
            let records = self.part(part);
            if !records.is_empty() {
                fs::write(folder.join(part).with_extension("svg"), draw(&records))?;
            }
        }
        Ok(())
    }
}
