//! A chat with rooms: `cargo run --example chat -- 127.0.0.1:3000`, then come with any `socket.io-client`:
//!
//! ```js
//! const socket = io("http://127.0.0.1:3000", { auth: { name: "ann" } });
//! socket.on("said", (who, text) => console.log(`${who}: ${text}`));
//! await socket.emitWithAck("join", "kitchen"); // who is there
//! socket.emit("say", "kitchen", "hello");
//! ```

use std::env;

use sansocket_smol::socketio::{ConnectError, Namespace, Server, Socket};

/// How a guest wants to be called.
struct Name(String);

/// Who has a name may come in.
async fn ask_name(socket: Socket) -> Result<(), ConnectError> {
    let name = socket.auth().and_then(|auth| auth.get("name")?.read::<String>().ok());
    match name.filter(|name| (1..=20).contains(&name.chars().count())) {
        Some(name) => {
            socket.insert(Name(name));
            Ok(())
        }
        None => Err(ConnectError::new("say who you are: auth: { name }")),
    }
}

fn name(socket: &Socket) -> String {
    socket.get::<Name>().map(|name| name.0.clone()).unwrap_or_default()
}

/// Answers how many are there.
async fn join(socket: Socket, room: String) -> usize {
    if socket.join(room.as_str()).is_ok() {
        _ = socket.to(room.as_str()).emit("came", &name(&socket));
    }
    socket.everybody().to(room).fetch_sockets().await.len()
}

async fn say(socket: Socket, (room, text): (String, String)) {
    // It is written once, whatever the number of those who hear it.
    _ = socket.everybody().to(room).emit("said", &(name(&socket), text));
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let chat = Namespace::new()
        .guard(ask_name)
        .on("join", join)
        .on("say", say)
        .on("leave", async |socket: Socket, room: String| socket.leave(&room))
        .on_disconnecting(async |socket: Socket, _| {
            for room in socket.rooms() {
                _ = socket.to(room).emit("went", &name(&socket));
            }
        });
    let server = Server::bind(&address).await?.of("/", chat)?;
    println!("http://{}", server.local_addr()?);
    server.serve().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    smol::block_on(serve())
}
