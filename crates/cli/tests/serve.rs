//! `sansocket serve` from the outside.

#![allow(clippy::disallowed_methods, reason = "these tests run in real time")]

mod program;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use program::{PATIENCE, RUNTIMES, Running, Server, run, sansocket};

/// How long a server may take to end (the issue's own number).
const END: Duration = Duration::from_secs(2);

/// The response to one request, head and body, as text.
fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = Vec::new();
    // A server may cut the connection behind its answer.
    let _ = stream.read_to_end(&mut response);
    String::from_utf8_lossy(&response).into_owned()
}

fn get(server: &Server, path: &str) -> String {
    ask(server, &format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address))
}

/// A connection that shook hands and then does nothing at all.
fn silent(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "GET /echo HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

#[test]
fn one_line_says_where_and_on_what() {
    for runtime in RUNTIMES {
        let mut program =
            Running::start(&mut sansocket(&["serve", "--listen", "127.0.0.1:0", "--runtime", runtime]));
        let line = program.line();
        let port = line.strip_prefix("listening on http://127.0.0.1:").and_then(|rest| rest.split_once(' '));
        let (port, name) = port.unwrap_or_else(|| panic!("{line}"));
        assert!(port.parse::<u16>().is_ok_and(|port| port > 0), "{line}");
        assert_eq!(name, format!("({runtime})"));
        program.signal("TERM");
        let said = program.finish();
        assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("", "", Some(0)));
    }
}

#[test]
fn the_port_may_come_from_the_environment() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::ready(sansocket(&["serve"]).env("PORT", free.port().to_string()));
    assert_eq!(server.address, free.to_string());
}

#[test]
fn a_port_in_use_is_told_with_the_way_out() {
    let server = Server::start(&[]);
    let said = run(&mut sansocket(&["serve", "--listen", &server.address]), b"");
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.contains(&server.address) && said.err.contains("--listen 127.0.0.1:0"), "{}", said.err);
}

#[test]
fn a_browser_gets_the_pages() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        for path in ["/ws", "/ws?x=1"] {
            let page = get(&server, path);
            assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page}");
            assert!(page.to_ascii_lowercase().contains("content-type: text/html; charset=utf-8"), "{page}");
            for id in [
                "url",
                "connect",
                "message",
                "send",
                "send-binary",
                "close",
                "close-code",
                "log",
                "state",
                "rtt",
            ] {
                assert!(page.contains(&format!("id=\"{id}\"")), "{path}: no #{id}");
            }
            assert!(page.trim_end().ends_with("</html>"), "{path}: cut off");
        }
        assert!(get(&server, "/nothing").starts_with("HTTP/1.1 404"));
        assert!(get(&server, "/echo").starts_with("HTTP/1.1 426"));
        assert!(
            ask(&server, "POST /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .starts_with("HTTP/1.1 405")
        );
    }
}

#[test]
fn the_first_page_has_all_that_it_names() {
    let server = Server::start(&[]);
    let page = get(&server, "/");
    assert!(page.starts_with("HTTP/1.1 200") && page.trim_end().ends_with("</html>"), "{page}");
    assert!(page.contains("default-src 'none'; script-src 'self'"), "{page}");
    let mut wanted = named(&page, "=\"/");
    assert!(
        wanted.iter().any(|path| path == "/page.css") && wanted.iter().any(|path| path == "/page.js"),
        "{wanted:?}"
    );
    let mut had = Vec::new();
    while let Some(path) = wanted.pop() {
        let file = get(&server, &path);
        assert!(file.starts_with("HTTP/1.1 200") && file.contains("nosniff"), "{path}: {file}");
        let script = path.ends_with(".js");
        assert_eq!(file.contains("Content-Type: text/javascript"), script, "{path}: {file}");
        had.push(path);
        // Modules name others as their neighbours.
        wanted.extend(named(&file, "from \".").into_iter().filter(|path| script && !had.contains(path)));
    }
    assert!(had.iter().any(|path| path == "/client.js"), "{had:?}");
}

