//! Any bytes, heard by a server whose user answers at once: how they are cut changes nothing, each request gets one
//! answer, and nothing is held beyond its bytes.
#![no_main]

use std::sync::Arc;

use sansocket_core::{Instant, Machine, Response};
use sansocket_fuzz::{Choices, with_pool};
use sansocket_http1::{BodyLimits, Delivery, Limits, ServerConnection, ServerOptions};
use sansocket_testkit::Side;
use sansocket_testkit::http::Asked;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let options = Arc::new(ServerOptions {
        delivery: [Delivery::Whole, Delivery::Pieces][choices.below(2)],
        head: Limits { head: [16 << 10, 200][choices.below(2)], ..Limits::default() },
        body: BodyLimits { body: Some([1_000_000, 20][choices.below(2)]), ..BodyLimits::default() },
        drain: [64 << 10, 4][choices.below(2)],
        ..ServerOptions::default()
    });
    // Whole requests are answered always; of those in pieces, some at their head.
    let refuses = choices.below(2) == 1;
    let cut = choices.below(256);
    let said = choices.0;
    let (head, tail) = said.split_at(cut.min(said.len()));
    let whole = serve(&options, refuses, &[said]);
    assert_eq!(whole, serve(&options, refuses, &[head, tail]), "cut in two");
    assert_eq!(whole, serve(&options, refuses, &said.chunks(1).collect::<Vec<_>>()), "byte by byte");
});

/// What was heard, and what was said.
fn serve(options: &Arc<ServerOptions>, refuses: bool, reads: &[&[u8]]) -> (Vec<Asked>, Vec<u8>) {
    let mut side = Side::new(ServerConnection::new(options.clone(), Instant::ZERO));
    let (mut heard, mut said, mut received) = (Vec::new(), Vec::new(), 0);
    with_pool(&mut side, |side| {
        for read in reads {
            side.input.fill(read, &mut side.pool);
            said.extend(listen(side, refuses, &mut heard));
            side.input.release(&mut side.pool);
            received += read.len();
            assert!(side.input.memory() <= 2 * received + 4096, "{:?} after {received} bytes", side.input);
        }
        side.machine.handle_eof(Instant::ZERO);
        said.extend(listen(side, refuses, &mut heard));
    });
    assert!(side.machine.is_finished() && side.is_shut_down());
    assert!(matches!(heard.last(), Some(Asked::Closed(_))), "{heard:?}");
    (heard, said)
}

/// Each request gets its answer. What was said for that.
fn listen(side: &mut Side<ServerConnection>, refuses: bool, heard: &mut Vec<Asked>) -> Vec<u8> {
    let mut said = Vec::new();
    while side.listen_once(Instant::ZERO) {
        let event = side.heard().remove(0);
        let status = match &event {
            Asked::Whole(_) | Asked::End => Some(200),
            Asked::Head(..) if refuses => Some(404),
            _ => None,
        };
        match (heard.last_mut(), event) {
            (Some(Asked::Body(before)), Asked::Body(more)) => before.extend(more),
            (_, event) => heard.push(event),
        }
        if let Some(status) = status {
            side.machine.respond(&Response::new(status), Instant::ZERO).expect("a request waits");
        }
        said.extend(side.write_all());
    }
    said.extend(side.write_all());
    said
}
