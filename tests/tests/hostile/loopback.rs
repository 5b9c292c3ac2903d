//! Entries in bytes against both adapters' servers, over TCP, whole and byte by byte, with what the server's thread may
//! take for them.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sansocket_driver::Signal;
use sansocket_testkit::hostile::{Entry, entries};
use sansocket_testkit::{CountingAlloc, Frame, Grown, Heard, close, frames};
use sansocket_websocket::deflate::{DeflateOptions, Takeover, WindowBits};
use sansocket_websocket::handshake::ServerOptions;
use sansocket_websocket::{Options, Role};

use crate::expected::{Expected, expected};

/// What the thread of a server may take at its highest: two buffers of 256 KiB from its pool, a task, a handshake, an
/// inflater. The hostile entries declare up to 2^63 bytes.
const BOUND: usize = 1 << 20;
/// A server that says nothing for so long will not.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn every_entry_in_bytes_gets_what_it_deserves_from_a_server_on_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    attack(|attackers| {
        runtime.block_on(async {
            let server =
                sansocket_tokio::Server::bind("127.0.0.1:0").await.expect("a free port").options(options());
            let attack = attackers.begin(server.local_addr().expect("bound"), server.shutdown());
            server
                .serve(async |mut websocket, _| {
                    while let Some(message) = websocket.next().await {
                        if websocket.send(message).await.is_err() {
                            break;
                        }
                    }
                })
                .await;
            attack
        })
    });
}

#[test]
fn every_entry_in_bytes_gets_what_it_deserves_from_a_server_on_smol() {
    // An executor that only this thread runs, so that what it takes is counted here.
    let executor = Arc::new(smol::Executor::new());
    attack(|attackers| {
        smol::block_on(executor.clone().run(async {
            let server =
                sansocket_smol::Server::bind("127.0.0.1:0").await.expect("a free port").options(options());
            let attack = attackers.begin(server.local_addr().expect("bound"), server.shutdown());
            server
                .executor(executor.clone())
                .serve(async |mut websocket, _| {
                    while let Some(message) = websocket.next().await {
                        if websocket.send(message).await.is_err() {
                            break;
                        }
                    }
                })
                .await;
            attack
        }))
    });
}

fn options() -> ServerOptions {
    let deflate = DeflateOptions {
        peer_takeover: Takeover::Keep,
        peer_window: WindowBits::MAX,
        ..DeflateOptions::default()
    };
    let websocket = Options { deflate: Some(deflate), ..Options::default() };
    ServerOptions { websocket: Arc::new(websocket), ..ServerOptions::default() }
}

/// Who attacks, in a thread of his own, and tells the server when it may go.
struct Attackers;

impl Attackers {
    fn begin(self, server: SocketAddr, stop: Signal) -> thread::JoinHandle<usize> {
        thread::spawn(move || {
            // Also if an assertion fails, or the server would run for ever.
            let _stop = Raise(stop);
            let entries = ["frame", "deflate"].iter().flat_map(|layer| entries(layer));
            let in_bytes = entries.filter(|entry| entry.kind == "hex" && entry.role != "client");
            in_bytes.map(|entry| suffer(server, &entry)).count()
        })
    }
}

struct Raise(Signal);

impl Drop for Raise {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Runs a server on this thread until the attackers are done, and judges what it took.
fn attack(serve: impl FnOnce(Attackers) -> thread::JoinHandle<usize>) {
    CountingAlloc::current();
    let (attack, grown): (_, Grown) = CountingAlloc::measure(|| serve(Attackers));
    let entries = attack.join().expect("every entry as expected");
    assert!(entries >= 70, "only {entries} entries");
    assert!(grown.peak <= BOUND, "{grown:?}");
}

fn suffer(server: SocketAddr, entry: &Entry) {
    let expected = expected(&entry.id).expect("every entry in bytes has an expectation");
    let bytes = entry.bytes();
    for size in [bytes.len(), 1] {
        let said = converse(server, entry, bytes.chunks(size), &expected).unwrap_or_else(|error| {
            panic!("{} ({}) in pieces of {size}: {error}", entry.id, entry.title);
        });
        let (answers, rest) = frames(Role::Server, &said);
        let wanted = wanted(&expected);
        assert_eq!((answers, rest), (wanted, 0), "{} ({}) in pieces of {size}", entry.id, entry.title);
    }
}

/// Everything that the server says, from the end of its handshake to the end of the stream. It goes by itself when it
/// closes; if it has no reason to, it is told to when it has answered.
fn converse<'a>(
    server: SocketAddr,
    entry: &Entry,
    pieces: impl Iterator<Item = &'a [u8]>,
    expected: &Expected,
) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let extension = match entry.layer.as_str() {
        "deflate" => "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        _ => "",
    };
    write!(
        stream,
        "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extension}\r\n"
    )?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", head.escape_ascii());
    for piece in pieces {
        // The server may have had enough before the last piece.
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let open = matches!(expected, Expected::Heard(heard) if !matches!(heard[..], [Heard::Closed(_)]));
    if open {
        stream.write_all(&close(1000, "").masked())?;
    }
    let mut said = Vec::new();
    stream.read_to_end(&mut said)?;
    Ok(said)
}

/// What an echo server says to that.
fn wanted(expected: &Expected) -> Vec<Frame> {
    let echo = |heard: &Heard| match heard {
        Heard::Text(text) => sansocket_testkit::text(text),
        Heard::Binary(bytes) => sansocket_testkit::binary(bytes),
        _ => close(1000, ""),
    };
    match expected {
        Expected::Fault(before, code) => before.iter().map(echo).chain([close(*code, "")]).collect(),
        Expected::Heard(heard) => match heard[..] {
            [Heard::Closed(_)] => vec![close(1000, "")],
            _ => heard.iter().map(echo).chain([close(1000, "")]).collect(),
        },
    }
}
