//! The hostile list against the client's handshake: every entry of the layer `client-handshake`.
//!
//! Entries with bytes stand in [`ERRORS`], the others have a test of their own, named in [`NAMED`]. Of those that are not
//! about a handshake, [`ELSEWHERE`] says where they belong.
#![cfg(feature = "deflate")]

use std::sync::Arc;
use std::time::Duration;

use sansocket_core::{Instant, Machine, Response};
use sansocket_http1::HeadError;
use sansocket_testkit::{CountingAlloc, Side, hostile, text};
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::client::{
    ClientError, ClientEvent, ClientHandshake, ClientOptions, Mismatch, Offer, OfferError,
};
use sansocket_websocket::handshake::{FieldError, InvalidUri, Uri};
use sansocket_websocket::{Event, Options};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

/// `Sec-WebSocket-Accept` for the nonce of RFC 6455 §1.3.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// What each entry with bytes is refused for, and what the list calls that.
const ERRORS: &[(&str, Mismatch, &str)] = &[
    ("C-001", Mismatch::Accept, "BadAccept"),
    ("C-002", Mismatch::Accept, "BadAccept"),
    ("C-003", Mismatch::Accept, "BadAccept"),
    ("C-005", Mismatch::Status(200), "UnexpectedStatus"),
    ("C-006", Mismatch::Version, "BadVersion"),
    ("C-007", Mismatch::Upgrade, "BadUpgrade"),
    ("C-008", Mismatch::Upgrade, "BadUpgrade"),
    ("C-010", Mismatch::Protocol, "BadProtocol"),
    ("C-011", Mismatch::Extensions, "BadExtension"),
    ("C-012", Mismatch::Extensions, "BadExtension"),
    ("C-013", Mismatch::Extensions, "BadExtension"),
    ("C-015", Mismatch::Extensions, "BadExtension"),
    ("C-016", Mismatch::Extensions, "BadExtension"),
    ("C-017", Mismatch::Extensions, "BadExtension"),
    ("C-018", Mismatch::Extensions, "BadExtension"),
    ("C-020", Mismatch::Extensions, "BadExtension"),
];

/// Entries that a test has to build.
const NAMED: &[&str] = &["C-021", "C-022", "C-023", "C-025", "C-026", "C-028"];

/// Entries that no handshake can answer for, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    // No redirect is followed (C-026), so no header goes to a second origin.
    ("C-027", "redirects are handed to the user"),
    ("C-030", "certificates belong to TLS, which the adapters join"),
    ("C-031", "the reset comes after the 101; reconnecting is the user's, or a higher protocol's"),
];

#[test]
fn every_entry_of_the_list_is_tested() {
    let listed: Vec<String> =
        hostile::entries("client-handshake").into_iter().map(|entry| entry.id).collect();
    let mut tested: Vec<&str> = ERRORS.iter().map(|(id, ..)| *id).chain(NAMED.iter().copied()).collect();
    tested.extend(ELSEWHERE.iter().map(|(id, _)| id));
    tested.sort_unstable();
    assert_eq!(tested, listed);
}

#[test]
fn every_wrong_response_fails_as_the_list_says() {
    for entry in hostile::entries("client-handshake") {
        let Some((_, mismatch, called)) = ERRORS.iter().find(|(id, ..)| *id == entry.id) else { continue };
        assert!(entry.expected.contains(called), "{} wants {}", entry.id, entry.expected);
        let bytes = String::from_utf8(entry.bytes()).unwrap().replace("<ok>", ACCEPT);
        // Compression is offered but where the entry wants it unasked for.
        let offers = !["C-011", "C-020"].contains(&entry.id.as_str());
        for cut in [bytes.len(), 1, 7] {
            let mut side = client(if offers { deflating() } else { Options::default() });
            side.write_all();
            bytes.as_bytes().chunks(cut).for_each(|piece| side.read(piece, start()));
            side.machine.handle_eof(start());
            side.listen(start());
            match (mismatch, &side.heard()[..]) {
                (Mismatch::Status(200), [ClientEvent::Failed(ClientError::Refused(response))]) => {
                    assert_eq!(response.status, 200);
                }
                (mismatch, heard) => {
                    let error = ClientError::Mismatch(*mismatch);
                    assert_eq!(heard, [ClientEvent::Failed(error)], "{}: {}", entry.id, entry.title);
                }
            }
            assert_closed(&mut side);
        }
    }
}

#[test]
fn the_right_response_connects_and_frames_may_follow_at_once() {
    let mut wire = accepted("").into_bytes();
    wire.extend(text("early").bare());
    for cut in [wire.len(), 1, 7] {
        let mut side = client(deflating());
        wire.chunks(cut).for_each(|piece| side.read(piece, start()));
        assert!(matches!(&side.heard()[..], [ClientEvent::Connected(_)]));
        let mut ws = side.machine.into_websocket([1; 32], start()).unwrap();
        let heard = ws.poll_event(&mut side.input, start()).and_then(Event::into_owned);
        assert_eq!(heard, Some("early".into()));
    }
}

