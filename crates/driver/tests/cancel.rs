//! Every future may be dropped after any number of polls, and nothing is lost or said twice.
mod support;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sansocket_driver::Shared;
use support::{Connection, Peer, Read, Write, connect};

const LINES: usize = 40;

/// A stream that makes everybody wait at every point.
fn slow_peer(peer: &Peer, chunk: usize) -> String {
    let said: String = (0..LINES).map(|n| format!("line number {n}\n")).collect();
    for bytes in said.as_bytes().chunks(chunk) {
        peer.plan([Read::Later, Read::Bytes(bytes.to_vec())]);
        peer.takes([Write::Later, Write::Take(chunk), Write::Later, Write::Take(1)]);
    }
    peer.plan([Read::Later, Read::Eof]);
    said
}

/// Polls `future` at most `polls` times, then drops it.
fn polled<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    (0..polls).find_map(|_| match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// A future that is dropped after `polls` polls, and made anew until it gets there.
fn insisted<R>(connection: &mut Connection, polls: usize, call: impl AsyncFn(&mut Connection) -> R) -> R {
    for _ in 0..100_000 {
        if let Some(result) = polled(polls, call(connection)) {
            return result;
        }
    }
    panic!("never done");
}

#[test]
fn next_ready_and_flush_may_be_dropped_anywhere() {
    for (chunk, polls) in (1..20).flat_map(|chunk| (1..4).map(move |polls| (chunk, polls))) {
        let (mut connection, peer, _) = connect();
        connection.machine_mut().high_water = Some(30);
        let said = slow_peer(&peer, chunk);
        let mut received = String::new();
        while let Some(line) = insisted(&mut connection, polls, async |connection| connection.next().await) {
            insisted(&mut connection, polls, async |connection| connection.ready().await);
            connection.try_send(line.clone()).unwrap();
            received += &(line + "\n");
            if received.len().is_multiple_of(3) {
                let _ = insisted(&mut connection, polls, async |connection| connection.flush().await);
            }
        }
        assert_eq!(received, said, "chunk {chunk}, dropped after {polls} polls");
        assert_eq!(peer.heard(), said);
    }
}

#[test]
fn a_dropped_send_was_queued_whole_or_not_at_all() {
    for polls in 1..5 {
        let (mut connection, peer, _) = connect();
        connection.machine_mut().high_water = Some(30);
        slow_peer(&peer, 7);
        let mut queued = String::new();
        for n in 0..200 {
            let line = format!("line number {n}");
            if let Some(sent) = polled(polls, connection.send(line.clone())) {
                sent.unwrap();
                queued += &(line + "\n");
            }
        }
        insisted(&mut connection, polls, async |connection| connection.flush().await).unwrap();
        assert_eq!(peer.heard(), queued);
        assert!(queued.lines().count() < 200 || polls > 2, "nothing was dropped");
    }
}

#[test]
fn a_close_may_be_dropped_and_is_said_once() {
    for polls in 1..10 {
        let (mut connection, peer, _) = connect();
        slow_peer(&peer, 5);
        polled(polls, connection.close(()));
        insisted(&mut connection, 1, async |connection| connection.finish().await);
        assert_eq!(peer.heard(), "bye\n");
        assert_eq!(peer.calls().shutdowns, 1);
    }
}

#[test]
fn the_halves_of_a_shared_connection_may_be_dropped_and_asked_again() {
    for polls in 1..4 {
        let (mut connection, peer, _) = connect();
        connection.machine_mut().high_water = Some(30);
        let said = slow_peer(&peer, 6);
        let Shared { handle, mut incoming, driver } = connection.share();
        let mut driver = pin!(driver);
        let (mut received, mut waiting) = (String::new(), None);
        for _ in 0..100_000 {
            let _ = driver.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if waiting.is_none() {
                match polled(polls, incoming.next()) {
                    None => continue,
                    Some(None) => break,
                    Some(Some(line)) => waiting = Some(line),
                }
            }
            // A send is dropped here, and tried again with a copy only if it was not queued.
            if let Some(line) = waiting.take() {
                match polled(polls, handle.send(line.clone())) {
                    None => waiting = Some(line),
                    Some(sent) => {
                        sent.unwrap();
                        received += &(line + "\n");
                    }
                }
            }
        }
        assert_eq!(received, said);
        assert_eq!(peer.heard(), said);
    }
}
