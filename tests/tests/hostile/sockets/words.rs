//! What a peer says cannot disfigure a log. Nothing here writes one; what users may log, errors and reasons, is one short
//! line each, without control characters, whatever the peer said.

use std::future::ready;
use std::sync::{Arc, Mutex};

use sansocket_app::socketio::{EventError, Socket};
use sansocket_core::Message;
use sansocket_driver::Network;
use sansocket_socketio::client::{Client, ClientOptions, Event};
use sansocket_socketio::{Args, Decoder, Limits, Nsp, Parser, Writable};
use sansocket_testkit::hostile::entries;

use super::{House, Setting, TICK, elsewhere, enter, is_heard, meeting, on_both};

on_both! {
    p_013_an_event_that_reaches_no_handler_is_told_of_in_one_short_line: 8 << 20, 8 << 20;
}

/// What a terminal obeys, what ends a line, and what turns its direction.
const ODD: &str = "\u{1b}]0;title\u{7}\u{1b}[2J\r\nroot logged in\u{9b}31m\u{2028}\u{202e}";

fn is_harmless(shown: &str) -> bool {
    shown.len() < 600 && !shown.contains(|c: char| c.is_control() || "\u{2028}\u{202e}".contains(c))
}

async fn p_013_an_event_that_reaches_no_handler_is_told_of_in_one_short_line<N: Network>(on: N) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let errors = told.clone();
    let namespace = meeting()
        .on(ODD, async |_: Socket<N>, _: u8| {})
        .filter(async |_: Socket<N>, event| {
            let is_known = [ODD, "echo"].contains(&&*event.name);
            if is_known { Ok(()) } else { Err("unknown".into()) }
        })
        .on_error(move |_: Socket<N>, error: EventError| {
            errors.lock().expect("nobody panics").push(error.to_string());
            ready(())
        });
    let house = House::open(&on, Setting::default(), namespace).await;
    let address = house.address;
    let names = [ODD.to_owned(), ODD.repeat(1000), "x".repeat(100_000)];
    let events: Vec<String> = names
        .iter()
        .flat_map(|name| [vec![name], vec![name, name]])
        .map(|said| format!("42{}", serde_json::to_string(&said).expect("JSON")))
        .collect();
    let count = events.len();
    elsewhere(move || {
        let mut line = enter(address);
        events.iter().for_each(|event| line.send(event));
        is_heard(&mut line);
    })
    .await;
    while told.lock().expect("nobody panics").len() < count {
        on.sleep(TICK).await;
    }
    let told = told.lock().expect("nobody panics");
    assert!(told.iter().all(|shown| is_harmless(shown)), "{told:?}");
}

#[test]
fn p_013_arguments_of_another_type_are_told_of_in_one_short_line() {
    #[derive(serde::Deserialize, Debug)]
    enum Known {
        Word,
    }
    for said in [ODD.to_owned(), ODD.repeat(10_000), "x".repeat(1_000_000)] {
        let args = Args::new(&said).expect("text");
        let shown =
            [args.read::<u8>().unwrap_err().to_string(), args.read::<Known>().unwrap_err().to_string()];
        assert!(shown.iter().all(|shown| is_harmless(shown)), "{shown:?}");
        assert!(shown[0].ends_with("expected u8") && shown[1].ends_with("expected `Word`"), "{shown:?}");
    }
}

#[test]
fn p_013_a_refusal_is_shown_in_one_short_line_and_told_whole() {
    for message in [ODD.to_owned(), ODD.repeat(10_000)] {
        let mut client = Client::new(ClientOptions::default(), [1; 32]);
        let now = sansocket_core::Instant::ZERO;
        client.namespace(Nsp::main(), None, now);
        while client.poll_transmit(Writable::Now).is_some() {}
        client.handle_open("", now);
        let refusal = serde_json::json!({ "message": message });
        client.handle_message(format!("4{refusal}").as_str().into(), now);
        let told = std::iter::from_fn(|| client.poll_event()).find_map(|event| match event {
            Event::ConnectError { error, .. } => Some(error),
            _ => None,
        });
        let error = told.expect("it was refused");
        assert!(is_harmless(&error.to_string()), "{error}");
        let sansocket_socketio::client::ConnectError::Refused { message: whole, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(whole, message);
    }
}

#[test]
fn p_013_what_is_no_packet_is_shown_in_one_short_line() {
    let listed = entries("socketio").into_iter().map(|entry| entry.input);
    let own = [ODD.to_owned(), format!("2[\"{ODD}\""), format!("0/{ODD},"), format!("4{ODD}")];
    for said in listed.chain(own) {
        for message in [Message::from(&*said), Message::binary(said.clone().into_bytes())] {
            for parser in [Parser::Json, Parser::Msgpack] {
                let mut decoder = Decoder::new(parser, Arc::new(Limits::default()));
                if let Err(error) = decoder.handle_message(message.clone()) {
                    let shown = error.to_string();
                    assert!(is_harmless(&shown) && shown.len() < 100, "{shown:?}");
                }
            }
        }
    }
}
