//! `sansocket bench` from the outside.

mod program;

use program::{RUNTIMES, Server, run, sansocket};

/// The number that a flat JSON object has under `name`.
fn number(json: &str, name: &str) -> f64 {
    let (_, rest) = json.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name} in {json}"));
    rest.split([',', '}']).next().unwrap().parse().unwrap_or_else(|_| panic!("{name} is no number in {json}"))
}

#[test]
fn a_second_of_load_is_measured() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        for kind in ["text", "binary"] {
            let url = server.ws("/echo");
            let args = ["bench", &url, "--runtime", runtime, "--connections", "3", "--in-flight", "4"];
            let more = ["--size", "100", "--duration", "1s", "--json"];
            let said = run(sansocket(&args).args(more).arg(format!("--{kind}")), b"");
            assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
            let json = said.out.trim_end();
            assert!(json.starts_with('{') && json.ends_with('}') && !json.contains('\n'), "{json}");
            assert!(json.contains(&format!("\"kind\":\"{kind}\"")), "{json}");
            assert_eq!((number(json, "connections"), number(json, "in_flight")), (3.0, 4.0));
            let messages = number(json, "messages");
            assert!(messages >= 12.0, "{json}");
            let rate = messages / number(json, "seconds");
            assert!((number(json, "messages_per_second") - rate).abs() <= rate * 0.01, "{json}");
            let times = ["p50_us", "p99_us", "p999_us", "max_us"].map(|name| number(json, name));
            assert!(times[0] > 0.0 && times.is_sorted(), "{json}");
        }
    }
}

#[test]
fn a_second_of_load_by_engineio_is_measured() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let url = server.http();
        for ways in [&["polling"][..], &["websocket"], &["polling", "websocket"]] {
            let args = [
                "bench",
                "--engineio",
                &url,
                "--runtime",
                runtime,
                "-c",
                "3",
                "-i",
                "4",
                "-d",
                "1s",
                "--json",
            ];
            let ways = ways.iter().flat_map(|way| ["--transport", way]);
            let said = run(sansocket(&args).args(ways).arg("--text"), b"");
            assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
            assert!(number(&said.out, "messages") >= 12.0, "{}", said.out);
            assert_eq!(number(&said.out, "failed_connections"), 0.0, "{}", said.out);
        }
    }
}

#[test]
fn a_second_of_load_by_socketio_is_measured() {
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime]);
        let url = server.http();
        for exchange in ["echo", "ack", "broadcast"] {
            for (way, kind) in [("polling", "--binary"), ("websocket", "--text")] {
                let args = ["bench", "--socketio", &url, "--runtime", runtime, "--exchange", exchange];
                let load = ["-c", "3", "-i", "4", "-d", "1s", "--json", "--transport", way, kind];
                let said = run(sansocket(&args).args(load), b"");
                assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
                assert!(said.out.contains(&format!("\"exchange\":\"{exchange}\"")), "{}", said.out);
                assert!(number(&said.out, "messages") >= 12.0, "{}", said.out);
                assert_eq!(number(&said.out, "failed_connections"), 0.0, "{}", said.out);
            }
        }
    }
}

#[test]
fn a_namespace_and_a_parser_are_as_they_are_told() {
    let server = Server::start(&["--parser", "msgpack", "--allow-eio3"]);
    let url = format!("{}/custom", server.http());
    let args = ["bench", "--socketio", &url, "--parser", "msgpack", "-c", "2", "-d", "1s", "-s", "300000"];
    let said = run(&mut sansocket(&args), b"");
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
    for (path, words) in [("/auth", "unauthorized"), ("/nowhere", "Invalid namespace")] {
        let url = format!("{}{path}", server.http());
        let said = run(&mut sansocket(&["bench", "--socketio", &url, "--parser", "msgpack"]), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
        assert!(said.err.contains(words) && said.err.contains("the namespace"), "{}", said.err);
    }
}

#[test]
fn more_in_flight_than_buffers_hold_is_no_deadlock() {
    let server = Server::start(&["--max-message", "2M"]);
    let url = server.ws("/echo");
    let args = ["bench", &url, "-c", "2", "-i", "64", "-s", "1M", "-d", "1s"];
    let said = run(&mut sansocket(&args), b"");
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    let sessions = ["bench", "--engineio", &server.http(), "-c", "2", "-i", "64", "-s", "1M", "-d", "1s"];
    let by_engineio = run(&mut sansocket(&sessions), b"");
    assert_eq!(by_engineio.code, Some(0), "{}{}", by_engineio.out, by_engineio.err);
    // An echo waits for room. Acknowledgements and broadcasts do not: a server gives up who does not take a megabyte.
    for (exchange, in_flight, size) in [("echo", "16", "1M"), ("ack", "64", "8k"), ("broadcast", "64", "8k")]
    {
        let args =
            ["bench", "--socketio", &server.http(), "-c", "2", "-i", in_flight, "-s", size, "-d", "1s"];
        let said = run(sansocket(&args).args(["--exchange", exchange]), b"");
        assert_eq!(said.code, Some(0), "{exchange}: {}{}", said.out, said.err);
    }
    for word in ["messages/s", "MB/s", "p50", "p99", "p99.9"] {
        assert!(said.out.contains(word), "no {word} in {}", said.out);
    }
}

#[test]
fn a_server_that_refuses_or_is_not_there_is_told_with_advice() {
    let server = Server::start(&[]);
    let said = run(&mut sansocket(&["bench", &server.ws("/nothing"), "-d", "1s"]), b"");
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
    assert!(said.err.contains("404"), "{}", said.err);
    let address = server.address.clone();
    drop(server);
    let said = run(&mut sansocket(&["bench", &format!("ws://{address}/echo"), "-d", "1s"]), b"");
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
    assert!(said.err.contains("sansocket serve"), "no advice: {}", said.err);
    let said = run(&mut sansocket(&["bench", "--socketio", &format!("http://{address}"), "-d", "1s"]), b"");
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
    assert!(said.err.contains("sansocket serve"), "no advice: {}", said.err);
}
