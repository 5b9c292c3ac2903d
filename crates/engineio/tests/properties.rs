//! It does not matter how what is said is cut into requests, nor when somebody asks; and what is held is bounded.
mod support;

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use sansocket_core::{Data, Message};
use sansocket_engineio::server::{ConnectionId, Purpose, SessionId};
use sansocket_engineio::{Form, Packet, PayloadReader, Protocol, Reason, jsonp};
use sansocket_testkit::Random;
use support::{Heard, House, body, text};

const FORMS: [Form; 3] = [Form::V4, Form::V3Text, Form::V3Binary];
const PROTOCOLS: [Protocol; 2] = [Protocol::V4, Protocol::V3];

/// What a client may say; what ends its session stands last.
const SAID: [&str; 10] = ["4a", "4", "b", "bAQID", "6", "3", "4ü€😀", "0{}", "7", "1"];

fn packets() -> impl Strategy<Value = Vec<&'static str>> {
    vec(prop_oneof![20 => 0..8_usize, 1 => 8..10_usize].prop_map(|at| SAID[at]), 1..12)
}

/// What a session hears of these packets, however they come.
fn heard_by_polling(packets: &[&str], most: usize) -> Vec<Heard> {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    for some in packets.chunks(most) {
        house.post(&sid, some.join("\u{1e}"));
    }
    house.hears(session)
}

fn heard_by_websocket(packets: &[&str]) -> Vec<Heard> {
    let mut house = House::default();
    let (websocket, session) = house.open_websocket(Protocol::V4);
    packets.iter().for_each(|packet| house.says(websocket, packet));
    house.hears(session)
}

