//! One connection for many tasks.
mod support;

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use sansocket_core::{Endpoint, SendError};
use sansocket_driver::{Driver, Handle, Incoming, Shared, Signal};
use support::lines::{CLOSE_TIMEOUT, Ended};
use support::{Lines, MS, Peer, Read, Script, TestClock, Wakes, Write, connect, once};

/// The driver as a runtime would hold it: polled when it was woken, and only then.
struct Task {
    driver: Pin<Box<Driver<Lines, Script, TestClock>>>,
    wakes: Arc<Wakes>,
    waker: Waker,
    is_done: bool,
}

impl Task {
    fn spawn(driver: Driver<Lines, Script, TestClock>) -> Task {
        let (wakes, waker) = Wakes::new();
        waker.wake_by_ref();
        Task { driver: Box::pin(driver), wakes, waker, is_done: false }
    }

    /// Runs as long as it is woken, and answers how often that was.
    fn turn(&mut self) -> usize {
        for polls in 0..10_000 {
            if self.is_done || self.wakes.take() == 0 {
                return polls;
            }
            self.is_done = self.driver.as_mut().poll(&mut Context::from_waker(&self.waker)).is_ready();
        }
        panic!("woken for ever");
    }

    fn is_done(&mut self) -> bool {
        self.turn();
        self.is_done
    }
}

struct Party {
    handle: Handle<Lines>,
    incoming: Incoming<Lines>,
    task: Task,
    peer: Peer,
    clock: TestClock,
}

fn share() -> Party {
    let (connection, peer, clock) = connect();
    let Shared { handle, incoming, driver } = connection.share();
    Party { handle, incoming, task: Task::spawn(driver), peer, clock }
}

fn next(incoming: &mut Incoming<Lines>) -> Poll<Option<String>> {
    once(incoming.next()).map_or(Poll::Pending, Poll::Ready)
}

#[test]
fn what_many_say_in_one_turn_leaves_in_one_write() {
    let Party { handle, mut task, peer, .. } = share();
    task.turn();
    let others: Vec<_> = (0..50).map(|_| handle.clone()).collect();
    for other in &others {
        once(other.send("hi".into())).unwrap().unwrap();
    }
    assert_eq!(task.turn(), 1, "woken once for all of them");
    assert_eq!((peer.heard(), peer.calls().writes), ("hi\n".repeat(50), 1));
}

#[test]
fn a_burst_costs_one_turn_of_each_and_not_one_a_message() {
    let Party { handle, mut incoming, mut task, peer, .. } = share();
    assert_eq!(next(&mut incoming), Poll::Pending);
    task.turn();
    peer.says("line\n".repeat(64));
    assert_eq!(task.turn(), 1);
    let mut received = 0;
    while let Poll::Ready(Some(line)) = next(&mut incoming) {
        handle.try_send(line).unwrap();
        received += 1;
    }
    assert_eq!((received, task.turn(), peer.calls().writes), (64, 1, 1));
}

#[test]
fn an_answer_does_not_wait_for_the_rest_of_its_burst() {
    let Party { handle, mut incoming, mut task, peer, .. } = share();
    assert_eq!(next(&mut incoming), Poll::Pending);
    task.turn();
    peer.says("line\n".repeat(8));
    task.turn();
    for answered in 1..=8 {
        assert!(matches!(next(&mut incoming), Poll::Ready(Some(_))));
        handle.try_send("slow".into()).unwrap();
        // Whatever the handler awaits now, the driver has its turn meanwhile; no time has passed.
        task.turn();
        assert_eq!(peer.heard(), "slow\n".repeat(answered));
    }
}

#[test]
fn the_reader_is_woken_when_something_comes() {
    let Party { handle: _handle, mut incoming, mut task, peer, .. } = share();
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert!(incoming.poll_next(&mut cx).is_pending());
    task.turn();
    assert_eq!(wakes.take(), 0);
    peer.says("hello\n");
    task.turn();
    assert_eq!(wakes.take(), 1);
    assert_eq!(incoming.poll_next(&mut cx), Poll::Ready(Some("hello".into())));
}

#[test]
fn who_does_not_ask_lets_the_peer_wait() {
    let Party { handle, incoming, mut task, peer, .. } = share();
    task.turn();
    peer.plan((0..100).map(|_| Read::Bytes(vec![b'\n'; 64 << 10])));
    task.turn();
    handle.try_send("unaffected".into()).unwrap();
    task.turn();
    assert_eq!(peer.heard(), "unaffected\n");
    assert!(peer.unread() >= 99, "{} of 100 left", peer.unread());
    drop(incoming);
    task.turn();
    assert_eq!(peer.unread(), 0, "without a reader everything falls to the floor");
}

