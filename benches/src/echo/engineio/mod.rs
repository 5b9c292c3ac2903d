//! Engine.IO over loopback: echoes by polling and over WebSocket, and what sessions cost that nobody uses.

use std::io;
use std::time::Duration;

use super::child::Child;
use super::load::{self, Outcome};
use super::row::Row;
use super::servers::{Server, Speech};
use super::shape::Shape;
use crate::arguments::Arguments;
use crate::report::Report;

mod memory;
mod polls;
mod session;

/// The name of this part.
pub const PART: &str = "engineio-loopback";
const SECTION: &str = "Engine.IO over loopback";

/// How messages travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Carrier {
    Polling,
    WebSocket,
}

/// Sessions, messages under way on each, and their bytes.
const SHAPES: [Shape; 4] =
    [Shape::new(1, 1, 64), Shape::new(100, 1, 64), Shape::new(100, 16, 125), Shape::new(50, 1, 16 << 10)];

/// Measures everyone who speaks Engine.IO.
pub fn run(servers: &[&'static Server], arguments: &Arguments, report: &mut Report) -> io::Result<()> {
    let servers: Vec<_> =
        servers.iter().copied().filter(|server| server.speech == Speech::EngineIo).collect();
    println!("\n## {SECTION}\n");
    println!("Sessions x messages under way on each. The server has one core, the load another.");
    for carrier in [Carrier::Polling, Carrier::WebSocket] {
        for shape in SHAPES.into_iter().filter(|shape| arguments.wants_row(&name(carrier, *shape))) {
            let row = Row { part: PART, section: SECTION, name: name(carrier, shape) };
            report
                .add(row.measure(&servers, arguments.pace, |child, time| echo(child, carrier, shape, time))?);
        }
    }
    memory::run(&servers, arguments, report)
}

fn echo(child: &Child, carrier: Carrier, shape: Shape, time: Duration) -> io::Result<Outcome> {
    match carrier {
        Carrier::Polling => polls::load(child, shape, time),
        Carrier::WebSocket => load::load(child, shape, time),
    }
}

/// `polling, 100 x 16, 125 B`, say: what filters look at.
fn name(carrier: Carrier, shape: Shape) -> String {
    let carrier = if carrier == Carrier::Polling { "polling" } else { "websocket" };
    format!("{carrier}, {}", shape.name())
}
