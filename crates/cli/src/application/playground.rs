//! The application of Socket.IO that tests and the curious speak to: every feature of a server has an event.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sansocket_app::socketio::{ConnectError, Io, Namespace, Operator, Reason, Socket};
use sansocket_driver::{Runtime, Task};
use sansocket_socketio::server::Handshake;
use sansocket_socketio::{Args, NspError, Value};
use serde::{Deserialize, Serialize};

/// How many sockets' ends are remembered: memory is not for whoever likes to come and go.
const REMEMBERED: usize = 10_000;
/// The most bytes that are made for whoever asks: more than any test does.
const MOST_MADE: usize = 8 << 20;

/// Why sockets were disconnected, by their ids: for those who come back and ask.
type Ends = Arc<Mutex<HashMap<String, Vec<String>>>>;

/// What a socket was asked to keep.
struct Kept(Mutex<Value>);

/// One room, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rooms {
    One(String),
    Several(Vec<String>),
}

/// The answer of whoever was called.
#[derive(Serialize)]
#[serde(untagged)]
enum Call {
    Reply { reply: Value },
    Timeout { timeout: bool },
}

/// The answers of a room.
#[derive(Serialize)]
struct Replies {
    timeout: bool,
    replies: Vec<Value>,
}

/// Opens the namespaces.
pub(crate) fn open<R: Runtime>(io: &Io<R>) -> Result<(), NspError> {
    let ends = Ends::default();
    io.add("/", namespace(&ends))?;
    io.add("/custom", namespace(&ends))?;
    io.add_matching(is_dynamic, namespace(&ends));
    io.add("/auth", namespace(&ends).guard(async |socket: Socket<R>| authorize(socket.auth())))
}

