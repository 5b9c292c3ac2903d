//! What a connection that waits keeps of the server's memory.
mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;

use sansocket_core::Message;
use sansocket_driver::{Signal, unless};
use sansocket_smol::WebSocket;
use sansocket_testkit::CountingAlloc;
use sansocket_websocket::Options;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::server::ServerOptions;
use support::run_alone;

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

/// Their buffers and contexts stay behind, for the others.
const WARM: usize = 20;
const MEASURED: usize = 200;
/// Bytes for the task, the registration of the socket, the connection and its machine, and a fifth more.
const MOST: usize = 980;

#[test]
fn an_idle_connection_costs_about_a_kilobyte() {
    let each = kept_by_each("");
    assert!(each <= MOST, "{each} bytes");
}

#[test]
fn agreeing_on_compression_costs_two_kibibytes_more_at_most() {
    let each = kept_by_each("Sec-WebSocket-Extensions: permessage-deflate\r\n");
    assert!(each <= MOST + 2048, "{each} bytes");
}

/// Bytes that the server keeps for each connection, after one message there and back.
fn kept_by_each(fields: &'static str) -> usize {
    let (warm, idle, (go, gone)) = (Signal::default(), Signal::default(), mpsc::channel());
    run_alone(async |server| {
        let address = server.local_addr().unwrap();
        let clients = thread::spawn({
            let (warm, idle) = (warm.clone(), idle.clone());
            move || {
                let mut clients: Vec<TcpStream> = (0..WARM).map(|_| client(address, fields)).collect();
                warm.raise();
                gone.recv().unwrap();
                clients.extend((0..MEASURED).map(|_| client(address, fields)));
                idle.raise();
                gone.recv().unwrap();
            }
        });
        let websocket = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
        let options = ServerOptions { websocket: Arc::new(websocket), ..ServerOptions::default() };
        let serving = server.options(options).serve(async |mut websocket: WebSocket, request| {
            drop(request);
            while let Some(message) = websocket.next().await {
                if websocket.send(message).await.is_err() {
                    break;
                }
            }
        });
        let counting = async {
            warm.wait().await;
            let before = CountingAlloc::current();
            go.send(()).unwrap();
            idle.wait().await;
            let kept = CountingAlloc::current() - before;
            go.send(()).unwrap();
            usize::try_from(kept).unwrap() / MEASURED
        };
        let each = unless(serving, counting).await.unwrap();
        clients.join().unwrap();
        each
    })
}

/// A client that has had its answer.
fn client(address: SocketAddr, fields: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n"
    );
    tcp.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tcp.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let message = Message::binary(vec![7; 125]);
    // A mask of zeroes changes nothing.
    tcp.write_all(&[&[0x82, 0x80 | 125, 0, 0, 0, 0], message.as_bytes()].concat()).unwrap();
    let mut header = [0; 2];
    tcp.read_exact(&mut header).unwrap();
    tcp.read_exact(&mut vec![0; usize::from(header[1])]).unwrap();
    tcp
}
