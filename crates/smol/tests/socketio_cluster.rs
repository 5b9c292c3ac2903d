//! Servers of Socket.IO that are one.
#[path = "support/room.rs"]
mod room;
mod support;

use std::future::ready;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use room::{Ear, Room, SOON, serve};
use sansocket_driver::Signal;
use sansocket_smol::socketio::{
    Answers, Bus, Client, ClientNamespace, ClientSocket, ClusterOptions, EmitError, Io, Namespace, Notice,
    Notices, Replies, Server, ServerOptions, Socket, cluster,
};
use support::{run, sleep};

/// Servers on a bus, and a client of each that is connected.
struct Cluster {
    rooms: Vec<Room>,
    ears: Vec<Ear>,
}

/// Whoever is in one says something to all in a room, or joins one.
fn chat() -> Namespace {
    Namespace::new()
        .on("join", async |socket: Socket, room: String| socket.join(room).unwrap())
        .on("say", async |socket: Socket, (room, text): (String, String)| {
            socket.to(room).emit("said", &text).unwrap()
        })
}

async fn bound(options: ServerOptions) -> Server {
    Server::bind_with("127.0.0.1:0", options).await.unwrap()
}

impl Cluster {
    async fn of(count: usize) -> Cluster {
        let bus = Bus::new();
        let mut cluster = Cluster { rooms: Vec::new(), ears: Vec::new() };
        for _ in 0..count {
            let room = serve(bound(ServerOptions::default()).await.of("/", chat()).unwrap());
            bus.join(&room.io);
            let ear = room.listen(&["said"]);
            assert_eq!(ear.hear().await, "connected");
            cluster.rooms.push(room);
            cluster.ears.push(ear);
        }
        assert!(cluster.rooms.iter().all(|room| room.io.node_count() == count));
        cluster
    }

    fn io(&self, node: usize) -> &Io {
        &self.rooms[node].io
    }

    /// What each client hears next.
    async fn hears(&self) -> Vec<String> {
        let mut heard = Vec::new();
        for ear in &self.ears {
            heard.push(ear.hear().await);
        }
        heard
    }

    async fn join(&self, node: usize, room: &str) {
        assert_eq!(self.ears[node].socket().emit_with_ack("join", &room, SOON).await, Ok(()));
    }
}

/// Waits until it is so.
async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    while !is_so().await {
        sleep(Duration::from_millis(1)).await;
    }
}

/// What was told next.
async fn told<T>(told: &Receiver<T>) -> T {
    loop {
        match told.try_recv() {
            Ok(told) => return told,
            Err(TryRecvError::Empty) => sleep(Duration::from_millis(1)).await,
            Err(TryRecvError::Disconnected) => panic!("nothing will be told any more"),
        }
    }
}

#[test]
fn what_is_said_to_all_is_heard_at_every_server_once() {
    run(async {
        let cluster = Cluster::of(3).await;
        cluster.join(2, "r").await;
        let third = cluster.ears[2].socket().id().unwrap();
        cluster.io(0).everybody().to("r").emit("said", &"to a room").unwrap();
        cluster.io(1).everybody().to(third.clone()).emit("said", &"to one").unwrap();
        cluster.io(0).everybody().except("r").emit("said", &"to the others").unwrap();
        cluster.io(0).everybody().local().emit("said", &"at home").unwrap();
        cluster.ears[0].socket().emit("say", &("r", "by one")).await.unwrap();
        for expected in ["to a room", "to one", "by one"] {
            assert_eq!(cluster.ears[2].hear().await, format!("said {expected}"));
        }
        assert_eq!(cluster.ears[0].hear().await, "said to the others");
        assert_eq!(cluster.ears[0].hear().await, "said at home");
        assert_eq!(cluster.ears[1].hear().await, "said to the others");
        cluster.io(1).everybody().emit("said", &"the end").unwrap();
        assert_eq!(cluster.hears().await, ["said the end"; 3], "and nothing in between");
    });
}

#[test]
fn sockets_elsewhere_are_found_moved_and_put_out() {
    run(async {
        let cluster = Cluster::of(2).await;
        let everybody = cluster.io(0).everybody();
        assert_eq!(everybody.fetch_sockets().await.len(), 2);
        everybody.join("r");
        let found = cluster.io(1).everybody().to("r").fetch_sockets().await;
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|socket| socket.rooms == ["r"]));
        let other = cluster.ears[1].socket().id().unwrap();
        everybody.to(other.clone()).leave("r");
        assert_eq!(cluster.io(1).everybody().to("r").fetch_sockets().await.len(), 1);
        cluster.io(0).everybody().to(other).disconnect();
        assert_eq!(cluster.ears[1].hear().await, "disconnected: io server disconnect");
        assert_eq!(cluster.io(0).everybody().fetch_sockets().await.len(), 1);
        cluster.io(1).everybody().disconnect_all();
        assert_eq!(cluster.ears[0].hear().await, "disconnected: io server disconnect");
    });
}

