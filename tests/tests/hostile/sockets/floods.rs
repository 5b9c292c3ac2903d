//! Many peers, and those that never tire.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sansocket_app::socketio::{Client, Namespace, Socket};
use sansocket_driver::{Network, Signal, Task};
use sansocket_engineio::server::ServerOptions as SessionOptions;
use sansocket_testkit::line::Line;
use sansocket_testkit::{CountingAlloc, bare_close, close, requests, text};
use sansocket_websocket::Options;

use super::{
    House, ROUNDS, SOON, Setting, TICK, WEBSOCKET, assert_level, elsewhere, enter, is_heard, meeting,
    on_both, turn,
};
use crate::crowd::{Raise, knock};
use crate::how_many;

on_both! {
    p_005_connections_that_break_leave_nothing: 4 << 20, 64 << 20;
    p_006_clients_that_vanished_are_let_go_when_their_pings_go_unanswered: 8 << 20, 512 << 20;
    p_007_more_connections_than_wanted_are_turned_away: 4 << 20, 64 << 20;
    p_007_more_sessions_than_wanted_are_turned_away: 4 << 20, 64 << 20;
    p_008_a_server_goes_down_in_time_though_some_are_stuck: 8 << 20, 512 << 20;
    p_011_a_client_at_line_rate_leaves_others_their_turn: 16 << 20, 16 << 20;
}

/// Why sockets were disconnected.
type Reasons = Arc<Mutex<Vec<String>>>;

/// The same, and what it is told of those who leave.
fn watched<N: Network>(reasons: &Reasons) -> Namespace<Socket<N>> {
    let reasons = reasons.clone();
    meeting().on_disconnect(move |_, reason| {
        reasons.lock().expect("nobody panics").push(reason.to_string());
        ready(())
    })
}

/// So many reasons, which are all this one.
fn are_all(reasons: &Reasons, count: usize, reason: &str) -> bool {
    let reasons = reasons.lock().expect("nobody panics");
    assert!(reasons.iter().all(|told| told == reason), "{reasons:?}");
    reasons.len() == count
}

