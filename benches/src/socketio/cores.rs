//! What a lock around a hub costs when several threads serve its connections: echoes with nothing beside them, no socket and
//! no frame, so that nobody will ever want the lock more often.

use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Instant as Wall;

use sansocket_core::{Instant, Message, Request};
use sansocket_socketio::server::{ConnectionId, Event, Handshake, Server, ServerOptions};
use sansocket_socketio::{Args, Flags, Nsp, Revision, Writable};

use super::PART;
use crate::report::Record;

/// Whose names stand in the table.
pub const SHARED: &str = "one hub";
pub const OWN: &str = "a hub each";

/// What every row is of.
pub const SECTION: &str = "Echoes of 125 B by several threads";

/// Connections of a thread.
const CONNECTIONS: usize = 100;
/// Echoes of a thread in a round.
const ECHOES: usize = 100_000;
/// The best of so many rounds counts: what disturbs only takes time.
const ROUNDS: usize = 5;

/// A hub as an adapter has it.
type Hub = Arc<Mutex<Server>>;

/// Echoes a second, for 1, 2, 4 … threads, as many as there are cores.
pub fn records() -> Vec<Record> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let counts = std::iter::successors(Some(1), |count| Some(count * 2)).take_while(|count| *count <= cores);
    counts.flat_map(|threads| [SHARED, OWN].map(|who| record(threads, who))).collect()
}

fn record(threads: usize, who: &'static str) -> Record {
    let best = (0..ROUNDS).map(|_| echoes_a_second(threads, who)).fold(0.0, f64::max);
    Record::new(PART, SECTION, format!("threads/{threads}"), who, best)
}

fn echoes_a_second(threads: usize, who: &'static str) -> f64 {
    let hubs: Vec<Hub> = (0..if who == OWN { threads } else { 1 }).map(|_| hub()).collect();
    let ready = Barrier::new(threads + 1);
    let seconds = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|at| {
                let (hub, ready) = (hubs[at % hubs.len()].clone(), &ready);
                let connections: Vec<_> = (0..CONNECTIONS).map(|_| connect(&hub)).collect();
                let said = Message::text(format!(r#"2["message","{}"]"#, "x".repeat(125)));
                scope.spawn(move || {
                    ready.wait();
                    for at in 0..ECHOES {
                        echo(&hub, connections[at % CONNECTIONS], &said);
                    }
                })
            })
            .collect();
        ready.wait();
        let begun = Wall::now();
        workers.into_iter().for_each(|worker| worker.join().expect("it echoes"));
        begun.elapsed().as_secs_f64()
    });
    (threads * ECHOES) as f64 / seconds
}

fn hub() -> Hub {
    let mut hub = Server::new(ServerOptions::default(), [7; 32]);
    hub.add_namespace(Nsp::main());
    Arc::new(Mutex::new(hub))
}

/// A client that is in the main namespace.
fn connect(hub: &Hub) -> ConnectionId {
    let mut hub = hub.lock().expect("nobody panics");
    let handshake = Handshake::new(Request::get("/socket.io/"), Revision::V5, "sid");
    let connection = hub.handle_connection(handshake, Instant::ZERO);
    hub.handle_message(connection, Message::text("0"), Instant::ZERO);
    while let Some(event) = hub.poll_event(connection) {
        if let Event::Connecting(socket) = event {
            hub.accept(socket, Instant::ZERO);
        }
    }
    while hub.poll_transmit(connection, Writable::Now).is_some() {}
    while hub.poll_dirty().is_some() {}
    connection
}

/// As an adapter does it: the lock is taken to hand over a message and see what happened, to emit, and to see what leaves.
fn echo(hub: &Mutex<Server>, connection: ConnectionId, said: &Message) {
    let lock = || hub.lock().expect("nobody panics");
    let event = {
        let mut hub = lock();
        hub.handle_message(connection, said.clone(), Instant::ZERO);
        hub.poll_event(connection)
    };
    let Some(Event::Received { socket, name, args, .. }) = event else {
        panic!("{event:?} instead of an event")
    };
    let text: String = args.read().expect("one text");
    let args = Args::new(&text).expect("it can be written");
    lock().emit(socket, name, args, Flags::default(), Instant::ZERO).expect("there is room");
    let mut hub = lock();
    assert!(hub.poll_transmit(connection, Writable::Now).is_some(), "the answer leaves");
    while hub.poll_dirty().is_some() {}
}
