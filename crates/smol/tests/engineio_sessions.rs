//! Sessions of Engine.IO, as their users and their clients know them.
#[path = "support/house.rs"]
mod house;
mod support;

use std::future::pending;
use std::sync::mpsc;
use std::time::Duration;

use house::{bind, echo, open};
use sansocket_core::{Message, SendError};
use sansocket_smol::engineio::{Protocol, Reason, ServerOptions, Session, Transport};
use sansocket_testkit::requests::{get, poll, post, upgrade};
use sansocket_testkit::{bare_close, binary, close};
use sansocket_websocket::Role;
use support::{run, sleep};

#[test]
fn polls_bring_what_is_said() {
    run(async {
        let house = open(bind().await, echo);
        let (mut posts, mut polls) = (house.connect(), house.connect());
        let sid = polls.begin();
        // Which is waiting first makes no difference.
        polls.say(poll(&sid));
        assert_eq!(posts.ask(post(&sid, "4one\u{1e}4two")).body, "ok");
        let mut heard = polls.answer().body;
        if heard == "4one" {
            heard = format!("{heard}\u{1e}{}", polls.ask(poll(&sid)).body);
        }
        assert_eq!(heard, "4one\u{1e}4two");
        assert_eq!(posts.ask(post(&sid, "bAQID")).body, "ok");
        assert_eq!(polls.ask(poll(&sid)).body, "bAQID");
    });
}

#[test]
fn a_websocket_will_do_from_the_first() {
    run(async {
        let house = open(bind().await, echo);
        let mut line = house.connect();
        line.begin_websocket();
        line.send("4hello");
        assert_eq!(line.text(), "4hello");
        line.say(binary([1, 2, 3]).sent_by(Role::Client));
        assert_eq!(line.frame(), binary([1, 2, 3]));
    });
}

#[test]
fn a_session_goes_on_over_a_websocket_and_nothing_is_lost() {
    run(async {
        let house = open(bind().await, echo);
        let (mut polls, mut posts, mut socket) = (house.connect(), house.connect(), house.connect());
        let sid = polls.begin();
        assert_eq!(posts.ask(post(&sid, "4by post")).body, "ok");
        assert_eq!(polls.ask(poll(&sid)).body, "4by post");
        polls.say(poll(&sid));
        let target = format!("/engine.io/?EIO=4&transport=websocket&sid={sid}");
        assert!(socket.ask(upgrade(&target, "")).head.starts_with("HTTP/1.1 101 "));
        socket.send("2probe");
        assert_eq!(socket.text(), "3probe");
        assert_eq!(polls.answer().body, "6");
        socket.send("5");
        for number in 0..1000 {
            socket.send(&format!("4{number}"));
        }
        for number in 0..1000 {
            assert_eq!(socket.text(), format!("4{number}"));
        }
        assert!(polls.ask(poll(&sid)).head.starts_with("HTTP/1.1 400 "));
    });
}

#[test]
fn a_session_knows_who_it_is_and_why_it_ended() {
    run(async {
        let (tell, told) = mpsc::channel();
        let house = open(bind().await, move |mut session: Session, request| {
            let tell = tell.clone();
            async move {
                assert_eq!(session.protocol(), Protocol::V4);
                let path = request.path().to_owned();
                let transport = session.transport();
                while session.next().await.is_some() {}
                assert_eq!((session.next().await, session.transport()), (None, None));
                assert_eq!(session.try_send("x".into()), Err(SendError::Closed("x".into())));
                tell.send((path, format!("{}", session.sid()), transport, session.closed())).unwrap();
            }
        });
        let mut line = house.connect();
        let sid = line.begin();
        assert_eq!(line.ask(post(&sid, "1")).body, "ok");
        let ended = (Some(Transport::Polling), Some(Reason::TransportClose));
        assert_eq!(told.recv().unwrap(), ("/engine.io/".to_owned(), sid, ended.0, ended.1));

        let mut line = house.connect();
        line.begin_websocket();
        line.say(close(1000, "").sent_by(Role::Client));
        assert_eq!(line.frame(), close(1000, ""));
        assert!(line.has_ended());
        assert_eq!(told.recv().unwrap().3, Some(Reason::TransportClose));

        // Who just leaves while his poll waits has broken it off.
        let mut line = house.connect();
        let sid = line.begin();
        line.say(poll(&sid));
        drop(line);
        assert_eq!(told.recv().unwrap().3, Some(Reason::TransportError));
    });
}

