//! What a connection costs that waits.

use sansocket_core::Response;
use sansocket_http1::{ClientConnection, ClientOptions, ServerConnection, ServerOptions};
use sansocket_testkit::CountingAlloc;
use sansocket_testkit::http::{Talk, get};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

const GET: &str = "GET /engine.io/?EIO=4&transport=polling&sid=s HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n";

/// Bytes that a connection keeps on the heap, beside itself and what its pool has to spare.
fn kept(converse: impl FnOnce(&mut Talk<ServerConnection>)) -> usize {
    let mut talk = Talk::server(ServerOptions::default());
    let ((), grown) = CountingAlloc::measure(|| {
        converse(&mut talk);
        talk.heard();
        talk.side.write_all();
        talk.side.pool = Default::default();
    });
    grown.kept
}

#[test]
fn a_connection_between_two_requests_keeps_nothing() {
    let converse = |talk: &mut Talk<ServerConnection>| {
        for _ in 0..3 {
            talk.say(GET);
            talk.respond(&Response::new(200).with_body("ok")).unwrap();
        }
    };
    assert_eq!(kept(converse), 0);
    assert!(size_of::<ServerConnection>() <= 320, "{}", size_of::<ServerConnection>());
}

#[test]
fn a_parked_request_keeps_what_its_answer_needs() {
    let parked = kept(|talk| drop(talk.say(GET).request()));
    assert!(parked <= 256, "{parked} bytes");
}

#[test]
fn a_client_that_waits_keeps_what_its_answer_needs() {
    let mut talk = Talk::client(ClientOptions::default());
    let ((), grown) = CountingAlloc::measure(|| {
        talk.ask(&get("/")).unwrap();
        talk.side.pool = Default::default();
    });
    assert!(grown.kept <= 256, "{grown:?}");
    assert!(size_of::<ClientConnection>() <= 320, "{}", size_of::<ClientConnection>());
}