async fn p_005_connections_that_break_leave_nothing<N: Network>(on: N) {
    let house = House::open(&on, Setting::default(), meeting()).await;
    let mut levels = Vec::new();
    for round in ROUNDS {
        let address = house.address;
        elsewhere(move || {
            for _ in 0..round * how_many(50, 7_000) {
                let mut line = enter(address);
                line.send(r#"420["join","a room"]"#);
                assert_eq!(line.text(), "430[true]");
                // An answer that nobody reads: closing now is a reset.
                line.send(r#"421["join","another room"]"#);
            }
        })
        .await;
        house.holds(0).await;
        levels.push(CountingAlloc::current());
    }
    assert_level(&levels);
}

async fn p_006_clients_that_vanished_are_let_go_when_their_pings_go_unanswered<N: Network>(on: N) {
    let count = how_many(100, 9_900);
    let reasons = Reasons::default();
    let Setting { sessions, .. } = Setting::default();
    // Long enough for whoever is there to answer, also on a busy machine.
    let [ping_interval, ping_timeout] = [Duration::from_millis(200), Duration::from_secs(5)];
    let sessions = SessionOptions { ping_interval, ping_timeout, ..sessions };
    let house = House::open(&on, Setting { sessions, ..Setting::default() }, watched(&reasons)).await;
    let there = house.clients().connect(&house.url(), Namespace::new()).expect("a name");
    let address = house.address;
    let vanished = elsewhere(move || (0..count).map(|_| enter(address)).collect::<Vec<Line>>()).await;
    while !are_all(&reasons, count, "ping timeout") {
        on.sleep(TICK).await;
    }
    house.holds(1).await;
    assert_eq!(there.socket().emit_with_ack("echo", &"a", SOON).await, Ok("a".to_owned()));
    drop(vanished);
}

async fn p_007_more_connections_than_wanted_are_turned_away<N: Network>(on: N) {
    flood(on, Setting { max_connections: 5, ..Setting::default() }).await;
}

async fn p_007_more_sessions_than_wanted_are_turned_away<N: Network>(on: N) {
    let Setting { sessions, .. } = Setting::default();
    let sessions = SessionOptions { max_sessions: Some(5), ..sessions };
    flood(on, Setting { sessions, ..Setting::default() }).await;
}

/// Five are here; all that come then are told to go, and harm nobody.
async fn flood<N: Network>(on: N, setting: Setting) {
    let house = House::open(&on, setting, meeting()).await;
    let address = house.address;
    let turned_away = elsewhere(move || {
        let mut guests: Vec<Line> = (0..5).map(|_| enter(address)).collect();
        let poll = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n";
        let requests = [poll, &requests::upgrade(WEBSOCKET, "")];
        let flood = requests.into_iter().cycle().take(how_many(300, 20_000));
        let statuses: Vec<u16> = flood.map(|request| knock(address, request).1).collect();
        guests.iter_mut().for_each(is_heard);
        statuses
    })
    .await;
    // Who is closed at once may not have heard why.
    assert!(turned_away.iter().all(|status| [503, 0].contains(status)), "{turned_away:?}");
    assert!(turned_away.contains(&503), "nobody was told why");
    house.holds(0).await;
}

async fn p_008_a_server_goes_down_in_time_though_some_are_stuck<N: Network>(on: N) {
    // Both ends of a connection are ours, and a process has 20,000 descriptors.
    let count = how_many(100, 9_900);
    let reasons = Reasons::default();
    let Setting { sessions, websocket, .. } = Setting::default();
    // They are not let go for any other reason.
    let never = Duration::from_secs(3600);
    let setting = Setting {
        sessions: SessionOptions { close_timeout: never, ..sessions },
        websocket: Options { close_timeout: never, ..websocket },
        shutdown_timeout: Duration::from_secs(how_many(1, 5) as u64),
        ..Setting::default()
    };
    let house = House::open(&on, setting, watched(&reasons)).await;
    let (address, stop) = (house.address, house.stop.clone());
    let guests = elsewhere(move || {
        let mut guests: Vec<Line> = (0..count).map(|_| enter(address)).collect();
        // One in a hundred is stuck: it has said half a frame, reads nothing and answers nothing.
        let (stuck, others) = guests.split_at_mut(count / 100);
        stuck.iter_mut().for_each(|guest| guest.say(&text("half").masked()[..3]));
        stop.raise();
        for guest in others {
            // What Node's server says, too.
            assert_eq!(guest.frame(), bare_close(), "it is told to go");
            guest.say(close(1000, "").masked());
        }
        guests
    })
    .await;
    house.ended.wait().await;
    assert!(are_all(&reasons, count, "server shutting down"), "{reasons:?}");
    drop(guests);
}

/// What is heard of a flood, and what turns others have meanwhile.
#[derive(Default)]
struct Turns {
    /// Since the last turn of whoever watches.
    heard: AtomicUsize,
    /// At most between two of his turns, and in all.
    most: AtomicUsize,
    all: AtomicUsize,
    turns: AtomicUsize,
}

impl Turns {
    fn hear(&self) {
        self.heard.fetch_add(1, Relaxed);
    }

    /// Has turns, for ever.
    async fn watch(self: Arc<Self>) {
        loop {
            let heard = self.heard.swap(0, Relaxed);
            self.most.fetch_max(heard, Relaxed);
            self.all.fetch_add(heard, Relaxed);
            self.turns.fetch_add(1, Relaxed);
            turn().await;
        }
    }
}

async fn p_011_a_client_at_line_rate_leaves_others_their_turn<N: Network>(on: N) {
    let turns = Arc::new(Turns::default());
    let counted = turns.clone();
    let namespace = meeting().on("flood", move |_: Socket<N>| {
        counted.hear();
        ready(())
    });
    let house = House::open(&on, Setting::default(), namespace).await;
    let watching = on.spawn(turns.clone().watch());
    let (stop, stopped) = (Signal::default(), Signal::default());
    let flood = pour(house.address, &stop, &stopped);
    let stop = Raise(stop);
    while turns.all.load(Relaxed) < 1000 {
        on.sleep(TICK).await;
    }
    let client: Client<N> = house.clients().connect(&house.url(), Namespace::new()).expect("a name");
    for round in 0..8_u32 {
        let (before, text) = (turns.turns.load(Relaxed), round.to_string());
        assert_eq!(client.socket().emit_with_ack("echo", &text, SOON).await, Ok(text));
        // There and back; a runtime that is busy looks for what came every few dozen turns. The first one also waits
        // for the connection.
        let waited = turns.turns.load(Relaxed) - before;
        assert!(round == 0 || waited <= 1000, "{waited} turns for an answer");
    }
    drop(stop);
    stopped.wait().await;
    flood.join().expect("it was heard to the end");
    watching.cut();
    // A connection's turn is 128 events; it may have two before a task that began to wait in the middle of the first.
    let most = turns.most.load(Relaxed);
    assert!(most <= 256, "{most} events in one turn");
}

/// A client that says as much as it can, until it is told to stop.
fn pour(server: SocketAddr, stop: &Signal, stopped: &Signal) -> JoinHandle<()> {
    let (stop, stopped) = (stop.clone(), Raise(stopped.clone()));
    thread::spawn(move || {
        let _stopped = stopped;
        let mut line = enter(server);
        let burst = text(format!(r#"42["flood","{}"]"#, "x".repeat(200))).masked().repeat(100);
        while !stop.is_raised() {
            line.say(&burst);
        }
    })
}