#[test]
fn what_is_kept_for_others_is_seen_elsewhere() {
    run(async {
        let bus = Bus::new();
        let named = Namespace::new().on_connect(async |socket: Socket| socket.set_data(&"ann").unwrap());
        let room = serve(bound(ServerOptions::default()).await.of("/", named).unwrap());
        let alone = Io::new(ServerOptions::default());
        bus.join(&room.io);
        bus.join(&alone);
        let ear = room.listen(&[]);
        assert_eq!(ear.hear().await, "connected");
        let data = async || {
            let mut found = alone.everybody().fetch_sockets().await;
            found.pop().and_then(|socket| socket.data?.read::<String>().ok())
        };
        until(async || data().await.as_deref() == Some("ann")).await;
    });
}

#[test]
fn a_room_is_asked_wherever_its_sockets_are() {
    run(async {
        let cluster = Cluster::of(3).await;
        let polite =
            |name: &'static str| ClientNamespace::new().on("name?", move |_: ClientSocket| ready(name));
        let clients: Vec<Client> = cluster
            .rooms
            .iter()
            .zip(["ann", "bob", "eve"])
            .map(|(room, name)| Client::connect(&room.url, polite(name)).unwrap())
            .collect();
        until(async || clients.iter().all(|client| client.socket().is_connected())).await;
        let named = clients.iter().filter_map(|client| client.socket().id());
        let meant = named.fold(cluster.io(1).everybody(), |meant, id| meant.to(id));
        let answers: Answers<String> = meant.emit_with_ack("name?", &(), SOON).await.unwrap();
        assert!(answers.is_complete());
        let mut names = answers.answers;
        names.sort();
        assert_eq!(names, ["ann", "bob", "eve"]);
        // The others do not answer, and are counted where they are.
        let rude = cluster.ears[0].socket().id().unwrap();
        let time = Duration::from_millis(200);
        let asked = cluster.io(1).everybody().to(rude).emit_with_ack("name?", &(), time).await;
        let answers: Answers<String> = asked.unwrap();
        assert_eq!((answers.answers.len(), answers.silent.elsewhere), (0, 1));
    });
}

#[test]
fn what_one_says_is_heard_elsewhere_in_its_order() {
    run(async {
        let cluster = Cluster::of(3).await;
        // Two servers talk at once, from several threads.
        let speakers = [0, 1].map(|node| {
            let all = cluster.io(node).everybody();
            std::thread::spawn(move || {
                (0..500).for_each(|n| all.emit("said", &format!("{node} {n}")).unwrap());
            })
        });
        speakers.into_iter().for_each(|speaker| speaker.join().unwrap());
        for ear in &cluster.ears {
            let mut next = [0, 0];
            while next != [500, 500] {
                let heard = ear.hear().await;
                let (node, n) = heard.strip_prefix("said ").and_then(|rest| rest.split_once(' ')).unwrap();
                let node: usize = node.parse().unwrap();
                assert_eq!(n.parse(), Ok(next[node]));
                next[node] += 1;
            }
        }
    });
}

#[test]
fn programs_talk_to_each_other() {
    run(async {
        let options = || {
            let cluster = ClusterOptions { request_timeout: Duration::from_secs(3), ..Default::default() };
            ServerOptions { cluster, ..Default::default() }
        };
        let bus = Bus::new();
        let [one, two, deaf] = [(); 3].map(|()| Io::new(options()));
        [&one, &two, &deaf].into_iter().for_each(|io| bus.join(io));
        let (tell, heard) = channel();
        two.on_notice(move |notice| {
            let Notice::Said { nsp, name, args, reply } = notice else { panic!("{notice:?}") };
            tell.send((nsp.to_string(), name.to_string(), reply.is_asked())).unwrap();
            let n: u64 = args.read().unwrap();
            assert_ne!(n, 13, "on purpose");
            reply.send(&(2 * n)).unwrap();
            ready(())
        });
        one.of("/a").unwrap().server_side_emit("hello", &1).unwrap();
        assert_eq!(told(&heard).await, ("/a".into(), "hello".into(), false));
        // Who panics does not answer, and hears the next one.
        one.everybody().server_side_emit("hello", &13).unwrap();
        let replies: Replies<u64> = one.everybody().server_side_emit_with_ack("double", &21).await.unwrap();
        assert_eq!(replies, Replies { replies: vec![42], missing: 1 });
        one.leave_cluster();
        let replies: Replies<u64> = one.everybody().server_side_emit_with_ack("double", &21).await.unwrap();
        assert_eq!(replies, Replies { replies: vec![], missing: 0 });
        assert_eq!((one.node_count(), two.node_count()), (1, 2));
        drop(deaf);
        assert_eq!(two.node_count(), 1, "nobody holds it any more");
    });
}

