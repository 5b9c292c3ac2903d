//! What a server's handshake answers to bytes.

use std::sync::Arc;

use sansocket_core::{Input, Instant, Machine, Pool, Response};
use sansocket_http1::{BodyLimits, BodyReader, Framing, Limits, Piece, ResponseReader};
use sansocket_testkit::{CountingAlloc, Side};
use sansocket_websocket::Options;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::server::{
    Choice, Origins, Refusal, ServerEvent, ServerHandshake, ServerOptions,
};

/// What the application does with a request.
pub(crate) enum Answer {
    /// It accepts, if the page comes from one of these.
    Accept(Origins),
    /// It answers something else.
    Respond(Response),
}

/// What came back.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) is_over: bool,
    /// Bytes of memory that it took at most, beside one pooled buffer; 0 without a counting allocator.
    pub(crate) peak: usize,
    response: Response,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.response.headers.get(name).map(|value| String::from_utf8(value.to_vec()).expect("ASCII"))
    }
}

/// A moment at which nothing happens.
pub(crate) fn still() -> Instant {
    Instant::from_micros(1_000_000)
}

/// A right request with more lines at its end.
pub(crate) fn request(more: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
}

/// A handshake that may agree on permessage-deflate.
pub(crate) fn handshake(origins: Origins) -> ServerHandshake {
    let websocket = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
    ServerHandshake::new(
        Arc::new(ServerOptions { websocket: websocket.into(), origins, ..Default::default() }),
        still(),
    )
}

/// The answer to `bytes`, which come `cut` a read, as long as they are asked for.
pub(crate) fn answer_to(bytes: &[u8], cut: usize, answer: Answer) -> Answered {
    let (origins, response) = match answer {
        Answer::Accept(origins) => (origins, None),
        Answer::Respond(response) => (Origins::Any, Some(response)),
    };
    let mut side = Side::new(handshake(origins));
    side.input.space(&mut side.pool);
    side.input.release(&mut side.pool);
    let (written, grown) = CountingAlloc::measure(|| tell(&mut side, bytes.chunks(cut), response));
    let is_over = side.is_shut_down() && side.input.is_empty();
    side.machine.handle_eof(still());
    side.listen(still());
    assert!(side.machine.is_accepted() || side.machine.is_finished());
    Answered { is_over, peak: grown.peak, ..parse(&written) }
}

/// What is written while it is told `pieces`, as long as it asks for them.
fn tell<'b>(
    side: &mut Side<ServerHandshake>,
    pieces: impl Iterator<Item = &'b [u8]>,
    response: Option<Response>,
) -> Vec<u8> {
    let mut written = Vec::new();
    side.listen(still());
    for piece in pieces {
        if !side.machine.wants_input() {
            break;
        }
        side.read(piece, still());
        for event in side.heard() {
            decide(&mut side.machine, &event, response.clone());
        }
        written.extend(side.write_all());
        side.listen(still());
    }
    written
}

fn decide(machine: &mut ServerHandshake, event: &ServerEvent, response: Option<Response>) {
    match (event, response) {
        (ServerEvent::Failed(_), _) => {}
        (_, Some(response)) => machine.respond(response, still()).expect("an answer"),
        (ServerEvent::Upgrade(_), None) => machine.accept(&Choice::default()).expect("an acceptance"),
        (ServerEvent::Plain(request), None) => {
            machine.respond(Refusal::NotUpgrade.response(request.version), still()).expect("an answer");
        }
    }
}

/// Exactly one response, and nothing behind it.
fn parse(written: &[u8]) -> Answered {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    input.fill(written, &mut pool);
    let response =
        ResponseReader::new(Limits::default()).read(&mut input).expect("a right head").expect("a head");
    let framing = Framing::of_response(&response, "GET").expect("a right framing");
    let mut body = BodyReader::new(framing, BodyLimits::default()).expect("a small body");
    // To HEAD comes no body, whatever its length.
    while let Ok(Some(Piece::Data(_))) = body.read(&mut input) {}
    assert!(input.is_empty(), "more than one answer");
    Answered { status: response.status, is_over: false, peak: 0, response }
}
