//! Frames: receiving and sending in memory, in both roles.

use std::rc::Rc;

use sansocket_websocket::frame::Opcode;
use sansocket_websocket::{Kind, Role};

use crate::payload::{Content, Random};
use crate::peers::{self, Messages, Peer, Seen};
use crate::wire::{self, Wire};
use crate::work::{Entry, Plan, Section, Work};

use Content::*;

/// Messages that a server or a client receives.
pub fn decode() -> Section {
    let mut cases = Vec::new();
    for (content, sizes) in [
        (Binary, &[0, 16, 125, 1024, 16 << 10, 64 << 10][..]),
        (Ascii, &[16, 125, 1024, 16 << 10]),
        (Multibyte, &[125, 1024, 16 << 10]),
        (MixedBinary, &[0]),
        (MixedText, &[0]),
    ] {
        cases.extend(sizes.iter().map(|size| Case::new(Role::Server, content, *size)));
    }
    cases.extend(
        [Binary, Ascii].map(|content| Case { fragments: 8, ..Case::new(Role::Server, content, 1024) }),
    );
    for (content, size) in [(Binary, 16), (Binary, 1024), (Ascii, 125), (Ascii, 16 << 10), (MixedText, 0)] {
        cases.push(Case::new(Role::Client, content, size));
    }
    Section {
        title: "Receiving",
        note: "ns per whole message, one copy out of the socket included. A server's are masked.",
        columns: peers::NAMES,
        rows: cases.into_iter().map(|case| case.plan("decode", Case::receivers)).collect(),
    }
}

/// Messages that a server or a client sends.
pub fn encode() -> Section {
    let mut cases = Vec::new();
    for role in [Role::Server, Role::Client] {
        cases.extend([16, 125, 1024, 16 << 10].map(|size| Case::new(role, Binary, size)));
        cases.push(Case::new(role, MixedText, 0));
    }
    Section {
        title: "Sending",
        note: "ns per message, 16 messages to a write (fastwebsockets: one). A client's are masked.",
        columns: peers::NAMES,
        rows: cases.into_iter().map(|case| case.plan("encode", Case::senders)).collect(),
    }
}

/// One kind of traffic.
#[derive(Clone, Copy)]
struct Case {
    role: Role,
    content: Content,
    /// Bytes of a message; mixed ones have their own.
    size: usize,
    /// Frames of a message that is received.
    fragments: usize,
}

impl Case {
    fn new(role: Role, content: Content, size: usize) -> Case {
        Case { role, content, size, fragments: 1 }
    }

    fn plan(self, verb: &str, entries: fn(&Case) -> Vec<Entry>) -> Plan {
        let role = if self.role == Role::Server { "server" } else { "client" };
        let content = match self.content {
            Binary => "binary",
            Ascii => "ascii",
            Multibyte => "multibyte",
            Json => "json",
            MixedBinary => "binary/4-1024",
            MixedText => "text/4-1024",
        };
        let mut name = format!("{verb}/{role}/{content}");
        if self.size > 0 || self.content == Binary {
            name += &format!("/{}", self.size);
        }
        if self.fragments > 1 {
            name += &format!("/in-{}", self.fragments);
        }
        Plan::new(name, move || entries(&self))
    }

    fn messages(&self) -> Messages {
        Messages { kind: self.content.kind(), payloads: self.content.messages(self.size) }
    }

    fn receivers(&self) -> Vec<Entry> {
        let messages = self.messages();
        let wire = Wire::repeating(self.wire(&messages));
        let entry = |peer: Box<dyn Peer>| {
            let receive = peer.receiver(self.role, wire.clone());
            check_receiver(peer.receiver(self.role, wire.clone()), &messages);
            Entry { who: peer.name(), work: receiving(receive) }
        };
        peers::all().map(entry).into()
    }

    fn senders(&self) -> Vec<Entry> {
        let messages = self.messages();
        let entry = |peer: Box<dyn Peer>| {
            let (wire, record) = Wire::default().recorded();
            let mut send = peer.sender(self.role, wire, &messages);
            send(2 * messages.payloads.len() + 40);
            check_sent(&record.borrow(), self.role, &messages);
            Entry { who: peer.name(), work: peer.sender(self.role, Wire::default(), &messages) }
        };
        peers::all().map(entry).into()
    }

    /// What the peer of this role sends: all messages, and enough of them to be several reads.
    fn wire(&self, messages: &Messages) -> Rc<[u8]> {
        let mut keys = Random::new(7);
        let mut wire = Vec::new();
        while wire.len() < 128 * 1024 {
            for payload in &messages.payloads {
                let opcode = messages.kind.opcode();
                self.put_message(&mut wire, opcode, &mut keys, payload);
            }
        }
        wire.into()
    }

    fn put_message(&self, wire: &mut Vec<u8>, opcode: Opcode, keys: &mut Random, payload: &[u8]) {
        let step = payload.len().div_ceil(self.fragments).max(1);
        let count = payload.len().div_ceil(step).max(1);
        for i in 0..count {
            let part = &payload[i * step..payload.len().min((i + 1) * step)];
            let mut header = wire::header(if i == 0 { opcode } else { Opcode::Continuation });
            header.fin = i + 1 == count;
            let keys = (self.role == Role::Server).then_some(&mut *keys);
            wire::put_frame(wire, header, keys, part);
        }
    }
}

/// The work of a receiver whose messages nobody looks into.
pub fn receiving(mut receive: peers::Receiver) -> Work {
    let mut seen = Seen::default();
    Box::new(move |n| receive(n, &mut seen))
}

/// Looks at every message of three rounds and more.
pub fn check_receiver(mut receive: peers::Receiver, messages: &Messages) {
    let bytes = messages.payloads.iter().map(|payload| payload.len() + 16).sum::<usize>();
    let n = messages.payloads.len() * (3_000_000 / bytes + 1);
    let mut seen = Seen::checking(messages);
    receive(n, &mut seen);
    assert_eq!(seen.messages, n);
}

/// Looks at every frame.
fn check_sent(wire: &[u8], role: Role, messages: &Messages) {
    let frames = wire::frames(wire);
    assert_eq!(frames.len(), 2 * messages.payloads.len() + 40);
    for (frame, payload) in frames.iter().zip(messages.payloads.iter().cycle()) {
        assert_eq!(frame.header.opcode, messages.kind.opcode());
        assert_eq!(frame.header.mask.is_some(), role == Role::Client);
        assert!(frame.header.fin && frame.header.rsv == 0 && frame.payload == *payload);
    }
    assert!(messages.kind == Kind::Binary || std::str::from_utf8(&frames[0].payload).is_ok());
}
