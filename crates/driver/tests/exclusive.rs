//! One connection in one hand.
mod support;

use std::io::ErrorKind;
use std::time::Duration;

use sansocket_core::{Endpoint, SendError};
use sansocket_driver::Signal;
use support::lines::{Ended, output_memory};
use support::{Connection, Event, MS, Read, Write, connect, echo, once, run};

/// `next`, which must not have to wait.
fn next(connection: &mut Connection) -> Option<String> {
    run(connection.next()).expect("nothing came")
}

fn send(connection: &mut Connection, line: &str) -> Result<(), SendError<String>> {
    run(connection.send(line.into())).expect("no room")
}

#[test]
fn the_naive_loop_writes_once_a_burst() {
    let (mut connection, peer, _) = connect();
    for _ in 0..3 {
        peer.plan([Read::Bytes(b"line\n".repeat(64)), Read::Later]);
    }
    peer.plan([Read::Eof]);
    assert_eq!(run(echo(&mut connection)), Some(192));
    assert_eq!(peer.heard(), "line\n".repeat(192));
    assert_eq!(peer.calls().writes, 3);
}

#[test]
fn a_lone_message_is_answered_at_once() {
    let (mut connection, peer, _) = connect();
    peer.says("one\n");
    assert_eq!(next(&mut connection).as_deref(), Some("one"));
    send(&mut connection, "1").unwrap();
    assert_eq!(peer.heard(), "1\n");
}

#[test]
fn held_back_answers_leave_with_a_flush() {
    let (mut connection, peer, _) = connect();
    peer.says("one\ntwo\n");
    next(&mut connection);
    send(&mut connection, "1").unwrap();
    assert_eq!(peer.heard(), "");
    assert!(run(connection.flush()).unwrap().is_ok());
    assert_eq!(peer.heard(), "1\n");
}

#[test]
fn an_answer_to_an_old_burst_is_not_held_back() {
    let (mut connection, peer, clock) = connect();
    peer.says("line\n".repeat(8));
    for answered in 1..=8 {
        next(&mut connection);
        clock.advance(MS);
        send(&mut connection, "slow").unwrap();
        assert_eq!(peer.heard(), "slow\n".repeat(answered));
    }
}

#[test]
fn the_clock_is_asked_once_a_read_and_seldom_in_a_burst() {
    let (mut connection, peer, clock) = connect();
    peer.says("line\n".repeat(1000));
    let before = clock.asked();
    assert_eq!(run(echo(&mut connection)), None);
    // Once for the read, then at sends 1, 2, 4… of what fits below high water: 5 flushes of 200 lines.
    assert!(clock.asked() - before <= 1 + 5 * 9, "{}", clock.asked() - before);
}

#[test]
fn a_full_peer_does_not_stop_us_from_reading() {
    let (mut connection, peer, _) = connect();
    peer.takes([Write::Stuck]);
    send(&mut connection, "unheard").unwrap();
    for _ in 0..100 {
        peer.says("still talking\n");
        assert_eq!(next(&mut connection).as_deref(), Some("still talking"));
    }
    assert_eq!(peer.heard(), "");
    peer.drain();
    assert_eq!(run(connection.next()), None);
    assert_eq!(peer.heard(), "unheard\n");
}

#[test]
fn a_silent_peer_does_not_stop_us_from_writing() {
    let (mut connection, peer, _) = connect();
    assert_eq!(run(connection.next()), None);
    for _ in 0..1000 {
        send(&mut connection, "monologue").unwrap();
    }
    assert_eq!(peer.heard(), "monologue\n".repeat(1000));
}

#[test]
fn send_waits_for_room_and_reads_ahead_meanwhile_but_not_without_bound() {
    let (mut connection, peer, _) = connect();
    peer.takes([Write::Stuck]);
    peer.plan((0..100).map(|_| Read::Bytes(vec![b'x'; 16 << 10])));
    send(&mut connection, &"y".repeat(2000)).unwrap();
    assert_eq!(run(connection.send("waits".into())), None);
    let read = (100 - peer.unread()) * (16 << 10);
    assert!((100 << 10..=256 << 10).contains(&read), "{read} bytes read ahead");
    assert!(run(connection.flush()).is_none());
    peer.drain();
    send(&mut connection, "goes").unwrap();
    assert!(run(connection.flush()).is_some());
    assert!(peer.heard() == format!("{}\ngoes\n", "y".repeat(2000)));
}