#[test]
fn a_handler_that_returns_says_goodbye_behind_what_it_said() {
    run(async {
        let house = open(bind().await, async |session: Session, _| {
            session.send(Message::text("welcome")).await.unwrap();
            session.send(Message::text("and goodbye")).await.unwrap();
        });
        let mut line = house.connect();
        let answer = line.ask(get("EIO=4&transport=polling"));
        let (sid, mut heard) = (answer.body[9..29].to_owned(), answer.body);
        while !heard.ends_with("\u{1e}1") {
            let answer = line.ask(poll(&sid));
            assert!(answer.head.starts_with("HTTP/1.1 200 "), "{answer:?}");
            heard = format!("{heard}\u{1e}{}", answer.body);
        }
        assert!(heard.ends_with("}\u{1e}4welcome\u{1e}4and goodbye\u{1e}1"), "{heard}");
        let mut line = house.connect();
        line.begin_websocket();
        assert_eq!([line.text(), line.text()], ["4welcome", "4and goodbye"]);
        assert_eq!(line.frame(), bare_close());
    });
}

#[test]
fn who_does_not_answer_pings_is_gone_whatever_the_handler_does() {
    run(async {
        let options = ServerOptions {
            ping_interval: Duration::from_millis(100),
            ping_timeout: Duration::from_millis(100),
            ..ServerOptions::default()
        };
        let (tell, told) = mpsc::channel();
        let house = open(bind().await.options(options), move |mut session: Session, _| {
            let tell = tell.clone();
            async move {
                if session.next().await == Some("sleep".into()) {
                    sleep(Duration::from_millis(700)).await;
                }
                while session.next().await.is_some() {}
                tell.send(session.closed()).unwrap();
            }
        });
        let mut line = house.connect();
        line.begin_websocket();
        assert_eq!([line.frame(), line.frame()].map(|frame| frame.opcode()), [1, 8], "a ping, and the end");
        assert_eq!(told.recv().unwrap(), Some(Reason::PingTimeout));
        // Pings come while the handler sleeps, too.
        let mut line = house.connect();
        line.begin_websocket();
        line.send("4sleep");
        for _ in 0..5 {
            assert_eq!(line.text(), "2");
            line.send("3");
        }
        line.say(bare_close().sent_by(Role::Client));
        assert_eq!(told.recv().unwrap(), Some(Reason::TransportClose));
    });
}

#[test]
fn who_says_more_than_is_looked_at_waits_and_loses_nothing() {
    run(async {
        let house = open(bind().await, async |mut session: Session, _| {
            // Somebody has to tell it to begin; the rest waits meanwhile.
            sleep(Duration::from_millis(300)).await;
            let mut sum = 0;
            while let Some(message) = session.next().await {
                let text = message.as_text().unwrap();
                assert_eq!(text[..8].parse::<u64>().unwrap(), sum);
                sum += 1;
                if text.ends_with("last") {
                    session.send(Message::text(format!("{sum}"))).await.unwrap();
                }
            }
        });
        let mut line = house.connect();
        line.begin_websocket();
        let long = "x".repeat(1000);
        for number in 0..5000 {
            line.send(&format!("4{number:08}{long}"));
        }
        line.send(&format!("4{:08}last", 5000));
        assert_eq!(line.text(), "45001");
    });
}

#[test]
fn who_does_not_listen_is_not_written_for_without_end() {
    run(async {
        let house = open(bind().await, async |mut session: Session, _| {
            let handle = session.handle();
            let message = Message::binary(vec![7; 10_000]);
            let sent = (0..).take_while(|_| handle.try_send(message.clone()).is_ok()).count();
            assert!((6..=8).contains(&sent), "{sent} times ten thousand bytes wait");
            handle.send(message.clone()).await.unwrap();
            for _ in sent..200 {
                handle.send(message.clone()).await.unwrap();
            }
            session.close().await;
            assert_eq!(session.closed(), Some(Reason::ForcedClose));
        });
        let mut line = house.connect();
        let sid = line.begin();
        let mut messages = 0;
        loop {
            let body = line.ask(poll(&sid)).body;
            messages += body.split('\u{1e}').filter(|packet| packet.starts_with('b')).count();
            if body.ends_with('1') {
                break;
            }
        }
        assert_eq!(messages, 201);
    });
}

