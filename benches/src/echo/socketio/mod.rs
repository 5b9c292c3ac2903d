//! Socket.IO over loopback: echoes, acknowledgements, a room, those who come, and what sockets cost that nobody uses.

use std::io;
use std::time::Duration;

use super::broadcast;
use super::child::Duty;
use super::load;
use super::row::Row;
use super::script::{self, Script};
use super::servers::{Server, Speech, node};
use super::shape::Shape;
use super::turn;
use crate::arguments::{Arguments, Pace};
use crate::codec::content::Content;
use crate::report::{Record, Report};

mod memory;
mod opening;

/// The name of this part.
pub const PART: &str = "socketio-loopback";
const SECTION: &str = "Socket.IO over loopback";

/// What is measured with everyone else's multiple of it: the other server in Rust.
const MEASURE: &str = "socketioxide";
/// Sockets, events under way on each, and the bytes of their argument.
const SHAPES: [Shape; 3] = [Shape::new(100, 1, 64), Shape::new(100, 16, 64), Shape::new(50, 1, 16 << 10)];
/// Sockets in a room, and the bytes that they are told.
const CROWDS: [usize; 2] = [1000, 5000];
const SIZE: usize = 125;
/// The first acknowledgement: as many digits as any other.
const FIRST_ACK: usize = 10;

/// What a client wants of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wants {
    /// Another event, with the same argument.
    Echo,
    /// An acknowledgement, with the same argument.
    Ack,
}

/// Measures everyone who speaks Socket.IO.
pub fn run(servers: &[&'static Server], arguments: &Arguments, report: &mut Report) -> io::Result<()> {
    let mut ours: Vec<_> =
        servers.iter().copied().filter(|server| server.speech == Speech::SocketIo).collect();
    println!("\n## {SECTION}\n");
    println!("Over WebSocket. The server has one core, the load another.");
    if ours.iter().any(|server| server.name == node::NAME) && !node::is_installed() {
        println!(
            "\n`{}` is left out: there is no Node, or `npm ci --prefix benches/node` was not done.",
            node::NAME
        );
        ours.retain(|server| server.name != node::NAME);
    }
    for wants in [Wants::Echo, Wants::Ack] {
        for shape in SHAPES.into_iter().filter(|shape| arguments.wants_row(&name(wants, *shape))) {
            let row = Row { part: PART, section: SECTION, name: name(wants, shape) };
            let script = script(wants, shape);
            let records = row.measure(&ours, arguments.pace, |child, time| {
                load::load_with(child, &script, shape.connections, time)
            });
            add(records?, report);
        }
    }
    for crowd in CROWDS.into_iter().filter(|crowd| arguments.wants_row(&room(*crowd))) {
        add(to_all(&ours, crowd, arguments.pace)?, report);
    }
    if arguments.wants_row(opening::ROW) {
        add(opening::run(&ours, arguments.pace)?, report);
    }
    if arguments.wants_row(memory::ROW) {
        add(memory::run(&ours, arguments.pace)?, report);
    }
    Ok(())
}

fn add(mut records: Vec<Record>, report: &mut Report) {
    records.iter_mut().for_each(|record| record.is_measure = record.who == MEASURE);
    report.add(records);
}

/// `ack, 100 x 16, 64 B`, say: what filters look at.
fn name(wants: Wants, shape: Shape) -> String {
    let wants = if wants == Wants::Echo { "echo" } else { "ack" };
    format!("{wants}, {}", shape.name())
}

fn room(crowd: usize) -> String {
    format!("room of {crowd}")
}

/// An argument of so many bytes, as JSON.
fn argument(size: usize) -> String {
    let bytes = Content::Ascii.messages(size).swap_remove(0);
    serde_json::to_string(&String::from_utf8_lossy(&bytes)).expect("text is JSON")
}

fn script(wants: Wants, shape: Shape) -> Script {
    let argument = argument(shape.size);
    match wants {
        Wants::Echo => {
            let said = format!(r#"42["echo",{argument}]"#);
            Script::of_texts(vec![said.clone(); shape.window], &said)
        }
        Wants::Ack => {
            let asked = (FIRST_ACK..).take(shape.window).map(|id| format!(r#"42{id}["ask",{argument}]"#));
            Script::of_texts(asked, &format!("43{FIRST_ACK}[{argument}]"))
        }
    }
}

/// One in a room says something, all in it hear it, and then the next.
fn to_all(servers: &[&'static Server], crowd: usize, pace: Pace) -> io::Result<Vec<Record>> {
    let (rounds, time) = match pace {
        Pace::Full => (5, Duration::from_millis(500)),
        Pace::Quick => (1, Duration::from_millis(300)),
    };
    let argument = argument(SIZE);
    let script = Script::of_texts([format!(r#"42["say",{argument}]"#)], &format!(r#"42["said",{argument}]"#));
    println!("\n### {}, {SIZE} B\n", room(crowd));
    let mut turns: Vec<Vec<_>> = servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (server, turns) in servers.iter().zip(&mut turns) {
            turns.push(turn(pace, server, Duty::Echo, |child| {
                let enter = |_| {
                    let stream = script.open(child.address)?;
                    script::say(&stream, r#"420["join"]"#)?;
                    script::hear_packet(&stream, "430[")?;
                    Ok(stream)
                };
                let streams = (0..crowd).map(enter).collect::<io::Result<_>>()?;
                broadcast::measure(child, &script, streams, time)
            })?);
        }
    }
    let record = |(server, turns): (&&'static Server, _)| {
        broadcast::record(Record::new(PART, SECTION, room(crowd), server.name, 0.0), turns)
    };
    let records: Vec<_> = servers.iter().zip(turns).map(record).collect();
    broadcast::print(&records);
    Ok(records)
}
