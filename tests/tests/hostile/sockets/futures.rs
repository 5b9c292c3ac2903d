//! Futures that are dropped at any await: nothing is lost, nothing comes twice, nothing stays. To join a room is none.

use std::future::ready;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use sansocket_app::socketio::{
    Client, ClientOptions, ClientSocket, EmitError, Events, Namespace, Peer, ServerOptions, Socket,
};
use sansocket_driver::Network;
use sansocket_testkit::CountingAlloc;

use super::{House, ROUNDS, SOON, Setting, TICK, assert_level, meeting, on_both};

on_both! {
    p_010_an_emit_dropped_at_any_await_was_said_once_or_not_at_all: 8 << 20, 8 << 20;
    p_010_a_question_dropped_at_any_await_is_asked_once_and_its_answer_forgotten: 8 << 20, 8 << 20;
    p_010_a_pull_dropped_at_any_await_loses_no_event: 8 << 20, 8 << 20;
    p_010_a_client_dropped_at_any_moment_of_its_connecting_leaves_nobody: 8 << 20, 8 << 20;
}

/// Events of a test.
const MANY: u32 = 300;
/// So many times a future is polled at most before it is dropped.
const POLLS: u32 = 4;

/// Polls `polls` times, then drops it.
fn give_up<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    (0..polls).find_map(|_| match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// Begins anew until it was polled to its end, and lets others have their turn meanwhile.
async fn insist<N: Network, F: Future>(on: &N, polls: u32, mut begin: impl FnMut() -> F) -> F::Output {
    loop {
        match give_up(polls, begin()) {
            Some(output) => return output,
            None => on.sleep(TICK).await,
        }
    }
}

/// What was heard, in order.
#[derive(Clone)]
struct Heard(Arc<Mutex<Vec<u32>>>);

impl Default for Heard {
    fn default() -> Heard {
        // It does not grow: what does is to be seen.
        Heard(Arc::new(Mutex::new(Vec::with_capacity(16 * MANY as usize))))
    }
}

impl Heard {
    fn note(&self, number: u32) {
        self.0.lock().expect("nobody panics").push(number);
    }

    /// Was it all numbers below `end`, each once and in order?
    fn is_up_to(&self, end: u32) -> bool {
        let heard = self.0.lock().expect("nobody panics");
        assert!(heard.iter().copied().eq(0..heard.len() as u32), "lost, doubled or reordered: {heard:?}");
        heard.len() == end as usize
    }
}

/// A socket, seen from both ends.
struct Pair<N: Network> {
    house: House<N>,
    client: Client<N>,
    ours: Socket<N>,
    above: Heard,
    below: Heard,
}

/// A namespace of either end, in which events are written down, and questions answered with twice their number.
fn noting<S: Peer>(heard: &Heard) -> Namespace<S> {
    let (events, questions) = (heard.clone(), heard.clone());
    Namespace::new()
        .on("n", move |_: S, number: u32| {
            events.note(number);
            ready(())
        })
        .on("q", move |_: S, number: u32| {
            questions.note(number);
            ready(2 * number)
        })
}

impl<N: Network> Pair<N> {
    /// Connected. Once so many bytes wait, more are not taken.
    async fn meet(on: &N, high_water: usize) -> Pair<N> {
        let (above, below, sockets) = (Heard::default(), Heard::default(), Arc::new(Mutex::new(Vec::new())));
        let came = sockets.clone();
        let namespace = noting(&above).on_connect(move |socket: Socket<N>| {
            came.lock().expect("nobody panics").push(socket);
            ready(())
        });
        let setting = Setting {
            sockets: ServerOptions { high_water, ..ServerOptions::default() },
            ..Setting::default()
        };
        let house = House::open(on, setting, namespace).await;
        let options = ClientOptions { high_water, ..ClientOptions::default() };
        let clients = house.clients().options(options);
        let client = clients.connect(&house.url(), noting(&below)).expect("a name");
        house.holds(1).await;
        let ours = sockets.lock().expect("nobody panics").pop().expect("it is here");
        Pair { house, client, ours, above, below }
    }

    /// Waits until both ends have heard so many.
    async fn have_heard(&self, count: u32) {
        while !(self.above.is_up_to(count) && self.below.is_up_to(count)) {
            self.house.on.sleep(TICK).await;
        }
    }
}

async fn p_010_an_emit_dropped_at_any_await_was_said_once_or_not_at_all<N: Network>(on: N) {
    for polls in 1..POLLS {
        // So little may wait that mostly it has to be waited for.
        let pair = Pair::meet(&on, 100).await;
        let Pair { client, ours, .. } = &pair;
        for number in 0..MANY {
            let said: Result<(), EmitError> = insist(&on, polls, || ours.emit("n", &number)).await;
            assert_eq!(said, Ok(()));
            assert_eq!(insist(&on, polls, || client.socket().emit("n", &number)).await, Ok(()));
        }
        pair.have_heard(MANY).await;
    }
}

async fn p_010_a_question_dropped_at_any_await_is_asked_once_and_its_answer_forgotten<N: Network>(on: N) {
    let pair = Pair::meet(&on, ServerOptions::default().high_water).await;
    let Pair { house, client, ours, .. } = &pair;
    let theirs = client.socket();
    let (mut asked, mut levels) = (0, Vec::new());
    for round in ROUNDS {
        let many = round as u32 * MANY;
        for number in asked..asked + many {
            let polls = number % POLLS;
            drop(give_up(polls, ours.emit_with_ack::<_, u32>("q", &number, SOON)));
            drop(give_up(polls, theirs.emit_with_ack::<_, u32>("q", &number, SOON)));
            drop(give_up(polls, house.io.everybody().fetch_sockets()));
            if number % 10 == 0 {
                on.sleep(TICK).await;
            }
        }
        asked += many;
        pair.have_heard(asked).await;
        // Whoever waits hears the answer to his own question.
        assert_eq!(ours.emit_with_ack("q", &asked, SOON).await, Ok(2 * asked));
        assert_eq!(theirs.emit_with_ack("q", &asked, SOON).await, Ok(2 * asked));
        asked += 1;
        levels.push(CountingAlloc::current());
    }
    assert_level(&levels);
}

async fn p_010_a_pull_dropped_at_any_await_loses_no_event<N: Network>(on: N) {
    for polls in 1..POLLS {
        let (above, below) = (Heard::default(), Heard::default());
        let namespace = Namespace::new().pull(pulling::<N, Socket<N>>(&on, polls, &above));
        let house = House::open(&on, Setting::default(), namespace).await;
        let namespace = Namespace::new().pull(pulling::<N, ClientSocket<N>>(&on, polls, &below));
        let client = house.clients().connect(&house.url(), namespace).expect("a name");
        for number in 0..MANY {
            assert_eq!(client.socket().emit("n", &number).await, Ok(()));
        }
        house.holds(1).await;
        for number in 0..MANY {
            assert_eq!(house.io.everybody().emit("n", &number), Ok(()));
        }
        while !(above.is_up_to(MANY) && below.is_up_to(MANY)) {
            on.sleep(TICK).await;
        }
    }
}

/// Pulls with futures that are dropped after so many polls.
fn pulling<N: Network, S: Peer>(
    on: &N,
    polls: u32,
    heard: &Heard,
) -> impl Fn(Events<S>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static {
    let (on, heard) = (on.clone(), heard.clone());
    move |mut events| {
        let (on, heard) = (on.clone(), heard.clone());
        Box::pin(async move {
            loop {
                match give_up(polls, events.next()) {
                    None => on.sleep(TICK).await,
                    Some(Some(event)) => heard.note(event.args.read().expect("a number")),
                    Some(None) => return,
                }
            }
        })
    }
}

async fn p_010_a_client_dropped_at_any_moment_of_its_connecting_leaves_nobody<N: Network>(on: N) {
    let here = Arc::new(AtomicUsize::new(0));
    let (came, left) = (here.clone(), here.clone());
    let namespace = meeting()
        .on_connect(move |_: Socket<N>| {
            came.fetch_add(1, Relaxed);
            ready(())
        })
        .on_disconnect(move |_: Socket<N>, _| {
            left.fetch_sub(1, Relaxed);
            ready(())
        });
    let house = House::open(&on, Setting::default(), namespace).await;
    let connect = || house.clients().connect(&house.url(), Namespace::new()).expect("a name");
    for moment in 0..60_u32 {
        let client: Client<N> = connect();
        for _ in 0..moment {
            super::turn().await;
        }
        drop(give_up(moment % POLLS, client.socket().emit_with_ack::<_, String>("echo", &"a", SOON)));
        drop(client);
    }
    while here.load(Relaxed) > 0 {
        on.sleep(TICK).await;
    }
    house.holds(0).await;
    let stays = connect();
    assert_eq!(stays.socket().emit_with_ack("echo", &"a", SOON).await, Ok("a".to_owned()));
}
