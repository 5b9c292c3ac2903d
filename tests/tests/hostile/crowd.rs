//! Entries of the layer `process` that need many peers: against a server on tokio (that on smol is the same text), in
//! numbers that any machine can bear.
#![allow(clippy::disallowed_methods, reason = "these tests run in real time")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use sansocket_driver::Signal;
use sansocket_testkit::{CountingAlloc, Frame, Grown, close, frames, text};
use sansocket_tokio::Server;
use sansocket_websocket::{Options, Role};

const PATIENCE: Duration = Duration::from_secs(20);

/// Runs an echo server on this thread, set by `set`, while `peers` do what they do; then it goes down.
fn serve<R: Send + 'static>(
    set: impl FnOnce(Server) -> Server,
    peers: impl FnOnce(SocketAddr, &Signal) -> R + Send + 'static,
) -> (R, Grown) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (result, grown) = CountingAlloc::measure(|| {
        runtime.block_on(async {
            let server = set(Server::bind("127.0.0.1:0").await.expect("a free port"));
            let (address, stop) = (server.local_addr().expect("bound"), server.shutdown());
            let peers = thread::spawn(move || {
                let stop = Raise(stop);
                peers(address, &stop.0)
            });
            server
                .serve(async |mut websocket, _| {
                    while let Some(message) = websocket.next().await {
                        if websocket.send(message).await.is_err() {
                            break;
                        }
                    }
                })
                .await;
            peers
        })
    });
    (result.join().expect("the peers are content"), grown)
}

/// Lets the server go, also if an assertion fails.
struct Raise(Signal);

impl Drop for Raise {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Connects, and asks for a WebSocket; the status of the answer.
fn knock(server: SocketAddr) -> (TcpStream, u16) {
    let mut stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let request = "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    // Who is turned away may be so before he has asked.
    let _ = stream.write_all(request.as_bytes());
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        head.push(byte[0]);
    }
    let status = head.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
    (stream, status.unwrap_or(0))
}

/// Says `frame`, and hears the next one.
fn ask(stream: &mut TcpStream, frame: &Frame) -> Frame {
    stream.write_all(&frame.masked()).expect("it is there");
    let mut said = Vec::new();
    let mut byte = [0];
    loop {
        stream.read_exact(&mut byte).expect("it answers");
        said.push(byte[0]);
        if let Some(frame) = frames(Role::Server, &said).0.pop() {
            return frame;
        }
    }
}

#[test]
fn p_005_connections_that_break_leave_nothing() {
    let cycles = |count: usize| {
        let (_, grown) = serve(
            |server| server,
            move |address, _| {
                for _ in 0..count {
                    let (mut stream, status) = knock(address);
                    assert_eq!(status, 101);
                    // An answer that nobody reads: closing now is a reset.
                    stream.write_all(&text("never read").masked()).expect("it is there");
                    drop(stream);
                }
            },
        );
        grown.kept
    };
    // A thread's pool may keep one more spare buffer after one run or another; a leak would show after each.
    let kept = (0..4).map(|_| cycles(300)).min();
    assert!(kept <= Some(64 * 1024), "{kept:?} bytes stay after three hundred connections");
}

#[test]
fn p_007_more_connections_than_wanted_are_turned_away_and_harm_nobody() {
    let (turned_away, grown) = serve(
        |server| server.max_connections(5),
        |address, _| {
            let mut guests: Vec<TcpStream> = (0..5).map(|_| knock(address).0).collect();
            let statuses: Vec<u16> = (0..300).map(|_| knock(address).1).collect();
            for guest in &mut guests {
                assert_eq!(ask(guest, &text("still here")), text("still here"));
            }
            drop(guests);
            statuses
        },
    );
    assert!(turned_away.iter().all(|status| [503, 0].contains(status)), "{turned_away:?}");
    assert!(turned_away.contains(&503), "nobody was told why");
    assert!(grown.peak <= 2 << 20, "{grown:?}");
}

#[test]
fn p_008_a_server_goes_down_in_time_though_some_are_stuck() {
    let (waited, _) = serve(
        |server| server.shutdown_timeout(Duration::from_secs(1)),
        |address, stop| {
            let mut guests: Vec<TcpStream> = (0..100).map(|_| knock(address).0).collect();
            // One is stuck: it has said half a frame, reads nothing and answers nothing.
            guests[0].write_all(&text("half").masked()[..3]).expect("it is there");
            let asked = Instant::now();
            stop.raise();
            for guest in &mut guests[1..] {
                assert_eq!(ask(guest, &text("too late?")).close_code(), Some(1001));
                guest.write_all(&close(1001, "").masked()).expect("it waits for this");
            }
            let mut rest = Vec::new();
            // The stuck one is cut: the end of its stream, or a reset.
            let _ = guests[0].read_to_end(&mut rest);
            asked.elapsed()
        },
    );
    // Ten times the timeout, for a busy machine; had it not been cut, its own close timeout would have ended it then.
    assert!(waited < Options::default().close_timeout, "{waited:?} with a timeout of one second");
}
