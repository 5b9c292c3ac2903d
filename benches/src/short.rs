//! The tables of the README: a few rows of everything.

use crate::codec::{self, summary};
use crate::echo::{broadcast, memory, socketio, throughput};
use crate::report::{self, Record, Report};

/// Cases, by what their names begin with, and what they are in words.
const CASES: [(&str, &str); 13] = [
    ("srv-dec/bin/16", "server receives 16 B, binary"),
    ("srv-dec/bin/125", "125 B, binary"),
    ("srv-dec/bin/16384", "16 KiB, binary"),
    ("srv-dec/ascii/125", "125 B, ASCII"),
    ("srv-dec/multi/1024", "1 KiB, other text"),
    ("srv-dec/mixtext/184", "4 to 1024 B, text of all kinds"),
    ("srv-dec/bin/1024/frag8", "1 KiB in 8 fragments"),
    ("srv-dec/json/1024/deflate-reset", "1 KiB of JSON, deflated"),
    ("cli-dec/ascii/125", "client receives 125 B, ASCII"),
    ("srv-enc/bin/125", "server sends 125 B"),
    ("srv-enc/bin/16384", "16 KiB"),
    ("srv-enc/json/1024/deflate-reset", "1 KiB of JSON, deflated"),
    ("cli-enc/bin/125", "client sends 125 B"),
];

/// Shapes, from question and answer to bursts.
const SHAPES: [&str; 5] =
    ["100 x 1, 64 B", "100 x 16, 16 B", "100 x 64, 125 B", "50 x 8, 1 KiB", "50 x 1, 16 KiB"];

/// Prints them.
pub fn print(report: &Report) {
    println!("\n## In short");
    let codec = report.part(codec::PART);
    println!("\nIn memory, ns for a whole message, checks on:\n\n{}", summary::head());
    for (case, words) in CASES {
        let records: Vec<_> = codec.iter().copied().filter(|record| record.row == case).collect();
        if !records.is_empty() {
            println!("{}", summary::line(words, &records));
        }
    }
    let is_shown = |record: &&Record| SHAPES.contains(&&*record.row);
    let echo: Vec<_> = report.part(throughput::PART).into_iter().filter(is_shown).collect();
    println!("\nEcho over loopback, messages a second:\n\n{}", report::by_who(&echo));
    for (part, words) in [
        (memory::PART, "Memory of an idle connection, bytes of RSS"),
        (broadcast::PART, "Broadcast of 125 B, deliveries a second"),
    ] {
        println!("\n{words}:\n\n{}", report::by_who(&report.part(part)));
    }
    println!(
        "\nSocket.IO, a second, and bytes of RSS:\n\n{}",
        report::everyone(&report.part(socketio::PART))
    );
}
