//! Acknowledgements in both directions.

use std::time::Duration;

use sansocket_socketio::server::{Answer, Event, Outcome, ServerOptions, Silent};
use sansocket_socketio::{AckError, AckId, Args, EmitError, Flags};

use crate::support::{House, args, everybody};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_client_is_answered() {
    let mut house = House::default();
    let guest = house.guest();
    house.says(guest.connection, r#"217["ask",1]"#);
    let events = house.events(guest.connection);
    let [Event::Received { ack: Some(ack), .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(*ack, AckId::from(17));
    house.server.acknowledge(guest.socket, *ack, args(("yes", 2)), house.now);
    assert_eq!(house.hears(guest.connection), [r#"317["yes",2]"#]);
}

#[test]
fn a_client_answers() {
    let mut house = House::default();
    let guest = house.guest();
    let now = house.now;
    let request =
        house.server.emit_with_ack(guest.socket, "ask", args(1), SECOND, Flags::default(), now).unwrap();
    assert_eq!(house.hears(guest.connection), [r#"20["ask",1]"#]);
    house.says(guest.connection, r#"30["yes",{"a":1}]"#);
    let result = Ok(args(("yes", serde_json::json!({"a": 1}))));
    assert_eq!(house.outcomes(), [Outcome::Acked { request, result }]);
    // Twice is once, and in time is not too late.
    house.says(guest.connection, r#"30["again"]"#);
    house.passes(2 * SECOND);
    assert_eq!(house.outcomes(), []);
}

#[test]
fn who_does_not_answer_is_waited_for_no_longer_than_was_said() {
    let mut house = House::default();
    let guest = house.guest();
    let now = house.now;
    let request =
        house.server.emit_with_ack(guest.socket, "ask", Args::none(), SECOND, Flags::default(), now).unwrap();
    house.passes(SECOND);
    assert_eq!(house.outcomes(), [Outcome::Acked { request, result: Err(AckError::TimedOut) }]);
    house.says(guest.connection, "30[]");
    assert_eq!(house.outcomes(), [], "too late");
}

#[test]
fn who_leaves_does_not_answer() {
    let mut house = House::default();
    let guest = house.guest();
    let now = house.now;
    let request =
        house.server.emit_with_ack(guest.socket, "ask", Args::none(), SECOND, Flags::default(), now).unwrap();
    house.leaves(guest);
    assert_eq!(house.outcomes(), [Outcome::Acked { request, result: Err(AckError::Disconnected) }]);
}

#[test]
fn nobody_answers_for_another() {
    // N-013
    let mut house = House::default();
    let (asked, other) = (house.guest(), house.guest());
    let now = house.now;
    house.server.emit_with_ack(asked.socket, "ask", Args::none(), SECOND, Flags::default(), now).unwrap();
    house.says(other.connection, r#"30["x"]"#);
    assert_eq!(house.outcomes(), []);
    house.says(asked.connection, r#"30["y"]"#);
    assert_eq!(house.outcomes().len(), 1);
}

#[test]
fn not_more_is_waited_for_than_may_be() {
    // N-011
    let mut house =
        House::new(ServerOptions { max_pending_acks: 100, high_water: usize::MAX, ..Default::default() });
    let guest = house.guest();
    let now = house.now;
    let ask = |house: &mut House| {
        house.server.emit_with_ack(guest.socket, "ask", Args::none(), SECOND, Flags::default(), now)
    };
    for _ in 0..100 {
        ask(&mut house).unwrap();
    }
    assert_eq!(ask(&mut house), Err(EmitError::TooManyAcks(Args::none())));
    house.passes(SECOND);
    assert_eq!(house.outcomes().len(), 100);
    ask(&mut house).unwrap();
}

#[test]
fn a_broadcast_tells_who_answered_and_who_did_not() {
    let mut house = House::default();
    let guests: Vec<_> = (0..3).map(|_| house.guest()).collect();
    let now = house.now;
    let request = house.server.broadcast_with_ack(&everybody(), "ask", args(1), SECOND, now).unwrap();
    for guest in &guests {
        assert_eq!(house.hears(guest.connection), [r#"20["ask",1]"#], "one number for all");
    }
    house.says(guests[0].connection, r#"30["a","b"]"#);
    house.leaves(guests[1]);
    assert_eq!(house.outcomes(), []);
    house.passes(SECOND);
    let ids: Vec<_> =
        guests.iter().map(|guest| house.server.socket(guest.socket).unwrap().id().clone()).collect();
    let answers = vec![Answer { socket: Some(ids[0].clone()), args: args(("a", "b")) }];
    let silent = Silent { sockets: vec![ids[1].clone(), ids[2].clone()], ..Silent::default() };
    assert_eq!(house.outcomes(), [Outcome::Answered { request, answers, silent }]);
}

#[test]
fn a_broadcast_ends_with_the_last_answer_or_at_once_if_nobody_is_there() {
    let mut house = House::default();
    let now = house.now;
    let nobody = house.server.broadcast_with_ack(&everybody(), "ask", Args::none(), SECOND, now).unwrap();
    let (answers, silent) = (Vec::new(), Silent::default());
    assert_eq!(house.outcomes(), [Outcome::Answered { request: nobody, answers, silent }]);

    let guest = house.guest();
    let one = house.server.broadcast_with_ack(&everybody(), "ask", Args::none(), SECOND, now).unwrap();
    house.says(guest.connection, "31[1]");
    let outcomes = house.outcomes();
    assert!(
        matches!(outcomes.as_slice(), [Outcome::Answered { request, silent, .. }] if *request == one && silent.is_empty())
    );
    assert_eq!(house.server.poll_timeout(), None, "nothing is waited for");
}
