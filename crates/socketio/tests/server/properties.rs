//! It does not matter when somebody asks, nor what is said to those who are gone.

use std::time::Duration;

use sansocket_socketio::server::{Closing, ConnectError, Event, Reason, Recovery, ServerOptions, SocketId};
use sansocket_socketio::{AckId, Args, Flags, Nsp, Writable};
use sansocket_testkit::Random;

use crate::support::{Guest, House, args, everybody, welcomed};

/// `R-002`: one who looks and asks whenever he can beside one who does not: nobody hears anything else for it.
#[test]
fn calls_that_ask_may_come_at_any_time() {
    for seed in 0..200 {
        let tellings =
            [Asking::Never, Asking::Always].map(|asking| Visit::new(asking).run(Random::new(seed)));
        assert_eq!(tellings[0], tellings[1], "visit {seed}");
        assert!(tellings[0].len() > 20, "{:?}", tellings[0]);
    }
}

/// It does not matter either whether events are looked at one by one, or when all has happened.
#[test]
fn events_wait_in_order_until_they_are_looked_at() {
    let said = ["2[\"a\"]", "20[\"b\"]", "3999[]", "2[\"c\",1]", "1"];
    let at_once = |looks: bool| {
        let mut house = House::default();
        let guest = house.guest();
        let mut events = Vec::new();
        for said in said {
            house.says(guest.connection, said);
            if looks {
                events.extend(house.events(guest.connection));
            }
        }
        events.extend(house.events(guest.connection));
        events
    };
    assert_eq!(at_once(true), at_once(false));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    Never,
    Always,
}

/// Some guests, and all that they and the user were told.
struct Visit {
    asking: Asking,
    house: House,
    guests: Vec<Guest>,
    /// The proofs of those who may come back.
    proofs: Vec<String>,
    told: Vec<String>,
}

impl Visit {
    fn new(asking: Asking) -> Visit {
        let options = ServerOptions { recovery: Some(Recovery::default()), ..ServerOptions::default() };
        let house = House::new(options);
        Visit { asking, house, guests: Vec::new(), proofs: Vec::new(), told: Vec::new() }
    }

    fn run(mut self, mut random: Random) -> Vec<String> {
        for step in 0..60 {
            self.happen(step, &mut random);
            self.look();
            if self.asking == Asking::Always {
                self.ask();
            }
        }
        for guest in self.guests.clone() {
            self.house.leaves(guest);
        }
        self.house.passes(Duration::from_secs(300));
        self.look();
        assert!(self.house.server.is_empty());
        self.told
    }

