//! Connections that are lost, or not to be had.

use sansocket_socketio::client::{Cause, ClientOptions, Reconnection};

use crate::support::{Talk, millis, punctual};

#[test]
fn it_tries_again_later_each_time() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    for (attempt, delay) in [(1, 1000), (2, 2000), (3, 4000), (4, 5000), (5, 5000)] {
        assert_eq!(talk.sent(), ["OPEN"]);
        talk.client.handle_close(Cause::TransportError, talk.now);
        let expected = format!("attempt {attempt} in {delay} ms");
        assert_eq!(talk.told(), ["not connected /: transport error, for now".to_string(), expected]);
        talk.wait(delay - 1);
        assert_eq!(talk.sent(), [""; 0]);
        talk.wait(1);
    }
    talk.open();
    talk.say(r#"0{"sid":"abc"}"#);
    assert_eq!(talk.cut(), ["disconnected /: transport close", "attempt 1 in 1000 ms"], "it counts anew");
}

#[test]
fn what_is_lost_comes_back_with_every_namespace() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    talk.namespace("/other");
    talk.say(r#"0/other,{"sid":"def"}"#);
    talk.client.handle_close(Cause::PingTimeout, talk.now);
    assert_eq!(
        talk.told(),
        ["disconnected /: ping timeout", "disconnected /other: ping timeout", "attempt 1 in 1000 ms"]
    );
    talk.client.handle_close(Cause::PingTimeout, talk.now);
    assert_eq!(talk.told(), [""; 0], "it is lost once");
    talk.wait(1000);
    talk.open();
    assert_eq!(talk.sent(), ["0", "0/other,"]);
    assert_eq!(talk.say(r#"0{"sid":"2"}"#), ["opened", "connected / 2"]);
}

#[test]
fn an_attempt_may_not_take_for_ever() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    assert_eq!(talk.sent(), ["OPEN"]);
    assert_eq!(talk.wait(19_999), [""; 0]);
    assert_eq!(talk.wait(1), ["not connected /: timeout, for now", "attempt 1 in 1000 ms"]);
    assert_eq!(talk.sent(), ["CLOSE"]);
    talk.client.handle_open("engine", talk.now);
    assert_eq!(talk.told(), [""; 0], "it is given up");
    talk.wait(1000);
    assert_eq!(talk.sent(), ["OPEN"]);
}

#[test]
fn the_time_of_an_attempt_begins_when_somebody_makes_it() {
    let mut talk = Talk::new(ClientOptions::default());
    talk.namespace("/");
    assert_eq!(talk.wait(3_600_000), [""; 0], "the machine slept");
    assert_eq!(talk.sent(), ["OPEN"]);
    assert_eq!(talk.wait(19_999), [""; 0]);
}

#[test]
fn after_enough_attempts_it_gives_up_until_somebody_begins_anew() {
    let rules = Reconnection { attempts: Some(2), ..punctual().unwrap() };
    let mut talk = Talk::with(ClientOptions { reconnection: Some(rules), ..ClientOptions::default() });
    talk.namespace("/");
    for _ in 0..2 {
        assert_eq!(talk.sent(), ["OPEN"]);
        talk.cut();
        talk.wait(5000);
    }
    assert_eq!(talk.sent(), ["OPEN"]);
    assert_eq!(talk.cut(), ["not connected /: transport close, for now", "given up"]);
    assert_eq!((talk.sent(), talk.client.poll_timeout()), (vec![], None));
    assert!(talk.client.is_idle());

    talk.client.open(talk.now);
    assert_eq!(talk.sent(), ["OPEN"]);
    assert_eq!(talk.cut(), ["not connected /: transport close, for now", "attempt 1 in 1000 ms"]);
}

#[test]
fn without_reconnection_a_lost_connection_stays_lost() {
    let options = ClientOptions { reconnection: None, ..ClientOptions::default() };
    let (mut talk, main) = Talk::connected(options);
    assert_eq!(talk.cut(), ["disconnected /: transport close"]);
    assert!(talk.client.is_idle() && talk.client.is_wanted(main));
    talk.client.connect(main, talk.now);
    talk.open();
    assert_eq!(talk.sent(), ["0"]);
}

#[test]
fn who_cannot_wait_tries_at_once() {
    let (mut talk, _) = Talk::connected(ClientOptions::default());
    talk.cut();
    talk.client.open(talk.now);
    assert_eq!(talk.sent(), ["OPEN"]);
    talk.client.open(talk.now);
    assert_eq!(talk.sent(), [""; 0]);
}

#[test]
fn who_leaves_meanwhile_does_not_come_back() {
    let (mut talk, main) = Talk::connected(ClientOptions::default());
    talk.cut();
    talk.client.disconnect(main, talk.now);
    assert_eq!((talk.told(), talk.client.poll_timeout()), (vec![], None), "it was disconnected already");
    assert!(talk.client.is_idle());
}

#[test]
fn an_attempt_that_nobody_wants_any_more_is_given_up() {
    let mut talk = Talk::new(ClientOptions::default());
    let main = talk.namespace("/");
    assert_eq!(talk.sent(), ["OPEN"]);
    talk.client.disconnect(main, talk.now);
    assert_eq!(talk.sent(), ["CLOSE"]);
    assert_eq!(talk.cut(), [""; 0]);
    assert!(talk.client.is_idle());
}

#[test]
fn the_time_between_attempts_is_left_to_chance() {
    let delays = |seed: u8| {
        let mut client = sansocket_socketio::client::Client::new(ClientOptions::default(), [seed; 32]);
        let mut now = sansocket_core::Instant::ZERO;
        client.namespace(sansocket_socketio::Nsp::main(), None, now);
        let mut delays = Vec::new();
        for _ in 0..50 {
            client.poll_transmit(sansocket_socketio::Writable::Now);
            client.handle_close(Cause::TransportError, now);
            let next = client.poll_timeout().expect("an attempt");
            delays.push(next - now);
            now = next;
            client.handle_timeout(now);
        }
        delays
    };
    assert_eq!(delays(1), delays(1));
    assert_ne!(delays(1), delays(2), "not all clients come at once");
    let first = delays(1)[0];
    assert!((millis(500)..=millis(1500)).contains(&first));
    assert!(delays(1).iter().all(|delay| *delay <= millis(5000)));
}
