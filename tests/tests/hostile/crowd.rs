//! Entries of the layer `process` that need many peers: against both adapters' servers, in numbers that any machine can
//! bear, and in the list's own where [`how_many`] is asked for them.
#![allow(clippy::disallowed_methods, reason = "these tests run in real time")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sansocket_driver::Signal;
use sansocket_testkit::{CountingAlloc, Frame, Grown, close, frames, requests, text};
use sansocket_websocket::{Options, Role};

use crate::how_many;

const PATIENCE: Duration = Duration::from_secs(20);

/// Which server.
#[derive(Clone, Copy, Debug)]
enum On {
    Tokio,
    Smol,
}

/// How it is set.
#[derive(Clone, Copy)]
struct Setting {
    max_connections: usize,
    shutdown_timeout: Duration,
}

impl Default for Setting {
    fn default() -> Setting {
        Setting { max_connections: usize::MAX, shutdown_timeout: Duration::from_secs(5) }
    }
}

/// An echo server that `$setting` sets, which serves until `$begin`, given its address and what stops it, says so.
macro_rules! echo_server {
    ($server:ty, $setting:expr, $begin:expr $(, $executor:expr)?) => {{
        let server = <$server>::bind("127.0.0.1:0").await.expect("a free port");
        let server = server.max_connections($setting.max_connections);
        let server = server.shutdown_timeout($setting.shutdown_timeout)$(.executor($executor))?;
        let peers = $begin(server.local_addr().expect("bound"), server.shutdown());
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
    }};
}

/// Runs a server on this thread while `peers` do what they do; then it goes down.
fn serve<R: Send + 'static>(
    on: On,
    setting: Setting,
    peers: impl FnOnce(SocketAddr, &Signal) -> R + Send + 'static,
) -> (R, Grown) {
    let begin = |address, stop| -> JoinHandle<R> {
        thread::spawn(move || {
            let stop = Raise(stop);
            peers(address, &stop.0)
        })
    };
    let (result, grown) =
        match on {
            On::Tokio => {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                CountingAlloc::measure(|| {
                    runtime.block_on(async { echo_server!(sansocket_tokio::Server, setting, begin) })
                })
            }
            On::Smol => {
                // An executor that only this thread runs, so that what it takes is counted here.
                let executor = Arc::new(smol::Executor::new());
                CountingAlloc::measure(|| {
                    smol::block_on(executor.clone().run(async {
                        echo_server!(sansocket_smol::Server, setting, begin, executor.clone())
                    }))
                })
            }
        };
    (result.join().expect("the peers are content"), grown)
}

/// Lets the server go, also if an assertion fails.
pub(crate) struct Raise(pub(crate) Signal);

impl Drop for Raise {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Connects, and asks for a WebSocket; the status of the answer.
fn ring(server: SocketAddr) -> (TcpStream, u16) {
    knock(server, &requests::upgrade("/", ""))
}

/// Connects, and asks for something; the status of the answer, or 0 if there is none.
pub(crate) fn knock(server: SocketAddr, request: &str) -> (TcpStream, u16) {
    let mut stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
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
    let cycles = |on: On, count: usize| {
        let (_, grown) = serve(on, Setting::default(), move |address, _| {
            for _ in 0..count {
                let (mut stream, status) = ring(address);
                assert_eq!(status, 101);
                // An answer that nobody reads: closing now is a reset.
                stream.write_all(&text("never read").masked()).expect("it is there");
                drop(stream);
            }
        });
        grown.kept
    };
    for on in [On::Tokio, On::Smol] {
        // A thread's pool may keep one more spare buffer after one run or another; a leak would show after each.
        let kept = (0..4).map(|_| cycles(on, how_many(300, 25_000))).min();
        assert!(kept <= Some(64 * 1024), "{kept:?} bytes stay, {on:?}");
    }
}

#[test]
fn p_007_more_connections_than_wanted_are_turned_away_and_harm_nobody() {
    for on in [On::Tokio, On::Smol] {
        let setting = Setting { max_connections: 5, ..Setting::default() };
        let (turned_away, grown) = serve(on, setting, |address, _| {
            let mut guests: Vec<TcpStream> = (0..5).map(|_| ring(address).0).collect();
            let statuses: Vec<u16> = (0..how_many(300, 20_000)).map(|_| ring(address).1).collect();
            for guest in &mut guests {
                assert_eq!(ask(guest, &text("still here")), text("still here"));
            }
            drop(guests);
            statuses
        });
        assert!(turned_away.iter().all(|status| [503, 0].contains(status)), "{turned_away:?}, {on:?}");
        assert!(turned_away.contains(&503), "nobody was told why, {on:?}");
        assert!(grown.peak <= 2 << 20, "{grown:?}, {on:?}");
    }
}

#[test]
fn p_008_a_server_goes_down_in_time_though_some_are_stuck() {
    for on in [On::Tokio, On::Smol] {
        let timeout = Duration::from_secs(how_many(1, 5) as u64);
        let setting = Setting { shutdown_timeout: timeout, ..Setting::default() };
        // Both ends of a connection are ours, and a process has 20,000 descriptors.
        let count = how_many(100, 9_900);
        let (waited, _) = serve(on, setting, move |address, stop| {
            let mut guests: Vec<TcpStream> = (0..count).map(|_| ring(address).0).collect();
            // One in a hundred is stuck: it has said half a frame, reads nothing and answers nothing.
            let (stuck, others) = guests.split_at_mut(count / 100);
            for guest in &mut *stuck {
                guest.write_all(&text("half").masked()[..3]).expect("it is there");
            }
            let asked = Instant::now();
            stop.raise();
            for guest in others {
                assert_eq!(ask(guest, &text("too late?")).close_code(), Some(1001));
                guest.write_all(&close(1001, "").masked()).expect("it waits for this");
            }
            for guest in stuck {
                // It is cut: the end of its stream, or a reset.
                let _ = guest.read_to_end(&mut Vec::new());
            }
            asked.elapsed()
        });
        // Twice the timeout or more, for a busy machine; had they not been cut, their own close timeout would have
        // ended them then.
        assert!(
            waited < Options::default().close_timeout,
            "{waited:?} with a timeout of {timeout:?}, {on:?}"
        );
    }
}
