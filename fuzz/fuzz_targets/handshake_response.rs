//! Any bytes as a response: how they are cut changes nothing, and only 101 with the right answer connects.
#![no_main]

use std::sync::Arc;

use sansocket_core::Instant;
use sansocket_fuzz::{Choices, stream};
use sansocket_testkit::Side;
use sansocket_websocket::Options;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::client::{ClientEvent, Offer};
use sansocket_websocket::handshake::{ClientHandshake, ClientOptions};

/// What the key of the nonce "the sample nonce" is answered with (RFC 6455 §1.3).
const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let (cut, end) = (choices.below(256), choices.below(2));
    let said = choices.0;
    let (head, tail) = said.split_at(cut.min(said.len()));
    let whole = hear(&[said], end);
    assert_eq!(whole, hear(&[head, tail], end), "cut in two");
    assert_eq!(whole, hear(&said.chunks(1).collect::<Vec<_>>(), end), "byte by byte");
    if let Some(ClientEvent::Connected(connected)) = whole.first() {
        assert_eq!(connected.response.status, 101);
        assert!(said.windows(ACCEPT.len()).any(|window| window == ACCEPT));
        assert!(connected.protocol.as_deref().is_none_or(|protocol| ["chat", "echo"].contains(&protocol)));
    }
});

fn hear(reads: &[&[u8]], end: usize) -> Vec<ClientEvent> {
    let websocket = Options { deflate: Some(DeflateOptions::default()), ..Options::default() };
    let options = ClientOptions { websocket: Arc::new(websocket), ..ClientOptions::default() };
    let offer = Offer::new("ws://example.com/".parse().expect("a URI"));
    let offer = offer.with_protocol("chat").with_protocol("echo");
    let nonce = *b"the sample nonce";
    let handshake = ClientHandshake::new(&offer, nonce, Arc::new(options), Instant::ZERO).expect("an offer");
    let mut side = Side::new(handshake);
    stream(&mut side, reads);
    if end == 1 {
        sansocket_core::Machine::handle_eof(&mut side.machine, Instant::ZERO);
        side.listen(Instant::ZERO);
    }
    let heard = side.heard();
    if let Some(ClientEvent::Connected(_)) = heard.first() {
        side.machine.into_websocket([0; 32], Instant::ZERO).expect("connected");
    }
    heard
}
