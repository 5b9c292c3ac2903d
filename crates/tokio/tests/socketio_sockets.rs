//! Sockets of Socket.IO, as handlers and clients know them.
#[path = "support/room.rs"]
mod room;
mod support;

use std::time::Duration;

use room::{SOON, open};
use sansocket_tokio::socketio::{
    Ack, AckError, Answers, Client, ClientEvents, ClientNamespace, ClientSocket, ConnectError, Events,
    Namespace, Rejected, Server, Socket, Value,
};
use support::{run, sleep};

#[test]
fn what_a_handler_returns_is_the_acknowledgement() {
    run(async {
        let room = open(
            Namespace::new()
                .on("add", async |_: Socket, (a, b): (i64, i64)| a + b)
                .on("nothing", async |_: Socket| ())
                .on("later", async |_: Socket, text: String, ack: Ack| {
                    assert!(ack.is_asked());
                    sleep(Duration::from_millis(1)).await;
                    ack.send(&(text, "later")).unwrap();
                })
                .on("never", async |_: Socket, _: Value, _: Ack| {}),
        )
        .await;
        let ear = room.listen(&[]);
        let socket = ear.socket();
        assert_eq!(socket.emit_with_ack("add", &(1, 2), SOON).await, Ok(3));
        assert_eq!(socket.emit_with_ack("nothing", &(), SOON).await, Ok(()));
        let answer = socket.emit_with_ack::<_, (String, String)>("later", &"sooner or", SOON).await;
        assert_eq!(answer, Ok(("sooner or".into(), "later".into())));
        let answer = socket.emit_with_ack::<_, ()>("never", &1, Duration::from_millis(20)).await;
        assert_eq!(answer, Err(AckError::TimedOut));
    });
}

#[test]
fn a_server_asks_too() {
    run(async {
        let room = open(Namespace::new().on("ask me", async |socket: Socket, n: u64| {
            socket.emit_with_ack::<_, u64>("double", &n, SOON).await.unwrap_or_default()
        }))
        .await;
        let namespace = ClientNamespace::new().on("double", async |_: ClientSocket, n: u64| 2 * n);
        let client = Client::connect(&room.url, namespace).unwrap();
        // The handler waits for an answer that comes by the same connection.
        assert_eq!(client.socket().emit_with_ack("ask me", &21, SOON).await, Ok(42));
    });
}

#[test]
fn rooms_hear_what_is_for_them() {
    run(async {
        let room = open(
            Namespace::new().on("join", async |socket: Socket, room: String| socket.join(room).unwrap()).on(
                "say",
                async |socket: Socket, (room, text): (String, String)| {
                    socket.to(room).emit("said", &text).unwrap();
                },
            ),
        )
        .await;
        let (one, two, three) = (room.listen(&["said"]), room.listen(&["said"]), room.listen(&["said"]));
        for (ear, room) in [(&one, "kitchen"), (&two, "kitchen"), (&three, "garden")] {
            assert_eq!(ear.hear().await, "connected");
            assert_eq!(ear.socket().emit_with_ack("join", &room, SOON).await, Ok(()));
        }
        one.socket().emit("say", &("kitchen", "salt?")).await.unwrap();
        assert_eq!(two.hear().await, "said salt?");
        room.io.everybody().except("kitchen").emit("said", &"outside").unwrap();
        assert_eq!(three.hear().await, "said outside");
        room.io.to("kitchen").to("garden").emit("said", &"dinner").unwrap();
        // Whoever asked for salt was not asked himself.
        for ear in [&one, &two, &three] {
            assert_eq!(ear.hear().await, "said dinner");
        }
        let sockets = room.io.to("kitchen").fetch_sockets().await;
        assert_eq!(sockets.len(), 2);
    });
}

#[test]
fn a_room_is_asked_and_who_is_silent_is_named() {
    run(async {
        let room = open(Namespace::new()).await;
        let polite = ClientNamespace::new().on("name?", async |_: ClientSocket| "ann");
        let _polite = Client::connect(&room.url, polite).unwrap();
        let rude = room.listen(&[]);
        assert_eq!(rude.hear().await, "connected");
        while room.io.everybody().fetch_sockets().await.len() < 2 {
            sleep(Duration::from_millis(1)).await;
        }
        let asked = room.io.everybody().emit_with_ack("name?", &(), Duration::from_millis(300)).await;
        let answers: Answers<String> = asked.unwrap();
        assert_eq!(answers.answers, ["ann"]);
        assert!(!answers.is_complete());
        assert_eq!(answers.silent.sockets, [rude.socket().id().unwrap()]);
    });
}