#[test]
fn ready_and_try_send_lose_nothing() {
    let (mut connection, peer, _) = connect();
    peer.takes([Write::Stuck]);
    send(&mut connection, &"y".repeat(2000)).unwrap();
    assert_eq!(connection.try_send("kept".into()), Err(SendError::Blocked("kept".into())));
    assert!(run(connection.ready()).is_none());
    peer.drain();
    run(connection.ready()).unwrap();
    connection.try_send("kept".into()).unwrap();
    assert_eq!(run(connection.next()), None);
    assert!(peer.heard().ends_with("y\nkept\n"));
}

#[test]
fn idle_means_idle_in_both_directions() {
    let (mut connection, peer, _) = connect();
    peer.says("ping\none\ntwo\n");
    assert_eq!(run(echo(&mut connection)), None);
    assert_eq!(peer.heard(), "pong\none\ntwo\n");
    assert_eq!(connection.memory() + output_memory(connection.machine()), 0);

    // A lent loop that answers nothing must not keep what it was lent for the answers.
    peer.says("three\n");
    assert!(run(connection.serve(|_, _| {})).is_none());
    assert_eq!(connection.memory() + output_memory(connection.machine()), 0);

    // Half a line costs twice its length.
    peer.says("x".repeat(5000));
    assert_eq!(run(connection.next()), None);
    assert!((5000..10_100).contains(&connection.memory()), "{}", connection.memory());
}

#[test]
fn who_stops_in_the_middle_of_a_small_burst_keeps_little() {
    let (mut connection, peer, _) = connect();
    peer.says("line\n".repeat(200));
    next(&mut connection);
    assert!(connection.memory() < 2100, "{}", connection.memory());
    peer.says("more\n");
    assert_eq!(run(async { while connection.next().await.is_some_and(|line| line != "more") {} }), Some(()));
    assert_eq!(connection.memory(), 0);
}

#[test]
fn chunks_of_any_size_make_no_difference() {
    for chunk in 1..12 {
        let (mut connection, peer, _) = connect();
        let said = "one\ntwo\nping\n\nthree\n".repeat(50);
        for bytes in said.as_bytes().chunks(chunk) {
            peer.plan([Read::Bytes(bytes.to_vec()), Read::Later, Read::Fails(ErrorKind::Interrupted)]);
            peer.takes([
                Write::Later,
                Write::Take(1),
                Write::Fails(ErrorKind::Interrupted),
                Write::Take(chunk),
            ]);
        }
        peer.plan([Read::Eof]);
        assert_eq!(run(echo(&mut connection)), Some(200), "in chunks of {chunk}");
        assert_eq!(peer.heard(), said.replace("ping", "pong"));
        assert_eq!(connection.machine().ended, Some(Ended::Lost));
        assert!(connection.error().is_none());
    }
}

#[test]
fn a_goodbye_is_said_answered_and_over() {
    let (mut connection, peer, _) = connect();
    let mut close = Box::pin(connection.close(()));
    assert_eq!(run(&mut close), None);
    assert_eq!((peer.heard().as_str(), peer.calls().shutdowns), ("bye\n", 1));
    peer.plan([Read::Bytes(b"too late\nbye\n".to_vec()), Read::Eof]);
    assert_eq!(run(close), Some(()));
    assert_eq!(connection.machine().ended, Some(Ended::ByUs));
    assert_eq!(next(&mut connection), None);
    assert_eq!(send(&mut connection, "x"), Err(SendError::Closed("x".into())));
}

#[test]
fn a_goodbye_without_an_answer_ends_in_time() {
    let (mut connection, peer, clock) = connect();
    peer.takes([Write::Stuck]);
    let mut close = Box::pin(connection.close(()));
    assert_eq!(run(&mut close), None);
    clock.advance(Duration::from_millis(999));
    assert_eq!(run(&mut close), None);
    clock.advance(MS);
    assert_eq!(run(close), Some(()));
    assert_eq!(connection.machine().ended, Some(Ended::Timeout));
}

#[test]
fn a_dropped_goodbye_is_finished_by_next() {
    let (mut connection, peer, _) = connect();
    assert!(once(connection.close(())).is_none());
    peer.plan([Read::Bytes(b"last\nbye\n".to_vec()), Read::Eof]);
    assert_eq!(next(&mut connection).as_deref(), Some("last"));
    assert_eq!(next(&mut connection), None);
    assert_eq!(peer.heard(), "bye\n");
}

