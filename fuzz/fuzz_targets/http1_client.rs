//! Any bytes as what a server says to one request: how they are cut changes nothing, there is one answer at most, and
//! nothing is held beyond its bytes.
#![no_main]

use std::sync::Arc;

use sansocket_core::{Instant, Machine, Request};
use sansocket_fuzz::{Choices, with_pool};
use sansocket_http1::{BodyLimits, ClientConnection, ClientOptions, Delivery, Limits};
use sansocket_testkit::Side;
use sansocket_testkit::http::{Answered, get};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let options = Arc::new(ClientOptions {
        delivery: [Delivery::Whole, Delivery::Pieces][choices.below(2)],
        head: Limits { head: [16 << 10, 200][choices.below(2)], ..Limits::default() },
        body: BodyLimits { body: Some([1_000_000, 20][choices.below(2)]), ..BodyLimits::default() },
        ..ClientOptions::default()
    });
    let mut request = Request { method: ["GET", "HEAD"][choices.below(2)].into(), ..get("/") };
    if choices.below(2) == 1 {
        request.headers.add("Connection", "upgrade");
        request.headers.add("Upgrade", "x");
    }
    let cut = choices.below(256);
    let said = choices.0;
    let (head, tail) = said.split_at(cut.min(said.len()));
    let whole = ask(&options, &request, &[said]);
    assert_eq!(whole, ask(&options, &request, &[head, tail]), "cut in two");
    assert_eq!(whole, ask(&options, &request, &said.chunks(1).collect::<Vec<_>>()), "byte by byte");
    let answers = whole.iter().filter(|heard| matches!(heard, Answered::Whole(_) | Answered::End)).count();
    let ends =
        whole.iter().filter(|heard| matches!(heard, Answered::Switched(_) | Answered::Closed(_))).count();
    assert!(answers <= 1 && ends == 1, "{whole:?}");
});

/// What was heard of a server that says nothing more.
fn ask(options: &Arc<ClientOptions>, request: &Request, reads: &[&[u8]]) -> Vec<Answered> {
    let now = Instant::ZERO;
    let mut side = Side::new(ClientConnection::new(options.clone(), now));
    side.machine.send(request, now).expect("a right request");
    side.write_all();
    let (mut heard, mut received) = (Vec::new(), 0);
    with_pool(&mut side, |side| {
        for read in reads {
            side.input.fill(read, &mut side.pool);
            listen(side, &mut heard);
            side.input.release(&mut side.pool);
            received += read.len();
            assert!(side.input.memory() <= 2 * received + 4096, "{:?} after {received} bytes", side.input);
        }
        side.machine.handle_eof(now);
        listen(side, &mut heard);
        side.write_all();
    });
    match heard.last() {
        Some(Answered::Switched(_)) => drop(side.machine.into_parts().expect("switched")),
        _ => assert!(side.machine.is_finished() && side.is_shut_down(), "{heard:?}"),
    }
    heard
}

fn listen(side: &mut Side<ClientConnection>, heard: &mut Vec<Answered>) {
    side.listen(Instant::ZERO);
    for event in side.heard() {
        match (heard.last_mut(), event) {
            (Some(Answered::Body(before)), Answered::Body(more)) => before.extend(more),
            (_, event) => heard.push(event),
        }
    }
}