#[test]
fn senders_wait_for_room_and_leave_no_trace() {
    let Party { handle, incoming: _incoming, mut task, peer, .. } = share();
    peer.takes([Write::Stuck]);
    handle.try_send("x".repeat(2000)).unwrap();
    task.turn();
    let wakes: Vec<_> = (0..10).map(|_| Wakes::new()).collect();
    let mut sends: Vec<_> = (0..10).map(|n| Box::pin(handle.send(format!("{n}")))).collect();
    for (send, (_, waker)) in sends.iter_mut().zip(&wakes) {
        // Polled twice: still one place.
        for _ in 0..2 {
            assert!(send.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
        }
    }
    assert_eq!(handle.try_send("y".into()), Err(SendError::Blocked("y".into())));
    sends.truncate(5);
    peer.drain();
    task.turn();
    let woken: Vec<_> = wakes.iter().map(|(wakes, _)| wakes.take()).collect();
    assert_eq!(woken, [1, 1, 1, 1, 1, 0, 0, 0, 0, 0], "the dropped ones are forgotten");
    for send in &mut sends {
        assert!(once(send).unwrap().is_ok());
    }
    task.turn();
    assert_eq!(peer.heard(), format!("{}\n0\n1\n2\n3\n4\n", "x".repeat(2000)));
}

#[test]
fn a_goodbye_ends_it_for_all() {
    let Party { handle, mut incoming, mut task, peer, .. } = share();
    let mut ended = Box::pin(handle.ended());
    assert!(once(&mut ended).is_none());
    assert_eq!(next(&mut incoming), Poll::Pending);
    handle.close(());
    assert_eq!(handle.try_send("late".into()), Err(SendError::Closed("late".into())));
    task.turn();
    assert_eq!((peer.heard().as_str(), peer.calls().shutdowns), ("bye\n", 1));
    peer.plan([Read::Bytes(b"last words\nbye\n".to_vec()), Read::Eof]);
    task.turn();
    assert_eq!(next(&mut incoming), Poll::Ready(Some("last words".into())));
    assert_eq!(next(&mut incoming), Poll::Pending);
    assert!(task.is_done());
    assert_eq!(next(&mut incoming), Poll::Ready(None));
    assert!(once(ended).is_some());
    assert_eq!(handle.command(|lines, _| lines.ended), Some(Ended::ByUs));
    assert!(handle.error().is_none());
}

#[test]
fn a_goodbye_is_dated_by_the_clock_and_not_by_the_last_read() {
    let Party { handle, mut incoming, mut task, clock, .. } = share();
    assert_eq!(next(&mut incoming), Poll::Pending);
    task.turn();
    clock.advance(10 * CLOSE_TIMEOUT);
    handle.close(());
    assert!(!task.is_done(), "the deadline had passed before it stood");
    clock.advance(CLOSE_TIMEOUT);
    assert!(task.is_done());
    assert_eq!(handle.command(|lines, _| lines.ended), Some(Ended::Timeout));
}

#[test]
fn deserted_by_all_it_says_goodbye() {
    let Party { handle, incoming, mut task, peer, .. } = share();
    let other = incoming.handle();
    drop((handle, incoming));
    task.turn();
    assert_eq!(peer.heard(), "");
    drop(other);
    task.turn();
    assert_eq!(peer.heard(), "bye\n");
    peer.plan([Read::Bytes(b"bye\n".to_vec()), Read::Eof]);
    assert!(task.is_done());
}

#[test]
fn a_broken_transport_refuses_and_tells_why() {
    let Party { handle, mut incoming, mut task, peer, .. } = share();
    assert_eq!(next(&mut incoming), Poll::Pending);
    peer.takes([Write::Fails(std::io::ErrorKind::BrokenPipe)]);
    handle.try_send("x".into()).unwrap();
    task.turn();
    assert!(matches!(once(handle.send("y".into())), Some(Err(SendError::Closed(_)))));
    assert_eq!(next(&mut incoming), Poll::Pending);
    assert!(task.is_done());
    assert_eq!(next(&mut incoming), Poll::Ready(None));
    assert_eq!(handle.error().map(|error| error.kind()), Some(std::io::ErrorKind::BrokenPipe));
}

#[test]
fn a_dropped_driver_ends_everything() {
    let Party { handle, mut incoming, mut task, peer, .. } = share();
    peer.takes([Write::Stuck]);
    peer.says("received\n");
    assert_eq!(next(&mut incoming), Poll::Pending);
    handle.try_send("x".repeat(2000)).unwrap();
    task.turn();
    let (wakes, waker) = Wakes::new();
    let mut waits = pin!(handle.send("waits".into()));
    assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(task);
    assert_eq!(wakes.take(), 1);
    assert!(matches!(once(waits), Some(Err(SendError::Closed(_)))));
    assert_eq!(next(&mut incoming), Poll::Ready(Some("received".into())));
    assert_eq!(next(&mut incoming), Poll::Ready(None));
}

#[test]
fn commands_reach_the_machine_and_leave() {
    let Party { handle, mut task, peer, .. } = share();
    task.turn();
    handle.command(|lines, _| lines.ping());
    task.turn();
    assert_eq!(peer.heard(), "ping\n");
}

/// A party whose driver sleeps.
fn asleep() -> Party {
    let mut party = share();
    assert_eq!(next(&mut party.incoming), Poll::Pending);
    party.task.turn();
    party
}

#[test]
fn what_is_delivered_leaves_at_once_and_the_driver_sleeps_on() {
    let Party { handle, mut incoming, mut task, peer, .. } = asleep();
    for n in 1..=3 {
        handle.deliver(|lines, _| lines.share("one for all\n"));
        assert_eq!((peer.heard(), task.turn()), (">one for all\n".repeat(n), 0));
    }
    peer.says("heard\n");
    assert_eq!((task.turn(), next(&mut incoming)), (1, Poll::Ready(Some("heard".into()))));
}

#[test]
fn what_does_not_leave_at_once_leaves_later_and_in_order() {
    let Party { handle, incoming: _incoming, mut task, peer, .. } = asleep();
    peer.takes([Write::Take(2), Write::Stuck]);
    handle.deliver(|lines, _| lines.ping());
    assert_eq!((peer.heard().as_str(), task.turn()), ("pi", 1));
    handle.deliver(|lines, _| lines.ping());
    task.turn();
    peer.drain();
    task.turn();
    assert_eq!(peer.heard(), "ping\nping\n");
}

#[test]
fn what_is_delivered_behind_others_leaves_with_them() {
    let Party { handle, incoming: _incoming, mut task, peer, .. } = asleep();
    handle.try_send("first".into()).unwrap();
    handle.deliver(|lines, _| lines.ping());
    assert_eq!(peer.heard(), "");
    assert_eq!((task.turn(), peer.heard().as_str(), peer.calls().writes), (1, "first\nping\n", 1));
}

#[test]
fn a_delivered_goodbye_is_seen_to_its_end() {
    let Party { handle, incoming: _incoming, mut task, peer, clock } = asleep();
    handle.deliver(|lines, now| lines.close((), now));
    assert!(!task.is_done());
    assert_eq!((peer.heard().as_str(), peer.calls().shutdowns), ("bye\n", 1));
    clock.advance(CLOSE_TIMEOUT);
    assert!(task.is_done(), "the deadline that came with it is kept");
}

#[test]
fn a_delivery_that_breaks_the_transport_is_told_of_by_the_driver() {
    let Party { handle, mut incoming, mut task, peer, .. } = asleep();
    peer.takes([Write::Fails(std::io::ErrorKind::BrokenPipe)]);
    handle.deliver(|lines, _| lines.ping());
    task.turn();
    assert_eq!(next(&mut incoming), Poll::Pending);
    assert!(task.is_done());
    assert_eq!(next(&mut incoming), Poll::Ready(None));
    assert_eq!(handle.error().map(|error| error.kind()), Some(std::io::ErrorKind::BrokenPipe));
}

#[test]
fn a_handle_does_not_keep_the_transport() {
    let Party { handle, incoming: _incoming, task, peer, .. } = asleep();
    assert!(!peer.is_alone());
    drop(task);
    assert!(peer.is_alone());
    handle.deliver(|lines, _| lines.ping());
}

#[test]
fn deadlines_are_kept_although_nobody_asks_for_events() {
    let Party { handle, incoming: _incoming, mut task, clock, .. } = share();
    handle.command(|lines, _| lines.patience = Some(10 * MS));
    handle.command(|lines, now| lines.close((), now));
    task.turn();
    clock.advance(CLOSE_TIMEOUT);
    assert!(task.is_done());
}

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn threads_that_push_through_a_narrow_door_lose_and_double_nothing() {
    const SENDERS: usize = 4;
    const LINES: usize = 2000;
    let Party { handle, mut incoming, task, peer, .. } = share();
    peer.takes((0..5000).flat_map(|n| [Write::Later, Write::Take(n % 97 + 1)]));
    let driving = thread::spawn(move || block_on(task.driver));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let handle = handle.clone();
            thread::spawn(move || {
                for line in 0..LINES {
                    block_on(handle.send(format!("{sender} {line}"))).unwrap();
                }
            })
        })
        .collect();
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    handle.close(());
    peer.plan([Read::Bytes(b"bye\n".to_vec()), Read::Eof]);
    assert_eq!(block_on(incoming.next()), None);
    driving.join().unwrap();

    let heard = peer.heard();
    assert_eq!(heard.lines().count(), SENDERS * LINES + 1);
    for sender in 0..SENDERS {
        let prefix = format!("{sender} ");
        let lines = heard.lines().filter_map(|line| line.strip_prefix(&prefix));
        assert!(
            lines.map(|line| line.parse::<usize>().unwrap()).eq(0..LINES),
            "sender {sender}, out of order"
        );
    }
}

#[test]
fn somebody_outside_may_end_a_shared_connection() {
    let (mut connection, peer, _) = connect();
    let stop = Signal::default();
    connection.close_on(&stop, |machine, now| machine.close((), now));
    let Shared { handle, incoming: _incoming, driver } = connection.share();
    let mut task = Task::spawn(driver);
    task.turn();
    stop.raise();
    task.turn();
    assert_eq!(peer.heard(), "bye\n");
    assert!(matches!(handle.try_send("late".into()), Err(SendError::Closed(_))));
}
