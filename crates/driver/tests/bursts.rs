//! How long an answer waits for the rest of its burst, in exclusive use. (In shared use it does not: `shared.rs`.)
mod support;

use std::time::Duration;

use support::{Connection, MS, Peer, TestClock, connect, run};

/// When a burst is old.
const OLD: Duration = Duration::from_micros(200);

/// Receives one message, thinks about it for so long, and answers.
fn answer(connection: &mut Connection, clock: &TestClock, thought: Duration) {
    run(connection.next()).expect("nothing came").expect("it goes on");
    clock.advance(thought);
    run(connection.send("a".into())).expect("no room").expect("it is open");
}

/// How many answers have left.
fn left(peer: &Peer) -> usize {
    peer.heard().len() / "a\n".len()
}

#[test]
fn answers_held_back_leave_before_there_are_twice_as_many() {
    for quick in [0, 1, 2, 3, 5, 8, 63, 64, 100] {
        let (mut connection, peer, clock) = connect();
        peer.says("q\n".repeat(250));
        for answered in 1..=250 {
            answer(&mut connection, &clock, if answered > quick { MS } else { Duration::ZERO });
            if answered <= quick {
                assert_eq!(left(&peer), 0, "the {answered}. of {quick} quick ones waits for the others");
            } else if answered >= 2 * quick {
                assert_eq!(left(&peer), answered, "a slow one waits, behind {quick} quick ones");
            }
        }
    }
}

#[test]
fn the_pace_of_a_handler_delays_answers_no_longer_than_two_old_bursts() {
    for pace in [1, 10, 49, 50, 51, 99, 100, 101, 150, 199, 200, 201, 399, 1000].map(Duration::from_micros) {
        let (mut connection, peer, clock) = connect();
        peer.says("q\n".repeat(300));
        let mut gone = 0;
        for answered in 1..=300 {
            answer(&mut connection, &clock, pace);
            let waiting = answered - gone;
            if left(&peer) > gone {
                // The first of those that left now waited while the others were made.
                assert!(pace * (waiting as u32 - 1) <= 2 * OLD, "{waiting} answers, {pace:?} each");
                gone = left(&peer);
            }
        }
        assert_eq!(gone, 300, "the last finds nothing to wait for");
    }
}