#[test]
fn deadlines_are_kept_while_flushing_and_while_waiting_for_room() {
    for wait in ["flush", "ready"] {
        let (mut connection, peer, clock) = connect();
        connection.machine_mut().patience = Some(10 * MS);
        peer.says("hello\n");
        next(&mut connection);
        peer.takes([Write::Stuck]);
        send(&mut connection, &"x".repeat(2000)).unwrap();
        let mut waiting = Box::pin(async {
            match wait {
                "flush" => drop(connection.flush().await),
                _ => connection.ready().await,
            }
        });
        assert!(run(&mut waiting).is_none());
        clock.advance(10 * MS);
        assert!(run(&mut waiting).is_some(), "{wait} outlived the deadline");
        drop(waiting);
        assert_eq!(next(&mut connection), None);
        assert_eq!(connection.machine().ended, Some(Ended::Timeout));
    }
}

#[test]
fn a_timer_is_set_again_only_when_it_rang_too_early() {
    let (mut connection, peer, clock) = connect();
    connection.machine_mut().patience = Some(100 * MS);
    for _ in 0..1000 {
        peer.says("alive\n");
        assert_eq!(run(async { while connection.next().await.is_some() {} }), None);
        clock.advance(MS);
    }
    // A second in which the deadline moved a thousand times: it rang, and was set, ten times.
    assert!((9..=21).contains(&clock.set()), "{}", clock.set());
    clock.advance(100 * MS);
    assert_eq!(next(&mut connection), None);
    assert_eq!(connection.machine().ended, Some(Ended::Timeout));
}

#[test]
fn what_lies_there_is_read_before_a_deadline_counts() {
    let (mut connection, peer, clock) = connect();
    connection.machine_mut().patience = Some(10 * MS);
    peer.says("hello\n");
    next(&mut connection);
    // The user took his time; the peer did not.
    clock.advance(100 * MS);
    peer.says("I was here\n");
    assert_eq!(next(&mut connection).as_deref(), Some("I was here"));
}

const ECONNRESET: i32 = 104;

#[test]
fn a_broken_read_loses_nothing_that_came_before_and_is_remembered() {
    for before in 0..50 {
        let (mut connection, peer, _) = connect();
        peer.plan((0..before).map(|_| Read::Bytes(b"line\n".to_vec())));
        peer.plan([Read::Errno(ECONNRESET)]);
        assert_eq!(run(echo(&mut connection)), Some(before));
        assert_eq!(connection.error().and_then(|error| error.raw_os_error()), Some(ECONNRESET));
        assert_eq!(connection.machine().ended, Some(Ended::Lost));
    }
}

