//! Work that can be timed, and the proof that it is done.

use super::case::{Case, Task};
use super::frames::{self, RSV1};
use super::peers::{Peer, Seen};
use super::wire::Wire;
use super::zlib::Inflater;
use super::{limits, opening};
use sansocket_websocket::Role;

/// Does an operation so many times.
pub type Work = Box<dyn FnMut(usize)>;

/// A connection of `peer` that does `case`, if it can.
pub fn work(peer: &dyn Peer, case: &Case) -> Option<Work> {
    match case.task {
        Task::Decode => {
            let mut decode = peer.decoder(case, case.wire().0)?;
            let mut seen = Seen::default();
            Some(Box::new(move |n| decode(n, &mut seen)))
        }
        Task::Encode => peer.encoder(case, Wire::default()),
        Task::Open => {
            let mut open = peer.opener(case.role)?;
            let heard = opening::heard(case.role);
            Some(Box::new(move |n| (0..n).for_each(|_| open(heard.clone()))))
        }
    }
}

/// How many operations in one go make sense: several reads, for those that decode all of one before they return.
pub fn least(case: &Case) -> usize {
    match case.task {
        Task::Decode => {
            let (wire, count) = case.wire();
            (8 * super::wire::READ * count).div_ceil(wire.period())
        }
        Task::Encode | Task::Open => 1,
    }
}

/// Lets `peer` do `case` and looks at every byte. Limits that do no codec's work are let off.
pub fn check(peer: &dyn Peer, case: &Case) {
    if peer.name().starts_with('=') && !limits::STRICT.contains(&peer.name()) {
        return;
    }
    let about = (3_000_000 / (case.size + 64)).clamp(3, 20_000);
    let n = about.next_multiple_of(case.messages.len());
    match case.task {
        Task::Decode => {
            let Some(mut decode) = peer.decoder(case, case.wire().0) else { return };
            let mut seen = Seen::checking(case);
            (0..3).for_each(|_| decode(n, &mut seen));
            assert!(seen.messages >= 3 * n, "{}: {} messages of {}", peer.name(), seen.messages, 3 * n);
        }
        // These write no frames.
        Task::Encode if peer.name().ends_with("zlib-rs") || peer.name().ends_with("libdeflate") => {}
        Task::Encode => {
            let (wire, record) = Wire::default().recorded();
            let Some(mut encode) = peer.encoder(case, wire) else { return };
            encode(n);
            check_written(peer.name(), case, n, &record.lock().expect("one thread"));
        }
        Task::Open => {
            let Some(mut open) = peer.opener(case.role) else { return };
            let (wire, record) = opening::heard(case.role).recorded();
            open(wire);
            opening::check(case.role, &record.lock().expect("one thread"));
        }
    }
}

fn check_written(who: &str, case: &Case, n: usize, wire: &[u8]) {
    let written = frames::messages(wire);
    assert_eq!(written.len(), n, "{who}: messages written");
    let mut inflater = case.deflate.map(|takeover| Inflater::new(takeover, case.longest()));
    for (i, (message, expected)) in written.iter().zip(case.messages.iter().cycle()).enumerate() {
        assert_eq!(message.masked, case.role == Role::Client, "{who}: mask of message {i}");
        let (rsv, opcode) = (message.head & !0xf, message.head & 0xf);
        assert_eq!(opcode, case.kind().opcode() as u8, "{who}: kind of message {i}");
        let payload = match &mut inflater {
            Some(inflater) if rsv == RSV1 => inflater.inflate(&message.payload),
            _ if rsv == 0 => &message.payload,
            _ => panic!("{who}: reserved bits of message {i}"),
        };
        assert!(payload == expected, "{who}: message {i} differs");
    }
}