#[test]
fn rooms_and_namespaces_that_come_and_go_are_told_of() {
    run(async {
        let options = ServerOptions { notices: Notices::All, ..Default::default() };
        let server = bound(options).await;
        server.io().add_matching(|nsp, _| nsp.starts_with("/game-"), chat());
        let (tell, heard) = channel();
        server.io().on_notice(move |notice| {
            let text = match notice {
                Notice::NamespaceMade(nsp) => format!("made {nsp}"),
                Notice::NamespaceGone(nsp) => format!("gone {nsp}"),
                Notice::RoomMade { nsp, room } => format!("made {nsp} {room}"),
                Notice::RoomGone { nsp, room } => format!("gone {nsp} {room}"),
                Notice::Joined { socket, room } => format!("joined {} {room}", socket.nsp()),
                Notice::Left { socket, room } => format!("left {} {room}", socket.nsp()),
                other => format!("{other:?}"),
            };
            tell.send(text).unwrap();
            ready(())
        });
        let room = serve(server);
        let ear = room.listen_with(Default::default(), "/game-1", &[]);
        assert_eq!(ear.hear().await, "connected");
        assert_eq!(ear.socket().emit_with_ack("join", &"red", SOON).await, Ok(()));
        ear.socket().disconnect();
        for expected in [
            "made /game-1",
            "made /game-1 red",
            "joined /game-1 red",
            "left /game-1 red",
            "gone /game-1 red",
            "gone /game-1",
        ] {
            assert_eq!(told(&heard).await, expected);
        }
    });
}

#[test]
fn notices_that_nobody_takes_are_counted() {
    run(async {
        let options = ServerOptions { notices: Notices::All, ..Default::default() };
        let room = serve(bound(options).await.of("/", chat()).unwrap());
        let ear = room.listen(&[]);
        assert_eq!(ear.hear().await, "connected");
        let (tell, heard) = channel();
        let free = Signal::default();
        let held = free.clone();
        room.io.on_notice(move |notice| {
            tell.send(match notice {
                Notice::Joined { .. } | Notice::RoomMade { .. } => 0,
                Notice::Missed(count) => count,
                other => panic!("{other:?}"),
            })
            .unwrap();
            let held = held.clone();
            async move { held.wait().await }
        });
        (0..1000).for_each(|n| room.io.everybody().join(format!("room {n}")));
        free.raise();
        let mut listened = 0;
        let missed = loop {
            match told(&heard).await {
                0 => listened += 1,
                count => break count,
            }
        };
        assert_eq!(listened + missed, 2000);
    });
}

#[test]
fn servers_are_joined_by_whatever_carries_messages() {
    run(async {
        let room = serve(bound(ServerOptions::default()).await.of("/", chat()).unwrap());
        let ear = room.listen(&["said"]);
        assert_eq!(ear.hear().await, "connected");
        let (tell, said) = channel();
        room.io.join_cluster(move |outbound| {
            let is_bad = matches!(outbound.message.body, cluster::Body::InitialHeartbeat);
            tell.send(outbound).unwrap();
            assert!(!is_bad, "a link that panics harms nobody");
        });
        assert_eq!(told(&said).await.message.body, cluster::Body::InitialHeartbeat);
        room.io.everybody().emit("said", &"by us").unwrap();
        assert_eq!(ear.hear().await, "said by us");
        let outbound = told(&said).await;
        assert_eq!((outbound.to, &outbound.message.uid), (None, &room.io.uid()));
        // The same again, by those who are no node: what Redis will bring.
        let message = cluster::Message { uid: cluster::Uid::EMITTER, ..outbound.message };
        room.io.handle_cluster(message);
        assert_eq!(ear.hear().await, "said by us");
        room.stop.raise();
        room.ended.wait().await;
        assert_eq!(told(&said).await.message.body, cluster::Body::AdapterClose);
    });
}

