//! `sansocket serve` and `sansocket connect --socketio` from the outside, with each other. What others' programs say to
//! them is tested in `tests/interop/socketio`.

#![allow(clippy::disallowed_methods, reason = "these tests run in real time")]

mod program;

use std::net::TcpListener;

use program::{PATIENCE, RUNTIMES, Running, Server, run, sansocket};

/// Ways to travel, and dialects, as arguments.
const WAYS: [&[&str]; 5] = [
    &["--transport", "polling"],
    &["--transport", "websocket"],
    &["--transport", "polling", "--transport", "websocket"],
    &["--eio", "3"],
    &["--eio", "3", "--transport", "polling"],
];
/// Bytes in JSON.
const BYTES: &str = r#"{"base64":"AAEC/f7/"}"#;

/// A client of the application at `server`.
struct Visitor(Running);

impl Visitor {
    /// Begins to connect to that namespace.
    fn go(server: &Server, nsp: &str, args: &[&str]) -> Visitor {
        let url = format!("{}{nsp}", server.http());
        Visitor(Running::start(sansocket(&["connect", "--socketio", &url]).args(args)))
    }

    /// Connects, and hears what the application greets with.
    fn meet(server: &Server, nsp: &str, args: &[&str]) -> Visitor {
        let mut visitor = Visitor::go(server, nsp, args);
        visitor.is_let_in();
        visitor.hears(r#"{"args":[{}],"event":"auth"}"#);
        visitor
    }

    fn is_let_in(&mut self) {
        let line = self.0.line();
        assert!(line.starts_with(r#"{"connected":""#), "{line}");
    }

    fn says(&mut self, line: &str) {
        self.0.write(format!("{line}\n").as_bytes());
    }

    fn hears(&mut self, line: &str) {
        assert_eq!(self.0.line(), line);
    }

    /// Says everything, leaves, and is done.
    fn leaves(mut self) {
        self.0.end_input();
        self.hears(r#"{"disconnected":"io client disconnect"}"#);
        let said = self.0.finish();
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{}", said.err);
        assert!(said.err.contains("closed by us"), "{}", said.err);
    }
}

/// Whatever is said, and asked by either side, arrives as it was.
fn converse(mut visitor: Visitor) {
    let value = format!(r#"{{"deep":[{BYTES},"Grüße 👋",null,-1.5]}}"#);
    visitor.says(&format!("emit message 1 \"two\" {value}"));
    visitor.hears(&format!(r#"{{"args":[1,"two",{value}],"event":"message-back"}}"#));
    visitor.says("volatile message");
    visitor.hears(r#"{"args":[],"event":"message-back"}"#);
    visitor.says(&format!("ack message-with-ack {value} true"));
    visitor.hears(&format!(r#"{{"ack":"message-with-ack","args":[{value},true]}}"#));
    visitor.says(&format!("ack digest {BYTES}"));
    visitor.hears(r#"{"ack":"digest","args":[{"bin":6,"sum":765}]}"#);
    visitor.says(&format!("ack call-me {BYTES} 60000"));
    visitor.hears(&format!(r#"{{"args":[{BYTES}],"event":"called","question":1}}"#));
    visitor.says(&format!("answer 1 {value}"));
    visitor.hears(&format!(r#"{{"ack":"call-me","args":[{{"reply":{value}}}]}}"#));
    visitor.leaves();
}

#[test]
fn events_and_answers_go_both_ways_whichever_way() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime, "--allow-eio3"]);
        for way in WAYS {
            converse(Visitor::meet(&server, "", &[way, &["--runtime", runtime]].concat()));
        }
        let server = Server::start(&["--runtime", runtime, "--parser", "msgpack"]);
        converse(Visitor::meet(&server, "/dynamic-7", &["--parser", "msgpack", "--runtime", runtime]));
    }
}

#[test]
fn who_is_in_a_room_hears_what_is_said_there() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let mut visitors =
            ["/", "/", "/custom"].map(|nsp| Visitor::meet(&server, nsp, &["--runtime", runtime]));
        for visitor in &mut visitors {
            visitor.says(r#"ack join "kitchen""#);
            visitor.hears(r#"{"ack":"join","args":[]}"#);
        }
        let [here, there, elsewhere] = &mut visitors;
        here.says(&format!(r#"ack to-room "kitchen" "said" {BYTES}"#));
        here.hears(r#"{"ack":"to-room","args":[]}"#);
        there.hears(&format!(r#"{{"args":[{BYTES}],"event":"said"}}"#));
        for (visitor, rooms) in [(here, r#"["kitchen"]"#), (elsewhere, r#"["kitchen"]"#)] {
            visitor.says("ack rooms");
            visitor.hears(&format!(r#"{{"ack":"rooms","args":[{rooms}]}}"#));
        }
        visitors.into_iter().for_each(Visitor::leaves);
    }
}

#[test]
fn who_leaves_may_come_again_as_somebody_else() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let mut visitor = Visitor::meet(&server, "/custom", &["--runtime", runtime]);
        visitor.says(r#"ack join "kitchen""#);
        visitor.hears(r#"{"ack":"join","args":[]}"#);
        visitor.says("disconnect");
        visitor.hears(r#"{"disconnected":"io client disconnect"}"#);
        visitor.says("connect");
        visitor.is_let_in();
        visitor.hears(r#"{"args":[{}],"event":"auth"}"#);
        visitor.says("ack rooms");
        visitor.hears(r#"{"ack":"rooms","args":[[]]}"#);
        visitor.leaves();
    }
}

#[test]
fn who_is_put_out_hears_the_last_words_and_is_done() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        for way in &WAYS[..3] {
            let mut visitor = Visitor::meet(&server, "", &[*way, &["--runtime", runtime]].concat());
            // At once, so that both may come at once.
            visitor.says("emit burst 3\nemit disconnect-me true");
            for number in 0..3 {
                visitor.hears(&format!(r#"{{"args":[{number}],"event":"burst"}}"#));
            }
            visitor.hears(r#"{"disconnected":"io server disconnect"}"#);
            // Standard input is open still: the end is the server's.
            assert_eq!(visitor.0.wait(PATIENCE).and_then(|status| status.code()), Some(0));
            let said = visitor.0.finish();
            assert!(said.err.contains("closed by the server"), "{}", said.err);
        }
    }
}

#[test]
fn who_knows_the_word_is_let_in_and_the_others_are_told_why_not() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let mut friend =
            Visitor::go(&server, "/auth", &["--auth", r#"{"token":"secret"}"#, "--runtime", runtime]);
        friend.is_let_in();
        friend.hears(r#"{"args":[{"token":"secret"}],"event":"auth"}"#);
        friend.leaves();
        for (nsp, line, words) in [
            ("/auth", r#"{"data":{"code":401},"error":"unauthorized"}"#, "unauthorized"),
            ("/nobody", r#"{"error":"Invalid namespace"}"#, "Invalid namespace"),
        ] {
            let mut stranger = Visitor::go(&server, nsp, &["--runtime", runtime]);
            stranger.hears(line);
            assert_eq!(stranger.0.wait(PATIENCE).and_then(|status| status.code()), Some(1));
            let said = stranger.0.finish();
            assert!(said.err.contains(words), "{}", said.err);
        }
    }
}

#[test]
fn a_connection_that_is_lost_is_made_again() {
    for runtime in RUNTIMES {
        let mut first = Server::start(&["--runtime", runtime]);
        let mut visitor = Visitor::meet(&first, "", &["--runtime", runtime, "--ack-timeout", "60s"]);
        first.program.signal("KILL");
        assert!(first.program.wait(PATIENCE).is_some());
        let line = visitor.0.line();
        assert!(line.starts_with(r#"{"disconnected":"transport "#), "{line}");
        // Kept until there is somebody to tell.
        visitor.says("ack message-with-ack 1");
        let _second =
            Server::ready(&mut sansocket(&["serve", "--listen", &first.address, "--runtime", runtime]));
        let again = std::iter::from_fn(|| Some(visitor.0.line()));
        let again = again.skip_while(|line| line.starts_with(r#"{"error":"#)).take(3).collect::<Vec<_>>();
        assert!(again[0].starts_with(r#"{"connected":""#), "{again:?}");
        for line in [r#"{"args":[{}],"event":"auth"}"#, r#"{"ack":"message-with-ack","args":[1]}"#] {
            assert!(again.iter().any(|heard| heard == line), "{again:?}");
        }
        visitor.leaves();
    }
}

#[test]
fn a_line_that_is_no_command_is_told_and_the_next_is_obeyed() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let mut visitor = Visitor::meet(&server, "", &["--runtime", runtime, "--ack-timeout", "100ms"]);
        for (line, words) in [
            ("shout hello", "`shout` means nothing here"),
            ("emit", "say which"),
            ("emit message hello", "have to be JSON"),
            ("answer 7", "there is no question 7"),
            ("emit connect", "reserved"),
        ] {
            visitor.says(line);
            let told = visitor.0.error_line();
            assert!(told.contains(words), "{line}: {told}");
        }
        visitor.says("ack nobody-answers");
        visitor.hears(r#"{"ack":"nobody-answers","error":"operation has timed out"}"#);
        visitor.says("emit message \"still here\"");
        visitor.hears(r#"{"args":["still here"],"event":"message-back"}"#);
        visitor.leaves();
    }
}

#[test]
fn the_end_of_the_input_waits_for_answers_and_an_interrupt_does_not() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let args = ["connect", "--socketio", &server.http(), "--runtime", runtime];
        let said = run(&mut sansocket(&args), b"ack message-with-ack 1\nack call-me 2 1500\n");
        assert_eq!(said.code, Some(0), "{}", said.err);
        for line in [
            r#"{"ack":"message-with-ack","args":[1]}"#,
            r#"{"args":[2],"event":"called","question":1}"#,
            r#"{"ack":"call-me","args":[{"timeout":true}]}"#,
        ] {
            assert!(said.out.contains(line), "no {line} in {}", said.out);
        }
        let mut visitor = Visitor::meet(&server, "", &["--runtime", runtime]);
        visitor.says("ack nobody-answers");
        visitor.says("ack id");
        assert!(visitor.0.line().starts_with(r#"{"ack":"id","args":[""#));
        visitor.0.signal("INT");
        assert_eq!(visitor.0.wait(PATIENCE).and_then(|status| status.code()), Some(0));
        let said = visitor.0.finish();
        assert!(said.out.contains(r#"{"disconnected":"io client disconnect"}"#), "{}", said.out);
    }
}

#[test]
fn nobody_there_is_told_with_advice() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for runtime in RUNTIMES {
        let args = ["connect", "--socketio", &format!("http://{free}/custom"), "--runtime", runtime];
        let said = run(&mut sansocket(&args), b"");
        assert_eq!(
            (said.code, said.out.as_str()),
            (Some(1), "{\"error\":\"transport error\"}\n"),
            "{}",
            said.err
        );
        assert!(said.err.contains(&free.to_string()) && said.err.lines().count() >= 2, "{}", said.err);
    }
}

#[test]
fn arguments_without_sense_are_refused_with_advice() {
    for args in [
        &["connect", "--socketio", "localhost"][..],
        &["connect", "--socketio", "ftp://localhost:1"],
        &["connect", "--socketio", "http://localhost:1/a,b"],
        &["connect", "--socketio", "http://localhost:1", "--auth", "5"],
        &["connect", "--socketio", "http://localhost:1", "--auth", "{"],
        &["connect", "--socketio", "http://localhost:1", "--parser", "xml"],
        &["connect", "--socketio", "http://localhost:1", "--binary"],
        &["connect", "--socketio", "http://localhost:1", "--engineio"],
        &["connect", "--socketio", "http://localhost:1", "--protocol", "chat"],
        &["connect", "ws://localhost:1", "--auth", "{}"],
        &["connect", "--engineio", "http://localhost:1", "--parser", "json"],
        &["bench", "--engineio", "http://localhost:1", "--parser", "msgpack"],
        &["bench", "--engineio", "http://localhost:1", "--exchange", "ack"],
    ] {
        let said = run(&mut sansocket(args), b"");
        assert_eq!(said.code, Some(2), "{args:?}: {}", said.err);
        assert!(said.err.lines().count() >= 2, "{args:?}: no advice: {}", said.err);
    }
}
