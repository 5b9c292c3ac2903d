//! A Socket.IO server to be met over real sockets.
#![allow(dead_code, unreachable_pub, reason = "every test takes what it needs")]

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use sansocket_driver::Signal;
use sansocket_tokio::socketio::{Client, ClientNamespace, ClientSetup, ClientSocket, Io, Namespace, Server};

use crate::support::sleep;

/// Time enough for anything that is to come.
pub const SOON: Duration = Duration::from_secs(20);

pub struct Room {
    pub io: Io,
    pub url: String,
    /// Raise it, and the server goes down.
    pub stop: Signal,
    /// It is down.
    pub ended: Signal,
}

/// A server whose main namespace is this one.
pub async fn open(namespace: Namespace) -> Room {
    open_at("127.0.0.1:0", namespace).await
}

pub async fn open_at(address: &str, namespace: Namespace) -> Room {
    serve(Server::bind(address).await.unwrap().of("/", namespace).unwrap())
}

pub fn serve(server: Server) -> Room {
    let ended = Signal::default();
    let room = Room {
        io: server.io(),
        url: format!("http://{}", server.local_addr().unwrap()),
        stop: server.shutdown(),
        ended: ended.clone(),
    };
    let serving = async move {
        server.serve().await;
        ended.raise();
    };
    tokio::spawn(serving);
    room
}

/// What a client hears: its connection, and whatever is said to it.
pub struct Ear {
    pub client: Client,
    heard: Receiver<String>,
}

impl Room {
    pub fn listen(&self, events: &[&'static str]) -> Ear {
        self.listen_with(ClientSetup::default(), "/", events)
    }

    /// A client of a namespace that tells of these events, whose one argument is a text.
    pub fn listen_with(&self, setup: ClientSetup, nsp: &str, events: &[&'static str]) -> Ear {
        let (tell, heard) = channel();
        let namespace = events.iter().copied().fold(noting(tell.clone()), |namespace, event| {
            let tell = tell.clone();
            namespace.on(event, move |_: ClientSocket, text: String| {
                let _ = tell.send(format!("{event} {text}"));
                std::future::ready(())
            })
        });
        let client = setup.connect(&format!("{}{nsp}", self.url), namespace).unwrap();
        Ear { client, heard }
    }
}

/// Tells of connections.
fn noting(tell: Sender<String>) -> ClientNamespace {
    let (refused, left) = (tell.clone(), tell.clone());
    ClientNamespace::new()
        .on_connect(move |_| {
            let _ = tell.send("connected".into());
            std::future::ready(())
        })
        .on_connect_error(move |_, error| {
            let _ = refused.send(format!("refused: {error}"));
            std::future::ready(())
        })
        .on_disconnect(move |_, reason| {
            let _ = left.send(format!("disconnected: {reason}"));
            std::future::ready(())
        })
}

impl Ear {
    /// What is heard next.
    pub async fn hear(&self) -> String {
        loop {
            match self.heard.try_recv() {
                Ok(heard) => return heard,
                Err(TryRecvError::Empty) => sleep(Duration::from_millis(1)).await,
                Err(TryRecvError::Disconnected) => panic!("nothing will be said any more"),
            }
        }
    }

    pub fn socket(&self) -> &ClientSocket {
        self.client.socket()
    }
}
