//! How a server ends, and when it is full.
mod support;

use std::future::pending;
use std::time::{Duration, Instant};

use sansocket_core::Message;
use sansocket_smol::{ConnectError, connect, welcome};
use sansocket_websocket::handshake::client::ClientError;
use sansocket_websocket::{CloseCode, Closed};
use support::{bind, echo, run, sleep, start};

#[test]
fn everybody_is_told_and_then_it_is_over() {
    run(async {
        let server = start(bind().await, welcome, echo);
        let mut clients = Vec::new();
        for _ in 0..20 {
            let mut websocket = connect(&server.uri()).await.unwrap();
            // Busy or idle.
            websocket.send(Message::text("hello")).await.unwrap();
            assert!(websocket.next().await.is_some());
            clients.push(websocket);
        }
        server.stop.raise();
        for mut websocket in clients {
            assert_eq!(websocket.next().await, None);
            let Some(Closed::ByPeer(frame)) = websocket.machine().closed() else { panic!("{websocket:?}") };
            assert_eq!(frame.code(), CloseCode::GOING_AWAY);
            assert!(websocket.error().is_none());
        }
        server.ended.wait().await;
        assert!(connect(&server.uri()).await.is_err());
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn who_does_not_end_is_cut() {
    run(async {
        let timeout = Duration::from_millis(300);
        let server = start(bind().await.shutdown_timeout(timeout), welcome, async |websocket, _| {
            // A handler that got stuck: it neither ends nor listens.
            let _websocket = websocket;
            pending::<()>().await;
        });
        let mut websocket = connect(&server.uri()).await.unwrap();
        let began = Instant::now();
        server.stop.raise();
        server.ended.wait().await;
        assert!((timeout..timeout * 10).contains(&began.elapsed()), "{:?}", began.elapsed());
        assert_eq!(websocket.next().await, None);
        assert_eq!(websocket.machine().closed(), Some(&Closed::Lost));
    });
}

#[test]
fn a_full_server_says_so_and_has_room_again_when_somebody_left() {
    run(async {
        let server = start(bind().await.max_connections(2), welcome, echo);
        let mut first = connect(&server.uri()).await.unwrap();
        let _second = connect(&server.uri()).await.unwrap();
        let refused = connect(&server.uri()).await;
        let Err(ConnectError::Handshake(ClientError::Refused(response))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!((response.status, response.headers.get("retry-after")), (503, Some(&b"5"[..])));
        first.close(Default::default()).await;
        // The server notices a moment later.
        while connect(&server.uri()).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    });
}