#[test]
fn who_may_not_come_in_is_told_why() {
    run(async {
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let guarded = Namespace::new().guard(async |socket: Socket| {
            sleep(Duration::from_millis(1)).await;
            let token = socket.auth().and_then(|auth| auth.get("token")?.read::<String>().ok());
            match token.as_deref() {
                Some("secret") => Ok(()),
                _ => Err(ConnectError::new("unauthorized")),
            }
        });
        let room = room::serve(server.of("/auth", guarded).unwrap());
        let stranger = room.listen_with(Default::default(), "/auth", &[]);
        assert_eq!(stranger.hear().await, "refused: unauthorized");
        assert!(!stranger.socket().is_connected());
        let nowhere = room.listen_with(Default::default(), "/nowhere", &[]);
        assert_eq!(nowhere.hear().await, "refused: Invalid namespace");
        let auth = std::collections::BTreeMap::from([("token", "secret")]);
        let friend = ClientNamespace::new().auth(&auth).unwrap();
        let client = Client::connect(&format!("{}/auth", room.url), friend).unwrap();
        while !client.socket().is_connected() {
            sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn filters_stop_events_and_errors_are_heard_of() {
    run(async {
        let room = open(
            Namespace::new()
                .filter(
                    async |_: Socket, event| {
                        if event.name == "forbidden" { Err(Rejected::from("no")) } else { Ok(()) }
                    },
                )
                .on_error(async |socket: Socket, error| {
                    socket.try_emit("failed", &error.to_string()).unwrap()
                })
                .on("forbidden", async |_: Socket| -> () { unreachable!("it was stopped") })
                .on("number", async |socket: Socket, n: u8| {
                    socket.try_emit("number", &n.to_string()).unwrap()
                }),
        )
        .await;
        let ear = room.listen(&["failed", "number"]);
        assert_eq!(ear.hear().await, "connected");
        ear.socket().emit("forbidden", &()).await.unwrap();
        assert_eq!(ear.hear().await, "failed `forbidden` was rejected: no");
        ear.socket().emit("number", &"seven").await.unwrap();
        assert!(
            ear.hear().await.starts_with("failed the arguments of `number` are not what its handler takes")
        );
        ear.socket().emit("number", &7).await.unwrap();
        assert_eq!(ear.hear().await, "number 7");
    });
}

#[test]
fn events_may_be_pulled_one_after_the_other() {
    run(async {
        let counting = Namespace::new().pull(async |mut events: Events| {
            let mut sum = 0;
            while let Some(event) = events.next().await {
                // Slower than they come: the client has to wait, and nothing is lost or changes places.
                let n: u64 = event.args.read().unwrap();
                if n.is_multiple_of(100) {
                    sleep(Duration::from_millis(1)).await;
                }
                sum = 2 * sum % 1_000_003 + n;
                event.ack.send(&sum).unwrap();
            }
        });
        let room = open(counting).await;
        let ear = room.listen(&[]);
        assert_eq!(ear.hear().await, "connected");
        let mut sum = 0;
        for n in 0..1000_u64 {
            sum = 2 * sum % 1_000_003 + n;
            ear.socket().emit("n", &n).await.unwrap();
        }
        let last = ear.socket().emit_with_ack::<_, u64>("n", &0, SOON).await;
        assert_eq!(last, Ok(2 * sum % 1_000_003));
    });
}

// N-017
#[test]
fn a_handler_that_panics_or_hangs_harms_nobody_else() {
    run(async {
        let room = open(
            Namespace::new()
                .on("panic", async |_: Socket| -> () { panic!("on purpose") })
                .on("hang", async |_: Socket| std::future::pending::<()>().await)
                .on("echo", async |_: Socket, text: String| text),
        )
        .await;
        let (bad, good) = (room.listen(&[]), room.listen(&[]));
        assert_eq!(bad.hear().await, "connected");
        let hung = bad.socket().emit_with_ack::<_, ()>("hang", &(), Duration::from_millis(50)).await;
        assert_eq!(hung, Err(AckError::TimedOut));
        // Nor itself.
        assert_eq!(bad.socket().emit_with_ack("echo", &"a", SOON).await, Ok("a".to_owned()));
        let panicked = bad.socket().emit_with_ack::<_, ()>("panic", &(), Duration::from_millis(50)).await;
        assert_eq!(panicked, Err(AckError::TimedOut));
        assert_eq!(bad.socket().emit_with_ack("echo", &"b", SOON).await, Ok("b".to_owned()));
        assert_eq!(good.socket().emit_with_ack("echo", &"c", SOON).await, Ok("c".to_owned()));
    });
}

#[test]
fn a_client_survives_its_server() {
    run(async {
        let room = open(Namespace::new().on("echo", async |_: Socket, text: String| text)).await;
        let ear = room.listen(&["said"]);
        assert_eq!(ear.hear().await, "connected");
        let address = room.url.strip_prefix("http://").unwrap().to_owned();
        room.stop.raise();
        room.ended.wait().await;
        assert_eq!(ear.hear().await, "disconnected: transport close");
        // What is said meanwhile is kept.
        let asked = ear.socket().emit_with_ack::<_, String>("echo", &"still there?", SOON);
        let _room =
            room::open_at(&address, Namespace::new().on("echo", async |_: Socket, text: String| text)).await;
        assert_eq!(asked.await, Ok("still there?".to_owned()));
    });
}

#[test]
fn who_leaves_is_left_alone() {
    run(async {
        let (tell, told) = std::sync::mpsc::channel();
        let room =
            open(Namespace::new().on("out", async |socket: Socket| socket.disconnect()).on_disconnect(
                move |_, reason| {
                    tell.send(reason.to_string()).unwrap();
                    std::future::ready(())
                },
            ))
            .await;
        let ear = room.listen(&[]);
        assert_eq!(ear.hear().await, "connected");
        ear.socket().disconnect();
        assert_eq!(ear.hear().await, "disconnected: io client disconnect");
        ear.socket().connect();
        assert_eq!(ear.hear().await, "connected");
        ear.socket().emit("out", &()).await.unwrap();
        assert_eq!(ear.hear().await, "disconnected: io server disconnect");
        let reasons: Vec<String> = told.iter().take(2).collect();
        assert_eq!(reasons, ["client namespace disconnect", "server namespace disconnect"]);
    });
}

#[test]
fn who_has_closed_was_heard_to_the_end() {
    run(async {
        let (tell, told) = std::sync::mpsc::channel();
        let said = tell.clone();
        let namespace = Namespace::new()
            .on("say", move |_: Socket, text: String| {
                said.send(text).unwrap();
                std::future::ready(())
            })
            .on_disconnect(move |_, reason| {
                tell.send(reason.to_string()).unwrap();
                std::future::ready(())
            });
        let room = open(namespace).await;
        let ear = room.listen(&[]);
        assert_eq!(ear.hear().await, "connected");
        for text in ["one", "two"] {
            ear.socket().try_emit("say", &text).unwrap();
        }
        ear.client.close().await;
        assert!(!ear.socket().is_connected());
        let heard: Vec<String> = told.iter().take(3).collect();
        assert_eq!(heard, ["one", "two", "client namespace disconnect"]);
        // Nothing is there to be waited for any more.
        ear.client.close().await;
        // Nor is there where nobody answers.
        let nowhere = Client::connect("http://127.0.0.1:1", ClientNamespace::new()).unwrap();
        nowhere.close().await;
    });
}

#[test]
fn who_is_slow_to_hear_may_close_all_the_same() {
    run(async {
        let room = open(Namespace::new().on("flood", async |socket: Socket| {
            for n in 0..1000 {
                socket.emit("n", &n).await.unwrap();
            }
        }))
        .await;
        // It takes the first event, and looks at no other.
        let (tell, told) = std::sync::mpsc::channel();
        let deaf = ClientNamespace::new().pull(move |mut events: ClientEvents| {
            let tell = tell.clone();
            async move {
                events.next().await;
                tell.send(()).unwrap();
                std::future::pending::<()>().await;
            }
        });
        let client = Client::connect(&room.url, deaf).unwrap();
        client.socket().emit("flood", &()).await.unwrap();
        told.recv_timeout(SOON).unwrap();
        sleep(Duration::from_millis(50)).await;
        client.close().await;
        assert!(!client.socket().is_connected());
    });
}

#[test]
fn a_handshake_says_who_came_when() {
    run(async {
        let room = open(Namespace::new().on("who am I?", async |socket: Socket| {
            let handshake = socket.handshake();
            let address = handshake.request.peer.map(|peer| peer.ip().to_string());
            (address, handshake.issued.as_secs(), handshake.request.path().to_owned())
        }))
        .await;
        let ear = room.listen(&[]);
        let asked = ear.socket().emit_with_ack("who am I?", &(), SOON).await;
        let (address, issued, path): (Option<String>, u64, String) = asked.unwrap();
        assert_eq!((address.as_deref(), &*path), (Some("127.0.0.1"), "/socket.io/"));
        // The autumn of 2024 and the year 2100 are the bounds of any clock that this will see.
        assert!((1_730_000_000..4_102_444_800).contains(&issued));
    });
}