/// The paths that stand behind `mark` in a file, up to the next quote; the last character of the mark is their first, if
/// it is a slash.
fn named(file: &str, mark: &str) -> Vec<String> {
    let behind = file.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
    behind.map(|path| format!("/{}", path.trim_start_matches('/'))).collect()
}

#[test]
fn a_handshake_elsewhere_is_refused() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let said = run(&mut sansocket(&["connect", &server.ws("/nothing"), "--runtime", runtime]), b"");
        assert_eq!(said.code, Some(1), "{}", said.err);
        assert!(said.err.contains("404"), "{}", said.err);
    }
}

#[test]
fn everything_comes_back_as_it_came() {
    let long = "x".repeat(300_000);
    for runtime in RUNTIMES {
        for (path, deflate) in [("/echo", "off"), ("/", "off"), ("/echo", "on")] {
            let server = Server::start(&["--runtime", runtime, "--deflate", deflate]);
            let lines = format!("hello\n\nGrüße 👋\n{long}\n");
            let mut args = vec!["connect", "--runtime", runtime];
            let url = server.ws(path);
            args.push(&url);
            if deflate == "on" {
                args.push("--deflate");
            }
            let said = run(&mut sansocket(&args), lines.as_bytes());
            assert_eq!(said.code, Some(0), "{}", said.err);
            assert!(said.out == lines, "{} bytes came back of {}", said.out.len(), lines.len());
            assert_eq!(said.err.contains("permessage-deflate"), deflate == "on", "{}", said.err);
            args.push("--binary");
            let said = run(&mut sansocket(&args), b"\x00\x01\n\x7f\n");
            assert_eq!((said.out.as_str(), said.code), ("\x00\x01\n\x7f\n", Some(0)), "{}", said.err);
        }
    }
}

#[test]
fn a_message_over_the_limit_ends_its_connection_alone() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime, "--max-message", "1k"]);
        let mut other = Running::start(&mut sansocket(&["connect", &server.ws("/echo")]));
        other.write(b"before\n");
        assert_eq!(other.line(), "before");
        let said =
            run(&mut sansocket(&["connect", &server.ws("/echo")]), format!("fits\n{:2000}\n", "").as_bytes());
        assert_eq!((said.out.as_str(), said.code), ("fits\n", Some(3)), "{}", said.err);
        assert!(said.err.contains("1009"), "{}", said.err);
        other.write(b"after\n");
        assert_eq!(other.line(), "after");
    }
}

#[test]
fn a_signal_closes_every_connection_with_1001_within_two_seconds() {
    for runtime in RUNTIMES {
        for signal in ["TERM", "INT"] {
            let mut server = Server::start(&["--runtime", runtime]);
            let mut clients = [(); 3].map(|()| {
                let mut client = Running::start(&mut sansocket(&["connect", &server.ws("/echo")]));
                client.write(b"here\n");
                assert_eq!(client.line(), "here");
                client
            });
            server.program.signal(signal);
            let ended =
                server.program.wait(END).unwrap_or_else(|| panic!("{runtime} runs on after SIG{signal}"));
            assert_eq!(ended.code(), Some(0), "{runtime}, SIG{signal}");
            for client in &mut clients {
                assert_eq!(client.wait(PATIENCE).and_then(|status| status.code()), Some(0));
                while !client.error_line().contains("1001") {}
            }
        }
    }
}

#[test]
fn neither_silent_peers_nor_half_a_request_delay_the_end() {
    for runtime in RUNTIMES {
        let mut server = Server::start(&["--runtime", runtime]);
        let mut peer = silent(&server);
        let mut half = TcpStream::connect(&server.address).unwrap();
        half.write_all(b"GET /echo HT").unwrap();
        let start = Instant::now();
        server.program.signal("TERM");
        // RFC 6455 §5.5.1: a close frame, here without a reason; a server's are not masked.
        let mut frame = [0; 4];
        peer.read_exact(&mut frame).unwrap();
        assert_eq!((frame, u16::from_be_bytes([frame[2], frame[3]])), ([0x88, 2, 3, 0xe9], 1001));
        let ended = server.program.wait(END.saturating_sub(start.elapsed()));
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "{runtime}");
    }
}

