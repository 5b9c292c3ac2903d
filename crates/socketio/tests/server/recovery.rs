//! Clients that lost their connection come back as who they were, and have missed nothing.

use std::time::Duration;

use sansocket_socketio::server::{Closing, Event, Notice, Reason, Recovery, ServerOptions, SocketId, Target};
use sansocket_socketio::{Args, Flags, Nsp};

use crate::support::{Guest, House, args, everybody, value, welcomed};

fn recovering() -> House {
    House::new(ServerOptions { recovery: Some(Recovery::default()), ..ServerOptions::default() })
}

/// A client as those in browsers are: it remembers who it is, and what it heard last.
struct Client {
    guest: Guest,
    pid: String,
    offset: Option<String>,
}

impl Client {
    fn new(house: &mut House) -> Client {
        let connection = house.open();
        let socket = house.enters(connection, "0");
        let welcome = house.hears(connection).remove(0);
        let pid = welcomed(&welcome, "pid").expect("it may come back");
        Client { guest: Guest { connection, socket }, pid, offset: None }
    }

    /// What it hears, without offsets.
    fn hears(&mut self, house: &mut House) -> Vec<String> {
        let heard = house.hears(self.guest.connection);
        heard.into_iter().map(|packet| self.unstamped(&packet)).collect()
    }

