//! Frames that are right by themselves, in any order: the same messages are heard as by tungstenite.
#![no_main]

use std::io::Cursor;

use sansocket_fuzz::{Choices, Deaf, messages, verdict};
use sansocket_testkit::{Frame, Heard};
use sansocket_websocket::{Closed, Options, Role, Violation};
use tungstenite::protocol::{Role as TheirRole, WebSocket};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let mut said = Vec::new();
    while !choices.0.is_empty() {
        let first = [0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a, 0x88][choices.below(9)];
        let len = choices.below(256).min(if first & 8 == 0 { 200 } else { 125 }).min(choices.0.len());
        let (payload, rest) = choices.0.split_at(len);
        choices.0 = rest;
        said.extend(Frame { first, payload: payload.to_vec() }.masked());
    }
    let ours = verdict(Role::Server, &Options::default(), &[&said]);
    let end = ours.heard.iter().find_map(|heard| match heard {
        Heard::Closed(closed) => Some(closed.clone()),
        _ => None,
    });
    let ours = messages(&ours.heard);

    let stream = Deaf(Cursor::new(said));
    let mut socket = WebSocket::from_raw_socket(stream, TheirRole::Server, None);
    let mut theirs: Vec<Vec<u8>> = Vec::new();
    let faultless = loop {
        match socket.read() {
            Ok(message) if message.is_text() || message.is_binary() => {
                theirs.push(message.into_data().into())
            }
            Ok(message) if message.is_close() => break true,
            Ok(_) => {}
            Err(tungstenite::Error::Io(_) | tungstenite::Error::ConnectionClosed) => break true,
            Err(tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => break true,
            Err(_) => break false,
        }
    };
    assert_eq!(ours, theirs, "{end:?}");
    // Text is judged here as it comes, there at its end: only there may the end of the input hide the fault.
    match end {
        Some(Closed::Violation(Violation::NotUtf8 | Violation::CloseCode)) => {}
        Some(Closed::Violation(_)) => assert!(!faultless, "{end:?}"),
        _ => assert!(faultless, "{end:?}"),
    }
});