#[test]
fn a_silent_client_is_pinged_and_given_up() {
    for runtime in RUNTIMES {
        let args = ["--runtime", runtime, "--ws-ping-interval", "100ms", "--ws-ping-timeout", "100ms"];
        let server = Server::start(&args);
        let mut peer = silent(&server);
        let mut heard = Vec::new();
        let _ = peer.read_to_end(&mut heard);
        assert_eq!(heard.first(), Some(&0x89), "a ping comes first");
        assert!(
            heard.windows(4).any(|bytes| bytes == [0x88, 2, 3, 0xf3] || bytes[2..] == [3, 0xf3]),
            "{heard:x?}"
        );
        // Who answers stays.
        let mut client = Running::start(&mut sansocket(&["connect", &server.ws("/echo")]));
        assert_eq!(client.wait(Duration::from_millis(700)), None, "a client that answers pings was given up");
        client.write(b"still here\n");
        assert_eq!(client.line(), "still here");
    }
}

#[test]
fn the_environment_says_the_same_as_the_flags() {
    let mut command = sansocket(&["serve"]);
    let said = [
        ("LISTEN", "127.0.0.1:0"),
        ("RUNTIME", "smol"),
        ("THREADS", "1"),
        ("MAX_PAYLOAD", "4"),
        ("DEFLATE", "on"),
    ];
    let server = Server::ready(command.envs(said));
    assert!(server.line.ends_with("(smol)"), "{}", server.line);
    let said = run(&mut sansocket(&["connect", &server.ws("/"), "--deflate"]), b"1234\n12345\n");
    assert_eq!((said.out.as_str(), said.code), ("1234\n", Some(3)), "{}", said.err);
    assert!(said.err.contains("permessage-deflate"), "{}", said.err);
}

#[test]
fn pages_from_elsewhere_may_be_kept_out() {
    for runtime in RUNTIMES {
        let server = Server::start(&[
            "--runtime",
            runtime,
            "--origin",
            "https://a.example",
            "--origin",
            "https://b.example",
        ]);
        let url = server.ws("/echo");
        for (origin, code) in [("https://b.example", Some(0)), ("https://c.example", Some(1))] {
            let said =
                run(&mut sansocket(&["connect", &url, "--header", &format!("Origin: {origin}")]), b"hi\n");
            assert_eq!(said.code, code, "{origin}: {}", said.err);
        }
    }
}

#[test]
fn arguments_without_sense_are_refused_with_advice() {
    for args in [
        &["serve", "--listen", "9001"][..],
        &["serve", "--runtime", "tokyo"],
        &["serve", "--threads", "0"],
        &["serve", "--deflate", "maybe"],
        &["serve", "--max-message", "much"],
        &["serve", "--ws-ping-interval", "0s"],
        &["serve", "--tls", "cert.pem"],
        &["serve", "--prot", "1"],
        &["swerve"],
    ] {
        let said = run(&mut sansocket(args), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}: {}", said.err);
        assert!(said.err.lines().count() >= 2, "{args:?}: no advice: {}", said.err);
    }
}

#[test]
fn pages_find_the_bundle_that_the_user_brings() {
    let file = std::env::temp_dir().join(format!("sansocket-bundle-{}.js", std::process::id()));
    std::fs::write(&file, "var io = 'a client';").unwrap();
    let server = Server::start(&["--client-bundle", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    let bundle = get(&server, "/socket.io/socket.io.js");
    assert!(bundle.starts_with("HTTP/1.1 200 ") && bundle.ends_with("var io = 'a client';"), "{bundle}");
    assert!(bundle.contains("text/javascript"), "{bundle}");
    // Without one, and beside it, sessions are what stands there.
    assert!(get(&server, "/socket.io/socket.io.map").starts_with("HTTP/1.1 400 "));
    let server = Server::start(&[]);
    assert!(get(&server, "/socket.io/socket.io.js").starts_with("HTTP/1.1 404 "));
}
