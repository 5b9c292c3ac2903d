//! A machine may hold its next event back until what the last one led to is written, as one does whose peer asks a lot
//! and reads little. Then it wants no input either; the driver asks it again when something was written.
mod support;

use sansocket_core::{Input, Instant, Machine, Outbox, Transmit};
use sansocket_driver::Connection;
use support::{Peer, Read, TestClock, run, script};

/// Echoes lines, one at a time.
#[derive(Default)]
struct Cautious {
    out: Outbox,
    wants: bool,
    ended: bool,
}

impl Machine for Cautious {
    type Event<'i> = ();

    fn poll_event(&mut self, input: &mut Input, _now: Instant) -> Option<()> {
        let is_full = !self.out.is_empty();
        let end = input.raw().iter().position(|byte| *byte == b'\n').filter(|_| !is_full);
        self.wants = !is_full && end.is_none();
        self.out.extend(input.take(end? + 1));
        Some(())
    }

    fn wants_input(&self) -> bool {
        self.wants && !self.ended
    }

    fn handle_eof(&mut self, _now: Instant) {
        self.ended = true;
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        (!self.out.is_empty()).then_some(Transmit::Bytes(&mut self.out))
    }

    fn is_finished(&self) -> bool {
        self.ended && self.out.is_empty()
    }
}

fn echoed(plan: impl FnOnce(&Peer)) -> (Peer, Option<()>) {
    let (script, peer) = script::pair();
    plan(&peer);
    let mut connection = Connection::new(Cautious::default(), script, TestClock::default());
    let ended = run(connection.until(|(), _| None::<()>));
    (peer, ended.map(|never| assert_eq!(never, None)))
}

#[test]
fn all_that_lies_there_is_heard_as_answers_leave() {
    let (peer, ended) = echoed(|peer| {
        peer.plan([Read::Bytes(b"one\ntwo\nthree\n".to_vec()), Read::Later, Read::Eof]);
    });
    assert_eq!((peer.heard(), ended), ("one\ntwo\nthree\n".to_owned(), Some(())));
}

#[test]
fn nothing_is_asked_again_in_vain() {
    let (peer, ended) = echoed(|peer| peer.says("one\ntwo\nthr"));
    assert_eq!((peer.heard(), ended), ("one\ntwo\n".to_owned(), None), "it sleeps until the rest comes");
}