    fn happen(&mut self, step: u32, random: &mut Random) {
        let now = self.house.now;
        let one = (!self.guests.is_empty()).then(|| random.below(self.guests.len().max(1)));
        let Some(one) = one.filter(|_| random.below(5) > 0) else { return self.arrive() };
        let Guest { socket, connection } = self.guests[one];
        let server = &mut self.house.server;
        match random.below(10) {
            0 => server.handle_message(connection, format!(r#"2["x",{step}]"#).into(), now),
            1 => server.handle_message(connection, format!(r#"2{step}["x"]"#).into(), now),
            2 => drop(server.join(socket, ["a", "b"][random.below(2)])),
            3 => server.leave(socket, ["a", "b"][random.below(2)]),
            4 => drop(server.emit(socket, "e", args(step), Flags::default(), now)),
            5 => {
                let timeout = Duration::from_secs(random.below(9) as u64);
                drop(server.emit_with_ack(socket, "q", args(step), timeout, Flags::default(), now));
            }
            6 => self.house.broadcast(&everybody().to(["a", "b"][random.below(2)]), "all", args(step)),
            7 => self.house.passes(Duration::from_secs(random.below(30) as u64)),
            8 => self.come_back(one),
            _ => server.disconnect(socket, [Closing::Namespace, Closing::Connection][random.below(2)], now),
        }
    }

    fn arrive(&mut self) {
        let connection = self.house.open();
        self.house.says(connection, "0");
        let events = self.house.events(connection);
        let [Event::Connecting(socket)] = events.as_slice() else { panic!("{events:?}") };
        self.house.server.accept(*socket, self.house.now);
        let welcome = self.house.hears(connection).remove(0);
        self.proofs.push(welcomed(&welcome, "pid").expect("it may come back"));
        self.guests.push(Guest { connection, socket: *socket });
    }

    fn come_back(&mut self, one: usize) {
        self.house.leaves(self.guests[one]);
        let after = self.house.open();
        let connect = format!(r#"0{{"pid":"{}"}}"#, self.proofs[one]);
        let before = std::mem::replace(&mut self.guests[one].connection, after);
        self.house.says(after, connect);
        let rest = self.house.events(before);
        self.told.extend(rest.iter().map(|event| format!("{event:?}")));
    }

    /// All that happened is told.
    fn look(&mut self) {
        for guest in self.guests.clone() {
            for event in self.house.events(guest.connection) {
                self.told.push(format!("{event:?}"));
                if let Event::Received { socket, args, ack: Some(ack), .. } = event {
                    self.house.server.acknowledge(socket, ack, args, self.house.now);
                }
            }
            let heard = self.house.hears(guest.connection);
            self.told.extend(heard);
        }
        let outcomes = self.house.outcomes();
        self.told.extend(outcomes.iter().map(|outcome| format!("{outcome:?}")));
        let notices = self.house.notices();
        self.told.extend(notices.iter().map(|notice| format!("{notice:?}")));
    }

    /// All that may be asked at any time, and all that comes too late.
    fn ask(&mut self) {
        let House { server, now, .. } = &mut self.house;
        let main = Nsp::main();
        while server.poll_dirty().is_some() {}
        let _ = (server.poll_timeout(), server.is_empty(), server.options(), server.rooms(&main));
        let _ = (server.room_size(&main, "a"), server.sockets(&everybody()), server.node_count());
        assert_eq!((server.poll_cluster(), server.poll_outcome(), server.poll_notice()), (None, None, None));
        if server.poll_timeout().is_none_or(|due| due > *now) {
            server.handle_timeout(*now);
        }
        for Guest { socket, connection } in &self.guests {
            let _ = (server.socket(*socket), server.has_room(*socket), server.waiting_bytes(*socket));
            let _ = (server.sockets_of(*connection), server.is_in(*socket, "a"));
            assert!(server.has_appetite(*connection));
            assert_eq!(server.poll_event(*connection), None, "all of it was heard");
            assert_eq!(server.poll_transmit(*connection, Writable::Later), None, "all of it was sent");
            server.accept(*socket, *now);
            server.refuse(*socket, ConnectError::new("too late"), *now);
        }
        self.meddle();
    }

    /// `R-005`: what concerns who is gone concerns nobody.
    fn meddle(&mut self) {
        let nobody = SocketId::default();
        let gone = self.house.open();
        self.house.leaves(Guest { socket: nobody, connection: gone });
        assert_eq!(self.house.events(gone), [Event::Closed]);
        self.house.says(gone, "0");
        let House { server, now, .. } = &mut self.house;
        server.handle_close(gone, Reason::TransportError, *now);
        assert_eq!((server.poll_event(gone), server.poll_transmit(gone, Writable::Now)), (None, None));
        server.accept(nobody, *now);
        server.disconnect(nobody, Closing::Connection, *now);
        server.acknowledge(nobody, AckId::from(0), Args::none(), *now);
        server.join(nobody, "a").unwrap_err();
        server.leave(nobody, "a");
        server.leave_all(nobody);
        server.emit(nobody, "x", Args::none(), Flags::default(), *now).unwrap_err();
        assert!(server.socket(nobody).is_none() && !server.has_room(nobody));
    }
}