/// `/dynamic-` and digits.
fn is_dynamic(nsp: &str, _auth: Option<&Value>) -> bool {
    let digits = nsp.strip_prefix("/dynamic-").unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn authorize(auth: Option<&Value>) -> Result<(), ConnectError> {
    let token = auth.and_then(|auth| auth.get("token")?.read::<String>().ok());
    if token.as_deref() == Some("secret") {
        return Ok(());
    }
    let code = Value::Object([("code".into(), 401_u64.into())].into());
    Err(ConnectError::new("unauthorized").with_data(code))
}

fn namespace<R: Runtime>(ends: &Ends) -> Namespace<Socket<R>> {
    let (noted, asked) = (ends.clone(), ends.clone());
    let namespace = Namespace::new()
        .on_connect(async |socket: Socket<R>| {
            let auth = socket.auth().cloned().unwrap_or_else(|| Value::Object(Default::default()));
            _ = socket.emit("auth", &auth).await;
        })
        .on_disconnect(move |socket: Socket<R>, reason| {
            note(&noted, socket.id(), reason);
            std::future::ready(())
        })
        .on("disconnects", move |_: Socket<R>, id: String| {
            let ends = asked.lock().unwrap_or_else(PoisonError::into_inner);
            std::future::ready(ends.get(&id).cloned().unwrap_or_default())
        });
    leaving(operators(rooms(state(messages(namespace)))))
}

/// Says back what comes.
fn messages<R: Runtime>(namespace: Namespace<Socket<R>>) -> Namespace<Socket<R>> {
    namespace
        .on("message", async |socket: Socket<R>, args: Args| {
            _ = socket.emit("message-back", &args).await;
        })
        .on("message-with-ack", async |_: Socket<R>, args: Args| args)
        .on("digest", async |_: Socket<R>, value: Value| digest(value))
        .on("make-binary", async |_: Socket<R>, n: usize| made(n))
        .on("call-me", async |socket: Socket<R>, (value, time): (Value, u64)| {
            match socket.emit_with_ack("called", &value, Duration::from_millis(time)).await {
                Ok(reply) => Call::Reply { reply },
                Err(_) => Call::Timeout { timeout: true },
            }
        })
        .on("burst", async |socket: Socket<R>, n: u32| {
            for number in 0..n {
                // Who has gone misses the rest.
                let Ok(()) = socket.emit("burst", &number).await else { return };
            }
        })
        .on("volatile-burst", async |socket: Socket<R>, n: u32| {
            for number in 0..n {
                _ = socket.emit_volatile("vol", &number);
            }
            _ = socket.emit("vol-end", &n).await;
        })
}

/// What the server knows of a socket.
fn state<R: Runtime>(namespace: Namespace<Socket<R>>) -> Namespace<Socket<R>> {
    namespace
        .on("id", async |socket: Socket<R>| socket.id().to_owned())
        .on("transport", async |socket: Socket<R>| socket.transport().map(|transport| transport.name()))
        .on("query", async |socket: Socket<R>| query(socket.handshake()))
        .on("set-data", async |socket: Socket<R>, value: Value| {
            socket.insert(Kept(Mutex::new(value)));
        })
        .on("get-data", async |socket: Socket<R>| {
            socket.get::<Kept>().map(|kept| kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
        })
}

fn rooms<R: Runtime>(namespace: Namespace<Socket<R>>) -> Namespace<Socket<R>> {
    namespace
        .on("join", async |socket: Socket<R>, room: String| {
            // Who is gone is in no room.
            _ = socket.join(room);
        })
        .on("leave", async |socket: Socket<R>, room: String| socket.leave(&room))
        .on("rooms", async |socket: Socket<R>| {
            let mut rooms: Vec<String> = socket.rooms().iter().map(ToString::to_string).collect();
            rooms.sort();
            rooms
        })
        .on("room-size", async |socket: Socket<R>, room: String| {
            socket.everybody().to(room).fetch_sockets().await.len()
        })
}

/// Says something to many.
fn operators<R: Runtime>(namespace: Namespace<Socket<R>>) -> Namespace<Socket<R>> {
    type Said = (Rooms, String, Value);
    namespace
        .on("to-room", async |socket: Socket<R>, (rooms, event, value): Said| {
            _ = rooms.of(socket.broadcast()).emit(&event, &value);
        })
        .on("io-to-room", async |socket: Socket<R>, (rooms, event, value): Said| {
            _ = rooms.of(socket.everybody()).emit(&event, &value);
        })
        .on("io-to-room-except", async |socket: Socket<R>, said: (Rooms, String, String, Value)| {
            let (rooms, excluded, event, value) = said;
            _ = rooms.of(socket.everybody()).except(excluded).emit(&event, &value);
        })
        .on("broadcast", async |socket: Socket<R>, (event, value): (String, Value)| {
            _ = socket.broadcast().emit(&event, &value);
        })
        .on("broadcast-ack", async |socket: Socket<R>, asked: (Rooms, String, Value, u64)| {
            let (rooms, event, value, time) = asked;
            let room = rooms.of(socket.everybody());
            match room.emit_with_ack(&event, &value, Duration::from_millis(time)).await {
                Ok(answers) => Replies { timeout: !answers.is_complete(), replies: answers.answers },
                Err(_) => Replies { timeout: true, replies: Vec::new() },
            }
        })
        .on(
            "io-later",
            async |socket: Socket<R>, (rooms, delay, event, value): (Rooms, u64, String, Value)| {
                let (room, runtime) = (rooms.of(socket.everybody()), R::default());
                let later = async move {
                    R::default().sleep(Duration::from_millis(delay)).await;
                    _ = room.emit(&event, &value);
                };
                runtime.spawn(later).let_go();
            },
        )
}

fn leaving<R: Runtime>(namespace: Namespace<Socket<R>>) -> Namespace<Socket<R>> {
    namespace.on(
        "disconnect-me",
        async |socket: Socket<R>, close: bool| {
            if close { socket.disconnect_all() } else { socket.disconnect() }
        },
    )
}

impl Rooms {
    fn of<R: Runtime>(self, all: Operator<R>) -> Operator<R> {
        match self {
            Rooms::One(room) => all.to(room),
            Rooms::Several(rooms) => rooms.into_iter().fold(all, Operator::to),
        }
    }
}

/// The value with what its bytes come to in the place of each binary.
fn digest(value: Value) -> Value {
    match value {
        Value::Binary(bytes) => {
            let sum = bytes.iter().fold(0u32, |sum, byte| sum.wrapping_add((*byte).into()));
            Value::Object(
                [("bin".into(), (bytes.len() as u64).into()), ("sum".into(), u64::from(sum).into())].into(),
            )
        }
        Value::Array(values) => Value::Array(values.into_iter().map(digest).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (key, digest(value))).collect())
        }
        other => other,
    }
}

/// `n` bytes, somewhere inside; nothing if that is too much to ask.
fn made(n: usize) -> Option<Value> {
    let bytes: Vec<u8> = (n <= MOST_MADE).then(|| (0..n).map(|i| (i % 251) as u8).collect())?;
    let data = Value::Object([("data".into(), Value::Binary(bytes.into()))].into());
    Some(Value::Object([("n".into(), (n as u64).into()), ("nested".into(), vec![data].into())].into()))
}

fn query(handshake: &Handshake) -> BTreeMap<String, String> {
    let pairs = handshake.request.query_pairs();
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// It was disconnected.
fn note(ends: &Ends, id: &str, reason: Reason) {
    let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
    if ends.len() < REMEMBERED {
        ends.entry(id.to_owned()).or_default().push(reason.to_string());
    }
}