proptest! {
    //
    #[test]
    fn the_same_is_heard_however_it_is_cut_and_carried(packets in packets(), most in 1_usize..5) {
        let whole = heard_by_polling(&packets, packets.len());
        prop_assert_eq!(&heard_by_polling(&packets, most), &whole);
        prop_assert_eq!(&heard_by_websocket(&packets), &whole);
    }

    //
    #[test]
    fn the_same_is_told_however_it_is_fetched(
        numbers in vec(any::<bool>(), 1..20), polls in vec(any::<bool>(), 20),
    ) {
        // Between two messages the client polls, or does not.
        let mut house = House::default();
        let (sid, session) = house.open(Protocol::V4);
        let (mut told, mut expected) = (Vec::new(), Vec::new());
        for ((number, as_bytes), polls) in numbers.iter().enumerate().zip(polls) {
            let number = number.to_string();
            let (message, packet) = match as_bytes {
                true => (Message::binary(number.clone().into_bytes()), Packet::Message(Data::Binary(number.as_bytes()))),
                false => (Message::text(&*number), Packet::Message(number.as_str().into())),
            };
            expected.push(packet.encode(Protocol::V4, sansocket_engineio::Binary::Base64));
            house.server.send(session, message).expect("room");
            if polls {
                told.push(fetch(&mut house, &sid));
            }
        }
        house.server.close(session, house.now);
        told.push(fetch(&mut house, &sid));
        let told: Vec<String> =
            told.iter().flat_map(|body| body.split('\u{1e}')).filter(|packet| *packet != "1").map(Into::into).collect();
        let expected: Vec<String> =
            expected.iter().map(|packet| packet.as_text().expect("text").to_string()).collect();
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn what_is_lent_is_what_is_decoded(packet in "[0-7b4]?[a-zA-Z0-9+/=€ ]{0,12}", raw in vec(any::<u8>(), 0..6)) {
        let mut scratch = Vec::new();
        for protocol in PROTOCOLS {
            for message in [Data::Text(packet.as_str().into()), Data::Binary(&raw)] {
                let is_armored = matches!(message, Data::Text(_)) && packet.starts_with('b');
                let lent = Packet::lend(protocol, message);
                prop_assert_eq!(lent.is_none(), is_armored);
                if let Some(lent) = lent {
                    prop_assert_eq!(lent, Packet::decode(protocol, message, &mut scratch));
                }
            }
        }
    }

    #[test]
    fn a_payload_costs_no_more_than_its_body_twice(body in vec(any::<u8>(), 0..300), seed in any::<u64>()) {
        // Mostly base64, which is what has to lie somewhere.
        let mut random = Random::new(seed);
        let armored: Vec<u8> = body.iter().map(|_| b"AAAAbb=\x1e:4"[random.below(10)]).collect();
        for body in [body, armored] {
            let bound = 2 * body.len() + 8;
            let form_of_script = jsonp::decode(&[b"d=", &body[..]].concat());
            prop_assert!(form_of_script.is_err() || form_of_script.is_ok_and(|decoded| decoded.len() <= body.len()));
            for form in FORMS {
                let mut reader = PayloadReader::new(form, body.clone().into(), Default::default());
                while reader.next().is_some() {}
                prop_assert!(reader.memory() <= bound, "{} of {}", reader.memory(), body.len());
            }
        }
    }
}

/// What a poll gets that is answered at once, or nothing.
fn fetch(house: &mut House, sid: &str) -> String {
    let session = house.server.sessions().next().expect("it lives");
    if house.server.waiting_bytes(session) == 0 {
        return String::from("1");
    }
    let poll = house.poll(sid);
    body(&house.answer(poll).expect("something waits"))
}

/// `R-002`: one that looks and asks whenever it can beside one that does not: nobody hears anything else for it.
#[test]
fn calls_that_ask_may_come_at_any_time() {
    for seed in 0..500 {
        let tellings =
            [Asking::Never, Asking::Always].map(|asking| Visit::new(asking).run(Random::new(seed)));
        assert_eq!(tellings[0], tellings[1], "visit {seed}");
        assert!(tellings[0].len() > 10, "{:?}", tellings[0]);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    Never,
    Always,
}

/// A session from its beginning, and all that its ends were told.
struct Visit {
    asking: Asking,
    house: House,
    sid: String,
    session: SessionId,
    websocket: Option<ConnectionId>,
    told: Vec<String>,
}

impl Visit {
    fn new(asking: Asking) -> Visit {
        let mut house = House::default();
        let (sid, session) = house.open(Protocol::V4);
        Visit { asking, house, sid, session, websocket: None, told: Vec::new() }
    }

    fn run(mut self, mut random: Random) -> Vec<String> {
        for step in 0..40 {
            self.happen(step, &mut random);
            let heard = self.house.hears(self.session);
            self.told.extend(heard.iter().map(|heard| format!("{heard:?}")));
            if let Some(websocket) = self.websocket {
                self.told.extend(self.house.sends_text(websocket));
            }
            self.ask();
        }
        self.house.server.close(self.session, self.house.now);
        self.house.passes(Duration::from_secs(60));
        let heard = self.house.hears(self.session);
        self.told.extend(heard.iter().map(|heard| format!("{heard:?}")));
        self.told
    }

    fn happen(&mut self, step: usize, random: &mut Random) {
        match random.below(8) {
            0 | 1 => {
                let poll = self.house.poll(&self.sid);
                let answer = self.house.answer(poll);
                self.told.extend(answer.map(|answer| format!("{} {}", answer.status, body(&answer))));
                // A poll that waits is let go of in time, so that no other meets it.
                self.house.server.send(self.session, Message::text("go on")).ok();
                let answer = self.house.answer(poll);
                self.told.extend(answer.map(|answer| format!("{} {}", answer.status, body(&answer))));
            }
            2 | 3 => {
                let answer = self.house.post(&self.sid, format!("4{step}\u{1e}3\u{1e}6"));
                self.told.push(format!("{} {}", answer.status, body(&answer)));
            }
            4 => {
                let sent = self.house.server.send(self.session, Message::text(step.to_string()));
                self.told.push(format!("{sent:?}"));
            }
            5 => self.house.passes(Duration::from_millis(random.number() % 9_000)),
            _ if self.websocket.is_none() => {
                self.websocket = self.house.probe(&self.sid, Protocol::V4).ok();
                self.say("2probe");
            }
            6 => self.say(["5", "4over there", "bAQID", "3"][random.below(4)]),
            _ => self.say("4and so on"),
        }
    }

    fn say(&mut self, message: &str) {
        if let Some(websocket) = self.websocket {
            self.house.says(websocket, message);
        }
    }

    /// All that changes nothing.
    fn ask(&mut self) {
        if self.asking == Asking::Never {
            return;
        }
        let House { server, now, .. } = &mut self.house;
        let _ = (server.has_room(self.session), server.waiting_bytes(self.session), server.len());
        let _ = (server.sid(self.session), server.protocol(self.session), server.transport(self.session));
        let poll = House::request("GET", &format!("EIO=4&transport=polling&sid={}", self.sid), b"");
        let _ = (server.check(&poll, Purpose::Exchange), server.check(&poll, Purpose::WebSocket));
        if server.poll_timeout().is_none_or(|due| due > *now) {
            server.handle_timeout(*now);
        }
        assert_eq!(server.poll_event(self.session, *now), None, "all of it was heard");
        assert!(server.poll_response().is_none());
        if let Some(websocket) = self.websocket {
            assert_eq!(server.poll_transmit(websocket), None, "all of it was sent");
        }
        // Of who has gone.
        let gone = server.handle_upgrade(House::request("GET", "EIO=4&transport=websocket", b""), *now);
        let gone = gone.expect("welcome");
        server.handle_close(gone, Reason::TransportClose);
        server.handle_close(gone, Reason::TransportError);
        assert_eq!(server.handle_message(gone, Data::Text("4x".into()), *now), None);
        assert_eq!(server.poll_transmit(gone), None);
        self.house.turn();
    }
}

#[test]
fn a_body_that_nobody_looks_at_is_held_once_and_stops_its_sender() {
    let mut house = House::default();
    let (sid, session) = house.open(Protocol::V4);
    let query = format!("EIO=4&transport=polling&sid={sid}");
    let long = House::request("POST", &query, &b"4".repeat(1_000_000));
    house.server.handle_request(long, house.now);
    assert!(house.server.poll_response().is_none(), "it waits for us");
    // Who does not wait for that is no client.
    house.server.handle_request(House::request("POST", &query, b"4more"), house.now);
    let answers: Vec<u16> =
        std::iter::from_fn(|| house.server.poll_response()).map(|answer| answer.response.status).collect();
    assert_eq!(answers, [400, 200]);
    let heard = house.hears(session);
    assert_eq!(heard, [text(&"4".repeat(999_999)), Heard::Closed(Reason::TransportError)]);
}
