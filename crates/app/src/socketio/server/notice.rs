//! What happens to nobody's connection, and whoever wants to know.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker, ready};

use sansocket_core::Utf8Bytes;
use sansocket_driver::Runtime;
use sansocket_socketio::server::{Notice as Told, ReplyTo};
use sansocket_socketio::{Args, ArgsError, Nsp};
use serde::Serialize;

use super::io::Io;
use super::ledger::Entry;
use super::shared::Shared;
use super::socket::Socket;
use crate::socketio::run::Guarded;
use crate::visit::Visit;

/// What happens to nobody's connection: see [`Io::on_notice`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<R: Runtime> {
    /// The program on another server of the cluster says something.
    Said {
        /// In which namespace.
        nsp: Nsp,
        /// The event's name.
        name: Utf8Bytes,
        /// Its arguments: [read](Args::read) them.
        args: Args,
        /// To answer it, if it was asked for that.
        reply: Reply<R>,
    },
    /// A namespace came of a pattern.
    NamespaceMade(Nsp),
    /// It went with its last socket.
    NamespaceGone(Nsp),
    /// A room has a first socket.
    RoomMade {
        /// In which namespace.
        nsp: Nsp,
        /// Its name.
        room: Utf8Bytes,
    },
    /// A room has no socket any more.
    RoomGone {
        /// In which namespace.
        nsp: Nsp,
        /// Its name.
        room: Utf8Bytes,
    },
    /// A socket is in a room.
    Joined {
        /// Which socket.
        socket: Socket<R>,
        /// Which room.
        room: Utf8Bytes,
    },
    /// A socket is in a room no longer.
    Left {
        /// Which socket.
        socket: Socket<R>,
        /// Which room.
        room: Utf8Bytes,
    },
    /// So much happened here that nobody will tell: it came faster than it was handled.
    Missed(usize),
}

/// Answers what the program on another server asked. Dropped, it is no answer.
pub struct Reply<R: Runtime> {
    shared: Arc<Shared<R>>,
    to: Option<ReplyTo>,
}

impl<R: Runtime> Reply<R> {
    /// Does anybody wait for it?
    pub fn is_asked(&self) -> bool {
        self.to.is_some()
    }

    /// Answers with one value. Where nobody waits it is a no-op.
    ///
    /// # Errors
    /// [`ArgsError`] if the value cannot be written.
    pub fn send<T: Serialize + ?Sized>(self, answer: &T) -> Result<(), ArgsError> {
        let Reply { shared, to } = self;
        if let Some(to) = to {
            let args = Args::new(answer)?;
            shared.with(|state, now| state.hub.reply(to, args, now));
        }
        Ok(())
    }
}

impl<R: Runtime> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("is_asked", &self.is_asked()).finish_non_exhaustive()
    }
}

impl<R: Runtime> Io<R> {
    /// Calls `handle` when something happens that concerns no connection, one after the other: what other servers of the
    /// cluster [say](super::operator::Operator::server_side_emit) and, if
    /// [`ServerOptions::notices`](sansocket_socketio::server::ServerOptions::notices) asks for that, rooms and namespaces
    /// that come and go. A second one takes the place of the first. What happens while 1,024 notices wait for it is
    /// [missed](Notice::Missed).
    pub fn on_notice<F, Fut>(&self, handle: F)
    where
        F: Fn(Notice<R>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        // Who is not let in comes too late: the server has gone down.
        let Some(guest) = self.0.crowd.enter() else { return };
        let reader = Reader::new(self.0.shared.clone());
        let handle = Arc::new(handle);
        let reading = async move {
            while let Some(notice) = reader.next().await {
                let handle = handle.clone();
                Guarded::new(async move { handle(notice).await }).await;
            }
        };
        guest.live(|guest| self.0.shared.runtime.spawn(Visit::new(reading, guest)));
    }
}

/// Whoever reads notices, until another one does.
struct Reader<R: Runtime> {
    shared: Arc<Shared<R>>,
    number: u64,
}

impl<R: Runtime> Reader<R> {
    fn new(shared: Arc<Shared<R>>) -> Reader<R> {
        let (number, before) = shared.with(|state, _| state.notices.open());
        before.into_iter().for_each(Waker::wake);
        Reader { shared, number }
    }

    async fn next(&self) -> Option<Notice<R>> {
        poll_fn(|cx| {
            loop {
                let Some(entry) = ready!(self.shared.with(|state, _| state.notices.poll(self.number, cx)))
                else {
                    return Poll::Ready(None);
                };
                if let Some(notice) = self.notice(entry) {
                    return Poll::Ready(Some(notice));
                }
            }
        })
        .await
    }

    fn notice(&self, entry: Entry) -> Option<Notice<R>> {
        let (notice, known) = match entry {
            Entry::Missed(count) => return Some(Notice::Missed(count)),
            Entry::Told { notice, known } => (notice, known),
        };
        let socket = known.map(|known| Socket::new(self.shared.clone(), known));
        Some(match notice {
            // Nobody has to know.
            Told::Forgotten(_) => return None,
            Told::ServerSideEmit { nsp, name, args, reply } => {
                Notice::Said { nsp, name, args, reply: Reply { shared: self.shared.clone(), to: reply } }
            }
            Told::NamespaceMade(nsp) => Notice::NamespaceMade(nsp),
            Told::NamespaceGone(nsp) => Notice::NamespaceGone(nsp),
            Told::RoomMade { nsp, room } => Notice::RoomMade { nsp, room },
            Told::RoomGone { nsp, room } => Notice::RoomGone { nsp, room },
            Told::Joined { room, .. } => Notice::Joined { socket: socket?, room },
            Told::Left { room, .. } => Notice::Left { socket: socket?, room },
        })
    }
}

impl<R: Runtime> Drop for Reader<R> {
    fn drop(&mut self) {
        drop(self.shared.with(|state, _| state.notices.abandon(self.number)));
    }
}
