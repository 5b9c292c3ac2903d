//! Who is let in, and as what.
mod support;

use std::future::pending;
use std::time::Duration;

use sansocket_core::{Message, Response};
use sansocket_tokio::{Answer, Asked, AskedFor, ConnectError, Connector, connect, welcome};
use sansocket_websocket::handshake::client::ClientError;
use sansocket_websocket::handshake::server::{Choice, ServerOptions};
use support::{bind, echo, run, start};

/// A server with a path for everything.
async fn decide(asked: Asked) -> Answer {
    match (asked.kind, asked.path()) {
        (AskedFor::WebSocket, "/chat") => {
            let protocol = asked.prefer(&["v2.chat", "v1.chat"]);
            let headers = [("Set-Cookie", "seat=12")].into();
            Choice { protocol, headers }.into()
        }
        (AskedFor::WebSocket, "/unasked") => {
            Choice { protocol: Some("unasked".into()), ..Choice::default() }.into()
        }
        (AskedFor::WebSocket, "/slow") => pending().await,
        (AskedFor::Page, "/") => Response::new(200).with_body("a page").into(),
        _ => Response::new(403).with_header("X-Why", "no seat").with_body("the room is full").into(),
    }
}

#[test]
fn both_agree_on_a_subprotocol_and_see_each_others_headers() {
    run(async {
        let server = start(bind().await, decide, async |mut websocket, request| {
            let token = request.headers.get("Authorization").map(|token| token.to_vec());
            websocket.send(Message::binary(token.unwrap_or_default())).await.unwrap();
            websocket.close(Default::default()).await;
        });
        let connector = Connector::default()
            .protocol("v3.chat")
            .protocol("v1.chat")
            .protocol("v2.chat")
            .header("Authorization", "Bearer xyz");
        let (mut websocket, connected) = connector.connect(&(server.uri() + "chat?room=1")).await.unwrap();
        // The client's order counts.
        assert_eq!(connected.protocol.as_deref(), Some("v1.chat"));
        assert_eq!(connected.response.headers.get("Set-Cookie"), Some(&b"seat=12"[..]));
        assert_eq!(websocket.next().await, Some(Message::binary("Bearer xyz")));
        assert_eq!(websocket.next().await, None);
    });
}

#[test]
fn a_refusal_comes_with_status_headers_and_body() {
    run(async {
        let server = start(bind().await, decide, echo);
        let refused = connect(&(server.uri() + "elsewhere")).await;
        let Err(ConnectError::Handshake(ClientError::Refused(response))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!((response.status, &*response.body), (403, &b"the room is full"[..]));
        assert_eq!(response.headers.get("x-why"), Some(&b"no seat"[..]));
    });
}

#[test]
fn a_page_is_served_beside_it() {
    run(async {
        let server = start(bind().await, decide, echo);
        let page = server.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        assert!(page.ends_with("\r\n\r\na page"), "{page}");
    });
}

#[test]
fn what_is_no_request_is_told_so_and_others_live_on() {
    run(async {
        let server = start(bind().await, welcome, echo);
        assert!(server.ask("GET /\r\n\r\n").starts_with("HTTP/1.1 400 "));
        assert!(server.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 426 "));
        let mut websocket = connect(&server.uri()).await.unwrap();
        websocket.send(Message::text("still there?")).await.unwrap();
        assert_eq!(websocket.next().await, Some(Message::text("still there?")));
    });
}

#[test]
fn an_answer_that_cannot_be_given_is_a_500() {
    run(async {
        let server = start(bind().await, decide, echo);
        let refused = connect(&(server.uri() + "unasked")).await;
        let Err(ConnectError::Handshake(ClientError::Refused(response))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(response.status, 500);
    });
}

#[test]
fn neither_a_slow_client_nor_a_slow_decision_keeps_a_connection() {
    run(async {
        let options = ServerOptions { timeout: Duration::from_millis(100), ..ServerOptions::default() };
        let server = start(bind().await.options(options), decide, echo);
        assert!(server.ask("GET / HTT").starts_with("HTTP/1.1 408 "));
        let refused = connect(&(server.uri() + "slow")).await;
        let Err(ConnectError::Handshake(ClientError::Refused(response))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(response.status, 503);
    });
}

#[test]
fn what_cannot_be_reached_is_an_error_that_says_why() {
    run(async {
        assert!(matches!(connect("not a uri").await, Err(ConnectError::Uri(_))));
        assert!(matches!(connect("ws://127.0.0.1:1/").await, Err(ConnectError::Io(_))));
        assert!(matches!(connect("ws://nowhere.invalid/").await, Err(ConnectError::Io(_))));
        let twice = Connector::default().protocol("a").protocol("a").connect("ws://127.0.0.1:1/").await;
        assert!(matches!(twice, Err(ConnectError::Io(_) | ConnectError::Offer(_))));
        #[cfg(not(feature = "tls"))]
        {
            let server = start(bind().await, welcome, echo);
            let secure = connect(&server.uri().replace("ws:", "wss:")).await;
            let Err(ConnectError::Io(error)) = secure else { panic!("{secure:?}") };
            assert_eq!(error.kind(), std::io::ErrorKind::Unsupported, "{error}");
        }
    });
}
