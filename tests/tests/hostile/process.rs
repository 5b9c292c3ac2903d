//! Entries of the layer `process` that concern WebSocket: transports that break, futures that are dropped, peers that
//! never tire. Scripted streams and virtual time stand for the network, so that every run is the same.

use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use sansocket_core::{Instant, Machine, Message};
use sansocket_driver::Connection;
use sansocket_testkit::{Flow, Heard, close, close_frame, frames, text, ws};
use sansocket_websocket::{Closed, Deadline, Keepalive, Options, Role, WebSocket};

use crate::script::{Read, Script, StandingClock};

type Server = Connection<WebSocket, Script, StandingClock>;

fn server(reads: impl IntoIterator<Item = Read>) -> Server {
    let ws = ws::websocket(Role::Server, Options::default(), Default::default(), Instant::ZERO);
    Connection::new(ws, Script::new(reads), StandingClock)
}

/// Polls until it is done, which with a script that always wakes it is.
fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// Polls `polls` times, then drops it.
fn give_up<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    (0..polls).find_map(|_| match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

#[test]
fn p_003_a_read_that_fails_is_no_clean_end() {
    let kinds = [io::ErrorKind::ConnectionReset, io::ErrorKind::TimedOut, io::ErrorKind::HostUnreachable];
    for (kind, good) in kinds.into_iter().flat_map(|kind| (0..50).map(move |good| (kind, good))) {
        let messages = (0..good).map(|n| Read::Bytes(text(n.to_string()).masked()));
        let mut server = server(messages.chain([Read::Fails(kind)]));
        for n in 0..good {
            assert_eq!(finish(server.next()), Some(Message::text(n.to_string())));
        }
        assert_eq!(finish(server.next()), None);
        assert_eq!(server.error().map(io::Error::kind), Some(kind));
        assert_eq!(server.machine().closed(), Some(&Closed::Lost));
    }
}

#[test]
fn p_006_a_peer_that_vanished_is_let_go_after_interval_and_timeout() {
    let keepalive = Keepalive { interval: Duration::from_secs(20), timeout: Duration::from_secs(20) };
    let options = Options { keepalive: Some(keepalive), ..Options::default() };
    let mut pair = ws::pair(Options::default(), options);
    (pair.to_client.flow, pair.to_server.flow) = (Flow::Stalled, Flow::Stalled);
    pair.wait(Duration::from_micros(39_999_999));
    assert_eq!(pair.server.heard(), []);
    pair.wait(Duration::from_micros(1));
    assert_eq!(pair.server.heard(), [Heard::Closed(Closed::Timeout(Deadline::Pong))]);
    pair.wait(Duration::from_secs(10));
    assert!(pair.server.machine.is_finished());
}

#[test]
fn p_010_futures_dropped_at_any_await_lose_and_double_nothing() {
    for polls in 1..6 {
        for chunk in [1, 3, 10, 1000] {
            let said: Vec<u8> = (0..30).flat_map(|n| text(format!("message {n}")).masked()).collect();
            let reads = said.chunks(chunk).flat_map(|read| [Read::Later, Read::Bytes(read.to_vec())]);
            let mut server = server(reads.chain([Read::Later, Read::End]));
            server_echoes(&mut server, polls);
            let written = server.io().written.clone();
            let wanted: Vec<_> = (0..30).map(|n| text(format!("message {n}"))).collect();
            assert_eq!(frames(Role::Server, &written), (wanted, 0), "dropped after {polls} polls");
        }
    }
}

/// Echoes until the end, with futures that are dropped after so many polls.
fn server_echoes(server: &mut Server, polls: usize) {
    for _ in 0..100_000 {
        match give_up(polls, server.next()) {
            None => {}
            Some(Some(message)) => {
                while give_up(polls, server.ready()).is_none() {}
                server.try_send(message).expect("there is room now");
                while give_up(polls, server.flush()).is_none() {}
            }
            Some(None) => return,
        }
    }
    panic!("never done");
}

#[test]
fn p_011_a_peer_at_line_rate_leaves_others_their_turn() {
    let burst = text("x".repeat(1000)).masked().repeat(60);
    let mut server = server(std::iter::repeat_with(|| Read::Bytes(burst.clone())).take(1000));
    let mut events = 0_usize;
    let turn = give_up(1, server.serve(|_, _| events += 1));
    assert!(turn.is_none(), "it goes on");
    assert!(events <= 2000, "{events} messages of 1 kB in one turn");
    assert!(events >= 60, "{events} messages make a turn worth its while");
}

#[test]
fn p_012_an_end_without_a_close_frame_is_no_clean_end() {
    // TLS streams report a missing close_notify as an error of the read; without TLS it is the end of the stream.
    for end in [Read::End, Read::Fails(io::ErrorKind::UnexpectedEof)] {
        let mut server = server([Read::Bytes(text("half a mess").masked()[..10].to_vec()), end]);
        assert_eq!(finish(server.next()), None);
        let closed = server.machine().closed().expect("it has ended");
        assert!(!closed.is_clean());
        assert_eq!(closed.code().get(), 1006);
    }
}

#[test]
fn p_013_what_a_peer_says_cannot_disfigure_a_log() {
    // Nothing here writes logs. What a user may log, the reason of an end, shows control characters escaped.
    let mut server = server([Read::Bytes(close(1000, "\u{1b}[31m\r\nline two").masked()), Read::End]);
    assert_eq!(finish(server.next()), None);
    let closed = server.machine().closed().expect("it has ended");
    assert_eq!(closed, &Closed::ByPeer(Box::new(close_frame(1000, "\u{1b}[31m\r\nline two"))));
    let shown = closed.to_string();
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(shown.len() < 300);
}
