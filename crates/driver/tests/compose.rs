//! The shape that protocols on top of each other take: one item may carry many packets, the lower floor keeps it in the
//! `Input` until it is consumed, and every floor hands on one event a call. What is nobody's business above is
//! `Housekeeping`. Nowhere is there a loop inside `poll_event`, and nothing is copied.
mod support;

use sansocket_core::{Endpoint, Input, Instant, Machine, Outbox, SendError, Transmit};
use sansocket_driver::Connection;
use support::{Peer, Read, TestClock, run, script};

/// The lower floor: bodies of packets, as a polling transport carries them. `5:=a␞b␞c` is a body of five bytes as they
/// are; in `2:*ab` every byte stands for two, so that the body cannot lie in the read buffer.
#[derive(Default)]
struct Bodies {
    /// A whole body lies in the input and is handed out packet by packet.
    is_whole: bool,
}

const SEPARATOR: u8 = 0x1e;

enum Packet<'i> {
    Packet(&'i str),
    /// A body has come; its packets follow.
    Housekeeping,
}

impl Bodies {
    fn poll_packet<'i>(&mut self, input: &'i mut Input) -> Option<Packet<'i>> {
        if !self.is_whole {
            self.is_whole = self.find_body(input);
            return self.is_whole.then_some(Packet::Housekeeping);
        }
        let held = input.held();
        let end = held.iter().position(|byte| *byte == SEPARATOR);
        self.is_whole = end.is_some();
        let len = end.unwrap_or(held.len());
        let packet = input.take_held(len + usize::from(end.is_some()));
        Some(Packet::Packet(std::str::from_utf8(&packet[..len]).expect("tests speak UTF-8")))
    }

    fn find_body(&self, input: &mut Input) -> bool {
        let raw = input.raw();
        let Some(colon) = raw.iter().position(|byte| *byte == b':') else { return false };
        let len: usize = std::str::from_utf8(&raw[..colon]).unwrap().parse().unwrap();
        if raw.len() < colon + 2 + len {
            return false;
        }
        let kind = raw[colon + 1];
        input.skip(colon + 2);
        match kind {
            b'=' => input.hold(len, |window, raw| window.copy_within(raw.., 0)),
            _ => {
                let inflated: Vec<u8> = input.take(len).iter().flat_map(|byte| [*byte, *byte]).collect();
                input.derive(&inflated);
            }
        }
        true
    }
}

/// The middle floor: packets that mean something. It knows nothing of bodies.
#[derive(Default)]
struct Packets {
    pings: usize,
}

enum Meaning<'m> {
    Message(&'m str),
    Ping,
    Other,
}

impl Packets {
    fn handle_packet<'m>(&mut self, packet: &'m str) -> Meaning<'m> {
        match packet.split_at_checked(1) {
            Some(("4", message)) => Meaning::Message(message),
            Some(("2", _)) => {
                self.pings += 1;
                Meaning::Ping
            }
            _ => Meaning::Other,
        }
    }
}

/// The floors on each other.
#[derive(Default)]
struct Stack {
    bodies: Bodies,
    packets: Packets,
    out: Outbox,
    dry: bool,
    eof: bool,
    ended: bool,
}

#[derive(Debug, PartialEq)]
enum Event<'i> {
    Message(&'i str),
    Housekeeping,
    Ended,
}

impl Machine for Stack {
    type Event<'i> = Event<'i>;

    fn poll_event<'i>(&mut self, input: &'i mut Input, _now: Instant) -> Option<Event<'i>> {
        let Stack { bodies, packets, out, .. } = self;
        let Some(packet) = bodies.poll_packet(input) else {
            self.dry = true;
            let ends = self.eof && !self.ended;
            self.ended |= ends;
            return ends.then_some(Event::Ended);
        };
        self.dry = false;
        Some(match packet {
            Packet::Housekeeping => Event::Housekeeping,
            Packet::Packet(packet) => match packets.handle_packet(packet) {
                Meaning::Message(message) => Event::Message(message),
                Meaning::Ping => {
                    // While the packet is lent.
                    out.extend(b"1:=3");
                    Event::Housekeeping
                }
                Meaning::Other => Event::Housekeeping,
            },
        })
    }

    fn wants_input(&self) -> bool {
        self.dry && !self.eof
    }

    fn handle_eof(&mut self, _now: Instant) {
        self.eof = true;
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

impl Endpoint for Stack {
    type Received = String;
    type Sent = String;
    type Goodbye = ();

    fn own(event: Event<'_>) -> Option<String> {
        match event {
            Event::Message(message) => Some(message.into()),
            _ => None,
        }
    }

    fn has_room(&self) -> bool {
        self.out.len() < 1000
    }

    fn send(&mut self, message: String) -> Result<(), SendError<String>> {
        if !self.has_room() {
            return Err(SendError::Blocked(message));
        }
        self.out.extend(format!("{}:=4{message}", message.len() + 1).as_bytes());
        Ok(())
    }

    fn close(&mut self, _goodbye: (), _now: Instant) {
        self.eof = true;
    }
}

fn connect() -> (Connection<Stack, script::Script, TestClock>, Peer) {
    let (script, peer) = script::pair();
    (Connection::new(Stack::default(), script, TestClock::default()), peer)
}

/// A body of three packets, one of them inflated from two bytes, and a body of one.
const SAID: &[u8] = b"14:=4one\x1e2\x1e4three!2:*4x3:=4hi";
const HEARD: [&str; 4] = ["one", "three!", "4xx", "hi"];

#[test]
fn three_packets_of_one_body_come_one_a_call_and_lent() {
    let (mut connection, peer) = connect();
    peer.says(SAID);
    let mut seen = Vec::new();
    assert!(
        run(connection.serve(|event, stack| {
            if let Event::Message(message) = event {
                // The stack is commanded while the message is lent from the body.
                stack.send(message.to_uppercase()).unwrap();
            }
            seen.push(format!("{event:?}"));
        }))
        .is_none()
    );
    let quiet = "Housekeeping";
    let expected = [
        quiet,
        "Message(\"one\")",
        quiet,
        "Message(\"three!\")",
        quiet,
        "Message(\"4xx\")",
        quiet,
        "Message(\"hi\")",
    ];
    assert_eq!(seen, expected);
    assert_eq!(peer.heard(), "4:=4ONE1:=37:=4THREE!4:=44XX3:=4HI");
    assert_eq!(peer.calls().writes, 1);
    assert_eq!(connection.machine().packets.pings, 1);
}

#[test]
fn chunks_of_any_size_make_no_difference() {
    for chunk in 1..=SAID.len() {
        let (mut connection, peer) = connect();
        for bytes in SAID.chunks(chunk) {
            peer.plan([Read::Bytes(bytes.to_vec()), Read::Later]);
        }
        peer.plan([Read::Eof]);
        let mut received = Vec::new();
        run(async {
            while let Some(message) = connection.next().await {
                received.push(message);
            }
        })
        .expect("the end came");
        assert_eq!(received, HEARD, "in chunks of {chunk}");
    }
}

#[test]
fn who_stops_asking_leaves_the_rest_of_the_body_where_it_is() {
    let (mut connection, peer) = connect();
    peer.says(SAID);
    peer.plan([Read::Eof]);
    assert_eq!(run(connection.next()), Some(Some("one".into())));
    run(connection.flush()).unwrap().unwrap();
    assert_eq!(peer.heard(), "", "the ping behind it was not looked at");
    for message in &HEARD[1..] {
        assert_eq!(run(connection.next()).unwrap().as_deref(), Some(*message));
    }
    assert_eq!(run(connection.next()), Some(None));
}
