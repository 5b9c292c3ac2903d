//! The conversation with a server of Socket.IO.

mod asked;
mod bytes;
mod command;
mod told;

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_channel::{Receiver, Sender};
use futures_lite::future::or;
use sansocket_app::socketio::{Args, Client, ClientSetup, ClientSocket, Events, Namespace};
use sansocket_core::Message;
use sansocket_driver::{Network, Signal, Task};
use sansocket_socketio::client::{ConnectError, Reason};
use sansocket_socketio::{ArgsError, NspError, Value};

use self::asked::Asked;
use self::command::{Command, Verb};
pub(super) use self::told::End;
use self::told::{Place, Told};
use super::screen::Screen;

/// When nothing came for so long behind the last line and its acknowledgement, nothing more is awaited. Who leaves hears
/// no more.
const QUIET: Duration = Duration::from_secs(1);
/// What happened and is not shown yet; then the server waits.
const AHEAD: usize = 64;

/// A conversation that is under way.
pub(super) struct Talk<N: Network> {
    network: N,
    client: Client<N>,
    /// How long an acknowledgement may take.
    patience: Duration,
    asked: Asked<N>,
    /// Acknowledgements that are waited for.
    awaited: Arc<AtomicUsize>,
    tell: Sender<Told>,
    told: Receiver<Told>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum Misuse {
    /// The path of the address.
    #[error("its path names no namespace: {0}")]
    Namespace(#[from] NspError),
    /// What we say of ourselves.
    #[error("--auth cannot be sent: {0}")]
    Auth(#[from] ArgsError),
}

impl<N: Network> Talk<N> {
    /// Begins to connect to the namespace that the path of `url` names.
    pub(super) fn begin(
        network: N,
        setup: ClientSetup<N>,
        url: &str,
        auth: Option<&Value>,
        patience: Duration,
    ) -> Result<Talk<N>, Misuse> {
        let (tell, told) = async_channel::bounded(AHEAD);
        let asked = Asked::default();
        let mut namespace = namespace(&tell, &asked);
        if let Some(auth) = auth {
            namespace = namespace.auth(auth)?;
        }
        let client = setup.connect(url, namespace)?;
        Ok(Talk { network, client, patience, asked, awaited: Arc::default(), tell, told })
    }

    /// Does what the lines say and shows what happens, until either side ends it.
    ///
    /// At the end of the lines it shows what still comes, and leaves when nothing does any more.
    pub(super) async fn converse(
        self,
        lines: &Receiver<Message>,
        stop: &Signal,
        screen: &mut Screen,
    ) -> io::Result<End> {
        let (place, leaving, heard) = (Cell::new(Place::Never), Cell::new(false), Cell::new(0_u64));
        let listen = async {
            while let Ok(told) = self.told.recv().await {
                heard.set(heard.get() + 1);
                screen.show(&Message::text(told.line()))?;
                place.set(told.place().unwrap_or(place.get()));
                if let Some(end) = told.end(place.get()) {
                    return Ok(end);
                }
                if leaving.get() && place.get() != Place::Inside {
                    break;
                }
            }
            Ok(End::ByUs)
        };
        let speak = async {
            or(stop.wait(), self.speak(lines, &heard)).await;
            self.client.close().await;
            leaving.set(true);
            if place.get() == Place::Inside {
                // That we left is still to be shown.
                pending().await
            }
            Ok(End::ByUs)
        };
        or(listen, speak).await
    }

    /// Does what the lines say, and waits for what comes of it.
    async fn speak(&self, lines: &Receiver<Message>, heard: &Cell<u64>) {
        while let Ok(line) = lines.recv().await {
            let line = String::from_utf8_lossy(line.as_bytes()).into_owned();
            if line.trim().is_empty() {
                continue;
            }
            let done = match line.parse() {
                Ok(command) => self.obey(command).await,
                Err(mistake) => Err(mistake.to_string()),
            };
            if let Err(why) = done {
                eprintln!("sansocket: {why}");
            }
        }
        loop {
            let before = heard.get();
            self.network.sleep(QUIET).await;
            if heard.get() == before && self.awaited.load(Ordering::Relaxed) == 0 {
                break;
            }
        }
    }

    /// Does it, or says why not.
    async fn obey(&self, command: Command) -> Result<(), String> {
        let socket = self.client.socket();
        let Command { verb, name, args } = command;
        match verb {
            Verb::Emit => socket.emit(&name, &args).await.map_err(|error| error.to_string()),
            Verb::Volatile => socket.emit_volatile(&name, &args).map_err(|error| error.to_string()),
            Verb::Ack => {
                self.ask(name, &args);
                Ok(())
            }
            Verb::Answer => match self.asked.take(&name) {
                Some(ack) => ack.send(&args).map_err(|error| error.to_string()),
                None => Err(format!("there is no question {name}")),
            },
            Verb::Disconnect => {
                socket.disconnect();
                Ok(())
            }
            Verb::Connect => {
                socket.connect();
                Ok(())
            }
        }
    }

    /// Says it; the acknowledgement is told when it comes.
    fn ask(&self, name: String, args: &Args) {
        let answer = self.client.socket().emit_with_ack(&name, args, self.patience);
        let (tell, awaited) = (self.tell.clone(), self.awaited.clone());
        awaited.fetch_add(1, Ordering::Relaxed);
        let told = async move {
            // Nobody listens any more: then nobody waits.
            let _ = tell.send(Told::Answer(name, answer.await)).await;
            awaited.fetch_sub(1, Ordering::Relaxed);
        };
        self.network.spawn(told).let_go();
    }
}

/// Tells whatever happens.
fn namespace<N: Network>(tell: &Sender<Told>, asked: &Asked<N>) -> Namespace<ClientSocket<N>> {
    let (refused, heard, asked) = (tell.clone(), tell.clone(), asked.clone());
    let (end, ends) = async_channel::bounded(1);
    Namespace::new()
        .on_connect_error(move |socket: ClientSocket<N>, error: ConnectError| {
            let told = match (&error, socket.failure()) {
                (ConnectError::Unreachable(_), Some(why)) => Told::Unreachable(error, why),
                _ => Told::Refused(error),
            };
            let refused = refused.clone();
            // Who does not listen any more misses nothing.
            async move { _ = refused.send(told).await }
        })
        .on_disconnect(move |_, reason: Reason| {
            let end = end.clone();
            // Whoever pulls takes it, or has gone.
            async move { _ = end.send(reason).await }
        })
        .pull(move |events| listen(events, ends.clone(), heard.clone(), asked.clone()))
}

/// Tells what a connection brings, and its end behind that.
async fn listen<N: Network>(
    mut events: Events<ClientSocket<N>>,
    ends: Receiver<Reason>,
    tell: Sender<Told>,
    asked: Asked<N>,
) {
    let mut told = Told::Connected(events.socket().id().unwrap_or_default());
    while tell.send(told).await.is_ok() {
        told = match events.next().await {
            Some(event) => {
                Told::Event { name: event.name, args: event.args, question: asked.keep(event.ack) }
            }
            None => break,
        };
    }
    if let Ok(reason) = ends.recv().await {
        _ = tell.send(Told::Disconnected(reason)).await;
    }
}
