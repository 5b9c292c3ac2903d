//! What permessage-deflate costs a connection that waits: nothing, or the windows that were agreed to be kept.
//!
//! `cargo test -p sansocket-websocket --test deflate_memory -- --nocapture` prints the table that stands in the
//! documentation of `deflate`.
#![cfg(feature = "deflate")]

use std::sync::Arc;

use sansocket_core::{Input, Instant, Machine, Pool, Transmit};
use sansocket_testkit::CountingAlloc;
use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};
use sansocket_websocket::{Event, Extensions, Options, WebSocket};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

const NOW: Instant = Instant::ZERO;
const CONNECTIONS: usize = 4;
/// More than a pool keeps buffers.
const WARM: usize = 10;

/// More than a window of `bits`.
fn message(bits: u8) -> String {
    let lines = (1 << bits) / 16 + 100;
    (0..lines).map(|i| format!("{{\"id\":{i},\"user\":\"u{}\"}},", i * i % 977)).collect()
}

fn agreed(bits: u8, takeover: Takeover) -> Extensions {
    let both = Direction { takeover, window: WindowBits::new(bits).unwrap() };
    Extensions { deflate: Some(DeflateParams { ours: both, peers: both }) }
}

fn options() -> Arc<Options> {
    Arc::new(Options { deflate: Some(DeflateOptions::default()), ..Options::default() })
}

fn output(ws: &mut WebSocket, pool: &mut Pool) -> Vec<u8> {
    let mut written = Vec::new();
    while let Some(Transmit::Bytes(outbox)) = ws.poll_transmit() {
        let mut slices = [&[][..]; sansocket_core::OUTBOX_SLICES];
        let n = outbox.slices(&mut slices);
        let gathered = slices[..n].concat();
        outbox.written(gathered.len());
        outbox.release(pool);
        written.extend(gathered);
    }
    written
}

/// Hears one message and echoes it.
fn echo(ws: &mut WebSocket, input: &mut Input, pool: &mut Pool, wire: &[u8]) {
    input.fill(wire, pool);
    while let Some(event) = ws.poll_event(input, NOW) {
        let Event::Text(text) = event else { panic!("{event:?}") };
        ws.send_text(&text).unwrap();
    }
    input.release(pool);
    assert!(output(ws, pool).len() > 200, "an echo");
}

/// Bytes that a connection has of its own while it waits, and bytes of contexts that all share.
fn measure(bits: u8, takeover: Takeover) -> (usize, usize) {
    let (options, extensions, mut pool) = (options(), agreed(bits, takeover), Pool::default());
    let mut client = WebSocket::client(options.clone(), extensions, [3; 32], NOW);
    client.send_text(&message(bits)).unwrap();
    let wire = output(&mut client, &mut pool);
    let mut one = |options: &Arc<Options>| {
        let mut ws = WebSocket::server(options.clone(), extensions, NOW);
        let mut input = Input::default();
        echo(&mut ws, &mut input, &mut pool, &wire);
        (ws, input)
    };
    // The first ones' buffers and contexts stay behind, for the others.
    let mut connections: Vec<_> = (0..WARM).map(|_| one(&options)).collect();
    connections.reserve(CONNECTIONS);
    let ((), grown) = CountingAlloc::measure(|| connections.extend((0..CONNECTIONS).map(|_| one(&options))));
    let before = CountingAlloc::current();
    drop((connections, client, options));
    let freed = (before - CountingAlloc::current()) as usize;
    let each = grown.kept / CONNECTIONS;
    (each + size_of::<(WebSocket, Input)>(), freed - each * (WARM + CONNECTIONS + 1))
}

#[test]
fn a_connection_that_waits_keeps_what_was_agreed_and_no_more() {
    println!("| window | reset: a connection | kept: a connection | contexts, shared |");
    println!("|---|---|---|---|");
    for bits in 9..=15 {
        let (reset, contexts) = measure(bits, Takeover::Reset);
        let (kept, _) = measure(bits, Takeover::Keep);
        println!("| {bits} | {reset} | {kept} | {contexts} |");
        assert!(reset <= 2048, "{bits} bits: {reset} bytes");
        // Two windows, and what the allocator is asked for beside them.
        assert!(kept <= reset + 2 * (1 << bits) + 256, "{bits} bits: {kept} bytes");
    }
}