#[test]
fn who_vanishes_is_missed_although_nobody_looks_at_what_he_said() {
    run(async {
        let beat = Duration::from_millis(20);
        let options = ServerOptions { ping_interval: beat, ping_timeout: beat, ..ServerOptions::default() };
        let (tell, told) = mpsc::channel();
        let house = open(bind().await.options(options), move |session: Session, _| {
            tell.send(session.handle()).unwrap();
            async move {
                pending::<()>().await;
                drop(session);
            }
        });
        let mut line = house.connect();
        line.begin_websocket();
        let session = told.recv().unwrap();
        // More than is kept for the handler, so that nothing more is read, the end of the stream neither.
        for _ in 0..4 {
            line.send(&"4".repeat(60_000));
        }
        sleep(Duration::from_millis(50)).await;
        drop(line);
        while session.transport().is_some() {
            sleep(beat).await;
        }
        let late = Message::text("late");
        assert_eq!(session.try_send(late.clone()), Err(SendError::Closed(late)));
    });
}

#[test]
fn a_panic_ends_its_session_only() {
    run(async {
        let house = open(bind().await, async |mut session: Session, _| {
            while let Some(message) = session.next().await {
                assert_ne!(message.as_text(), Some("panic"), "a test's");
                session.send(message).await.unwrap();
            }
        });
        let (mut good, mut bad) = (house.connect(), house.connect());
        let (sid, doomed) = (good.begin(), bad.begin());
        assert_eq!(good.ask(post(&sid, "4hello")).body, "ok");
        bad.say(post(&doomed, "4panic"));
        bad.answer();
        assert_eq!(bad.ask(poll(&doomed)).body, "1");
        assert_eq!(good.ask(poll(&sid)).body, "4hello");
    });
}

#[test]
fn who_is_between_two_polls_when_the_server_goes_down_hears_of_it_with_the_next() {
    run(async {
        let house = open(bind().await, echo);
        let (mut polls, mut new) = (house.connect(), house.connect());
        let sid = polls.begin();
        assert!(new.ask(get("")).head.starts_with("HTTP/1.1 400 "));
        house.stop.raise();
        sleep(Duration::from_millis(50)).await;
        // No session begins any more.
        let turned_away = new.ask(get("EIO=4&transport=polling"));
        assert!(turned_away.head.starts_with("HTTP/1.1 503 "), "{turned_away:?}");
        let answer = polls.ask(poll(&sid));
        assert!(answer.head.contains("\r\nConnection: close\r\n") && answer.body == "1", "{answer:?}");
        assert!(polls.has_ended() && new.has_ended());
        house.ended.wait().await;
    });
}

#[test]
fn sessions_are_closed_in_order_and_who_does_not_end_is_cut() {
    run(async {
        let house = open(
            bind().await.shutdown_timeout(Duration::from_millis(500)),
            async |mut session: Session, _| {
                if session.next().await.is_some() {
                    // Stuck: it neither ends nor listens.
                    pending::<()>().await;
                }
            },
        );
        let (mut polls, mut socket, mut idle, mut stuck) =
            (house.connect(), house.connect(), house.connect(), house.connect());
        let sid = polls.begin();
        polls.say(poll(&sid));
        socket.begin_websocket();
        assert!(idle.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").head.starts_with("HTTP/1.1 404 "));
        stuck.begin_websocket();
        stuck.send("4x");
        sleep(Duration::from_millis(50)).await;
        house.stop.raise();
        let answer = polls.answer();
        assert!(answer.head.contains("\r\nConnection: close\r\n") && answer.body == "1", "{answer:?}");
        assert_eq!(socket.frame(), bare_close());
        socket.say(bare_close().sent_by(Role::Client));
        assert!(socket.has_ended() && idle.has_ended() && polls.has_ended());
        assert_eq!(stuck.frame(), bare_close());
        drop((polls, idle));
        house.ended.wait().await;
        assert!(std::net::TcpStream::connect(house.address).is_err());
    });
}
