//! A game's server: players push, the world moves thirty times a second, and who is slow sees the latest state and not
//! every state there was. `cargo run --example game -- 127.0.0.1:3000`
//!
//! ```js
//! const socket = io("http://127.0.0.1:3000");
//! await socket.emitWithAck("play", "red"); // a team, which is a room
//! socket.on("state", (players) => draw(players)); // [[id, x, y], …]
//! socket.emit("push", 0.5, -0.2);
//! ```

use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sansocket_smol::socketio::{Io, Namespace, Server, Socket};

/// The time between two states of the world.
const TICK: Duration = Duration::from_millis(33);

/// Where somebody is, and where he goes.
#[derive(Clone, Copy, Default)]
struct Player {
    place: (f64, f64),
    speed: (f64, f64),
}

/// All who play, by team and id.
#[derive(Clone, Default)]
struct World(Arc<Mutex<HashMap<String, HashMap<String, Player>>>>);

impl World {
    fn teams(&self) -> MutexGuard<'_, HashMap<String, HashMap<String, Player>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, socket: &Socket, team: String) {
        self.leave(socket);
        if socket.join(team.as_str()).is_ok() {
            self.teams().entry(team).or_default().insert(socket.id().into(), Player::default());
        }
    }

    fn leave(&self, socket: &Socket) {
        self.teams().retain(|team, players| {
            if players.remove(socket.id()).is_some() {
                socket.leave(team);
            }
            !players.is_empty()
        });
    }

    fn push(&self, socket: &Socket, (x, y): (f64, f64)) {
        for players in self.teams().values_mut() {
            if let Some(player) = players.get_mut(socket.id()) {
                player.speed = (player.speed.0 + x.clamp(-1.0, 1.0), player.speed.1 + y.clamp(-1.0, 1.0));
            }
        }
    }

    /// Time passes, and each team is told how it stands.
    fn tick(&self, io: &Io) {
        for (team, players) in self.teams().iter_mut() {
            for player in players.values_mut() {
                let ((x, y), (dx, dy)) = (player.place, player.speed);
                player.place = (x + dx, y + dy);
                player.speed = (dx * 0.9, dy * 0.9);
            }
            let state: Vec<_> =
                players.iter().map(|(id, player)| (id, player.place.0, player.place.1)).collect();
            _ = io.to(team.as_str()).latest().emit("state", &(state,));
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let world = World::default();
    let (entered, pushed, left) = (world.clone(), world.clone(), world.clone());
    let game = Namespace::new()
        .on("play", move |socket: Socket, team: String| {
            entered.enter(&socket, team);
            std::future::ready(())
        })
        .on("push", move |socket: Socket, way: (f64, f64)| {
            pushed.push(&socket, way);
            std::future::ready(())
        })
        .on_disconnect(move |socket: Socket, _| {
            left.leave(&socket);
            std::future::ready(())
        });
    let server = Server::bind(&address).await?.of("/", game)?;
    println!("http://{}", server.local_addr()?);
    let io = server.io();
    smol::spawn(async move {
        loop {
            smol::Timer::after(TICK).await;
            world.tick(&io);
        }
    })
    .detach();
    server.serve().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    smol::block_on(serve())
}
