//! What a session that waits keeps of the server's memory, and what a socket of Socket.IO does that it carries.
//!
//! `SESSIONS=4000 cargo test --release --test engineio_memory -- --nocapture --test-threads 1` prints what it is for so
//! many, and what the system counts for the whole process, clients included.
#[path = "support/house.rs"]
mod house;
mod support;

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use house::echo;
use sansocket_driver::{Signal, unless};
use sansocket_smol::engineio::ServerOptions;
use sansocket_smol::socketio::{self, Io, Namespace, Socket};
use sansocket_smol::{Server, WebSocket};
use sansocket_testkit::CountingAlloc;
use sansocket_testkit::line::Line;
use sansocket_testkit::requests::{poll, upgrade};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

/// What a session over a WebSocket may cost beside that: itself, its places in tables, and its user's task.
const MOST: usize = 464;

#[test]
fn a_session_that_nobody_polls_costs_a_kilobyte_and_a_half_at_most() {
    let each = kept_by_each(|address| {
        Line::to(address).begin();
    });
    assert!(each <= 1536, "{each} bytes");
}

#[test]
fn a_session_costs_little_more_than_the_websocket_that_it_went_over_to() {
    let bare = kept_by_bare_websockets();
    let each = kept_by_each(upgraded);
    assert!(each <= bare + MOST, "{each} bytes, where a WebSocket alone costs {bare}");
}

#[test]
fn a_socket_costs_four_kilobytes_at_most() {
    let each = house::run_alone(async |server| {
        let address = server.local_addr().unwrap();
        let echo = async |socket: Socket, text: String| _ = socket.emit("echo", &text).await;
        let io = Io::new(socketio::ServerOptions::default());
        io.add("/", Namespace::new().on("echo", echo)).unwrap();
        let serving = socketio::Server::new(server.options(patient()), io).serve();
        kept_by(serving, move || inside(address)).await
    });
    assert!(each <= 4096, "{each} bytes");
}

/// A client that is in the main namespace, and has had its answer.
fn inside(address: SocketAddr) -> Line {
    let mut line = Line::to(address);
    line.ask(upgrade("/engine.io/?EIO=4&transport=websocket", ""));
    assert!(line.text().starts_with("0{"));
    line.send("40");
    assert!(line.text().starts_with("40{"));
    line.send(r#"42["echo","hello"]"#);
    assert_eq!(line.text(), r#"42["echo","hello"]"#);
    line
}

/// A client that polled, went over to a WebSocket, and has had its answer.
fn upgraded(address: SocketAddr) -> Line {
    let mut polls = Line::to(address);
    let sid = polls.begin();
    polls.say(poll(&sid));
    let mut line = Line::to(address);
    line.ask(upgrade(&format!("/engine.io/?EIO=4&transport=websocket&sid={sid}"), ""));
    line.send("2probe");
    assert_eq!((line.text(), polls.answer().body), ("3probe".into(), "6".into()));
    line.send("5");
    line.send("4hello");
    assert_eq!(line.text(), "4hello");
    line
}

/// Bytes that a server of sessions keeps for each client that has begun one.
fn kept_by_each<C: Send + 'static>(begin: fn(SocketAddr) -> C) -> usize {
    house::run_alone(async |server| {
        let address = server.local_addr().unwrap();
        kept_by(server.options(patient()).serve(echo), move || begin(address)).await
    })
}

/// Nobody here answers pings.
fn patient() -> ServerOptions {
    ServerOptions { ping_interval: Duration::from_secs(3600), ..ServerOptions::default() }
}

/// Bytes that a server of WebSockets does.
fn kept_by_bare_websockets() -> usize {
    support::run_alone(async |server: Server| {
        let address = server.local_addr().unwrap();
        let serving = server.serve(async |mut websocket: WebSocket, request| {
            drop(request);
            while let Some(message) = websocket.next().await {
                if websocket.send(message).await.is_err() {
                    break;
                }
            }
        });
        let begin = move || {
            let mut line = Line::to(address);
            line.ask(upgrade("/", ""));
            line.send("hello");
            assert_eq!(line.text(), "hello");
            line
        };
        kept_by(serving, begin).await
    })
}

/// Bytes that are kept here for each client that `begin` makes in another thread.
async fn kept_by<C: Send + 'static>(
    serving: impl Future<Output = ()>,
    begin: impl Fn() -> C + Send + 'static,
) -> usize {
    let measured: usize = std::env::var("SESSIONS").map_or(1000, |number| number.parse().unwrap());
    let (warm, idle, (go, gone)) = (Signal::default(), Signal::default(), mpsc::channel());
    let clients = thread::spawn({
        let (warm, idle) = (warm.clone(), idle.clone());
        move || {
            // As many before them: what they all share is there then, such as buffers that were used once.
            let mut clients: Vec<C> = (0..measured).map(|_| begin()).collect();
            settle();
            warm.raise();
            gone.recv().unwrap();
            clients.extend((0..measured).map(|_| begin()));
            settle();
            idle.raise();
            gone.recv().unwrap();
        }
    });
    let counting = async {
        warm.wait().await;
        let (before, resident) = (CountingAlloc::current(), resident());
        go.send(()).unwrap();
        idle.wait().await;
        let kept = usize::try_from(CountingAlloc::current() - before).unwrap() / measured;
        println!("{kept} bytes each; {} resident", (self::resident() - resident) / measured as i64);
        go.send(()).unwrap();
        kept
    };
    let each = unless(serving, counting).await.unwrap();
    clients.join().unwrap();
    each
}

/// Whoever has left is noticed a moment later; on a busy machine that is a long one.
#[expect(clippy::disallowed_methods, reason = "real time is what is waited for")]
fn settle() {
    thread::sleep(Duration::from_secs(1));
}

/// Bytes of this process in memory (proc(5)); nothing where that is not told.
fn resident() -> i64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0) * 4096
}