#[test]
fn c021_sixteen_interim_responses_are_enough() {
    let interim = "HTTP/1.1 103 X\r\n\r\n";
    let mut side = client(Options::default());
    (0..16).for_each(|_| side.read(interim.as_bytes(), start()));
    side.read(accepted("").as_bytes(), start());
    assert!(matches!(&side.heard()[..], [ClientEvent::Connected(_)]));

    let mut side = client(Options::default());
    (0..17).for_each(|_| side.read(interim.as_bytes(), start()));
    assert_eq!(side.heard(), [ClientEvent::Failed(ClientError::TooManyInterim)]);
    assert_closed(&mut side);
}

#[test]
fn c022_an_endless_header_ends_at_the_limit() {
    let mut side = client(Options::default());
    side.read(b"HTTP/1.1 101 X\r\nX: ", start());
    let (mut read, mut heard) = (0, Vec::new());
    while heard.is_empty() {
        side.read(&[b'a'; 1000], start());
        read += 1000;
        heard = side.heard();
    }
    assert_eq!(heard, [ClientEvent::Failed(ClientError::Head(HeadError::LineTooLong))]);
    assert!(read <= 16_384, "{read}");
    assert_closed(&mut side);
}

#[test]
fn c023_of_an_endless_body_the_start_is_kept() {
    let mut side = client(Options::default());
    side.input.space(&mut side.pool);
    side.input.release(&mut side.pool);
    side.write_all();
    let (heard, grown) = CountingAlloc::measure(|| {
        side.read(b"HTTP/1.1 404 Not Found\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n", start());
        let mut heard = Vec::new();
        while heard.is_empty() {
            side.read(b"6\r\nagain \r\n", start());
            heard = side.heard();
        }
        heard
    });
    let [ClientEvent::Failed(ClientError::Refused(response))] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((response.status, response.headers.get("server")), (404, Some(&b"x"[..])));
    assert_eq!((response.body.len(), &response.body[..12]), (65536, &b"again again "[..]));
    // The body grows by doubling; while it moves, the old half is still there.
    assert!(grown.peak <= 4 * 65536, "{grown:?}");
    assert_closed(&mut side);
}

#[test]
fn c025_a_silent_server_is_given_up() {
    let mut side = client(Options::default());
    side.listen(start());
    let deadline = side.machine.poll_timeout().unwrap();
    assert_eq!(deadline - start(), Duration::from_secs(10));
    side.machine.handle_timeout(deadline);
    side.listen(deadline);
    assert_eq!(side.heard(), [ClientEvent::Failed(ClientError::Timeout)]);
    assert_closed(&mut side);
}

#[test]
fn c026_a_redirect_is_not_followed() {
    let mut side = client(Options::default());
    let redirect = b"HTTP/1.1 302 Found\r\nLocation: ws://a/\r\nContent-Length: 0\r\n\r\n";
    side.read(redirect, start());
    let expected = Response::new(302).with_header("Location", "ws://a/").with_header("Content-Length", "0");
    assert_eq!(side.heard(), [ClientEvent::Failed(ClientError::Refused(Box::new(expected)))]);
}

#[test]
fn c028_a_request_cannot_be_split() {
    let wrong = [
        ("ws://a/\r\nX: y", InvalidUri::Character),
        ("ws://a/ b", InvalidUri::Character),
        ("ws://a/#f", InvalidUri::Fragment),
        ("ws://u:p@a:65536/", InvalidUri::UserInfo),
        ("ws://a:65536/", InvalidUri::Port),
        ("ws://[fe80::1%25eth0]/", InvalidUri::Host),
    ];
    for (uri, error) in wrong {
        assert_eq!(uri.parse::<Uri>(), Err(error), "{uri}");
    }
    let offer = || Offer::new("ws://a/".parse().unwrap());
    let split = "a\r\nX: y";
    let wrong = [
        (offer().with_protocol(split), OfferError::Protocol(split.into())),
        (offer().with_header(split, "y"), OfferError::Field(FieldError::Name(split.into()))),
        (offer().with_header("X", split), OfferError::Field(FieldError::Value("X".into()))),
        (offer().with_header("host", "b"), OfferError::Field(FieldError::Reserved("host".into()))),
    ];
    for (offer, error) in wrong {
        let options = Arc::new(ClientOptions::default());
        assert_eq!(ClientHandshake::new(&offer, [1; 16], options, start()).unwrap_err(), error);
    }
}

fn start() -> Instant {
    Instant::from_micros(5)
}

fn deflating() -> Options {
    Options { deflate: Some(DeflateOptions::default()), ..Options::default() }
}

fn client(websocket: Options) -> Side<ClientHandshake> {
    let offer = Offer::new("ws://a/".parse().unwrap()).with_protocol("a");
    let options = ClientOptions { websocket: websocket.into(), ..ClientOptions::default() };
    Side::new(ClientHandshake::new(&offer, *b"the sample nonce", options.into(), start()).unwrap())
}

fn accepted(more: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {ACCEPT}\r\n{more}\r\n"
    )
}

/// The connection is told to end, and nothing more is asked of it.
fn assert_closed(side: &mut Side<ClientHandshake>) {
    side.write_all();
    assert!(side.is_shut_down() && side.machine.is_finished() && !side.machine.wants_input());
    assert_eq!(side.machine.poll_timeout(), None);
}
