//! Any offers and answers of extensions: what is agreed on was offered, and each side keeps what the other refers to.
#![no_main]

use sansocket_core::Headers;
use sansocket_fuzz::{Choices, choose_deflate};
use sansocket_websocket::deflate::{Direction, Takeover, WindowBits};
use sansocket_websocket::handshake::negotiation::{Extension, agree, answer, offer, parse};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let (ours, theirs) = (choose_deflate(&mut choices), choose_deflate(&mut choices));
    let said = choices.0;

    // As a server: what is answered can be read, and names nothing that was not offered.
    if let Ok(offers) = headers(said) {
        let answered = answer(&offers, &ours);
        assert_eq!(answered.header.is_some(), answered.extensions.deflate.is_some());
        if let (Some(header), Some(params)) = (answered.header, answered.extensions.deflate) {
            let read = headers(header.as_bytes()).expect("our own answer");
            let [extension] = &read[..] else { panic!("{header}") };
            assert_eq!(extension.name, "permessage-deflate");
            assert!(params.ours.window >= WindowBits::new(9).expect("9 bits"), "8 bits are never agreed to");
            let limits_client = extension.params.iter().any(|param| param.name == "client_max_window_bits");
            let offered = |extension: &Extension| {
                extension.params.iter().any(|param| param.name.eq_ignore_ascii_case("client_max_window_bits"))
            };
            assert!(!limits_client || offers.iter().any(offered), "RFC 7692 §7.1.2.2: {header}");
        }
    }
    // As a client: anything may be answered.
    if let Ok(answers) = headers(said)
        && let Ok(agreed) = agree(&answers, &ours)
    {
        assert_eq!(agreed.deflate.is_some(), !answers.is_empty());
    }
    // With each other.
    let offered = offer(&ours).expect("deflate is on");
    let answered = answer(&headers(offered.as_bytes()).expect("our own offer"), &theirs);
    let header = answered.header.unwrap_or_default();
    let read =
        if header.is_empty() { Vec::new() } else { headers(header.as_bytes()).expect("our own answer") };
    let agreed = agree(&read, &ours).expect("our own answer");
    match (agreed.deflate, answered.extensions.deflate) {
        (None, None) => {}
        (Some(client), Some(server)) => {
            assert!(
                fits(client.ours, server.peers) && fits(server.ours, client.peers),
                "{offered} / {header}"
            );
        }
        _ => panic!("only one side compresses: {offered} / {header}"),
    }
});

/// Does the receiver keep all that the sender refers to?
fn fits(sender: Direction, receiver: Direction) -> bool {
    sender.window <= receiver.window
        && (sender.takeover == Takeover::Reset || receiver.takeover == Takeover::Keep)
}

fn headers(value: &[u8]) -> Result<Vec<Extension>, impl std::fmt::Debug> {
    parse(&Headers::from([("Sec-WebSocket-Extensions", value.to_vec())]))
}
