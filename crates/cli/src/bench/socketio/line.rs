//! One connection of Socket.IO, with one namespace.

use std::future::ready;
use std::pin::Pin;

use async_channel::Receiver;
use sansocket_app::socketio::{
    AckError, Client, ClientOptions, ClientSetup, ClientSocket, Events, Namespace, Pulled,
};
use sansocket_driver::{Network, unless};
use sansocket_socketio::client::{ConnectError, Reason};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bench::PATIENCE;
use crate::engineio::Voyage;
use crate::exit::Failure;
use crate::runtime::Runtime;
use crate::terminal::Escaped;

/// A connection whose namespace is connected. Dropped, it leaves and closes.
pub(super) struct Line<N: Network> {
    client: Client<N>,
    events: Events<ClientSocket<N>>,
    lost: Receiver<Reason>,
    runtime: N,
    /// When to look whether something came since it was set.
    alarm: Pin<Box<dyn Future<Output = ()> + Send>>,
    has_heard: bool,
}

impl<N: Network> Line<N> {
    /// Connects to the namespace that the path of the address names.
    pub(super) async fn call<R: Runtime<Network = N>>(
        voyage: &Voyage,
        options: &ClientOptions,
    ) -> Result<Line<N>, Failure> {
        let (arrive, arrival) = async_channel::bounded(1);
        let (lose, lost) = async_channel::bounded(1);
        let refuse = arrive.clone();
        // All of this happens once, so that there is room.
        let namespace = Namespace::new()
            .pull(move |events| {
                _ = arrive.try_send(Ok(events));
                ready(())
            })
            .on_connect_error(move |_, error| {
                _ = refuse.try_send(Err(error));
                ready(())
            })
            .on_disconnect(move |_, reason| {
                _ = lose.try_send(reason);
                ready(())
            });
        let setup = ClientSetup::default().connector(voyage.connector::<R>()?).options(options.clone());
        let client = setup.executor(R::network()).connect(&voyage.url, namespace).map_err(|error| {
            Failure::usage(format!("`{}` names no namespace: {error}", Escaped(&voyage.url)))
        })?;
        let events = match arrival.recv().await {
            Ok(Ok(events)) => events,
            Ok(Err(error)) => return Err(explain::<R>(voyage, error).await),
            Err(_) => return Err(Failure::new("a connection was lost in its handshake")),
        };
        let runtime = R::network();
        let alarm = Box::pin(runtime.sleep(PATIENCE));
        Ok(Line { client, events, lost, runtime, alarm, has_heard: false })
    }

    /// The namespace.
    pub(super) fn socket(&self) -> &ClientSocket<N> {
        self.client.socket()
    }

    /// What the server says next.
    ///
    /// # Errors
    /// Why it says nothing more: the connection was lost, or it has been silent for too long.
    pub(super) async fn next(&mut self) -> Result<Pulled<ClientSocket<N>>, String> {
        loop {
            match unless(&mut self.alarm, self.events.next()).await {
                Some(Some(event)) => {
                    self.has_heard = true;
                    return Ok(event);
                }
                Some(None) => {
                    let reason = self.lost.recv().await;
                    return Err(reason.map_or("the connection broke".to_owned(), |reason| reason.to_string()));
                }
                // It is time to look.
                None if self.has_heard => {
                    self.has_heard = false;
                    self.alarm = Box::pin(self.runtime.sleep(PATIENCE));
                }
                None => {
                    return Err(format!("the server said nothing for {PATIENCE:?}: has it these events?"));
                }
            }
        }
    }

    /// Listens to nothing that the server says unasked.
    pub(super) fn into_deaf(self) -> Client<N> {
        self.client
    }
}

/// Has the server do something, and waits for its acknowledgement.
///
/// # Errors
/// Why there is none.
pub(super) async fn ask<N: Network, T: Serialize + ?Sized, A: DeserializeOwned>(
    socket: &ClientSocket<N>,
    event: &str,
    arguments: &T,
) -> Result<A, String> {
    socket.emit_with_ack(event, arguments, PATIENCE).await.map_err(|error| match error {
        AckError::TimedOut => {
            format!("`{event}` was not acknowledged within {PATIENCE:?}: does the server have this event?")
        }
        other => other.to_string(),
    })
}

/// Why there is no connection, in words, and what to do next.
async fn explain<R: Runtime>(voyage: &Voyage, why: ConnectError) -> Failure {
    let url = Escaped(&voyage.url);
    match why {
        // The client keeps to itself what exactly was in the way, for it would try again. So somebody asks once more.
        ConnectError::Unreachable(_) | ConnectError::Timeout => match voyage.call::<R>().await {
            Err(failure) => failure,
            Ok(_) => Failure::new(format!("no connection to {url}: {why}"))
                .advise("something listens there, but does it speak Socket.IO?"),
        },
        ConnectError::V2Server => {
            Failure::new(format!("no connection to {url}: {why}")).advise("try --eio 3")
        }
        why => Failure::new(format!("{url} does not let us in: {}", Escaped(&why.to_string())))
            .advise("the path of the address names the namespace: is it right?"),
    }
}
