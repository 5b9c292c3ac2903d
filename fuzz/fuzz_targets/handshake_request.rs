//! Any bytes as a request: how they are cut changes nothing, and what is accepted is what the pure function accepts.
#![no_main]

use std::sync::Arc;

use sansocket_core::{Headers, Input, Instant, Machine};
use sansocket_fuzz::{Choices, stream};
use sansocket_testkit::Side;
use sansocket_websocket::Options;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::server::{Choice, ServerEvent, check};
use sansocket_websocket::handshake::{ServerHandshake, ServerOptions};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let cut = Choices(input).below(256);
    let said = input.get(1..).unwrap_or_default();
    let (head, tail) = said.split_at(cut.min(said.len()));
    let whole = hear(&[said]);
    assert_eq!(whole, hear(&[head, tail]), "cut in two");
    assert_eq!(whole, hear(&said.chunks(1).collect::<Vec<_>>()), "byte by byte");
});

/// What was heard, and what was answered.
fn hear(reads: &[&[u8]]) -> (Vec<ServerEvent>, Vec<u8>) {
    let websocket = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
    let options = ServerOptions { websocket: Arc::new(websocket), ..ServerOptions::default() };
    let mut side = Side::new(ServerHandshake::new(Arc::new(options), Instant::ZERO));
    stream(&mut side, reads);
    let heard = side.heard();
    assert!(heard.len() <= 1);
    match heard.first() {
        Some(ServerEvent::Upgrade(request)) => {
            let upgrade = check(request).expect("what the machine lets pass, the pure function does");
            let protocol = upgrade.protocols().first().cloned();
            let choice = Choice { protocol, headers: Headers::new() };
            side.machine.accept(&choice).expect("a choice among what was offered");
            let Side { machine, mut input, .. } = side;
            let mut ws = machine.into_websocket(Instant::ZERO).expect("accepted");
            let mut said = Vec::new();
            while let Some(sansocket_core::Transmit::Bytes(out)) = ws.poll_transmit() {
                said.extend_from_slice(out.flat().expect("a small answer"));
                out.written(usize::MAX);
            }
            assert!(said.starts_with(b"HTTP/1.1 101 "));
            poll(&mut ws, &mut input);
            (heard, said)
        }
        Some(ServerEvent::Plain(request)) => {
            assert!(check(request).is_err(), "a plain request asks for nothing");
            (heard, side.write_all())
        }
        _ => (heard, side.write_all()),
    }
}

/// What came behind the head is the connection's.
fn poll(ws: &mut sansocket_websocket::WebSocket, input: &mut Input) {
    while ws.poll_event(input, Instant::ZERO).is_some() {}
}
