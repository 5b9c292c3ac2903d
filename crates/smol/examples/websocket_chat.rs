//! What one says, all hear: `cargo run --example websocket_chat -- 127.0.0.1:9001`, then connect with as many clients as you like.
//!
//! Every message is framed once and shared by all connections. Who reads too slowly is cut off alone: nobody waits for
//! him.

use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use sansocket_core::Message;
use sansocket_driver::Shared;
use sansocket_smol::{Handle, Server, WebSocket};
use sansocket_websocket::{Options, Prepared};

/// Everybody who is here.
#[derive(Clone, Default)]
struct Room {
    seats: Arc<Mutex<Vec<Handle>>>,
    options: Arc<Options>,
}

impl Room {
    fn enter(&self, guest: Handle) {
        self.say(&format!("somebody came; {} were here", self.with(|seats| seats.len())));
        self.with(|seats| seats.push(guest));
    }

    fn leave(&self, guest: &Handle) {
        self.with(|seats| seats.retain(|seat| !seat.is_same(guest)));
        self.say("somebody left");
    }

    fn say(&self, words: &str) {
        let prepared = Prepared::new(Message::text(words), &self.options);
        self.with(|seats| {
            for seat in seats {
                // Who has gone already leaves by himself.
                let _ = seat.deliver(|websocket, now| websocket.send_prepared(&prepared, now));
            }
        });
    }

    fn with<R>(&self, change: impl FnOnce(&mut Vec<Handle>) -> R) -> R {
        change(&mut self.seats.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn seat(self, websocket: WebSocket) {
        let Shared { handle, mut incoming, driver } = websocket.share();
        smol::spawn(driver).detach();
        self.enter(handle.clone());
        while let Some(message) = incoming.next().await {
            if let Some(words) = message.as_text() {
                self.say(words);
            }
        }
        self.leave(&handle);
    }
}

fn main() -> std::io::Result<()> {
    smol::block_on(serve())
}

async fn serve() -> std::io::Result<()> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".into());
    let server = Server::bind(&address).await?;
    println!("listening on ws://{}", server.local_addr()?);
    let room = Room::default();
    server.serve(move |websocket, _request| room.clone().seat(websocket)).await;
    Ok(())
}
