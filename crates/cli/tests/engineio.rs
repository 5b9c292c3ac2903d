//! `sansocket serve` and `sansocket connect --engineio` from the outside, with each other. What others' programs say to
//! them is tested in `tests/interop/engineio`.

#![allow(clippy::disallowed_methods, reason = "these tests run in real time")]

mod program;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use program::{PATIENCE, RUNTIMES, Running, Server, run, sansocket};

/// How long a server may take to end.
const END: Duration = Duration::from_secs(2);
/// Ways to travel, as arguments.
const WAYS: [&[&str]; 3] = [
    &["--transport", "polling"],
    &["--transport", "websocket"],
    &["--transport", "polling", "--transport", "websocket"],
];

/// The response to a request, head and body, as text.
fn get(server: &Server, target: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = Vec::new();
    // A server may cut the connection behind its answer.
    let _ = stream.read_to_end(&mut response);
    String::from_utf8_lossy(&response).into_owned()
}

#[test]
fn everything_comes_back_as_it_came_whichever_way() {
    let long = "x".repeat(300_000);
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime, "--allow-eio3"]);
        let talk = |args: &[&str], input: &[u8]| {
            let url = server.http();
            run(sansocket(&["connect", "--engineio", &url, "--runtime", runtime]).args(args), input)
        };
        let lines = format!("hello\nGrüße 👋\n{long}\n");
        for args in [WAYS[0], WAYS[1], WAYS[2], &["--eio", "3"]] {
            let said = talk(args, lines.as_bytes());
            assert_eq!(said.code, Some(0), "{}", said.err);
            assert!(said.out == lines, "{} bytes came back of {}", said.out.len(), lines.len());
            assert!(said.err.contains("closed by us (forced close)"), "{}", said.err);
        }
        let said = talk(&["--binary"], b"\x00\x01\n\x7f\n");
        assert_eq!((said.out.as_str(), said.code), ("\x00\x01\n\x7f\n", Some(0)), "{}", said.err);
    }
}

#[test]
fn what_else_there_is_stays_beside_it() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        assert!(get(&server, "/ws", "").starts_with("HTTP/1.1 200"));
        assert!(get(&server, "/nothing", "").starts_with("HTTP/1.1 404"));
        let said = run(&mut sansocket(&["connect", &server.ws("/echo")]), b"hi\n");
        assert_eq!((said.out.as_str(), said.code), ("hi\n", Some(0)), "{}", said.err);
    }
}

#[test]
fn a_signal_ends_every_session_within_two_seconds() {
    for runtime in RUNTIMES {
        let mut server = Server::start(&["--runtime", runtime]);
        let mut clients = WAYS.map(|way| {
            let url = server.http();
            let mut client = Running::start(sansocket(&["connect", "--engineio", &url]).args(way));
            client.write(b"here\n");
            assert_eq!(client.line(), "here");
            client
        });
        server.program.signal("TERM");
        let ended = server.program.wait(END).unwrap_or_else(|| panic!("{runtime} runs on"));
        assert_eq!(ended.code(), Some(0), "{runtime}");
        for client in &mut clients {
            assert!(client.wait(PATIENCE).is_some());
        }
    }
}

#[test]
fn the_environment_says_how_sessions_are_served() {
    for runtime in RUNTIMES {
        let mut command = sansocket(&["serve", "--listen", "127.0.0.1:0", "--runtime", runtime]);
        let variables = [
            ("PING_INTERVAL", "1234"),
            ("PING_TIMEOUT", "567"),
            ("UPGRADE_TIMEOUT", "89"),
            ("MAX_PAYLOAD", "4321"),
            ("ALLOW_EIO3", "1"),
            ("COOKIE", "sid"),
        ];
        let server = Server::ready(command.envs(variables));
        let answer = get(&server, "/engine.io/?EIO=3&transport=polling&b64=1", "");
        assert!(answer.contains(r#""pingInterval":1234,"pingTimeout":567,"maxPayload":4321}"#), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("set-cookie: sid="), "{answer}");
        let modern = Server::ready(
            sansocket(&["serve", "--listen", "127.0.0.1:0", "--runtime", runtime]).env("ALLOW_EIO3", "0"),
        );
        let refused = get(&modern, "/engine.io/?EIO=3&transport=polling", "");
        assert!(refused.ends_with(r#"{"code":5,"message":"Unsupported protocol version"}"#), "{refused}");
    }
}

#[test]
fn pages_from_elsewhere_may_read_unless_they_are_kept_out() {
    let handshake = "/engine.io/?EIO=4&transport=polling";
    for runtime in RUNTIMES {
        let open = Server::start(&["--runtime", runtime]);
        let answer = get(&open, handshake, "Origin: https://a.example\r\n");
        assert!(answer.to_ascii_lowercase().contains("access-control-allow-origin: *"), "{answer}");
        let strict = Server::start(&["--runtime", runtime, "--origin", "https://a.example"]);
        let answer = get(&strict, handshake, "Origin: https://a.example\r\n").to_ascii_lowercase();
        assert!(answer.contains("access-control-allow-origin: https://a.example"), "{answer}");
        let answer = get(&strict, handshake, "Origin: https://b.example\r\n");
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        let args = ["connect", "--engineio", &strict.http(), "--header", "Origin: https://b.example"];
        let said = run(&mut sansocket(&args), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
        assert!(said.err.contains("403") && said.err.contains("not let in"), "{}", said.err);
    }
}

#[test]
fn nobody_there_or_somebody_else_is_told_with_advice() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::start(&[]);
    for runtime in RUNTIMES {
        for (url, words) in [
            (format!("http://{free}"), free.to_string()),
            (format!("{}/nothing/", server.http()), "404".to_owned()),
        ] {
            let args = ["connect", "--engineio", &url, "--runtime", runtime];
            let said = run(&mut sansocket(&args), b"");
            assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
            assert!(said.err.contains(&words) && said.err.lines().count() >= 2, "{}", said.err);
        }
    }
}

#[test]
fn arguments_without_sense_are_refused_with_advice() {
    for args in [
        &["connect", "--engineio", "localhost"][..],
        &["connect", "--engineio", "http://localhost:1", "--eio", "5"],
        &["connect", "--engineio", "http://localhost:1", "--transport", "pigeon"],
        &["connect", "--engineio", "http://localhost:1", "--protocol", "chat"],
        &["connect", "ws://localhost:1", "--transport", "polling"],
        &["bench", "ws://localhost:1", "--eio", "3"],
        &["serve", "--ping-interval", "0"],
        &["serve", "--upgrade-timeout", "soon"],
    ] {
        let said = run(&mut sansocket(args), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}: {}", said.err);
        assert!(said.err.lines().count() >= 2, "{args:?}: no advice: {}", said.err);
    }
}