#[test]
fn after_a_broken_write_the_peers_last_words_are_heard() {
    let (mut connection, peer, _) = connect();
    peer.takes([Write::Fails(ErrorKind::BrokenPipe)]);
    peer.says("why I go\nbye\n");
    send(&mut connection, "x").unwrap();
    assert_eq!(send(&mut connection, "y"), Err(SendError::Closed("y".into())));
    assert_eq!(run(connection.flush()).unwrap().unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(next(&mut connection).as_deref(), Some("why I go"));
    assert_eq!(next(&mut connection), None);
    assert_eq!(connection.machine().ended, Some(Ended::ByPeer));
    assert_eq!(connection.error().map(|error| error.kind()), Some(ErrorKind::BrokenPipe));
}

#[test]
fn a_write_of_nothing_is_an_error_and_not_a_loop() {
    let (mut connection, peer, _) = connect();
    peer.takes([Write::Take(0)]);
    send(&mut connection, "x").unwrap();
    assert_eq!(connection.error().map(|error| error.kind()), Some(ErrorKind::WriteZero));
}

#[test]
fn a_peer_that_never_pauses_does_not_keep_the_thread() {
    let (mut connection, peer, _) = connect();
    peer.plan((0..2000).map(|_| Read::Bytes(b"x".to_vec())));
    assert!(once(connection.next()).is_none());
    let dripped = peer.calls().reads;
    assert!((64..=256).contains(&dripped), "{dripped} reads of one byte in one turn");

    let (mut connection, peer, _) = connect();
    peer.plan((0..100).map(|_| Read::Bytes(vec![b'x'; 128 << 10])));
    assert!(once(connection.next()).is_none());
    let moved = peer.calls().reads * (128 << 10);
    assert!((256 << 10..=1 << 20).contains(&moved), "{moved} bytes in one turn");
    // And it is woken to go on.
    peer.says("\n");
    assert!(run(connection.next()).is_some());
}

#[test]
fn a_writer_that_never_pauses_does_not_keep_the_thread() {
    let (mut connection, _peer, _) = connect();
    let line = "x".repeat(900);
    let sent = std::cell::Cell::new(0usize);
    let endless = async {
        loop {
            connection.send(line.clone()).await.unwrap();
            sent.set(sent.get() + 1);
        }
    };
    assert!(once(endless).is_none());
    assert!((256..=1200).contains(&sent.get()), "{} sends in one turn", sent.get());
}

#[test]
fn a_lent_loop_owns_nothing_and_writes_once() {
    let (mut connection, peer, _) = connect();
    peer.plan([Read::Bytes(b"one\ntwo\nping\nclose\n".to_vec())]);
    let mut seen = Vec::new();
    let mut serving = Box::pin(connection.serve(|event, lines| match event {
        // The machine is commanded while the line is lent.
        Event::Line("close") => lines.close(()),
        Event::Line(line) => lines.send(line.to_uppercase()).unwrap(),
        Event::Ended(why) => seen.push(why),
        Event::Quiet => {}
    }));
    assert!(run(&mut serving).is_none());
    assert_eq!((peer.heard().as_str(), peer.calls().writes), ("ONE\nTWO\npong\nbye\n", 1));
    peer.plan([Read::Eof]);
    assert!(run(serving).is_some());
    assert_eq!(connection.machine().ended, Some(Ended::ByUs));
}

#[test]
fn a_lent_loop_never_meets_a_full_output() {
    let (mut connection, peer, _) = connect();
    peer.takes([Write::Stuck]);
    peer.plan([Read::Bytes(b"0123456789\n".repeat(1000)), Read::Eof]);
    let mut serving = Box::pin(connection.serve(|event, lines| {
        if let Event::Line(line) = event {
            lines.send(line.into()).unwrap();
        }
    }));
    assert!(run(&mut serving).is_none());
    peer.drain();
    assert!(run(serving).is_some());
    assert_eq!(peer.heard(), "0123456789\n".repeat(1000));
}

#[test]
fn shared_payloads_leave_in_one_gathered_write() {
    let (mut connection, peer, _) = connect();
    for _ in 0..3 {
        connection.machine_mut().share("payload\n");
    }
    assert!(run(connection.flush()).is_some());
    assert_eq!(peer.heard(), ">payload\n".repeat(3));
    assert_eq!((peer.calls().writes, peer.calls().gathered), (1, 6));
}

#[test]
fn a_handshake_becomes_what_it_led_to_with_the_bytes_behind_it() {
    let (mut connection, peer, _) = connect();
    peer.says("hello\nfirst\nsecond\n");
    let name = run(connection.until(|event, lines| match event {
        Event::Line(line) => {
            lines.send(format!("welcome {line}")).unwrap();
            Some(line.len())
        }
        _ => None,
    }));
    assert_eq!(name, Some(Some(5)));
    let mut connection: Connection = connection.map(|mut lines, _| {
        lines.high_water = Some(7);
        lines
    });
    assert_eq!(next(&mut connection).as_deref(), Some("first"));
    assert!(run(connection.flush()).is_some());
    assert_eq!(peer.heard(), "welcome hello\n");
    let parts = connection.into_parts();
    assert_eq!(parts.input.raw(), b"second\n");
    let mut connection = Connection::from_parts(parts);
    assert_eq!(next(&mut connection).as_deref(), Some("second"));
}

#[test]
fn futures_are_send_and_a_connection_is_small() {
    fn is_send<T: Send>(_: &T) {}
    let (mut connection, _, _) = connect();
    is_send(&connection.next());
    is_send(&connection.send(String::new()));
    is_send(&connection.flush());
    is_send(&connection.close(()));
    is_send(&connection.serve(|_, _| {}));
    assert_eq!(size_of::<Connection>(), size_of::<usize>());
}

#[test]
fn somebody_outside_may_end_it_whatever_its_owner_waits_for() {
    for wait in ["next", "flush"] {
        let (mut connection, peer, _) = connect();
        let stop = Signal::default();
        connection.close_on(&stop, |machine, now| machine.close((), now));
        if wait == "flush" {
            peer.takes([Write::Stuck]);
            send(&mut connection, "unheard").unwrap();
        }
        let mut waiting = Box::pin(async {
            match wait {
                "flush" => connection.flush().await.is_ok(),
                _ => connection.next().await.is_some(),
            }
        });
        assert!(run(&mut waiting).is_none());
        stop.raise();
        assert!(run(&mut waiting).is_none());
        peer.drain();
        run(&mut waiting);
        drop(waiting);
        peer.plan([Read::Bytes(b"bye\n".to_vec()), Read::Eof]);
        assert_eq!(next(&mut connection), None);
        assert!(peer.heard().ends_with("bye\n"), "{wait}");
        assert_eq!(connection.machine().ended, Some(Ended::ByUs));
    }
}
