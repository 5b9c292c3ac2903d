//! Broadcast: one says something, all hear it, and then the next.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::child::{Child, Duty};
use super::poller::Poller;
use super::script::{PING, Script};
use super::servers::Server;
use super::shape::Shape;
use super::{median, turn};
use crate::arguments::Pace;
use crate::report::{self, Record, Report, digits};

/// The name of this part.
pub const PART: &str = "broadcast";
/// Bytes of a message.
const SIZE: usize = 125;
/// How long all may take to hear one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures everyone who broadcasts.
pub fn run(servers: &[&'static Server], pace: Pace, report: &mut Report) -> io::Result<()> {
    let (crowds, rounds, time): (&[_], _, _) = match pace {
        Pace::Full => (&[1000, 10_000], 5, Duration::from_millis(500)),
        Pace::Quick => (&[1000], 1, Duration::from_millis(300)),
    };
    let servers: Vec<_> = servers.iter().filter(|server| server.broadcast.is_some()).collect();
    println!("\n## Broadcast\n\n{SIZE} B, the next when all have heard the last.");
    for crowd in crowds {
        println!("\n### To {crowd} connections\n");
        let mut turns: Vec<Vec<Outcome>> = servers.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            for (server, turns) in servers.iter().zip(&mut turns) {
                turns.push(turn(pace, server, Duty::Broadcast, |child| {
                    let script = Script::new(server.speech, Shape::new(*crowd, 1, SIZE));
                    let streams =
                        (0..*crowd).map(|_| script.open(child.address)).collect::<io::Result<_>>()?;
                    measure(child, &script, streams, time)
                })?);
            }
        }
        let record = |(server, turns): (&&&Server, Vec<Outcome>)| {
            record(Record::new(PART, "Broadcast", format!("to {crowd}"), server.name, 0.0), turns)
        };
        let records: Vec<_> = servers.iter().zip(turns).map(record).collect();
        print(&records);
        report.add(records);
    }
    Ok(())
}

/// Fills in what was measured.
pub(super) fn record(mut record: Record, turns: Vec<Outcome>) -> Record {
    let (rates, cpus) = turns.into_iter().map(|turn| (turn.rate, turn.cpu)).unzip();
    record.value = median(rates);
    record.with("cpu_us", median(cpus))
}

/// A table of them.
pub(super) fn print(records: &[Record]) {
    println!("{}", report::head(&["", "deliveries/s", "CPU µs", "÷ best other", "÷ limit"]));
    let of = |is: &dyn Fn(&Record) -> bool| {
        let values = records.iter().filter(|record| is(record)).map(|record| record.value);
        values.max_by(f64::total_cmp)
    };
    let (other, limit) = (of(&Record::is_other), of(&|record| record.who.starts_with('=')));
    for record in records {
        let ratio = |to: Option<f64>| to.map_or("–".into(), |to| digits(record.value / to));
        let cpu = record.detail("cpu_us").map_or("–".into(), digits);
        println!(
            "| {} | {} | {cpu} | {} | {} |",
            record.who,
            digits(record.value),
            ratio(other),
            ratio(limit)
        );
    }
}

pub(super) struct Outcome {
    /// Deliveries a second.
    pub(super) rate: f64,
    /// Microseconds of the server's processor for one.
    pub(super) cpu: f64,
}

/// The first of the streams speaks.
pub(super) fn measure(
    child: &Child,
    script: &Script,
    streams: Vec<TcpStream>,
    time: Duration,
) -> io::Result<Outcome> {
    let (mut poller, crowd) = (Poller::new()?, streams.len());
    for (id, stream) in streams.iter().enumerate() {
        stream.set_nonblocking(true)?;
        poller.add(stream, id)?;
    }
    // The last ones may still be on their way in.
    thread::sleep(Duration::from_millis(300));
    let (mut ready, mut room) = (Vec::new(), [0; 4096]);
    let mut say = || -> io::Result<()> {
        (&streams[0]).write_all(&script.asked)?;
        let (mut left, said) = (crowd * script.answer_len, Instant::now());
        while left > 0 {
            // The load never sleeps: to wake another core would be the largest part of what is measured, and the less
            // of it the slower a server is.
            poller.wait(&mut ready, Some(Duration::ZERO))?;
            for event in &ready {
                let heard = (&streams[event.id]).read(&mut room)?;
                let bytes = &room[..heard];
                // Some servers of Engine.IO begin with a ping, when they come to it.
                let bytes = if script.is_ping(bytes) { &bytes[PING.len()..] } else { bytes };
                let is_whole = bytes.len() == script.answer_len && bytes.starts_with(&script.answer_head);
                assert!(is_whole || (heard > 0 && bytes.is_empty()), "{heard} bytes of a message");
                left -= bytes.len();
            }
            assert!(said.elapsed() < PATIENCE, "{left} bytes of a broadcast did not come");
        }
        Ok(())
    };
    (0..2).try_for_each(|_| say())?;
    let (begun, before, mut said) = (Instant::now(), child.cpu()?, 0);
    while said < 2 || begun.elapsed() < time {
        say()?;
        said += 1;
    }
    let deliveries = (said * crowd) as f64;
    let cpu = (child.cpu()? - before).as_secs_f64() * 1e6 / deliveries;
    Ok(Outcome { rate: deliveries / begun.elapsed().as_secs_f64(), cpu })
}