#[test]
fn who_says_more_than_is_carried_is_told() {
    run(async {
        let room = serve(bound(ServerOptions::default()).await.of("/", chat()).unwrap());
        let (tell, began) = channel();
        let (go, gate) = channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        // A link on which nothing moves before it is let.
        room.io.join_cluster(move |outbound| {
            if matches!(outbound.message.body, cluster::Body::Broadcast { .. }) {
                tell.send(()).unwrap();
                let _ = gate.lock().unwrap().recv();
            }
        });
        let io = room.io.clone();
        let carrier = std::thread::spawn(move || io.everybody().emit("said", &"first"));
        told(&began).await;
        let mebibyte = "x".repeat(1 << 20);
        let taken = (0..100).take_while(|_| room.io.everybody().emit("said", &mebibyte).is_ok()).count();
        assert!((8..=17).contains(&taken), "{taken} MiB wait");
        assert_eq!(room.io.everybody().emit("said", &"more"), Err(EmitError::Blocked));
        assert_eq!(room.io.everybody().server_side_emit("said", &"more"), Err(EmitError::Blocked));
        // Those here hear it all the same.
        assert_eq!(room.io.everybody().local().emit("said", &"here"), Ok(()));
        drop(go);
        carrier.join().unwrap().unwrap();
        assert_eq!(room.io.everybody().emit("said", &"more"), Ok(()));
    });
}

#[test]
fn what_goes_out_is_seen_at_both_ends() {
    run(async {
        let (tell, seen) = channel();
        let watched = chat().on_any_outgoing(move |socket: &Socket, event, args| {
            tell.send(format!("{event} {} {}", args.read::<String>().unwrap(), socket.nsp())).unwrap();
            panic!("on purpose");
        });
        let room = serve(bound(ServerOptions::default()).await.of("/", watched).unwrap());
        let other = Io::new(ServerOptions::default());
        let bus = Bus::new();
        bus.join(&room.io);
        bus.join(&other);
        let (tell, sent) = channel();
        let namespace = ClientNamespace::new()
            .on("ask", async |_: ClientSocket, text: String| text)
            .on_any_outgoing(move |_: &ClientSocket, event, _| tell.send(event.to_owned()).unwrap());
        let client = Client::connect(&room.url, namespace).unwrap();
        assert_eq!(client.socket().emit_with_ack("join", &"r", SOON).await, Ok(()));
        client.socket().emit("say", &("r", "to others")).await.unwrap();
        assert_eq!([told(&sent).await, told(&sent).await], ["join", "say"]);
        room.io.everybody().emit("said", &"from here").unwrap();
        other.everybody().to("r").emit("said", &"from there").unwrap();
        other.everybody().except("r").emit("said", &"to nobody").unwrap();
        let answers: Answers<String> = room.io.everybody().emit_with_ack("ask", &"how?", SOON).await.unwrap();
        assert_eq!(answers.answers, ["how?"]);
        for expected in ["said from here /", "said from there /", "ask how? /"] {
            assert_eq!(told(&seen).await, expected);
        }
    });
}

#[test]
fn each_server_may_live_on_a_thread_of_its_own() {
    let bus = Bus::new();
    let (tell, urls) = channel();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (bus, tell) = (bus.clone(), tell.clone());
            std::thread::spawn(move || {
                run(async {
                    let server = bound(ServerOptions::default()).await.of("/", chat()).unwrap();
                    bus.join(&server.io());
                    let url = format!("http://{}", server.local_addr().unwrap());
                    tell.send((url, server.shutdown())).unwrap();
                    server.serve().await;
                });
            })
        })
        .collect();
    run(async {
        let (one, two) = (told(&urls).await, told(&urls).await);
        let (tell, heard) = channel();
        let namespace = ClientNamespace::new().on("said", move |_: ClientSocket, text: String| {
            tell.send(text).unwrap();
            ready(())
        });
        let here = Client::connect(&one.0, namespace).unwrap();
        assert_eq!(here.socket().emit_with_ack("join", &"r", SOON).await, Ok(()));
        let there = Client::connect(&two.0, ClientNamespace::new()).unwrap();
        assert_eq!(there.socket().emit_with_ack("say", &("r", "across"), SOON).await, Ok(()));
        assert_eq!(told(&heard).await, "across");
        one.1.raise();
        two.1.raise();
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
