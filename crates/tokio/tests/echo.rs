//! What is sent comes back.
mod support;

use futures_lite::StreamExt;
use futures_lite::future::{poll_once, yield_now};
use sansocket_core::Message;
use sansocket_driver::{Shared, Signal};
use sansocket_tokio::{Connector, Over, WebSocket, accept, connect, welcome};
use sansocket_websocket::{CloseCode, CloseFrame, Closed, Options, Prepared};
use support::{bind, echo, run, start};

#[test]
fn messages_of_all_kinds_and_sizes_come_back() {
    run(async {
        let server = start(bind().await, welcome, echo);
        let mut websocket = connect(&server.uri()).await.unwrap();
        for size in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
            for message in [Message::text("ü".repeat(size / 2)), Message::binary(vec![7; size])] {
                websocket.send(message.clone()).await.unwrap();
                assert_eq!(websocket.next().await, Some(message));
            }
        }
        websocket.close(CloseFrame::default()).await;
        assert!(matches!(websocket.machine().closed(), Some(Closed::ByUs(_))), "{websocket:?}");
        assert!(websocket.error().is_none());
    });
}

#[test]
fn a_hundred_clients_talk_at_once() {
    run(async {
        let server = start(bind().await, welcome, echo);
        let (done, uri) = (Signal::default(), server.uri());
        let left = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(100));
        for client in 0..100 {
            let (done, uri, left) = (done.clone(), uri.clone(), left.clone());
            let talk = async move {
                let mut websocket = connect(&uri).await.unwrap();
                for burst in 0..10 {
                    for n in 0..20 {
                        websocket.send(Message::text(format!("{client} {burst} {n}"))).await.unwrap();
                    }
                    for n in 0..20 {
                        let expected = Message::text(format!("{client} {burst} {n}"));
                        assert_eq!(websocket.next().await, Some(expected));
                    }
                }
                websocket.close(CloseFrame::default()).await;
                if left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 1 {
                    done.raise();
                }
            };
            tokio::spawn(talk);
        }
        done.wait().await;
    });
}

#[test]
fn any_stream_will_do() {
    run(async {
        let (ours, theirs) = tokio::net::UnixStream::pair().unwrap();
        let serving = async move {
            let mut websocket = accept(theirs).await.unwrap();
            let message = websocket.next().await.unwrap();
            websocket.send(message).await.unwrap();
            websocket.finish().await;
        };
        tokio::spawn(serving);
        let (mut websocket, _) =
            Connector::default().connect_over(Over(ours), "ws://localhost/").await.unwrap();
        websocket.send(Message::text("no network")).await.unwrap();
        // It is a `Stream` too.
        assert_eq!(StreamExt::next(&mut websocket).await, Some(Message::text("no network")));
        websocket.close(CloseCode::NORMAL.into()).await;
    });
}

#[test]
fn many_tasks_send_through_one_connection() {
    run(async {
        let server = start(bind().await, welcome, echo);
        let Shared { handle, mut incoming, driver } = connect(&server.uri()).await.unwrap().share();
        tokio::spawn(driver);
        for task in 0..10 {
            let handle = handle.clone();
            let send = async move {
                for n in 0..100 {
                    handle.send(Message::text(format!("{task} {n}"))).await.unwrap();
                }
            };
            tokio::spawn(send);
        }
        let mut seen = [0; 10];
        for _ in 0..1000 {
            let message = incoming.next().await.unwrap();
            let (task, n) = message.as_text().unwrap().split_once(' ').unwrap();
            let next: &mut usize = &mut seen[task.parse::<usize>().unwrap()];
            assert_eq!(n.parse(), Ok(*next), "task {task} is out of order");
            *next += 1;
        }
        handle.close(CloseFrame::default());
        assert_eq!(incoming.next().await, None);
        handle.ended().await;
        assert!(handle.command(|websocket, _| websocket.closed().is_some_and(Closed::is_clean)));
    });
}

#[test]
fn what_is_delivered_arrives_in_order_whatever_the_socket_takes_at_once() {
    run(async {
        let server = start(bind().await, welcome, echo);
        let Shared { handle, mut incoming, driver } = connect(&server.uri()).await.unwrap().share();
        tokio::spawn(driver);
        for _ in 0..20 {
            // One of them is more than a socket takes, and all of them no more than may wait.
            let lens = [1, 900_000, 125, 0, 70_000];
            for len in lens {
                let prepared = Prepared::new(Message::binary(vec![7; len]), &Options::default());
                handle.deliver(|websocket, now| websocket.send_prepared(&prepared, now)).unwrap();
            }
            for len in lens {
                assert_eq!(incoming.next().await, Some(Message::binary(vec![7; len])));
            }
        }
        handle.close(CloseFrame::default());
        assert_eq!(incoming.next().await, None);
    });
}

#[test]
fn next_may_be_dropped_at_any_point() {
    run(async {
        /// Counts on by a hundred whenever it is asked to, so that it is silent in between.
        async fn count<R>(mut websocket: WebSocket, _request: R) {
            for hundred in 0..20 {
                websocket.next().await.unwrap();
                for n in 0..100 {
                    websocket.send(Message::text(format!("{}", 100 * hundred + n))).await.unwrap();
                }
            }
            websocket.close(CloseFrame::default()).await;
        }
        let server = start(bind().await, welcome, count);
        let mut websocket = connect(&server.uri()).await.unwrap();
        for expected in 0..2000 {
            if expected % 100 == 0 {
                // Nobody has been asked for anything, so this one has nothing, and is dropped.
                assert_eq!(poll_once(websocket.next()).await, None);
                websocket.send(Message::text("on")).await.unwrap();
            }
            let message = loop {
                // So is each of these that came too early.
                match poll_once(websocket.next()).await {
                    Some(message) => break message.unwrap(),
                    None => yield_now().await,
                }
            };
            assert_eq!(message.as_text(), Some(&*expected.to_string()));
        }
        assert_eq!(websocket.next().await, None);
        assert!(websocket.machine().closed().is_some_and(Closed::is_clean), "{websocket:?}");
    });
}
