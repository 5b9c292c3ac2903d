//! What every server needs, whatever it speaks: a door that lets in as many as there is room for, and is closed in order.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use sansocket_driver::{Crowd, Guest, Network, Signal, Task, unless};

use crate::visit::Visit;

/// How long no connection is accepted after that failed for want of something (file descriptors, memory): trying again
/// at once would burn a processor and help nobody.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the last ones may take to be gone after they were cut: nothing is awaited there but their turn.
const CUT: Duration = Duration::from_millis(100);
/// How long all together may take to leave, unless a server says otherwise: what whoever restarts it waits for.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections above the limit that are told so, at once; more are just closed.
const TURNED_AWAY: usize = 64;
/// How long somebody may keep us who is turned away.
const TURNING_AWAY: Duration = Duration::from_secs(1);

/// A listener, and what holds for all who come.
#[derive(Debug)]
pub(crate) struct House<N: Network> {
    listener: N::Listener,
    pub(crate) door: Door<N>,
    /// At most so many at once; any number by default.
    pub(crate) max_connections: Option<usize>,
    /// How long they may take to leave when the house is closed; then they are cut.
    pub(crate) shutdown_timeout: Duration,
}

/// What those who receive a connection need of the house. Clones are the same door.
#[derive(Clone, Debug)]
pub(crate) struct Door<N: Network> {
    /// Where the tasks of connections run.
    pub(crate) runtime: N,
    /// Everybody has to come in over TLS.
    pub(crate) tls: Option<N::ServerTls>,
    /// The house is closed: say goodbye.
    pub(crate) stop: Signal,
}

impl<N: Network> House<N> {
    /// Listens on this address.
    pub(crate) async fn bind(address: &str) -> io::Result<House<N>> {
        N::bind(address).await.map(House::new)
    }

    /// Takes a listener that somebody else bound.
    pub(crate) fn from_std(listener: std::net::TcpListener) -> io::Result<House<N>> {
        N::listen(listener).map(House::new)
    }

    fn new(listener: N::Listener) -> House<N> {
        let door = Door { runtime: N::default(), tls: None, stop: Signal::default() };
        House { listener, door, max_connections: None, shutdown_timeout: SHUTDOWN_TIMEOUT }
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        N::local_addr(&self.listener)
    }

    /// Lets connections in until [`Door::stop`] is raised, waits until all have left, and cuts off who does not.
    ///
    /// `receive` makes a guest of a connection, which takes a handshake, and answers his stay. Each is a task of its own,
    /// one after the other, for the stay is what lasts. Both have to mind [`Door::stop`]. `turn_away` tells somebody that
    /// there is no room.
    pub(crate) async fn open<R, S, T>(
        self,
        mut receive: impl FnMut(N::Tcp) -> R,
        mut turn_away: impl FnMut(N::Tcp) -> T,
    ) where
        R: Future<Output = Option<S>> + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let Door { runtime, stop, .. } = &self.door;
        let guests = Crowd::new(self.max_connections.unwrap_or(usize::MAX));
        let turned_away = Crowd::<N::Task>::new(TURNED_AWAY);
        while let Some(accepted) = unless(stop.wait(), N::accept(&self.listener)).await {
            match accepted {
                Ok(tcp) => {
                    if let Some(guest) = guests.enter() {
                        let received = receive(tcp);
                        guest.live(|guest| runtime.spawn(arrive(received, guest, runtime.clone())));
                    } else if let Some(guest) = turned_away.enter() {
                        let over = runtime.sleep(TURNING_AWAY);
                        runtime.spawn(farewell(over, turn_away(tcp), guest)).let_go();
                    }
                }
                Err(error) if is_the_peers(&error) => {}
                Err(_) => drop(unless(stop.wait(), runtime.sleep(PAUSE)).await),
            }
        }
        // Before waiting for anybody: who comes now is refused by the operating system.
        drop(self.listener);
        if unless(runtime.sleep(self.shutdown_timeout), guests.close()).await.is_none() {
            guests.cut();
            // Who was cut is gone when his task has had its turn, which on one thread nobody gives him once we return.
            unless(runtime.sleep(CUT), guests.gone()).await;
        }
    }
}

/// A guest is received, and moves to a task that has the size of his stay.
fn arrive<N, S>(
    received: impl Future<Output = Option<S>> + Send,
    guest: Guest<N::Task>,
    runtime: N,
) -> impl Future<Output = ()> + Send
where
    N: Network,
    S: Future<Output = ()> + Send + 'static,
{
    let received = Box::pin(received);
    async move {
        if let Some(stay) = received.await {
            guest.live(|guest| runtime.spawn(Visit::new(stay, guest)));
        }
    }
}

/// All that the task of somebody does for whom there is no room.
fn farewell<T: Task + Send>(
    over: impl Future<Output = ()> + Send,
    told: impl Future<Output = ()> + Send,
    guest: Guest<T>,
) -> impl Future<Output = ()> + Send {
    let told = Box::pin(told);
    async move {
        unless(over, told).await;
        drop(guest);
    }
}

impl<N: Network> Door<N> {
    /// The stream of somebody who came in: with TLS, once hands were shaken, for which he has `patience`.
    pub(crate) async fn enter(&self, tcp: N::Tcp, patience: Duration) -> io::Result<N::Stream> {
        let Some(tls) = &self.tls else { return Ok(N::plain(tcp)) };
        let secured = unless(self.runtime.sleep(patience), N::secure_server(tls, tcp)).await;
        secured.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
    }
}

/// A connection that was gone before it was accepted is no reason to wait (accept(2)).
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}