    fn unstamped(&mut self, packet: &str) -> String {
        let Some(event) = packet.strip_suffix(r#""]"#).filter(|event| event.starts_with("2[")) else {
            return packet.to_owned();
        };
        let (event, offset) = event.rsplit_once(r#",""#).expect("an offset");
        self.offset = Some(offset.to_owned());
        format!("{event}]")
    }

    fn connect(&self) -> String {
        let offset =
            self.offset.as_ref().map(|offset| format!(r#","offset":"{offset}""#)).unwrap_or_default();
        format!(r#"0{{"pid":"{}"{offset}}}"#, self.pid)
    }

    /// It comes again on a fresh connection.
    fn returns(&mut self, house: &mut House) {
        self.guest.connection = house.open();
        let connect = self.connect();
        house.says(self.guest.connection, connect);
    }

    /// It comes back, and these events happen.
    fn comes_back(&mut self, house: &mut House) -> Vec<Event> {
        self.returns(house);
        house.events(self.guest.connection)
    }
}

/// The events of somebody who is let in as a new one.
fn is_new(events: &[Event], before: SocketId) -> bool {
    matches!(events, [Event::Connecting(socket)] if *socket != before)
}

#[test]
fn who_comes_back_hears_what_he_missed_and_then_that_he_is_in() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    let socket = client.guest.socket;
    house.server.join(socket, "r").unwrap();
    house.server.set_data(socket, value("kept"));
    house.emit(client.guest, "own", args(1));
    assert_eq!(client.hears(&mut house), [r#"2["own",1]"#]);
    let id = house.id(client.guest);

    house.leaves(client.guest);
    let reason = Reason::TransportClose;
    let gone =
        [Event::Disconnecting { socket, reason }, Event::Disconnected { socket, reason }, Event::Closed];
    assert_eq!(house.events(client.guest.connection), gone);
    house.broadcast(&everybody(), "all", args(2));
    house.broadcast(&everybody().to("r"), "room", args(3));
    house.broadcast(&everybody().to("other"), "room", args(4));
    house.broadcast(&everybody().except("r"), "others", args(5));
    house.broadcast(&everybody().to(&*id), "own", args(6));
    house.broadcast(&everybody().with(Flags::default().volatile()), "gone", args(7));

    assert_eq!(client.comes_back(&mut house), [Event::Recovered(socket)]);
    let heard = client.hears(&mut house);
    assert_eq!(heard[..3], [r#"2["all",2]"#, r#"2["room",3]"#, r#"2["own",6]"#]);
    assert_eq!(heard.len(), 4);
    assert_eq!(welcomed(&heard[3], "sid"), Some(id.clone()));
    assert_eq!(welcomed(&heard[3], "pid"), Some(client.pid.clone()));
    let info = house.server.socket(socket).unwrap();
    assert!(info.is_recovered() && info.is_connected());
    assert_eq!(info.data(), Some(&value("kept")));
    house.broadcast(&everybody().to("r"), "room", args(8));
    assert_eq!(client.hears(&mut house), [r#"2["room",8]"#]);
    assert_eq!(house.server.socket_by_id(&Nsp::main(), &id), Some(socket));
}

#[test]
fn it_works_before_the_first_event() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    let socket = client.guest.socket;
    // Others hear a lot, for longer than anything is kept.
    let other = Client::new(&mut house);
    for _ in 0..10 {
        house.emit(other.guest, "x", args(0));
        house.hears(other.guest.connection);
        house.passes(Duration::from_secs(60));
    }
    house.leaves(client.guest);
    house.broadcast(&everybody(), "missed", args(1));
    assert_eq!(client.comes_back(&mut house).last(), Some(&Event::Recovered(socket)));
    assert_eq!(client.hears(&mut house)[0], r#"2["missed",1]"#);
}

#[test]
fn what_was_sent_and_got_lost_on_the_way_is_sent_again() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    house.server.join(client.guest.socket, "r").unwrap();
    for number in 0..3 {
        house.broadcast(&everybody().to("r"), "n", args(number));
    }
    client.hears(&mut house);
    for number in 3..6 {
        house.broadcast(&everybody().to("r"), "n", args(number));
    }
    house.server.leave(client.guest.socket, "r");
    house.broadcast(&everybody().to("r"), "n", args("not for it"));
    // It is sent, and arrives nowhere.
    house.hears(client.guest.connection);
    house.leaves(client.guest);
    client.comes_back(&mut house);
    let heard = client.hears(&mut house);
    assert_eq!(heard[..3], [r#"2["n",3]"#, r#"2["n",4]"#, r#"2["n",5]"#]);
    assert_eq!(heard.len(), 4, "{heard:?}");
}

#[test]
fn what_was_said_in_a_room_before_it_joined_is_not_for_it() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    house.broadcast(&everybody(), "first", args(0));
    client.hears(&mut house);
    house.broadcast(&everybody().to("r"), "before", args(1));
    house.server.join(client.guest.socket, "r").unwrap();
    house.broadcast(&everybody().to("r"), "after", args(2));
    house.leaves(client.guest);
    client.comes_back(&mut house);
    let heard = client.hears(&mut house);
    assert_eq!(heard[0], r#"2["after",2]"#);
    assert_eq!(heard.len(), 2, "{heard:?}");
}

#[test]
fn who_comes_back_twice_hears_nothing_twice() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    let mut heard = Vec::new();
    for round in 0..5 {
        house.broadcast(&everybody(), "n", args(2 * round));
        house.leaves(client.guest);
        house.broadcast(&everybody(), "n", args(2 * round + 1));
        client.comes_back(&mut house);
        let round = client.hears(&mut house);
        heard.extend(round.into_iter().filter(|packet| packet.starts_with('2')));
    }
    let expected: Vec<String> = (0..10).map(|number| format!(r#"2["n",{number}]"#)).collect();
    assert_eq!(heard, expected);
}

#[test]
fn who_comes_back_before_his_loss_was_noticed_takes_over() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    let (socket, before) = (client.guest.socket, client.guest.connection);
    house.says(before, r#"2["unread"]"#);
    house.broadcast(&everybody(), "lost", args(1));

    let events = client.comes_back(&mut house);
    assert!(
        matches!(&events[0], Event::Received { name, .. } if name == "unread"),
        "one order for one socket"
    );
    let reason = Reason::TransportClose;
    let rest = [
        Event::Disconnecting { socket, reason },
        Event::Disconnected { socket, reason },
        Event::Recovered(socket),
    ];
    assert_eq!(events[1..], rest);
    assert_eq!(client.hears(&mut house)[0], r#"2["lost",1]"#);
    assert_eq!(house.hears(before), ["close"]);
    assert_eq!(house.events(before), [Event::Closed]);
    // What the old one says meets nobody.
    house.says(before, r#"2["late"]"#);
    assert_eq!(house.events(client.guest.connection), []);
}

#[test]
fn who_does_not_come_back_in_time_is_forgotten_and_begins_anew() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    let socket = client.guest.socket;
    house.leaves(client.guest);
    house.events(client.guest.connection);
    house.passes(Duration::from_secs(119));
    assert_eq!(house.notices(), []);
    house.passes(Duration::from_secs(1));
    assert_eq!(house.notices(), [Notice::Forgotten(socket)]);
    assert!(house.server.is_empty());
    assert_eq!(house.server.poll_timeout(), None, "and so is all that was said");
    assert!(is_new(&client.comes_back(&mut house), socket));
}

#[test]
fn if_nobody_looked_meanwhile_he_is_forgotten_in_order() {
    let mut house = recovering();
    let client = Client::new(&mut house);
    house.leaves(client.guest);
    house.passes(Duration::from_secs(200));
    assert_eq!(house.notices(), []);
    let events = house.events(client.guest.connection);
    assert_eq!(events[2..], [Event::Forgotten(client.guest.socket), Event::Closed]);
    assert!(house.server.is_empty());
}

#[test]
fn who_missed_more_than_is_kept_begins_anew() {
    let recovery = Recovery { max_bytes: 1000, ..Recovery::default() };
    let mut house = House::new(ServerOptions { recovery: Some(recovery), ..ServerOptions::default() });
    let mut client = Client::new(&mut house);
    house.broadcast(&everybody(), "n", args(0));
    client.hears(&mut house);
    house.leaves(client.guest);
    for number in 0..100 {
        house.broadcast(&everybody(), "n", args(number));
    }
    let socket = client.guest.socket;
    assert!(is_new(&client.comes_back(&mut house), socket));
}

#[test]
fn who_begins_anew_does_so_in_a_namespace_that_nobody_else_is_in() {
    // The socket that it cannot come back to was the last one there.
    let recovery = Recovery { max_bytes: 1, ..Recovery::default() };
    let mut house = House::new(ServerOptions { recovery: Some(recovery), ..ServerOptions::default() });
    house.server.add_dynamic(|name, _| name.starts_with("/dyn-"));
    let connection = house.open();
    let socket = house.enters(connection, "0/dyn-1,");
    let pid = welcomed(&house.hears(connection)[0], "pid").unwrap();
    let everybody = Target::new(Nsp::new("/dyn-1").unwrap());
    house.broadcast(&everybody, "more than is kept", Args::none());
    let returns = house.open();
    house.says(returns, format!(r#"0/dyn-1,{{"pid":"{pid}"}}"#));
    assert!(is_new(&house.events(returns), socket));
    assert!(house.server.namespace(&everybody.nsp).is_some());
}

#[test]
fn who_left_or_was_put_out_does_not_come_back() {
    for closing in [None, Some(Closing::Namespace), Some(Closing::Connection)] {
        let mut house = recovering();
        let mut client = Client::new(&mut house);
        let Guest { socket, connection } = client.guest;
        match closing {
            None => house.says(connection, "1"),
            Some(closing) => house.server.disconnect(socket, closing, house.now),
        }
        assert!(house.events(connection).contains(&Event::Forgotten(socket)));
        assert!(is_new(&client.comes_back(&mut house), socket), "{closing:?}");
    }
}

#[test]
fn who_is_closed_for_being_slow_misses_nothing() {
    let options =
        ServerOptions { recovery: Some(Recovery::default()), max_waiting: 2000, ..ServerOptions::default() };
    let mut house = House::new(options);
    let mut client = Client::new(&mut house);
    let mut number = 0;
    while house.server.socket(client.guest.socket).unwrap().is_connected() {
        house.broadcast(&everybody(), "n", args(number));
        number += 1;
    }
    assert_eq!(house.hears(client.guest.connection), ["close"]);
    client.comes_back(&mut house);
    let heard = client.hears(&mut house);
    let expected = (0..number).map(|number| format!(r#"2["n",{number}]"#));
    assert!(heard[..number].iter().cloned().eq(expected), "{heard:?}");
}

#[test]
fn who_loses_his_connection_again_before_he_heard_has_not_heard() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    house.leaves(client.guest);
    house.broadcast(&everybody(), "n", args(0));
    client.comes_back(&mut house);
    house.leaves(client.guest);
    house.broadcast(&everybody(), "n", args(1));
    client.comes_back(&mut house);
    assert_eq!(client.hears(&mut house)[..2], [r#"2["n",0]"#, r#"2["n",1]"#]);
}

#[test]
fn who_comes_back_to_much_has_room_for_more() {
    let options =
        ServerOptions { recovery: Some(Recovery::default()), max_waiting: 2000, ..ServerOptions::default() };
    let mut house = House::new(options);
    let mut client = Client::new(&mut house);
    house.leaves(client.guest);
    for number in 0..1000 {
        house.broadcast(&everybody(), "n", args(number));
    }
    client.comes_back(&mut house);
    house.broadcast(&everybody(), "new", args(0));
    let heard = client.hears(&mut house);
    assert_eq!((heard.len(), &*heard[1001]), (1002, r#"2["new",0]"#));
}

#[test]
fn each_namespace_is_recovered_by_itself() {
    let mut house = recovering();
    house.server.add_namespace(Nsp::new("/a").unwrap());
    let mut client = Client::new(&mut house);
    let connection = client.guest.connection;
    let other = house.enters(connection, "0/a,");
    let pid = welcomed(&house.hears(connection)[0], "pid").unwrap();
    client.returns(&mut house);
    house.says(client.guest.connection, format!(r#"0/a,{{"pid":"{pid}"}}"#));
    let events = house.events(client.guest.connection);
    let recovered: Vec<_> = events
        .iter()
        .filter(|event| matches!(event, Event::Recovered(_)))
        .filter_map(Event::socket)
        .collect();
    assert_eq!(recovered, [client.guest.socket, other]);
    // But not by the proof of the other.
    house.server.handle_close(client.guest.connection, Reason::TransportError, house.now);
    let third = house.open();
    house.says(third, format!(r#"0/a,{{"pid":"{}"}}"#, client.pid));
    assert!(is_new(&house.events(third), other));
}

#[test]
fn n_018_forged_proofs_prove_nothing() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    let socket = client.guest.socket;
    assert!(client.pid.len() >= 22, "at least 128 bits");
    house.emit(client.guest, "x", args(1));
    client.hears(&mut house);
    let offset = client.offset.clone().unwrap();
    let (node, _) = offset.split_once('.').unwrap();
    for auth in [
        r#"{"pid":"guess","offset":"x"}"#.to_owned(),
        r#"{"pid":"","offset":""}"#.to_owned(),
        r#"{"pid":1}"#.to_owned(),
        format!(r#"{{"pid":"{}"}}"#, house.id(client.guest)),
    ] {
        let connection = house.open();
        house.says(connection, format!("0{auth}"));
        assert!(is_new(&house.events(connection), socket), "{auth}");
        assert!(house.server.socket(socket).unwrap().is_connected(), "nobody is harmed");
    }
    for offset in [
        "x".to_owned(),
        format!("{node}.99"),
        format!("{node}.00"),
        format!("{node}.-1"),
        format!("{node}.18446744073709551615"),
    ] {
        let mut house = recovering();
        let mut client = Client::new(&mut house);
        house.emit(client.guest, "x", args(1));
        client.offset = Some(offset.clone());
        let before = client.guest.socket;
        assert!(is_new(&client.comes_back(&mut house), before), "{offset}");
    }
}

#[test]
fn acknowledgements_do_not_survive() {
    let mut house = recovering();
    let mut client = Client::new(&mut house);
    let now = house.now;
    let timeout = Duration::from_secs(10);
    house
        .server
        .emit_with_ack(client.guest.socket, "ask", Args::none(), timeout, Flags::default(), now)
        .unwrap();
    assert_eq!(house.hears(client.guest.connection), [r#"20["ask"]"#], "what asks has no offset");
    house.leaves(client.guest);
    assert_eq!(house.outcomes().len(), 1);
    client.comes_back(&mut house);
    house.says(client.guest.connection, "30[]");
    assert_eq!(house.outcomes(), []);
}
