//! Servers over loopback TCP: how much they echo, what an idle connection costs them, how fast they say one thing to
//! many, and how all that grows.

use std::io;

use crate::arguments::{Arguments, Pace};
use crate::report::Report;

pub mod broadcast;
pub mod child;
pub mod engineio;
mod histogram;
mod load;
pub mod memory;
mod poller;
mod row;
mod scale;
mod script;
pub mod servers;
mod shape;
pub mod socketio;
pub mod throughput;

use child::{Child, Duty};
use servers::Server;

/// The names of the parts.
pub const PARTS: [&str; 6] =
    [throughput::PART, engineio::PART, socketio::PART, memory::PART, broadcast::PART, scale::PART];

/// Does what the command line asks for.
pub fn run(arguments: &Arguments, report: &mut Report) -> io::Result<()> {
    let servers: Vec<_> = servers::all().filter(|server| arguments.wants_who(server.name)).collect();
    if arguments.list {
        servers.iter().for_each(|server| println!("servers: {}", server.name));
        shape::ALL.iter().for_each(|shape| println!("{}: {}", throughput::PART, shape.name()));
        return Ok(());
    }
    child::raise_limits();
    child::pin_load();
    if arguments.wants_part(throughput::PART) {
        throughput::run(&servers, arguments, report)?;
    }
    if arguments.wants_part(engineio::PART) {
        engineio::run(&servers, arguments, report)?;
    }
    if arguments.wants_part(socketio::PART) {
        socketio::run(&servers, arguments, report)?;
    }
    if arguments.wants_part(memory::PART) {
        memory::run(&servers, arguments.pace, report)?;
    }
    if arguments.wants_part(broadcast::PART) {
        broadcast::run(&servers, arguments.pace, report)?;
    }
    if arguments.wants_part(scale::PART) {
        scale::run(&servers, arguments.pace, report)?;
    }
    Ok(())
}

/// Cores that others may use before a turn is taken again.
const DISTURBED: f64 = 0.25;

/// Does `work` with a new server. If others disturb and there is time, it is done once more, and the less disturbed turn
/// counts.
fn turn<T>(
    pace: Pace,
    server: &'static Server,
    duty: Duty,
    work: impl Fn(&Child) -> io::Result<T>,
) -> io::Result<T> {
    let take = || {
        let child = Child::start(server, duty)?;
        child.undisturbed(|| work(&child))
    };
    let (result, others) = take()?;
    if others < DISTURBED || pace == Pace::Quick {
        return Ok(result);
    }
    let (again, others_again) = take()?;
    Ok(if others_again < others { again } else { result })
}

/// The middle one.
fn median(mut turns: Vec<f64>) -> f64 {
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2]
}
