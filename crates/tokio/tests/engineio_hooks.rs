//! What a server's user has a say in, and what he may bring himself.
#[path = "support/house.rs"]
mod house;
mod support;

use std::pin::pin;
use std::time::Duration;

use futures_lite::future::poll_once;
use house::{bind, echo, open};
use sansocket_core::{Data, Headers, Message, Request, Response};
use sansocket_testkit::line::Line;
use sansocket_testkit::requests::{get, poll, post, upgrade};
use sansocket_tokio::engineio::{Appetite, Engine, Next, Occasion, Reason, Setup};
use sansocket_tokio::{Answer, Asked, AskedFor, Over, Signal, WebSocket};
use sansocket_websocket::handshake::server::Choice;
use sansocket_websocket::handshake::server::Refusal as WebSocketRefusal;
use support::{run, sleep};

#[test]
fn who_may_not_begin_a_session_is_told_why() {
    run(async {
        let server = bind().await.allow(async |asked: Asked| {
            assert!(asked.request.peer.is_some());
            sleep(Duration::from_millis(10)).await;
            match asked.request.headers.get("authorization") {
                Some(b"yes") => Ok(()),
                _ => Err("who are you?".into()),
            }
        });
        let house = open(server, echo);
        let mut line = house.connect();
        let answer = line.ask(get("EIO=4&transport=polling"));
        assert!(answer.head.starts_with("HTTP/1.1 403 "), "{answer:?}");
        assert_eq!(answer.body, r#"{"code":4,"message":"who are you?"}"#);
        let answer = line.ask(upgrade("/engine.io/?EIO=4&transport=websocket", ""));
        assert!(answer.head.starts_with("HTTP/1.1 400 ") && answer.body == "who are you?", "{answer:?}");
        // He is asked about once: later requests of the session are not new ones.
        let mut line = house.connect();
        let asked = get("EIO=4&transport=polling").replace("\r\n\r\n", "\r\nAuthorization: yes\r\n\r\n");
        let sid = line.ask(asked).body[9..29].to_owned();
        assert_eq!(line.ask(post(&sid, "4x")).body, "ok");
        assert_eq!(line.ask(poll(&sid)).body, "4x");
        // Whoever leaves meanwhile is not answered, and no session begins.
        let mut line = house.connect();
        line.say(get("EIO=4&transport=polling").replace("\r\n\r\n", "\r\nAuthorization: yes\r\n\r\n"));
        drop(line);
    });
}

#[test]
fn answers_say_what_their_server_wants() {
    run(async {
        let server = bind().await.headers(|request, occasion| {
            assert_eq!(request.path(), "/engine.io/");
            let when = match occasion {
                Occasion::First => "first",
                Occasion::Later => "later",
            };
            Headers::from([("X-When", when)])
        });
        let house = open(server, echo);
        let mut line = house.connect();
        let answer = line.ask(get("EIO=4&transport=polling"));
        assert!(answer.head.contains("\r\nX-When: first\r\n"), "{answer:?}");
        let sid = &answer.body[9..29];
        for asked in [
            post(sid, "4x"),
            poll(sid),
            get("EIO=9"),
            upgrade(&format!("/engine.io/?EIO=4&transport=websocket&sid={sid}"), ""),
        ] {
            let answer = line.ask(asked);
            assert!(answer.head.contains("\r\nX-When: later\r\n"), "{answer:?}");
        }
    });
}

#[test]
fn pages_and_websockets_are_served_beside() {
    run(async {
        let decide = async |asked: Asked| -> Answer {
            match (asked.request.path(), asked.kind) {
                ("/chat", AskedFor::WebSocket) => {
                    Choice { protocol: asked.prefer(&["chat"]), ..Choice::default() }.into()
                }
                ("/form", AskedFor::Page) => Response::new(200).with_body(asked.request.body).into(),
                _ => WebSocketRefusal::NotUpgrade.response(asked.request.version).into(),
            }
        };
        let handle = async |mut websocket: WebSocket, request: Box<Request>| {
            websocket.send(Message::text(request.path())).await.unwrap();
            while let Some(message) = websocket.next().await {
                websocket.send(message).await.unwrap();
            }
        };
        let house = open(bind().await.beside(decide, handle), echo);
        let mut line = house.connect();
        let form = "POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=b";
        assert_eq!(line.ask(form).body, "a=b");
        assert!(line.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").head.starts_with("HTTP/1.1 426 "));
        let mut line = house.connect();
        let asked = upgrade("/chat", "").replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
        assert!(line.ask(asked).head.contains("\r\nSec-WebSocket-Protocol: chat\r\n"));
        assert_eq!(line.text(), "/chat");
        line.send("hello");
        assert_eq!(line.text(), "hello");
        // It goes down with the server, in its own way.
        house.stop.raise();
        assert_eq!(line.frame().bare()[2..], [0x03, 0xe9]);
    });
}

#[test]
fn a_stream_of_ones_own_will_do() {
    run(async {
        let engine: Engine = Setup::default().start(echo);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut line = Line::over(std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let (tcp, _) = listener.accept().unwrap();
        tcp.set_nonblocking(true).unwrap();
        let serving = {
            let engine = engine.clone();
            async move { engine.serve_stream(Over(tokio::net::TcpStream::from_std(tcp).unwrap())).await }
        };
        tokio::spawn(serving);
        line.begin_websocket();
        line.send("4hello");
        assert_eq!(line.text(), "4hello");
        assert_eq!(engine.sessions(), 1);
        engine.close();
        assert_eq!(line.frame().opcode(), 8);
    });
}

#[test]
fn requests_and_websockets_that_others_parsed_will_do() {
    run(async {
        let engine: Engine = Setup::default()
            .allow(
                async |asked: Asked| {
                    if asked.request.target.contains("no") { Err("no".into()) } else { Ok(()) }
                },
            )
            .headers(|_, _| Headers::from([("X-Own", "1")]))
            .start(echo);
        assert!(engine.serves("/engine.io/") && !engine.serves("/"));
        let refused = engine.respond(Request::get("/engine.io/?EIO=4&transport=polling&no")).await;
        assert_eq!((refused.status, refused.headers.get("x-own")), (403, Some(&b"1"[..])));
        let opened = engine.respond(Request::get("/engine.io/?EIO=4&transport=polling")).await;
        assert_eq!((opened.status, opened.headers.get("x-own")), (200, Some(&b"1"[..])));
        let sid = String::from_utf8(opened.body[9..29].to_vec()).unwrap();
        let query = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
        let body = "4hello".into();
        let accepted = engine.respond(Request { method: "POST".into(), body, ..Request::get(&*query) }).await;
        assert_eq!(accepted.body, "ok");
        assert_eq!(engine.respond(Request::get(&*query)).await.body, "4hello");

        let refused = engine.upgrade(Request::get("/engine.io/?EIO=4&transport=websocket&no")).await;
        assert_eq!(refused.unwrap_err().status, 400);
        let target = format!("/engine.io/?EIO=4&transport=websocket&sid={sid}");
        let mut websocket = engine.upgrade(Request::get(target)).await.unwrap();
        assert_eq!(websocket.headers().get("x-own"), Some(&b"1"[..]));
        assert_eq!(websocket.receive(Data::Text("2probe".into())), Appetite::More);
        assert_eq!(websocket.next().await, Some(Next::Send("3probe".into())));
        websocket.receive(Data::Text("5".into()));
        // More than anybody looks at: then it is told when to read on.
        let long = format!("4{}", "x".repeat(100_000));
        let mut echoes = 0;
        if websocket.receive(Data::Text((&*long).into())) == Appetite::Enough {
            assert_eq!(websocket.next().await, Some(Next::Read));
        }
        websocket.receive(Data::Text("4last".into()));
        while let Some(Next::Send(message)) = websocket.next().await {
            echoes += 1;
            if message.as_text() == Some("4last") {
                break;
            }
        }
        assert_eq!(echoes, 2);
        websocket.close(Reason::TransportClose);
        // A poll whose client has left ends its session.
        let opened = engine.respond(Request::get("/engine.io/?EIO=4&transport=polling")).await;
        let sid = String::from_utf8(opened.body[9..29].to_vec()).unwrap();
        let query = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
        let waits = engine.respond(Request::get(&*query));
        assert!(poll_once(Box::pin(waits)).await.is_none());
        let gone = engine.respond(Request::get(&*query)).await;
        assert_eq!(gone.body, r#"{"code":1,"message":"Session ID unknown"}"#);
    });
}

/// The hub forgets an answered request before its answer was fetched, and calls the next one by the same slot.
#[test]
fn an_answer_waits_until_it_is_fetched_whoever_asks_meanwhile() {
    run(async {
        let go = Signal::default();
        let told = go.clone();
        let engine: Engine = Setup::default().start(move |session, request| {
            let told = told.wait();
            async move {
                told.await;
                echo(session, request).await;
            }
        });
        let opened = engine.respond(Request::get("/engine.io/?EIO=4&transport=polling")).await;
        let sid = String::from_utf8(opened.body[9..29].to_vec()).unwrap();
        let query = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
        let body = "4hello".into();
        let mut first =
            pin!(engine.respond(Request { method: "POST".into(), body, ..Request::get(&*query) }));
        assert!(poll_once(&mut first).await.is_none(), "its body was not read yet");
        // The handler reads it.
        go.raise();
        sleep(Duration::from_millis(50)).await;
        assert_eq!(engine.respond(Request::get(&*query)).await.body, "4hello");
        assert_eq!(first.await.body, "ok");
    });
}
