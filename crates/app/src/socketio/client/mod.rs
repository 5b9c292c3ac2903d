//! Clients: namespaces in your hand, and a task that never gives up.

mod driver;
mod hooks;
mod shared;
mod socket;
mod state;

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use sansocket_driver::{Network, Task};
use sansocket_socketio::client::{Auth, Client as Machine, ClientOptions, NamespaceId};
use sansocket_socketio::{Nsp, NspError};

use self::driver::Driver;
use self::shared::Shared;
use super::namespace::{Identity, Namespace};
use super::posts::Posts;
use super::watch::{Watch, Watching};
use crate::dialer::random;
use crate::engineio::{self, Connector};

pub use self::socket::ClientSocket;

/// A client of a Socket.IO server: one connection, as many namespaces as you like. It connects by itself, again and again
/// if it has to, and what is emitted meanwhile is kept.
///
/// ```no_run
/// # use sansocket_driver::Network;
/// # async fn example<N: Network>() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use sansocket_app::socketio::{Client, ClientSocket, Namespace};
///
/// let chat = Namespace::new()
///     .on_connect(async |_: ClientSocket<N>| println!("connected"))
///     .on("said", async |_: ClientSocket<N>, text: String| println!("{text}"));
/// let client = Client::<N>::connect("http://127.0.0.1:3000", chat)?;
/// client.socket().emit("say", &"hello").await?;
/// let sum: i64 = client.socket().emit_with_ack("add", &(1, 2), Duration::from_secs(5)).await?;
/// assert_eq!(sum, 3);
/// client.close().await;
/// # Ok(()) }
/// ```
///
/// Dropped, it leaves all namespaces and closes the connection, in order and without waiting.
pub struct Client<N: Network> {
    shared: Arc<Shared<N>>,
    posts: Arc<Posts<NamespaceId, ClientSocket<N>>>,
    main: ClientSocket<N>,
}

/// How a [`Client`] is made, with options of your own.
#[derive(Clone, Debug)]
pub struct ClientSetup<N: Network> {
    connector: Connector<N>,
    options: ClientOptions,
    runtime: N,
}

impl<N: Network> Default for ClientSetup<N> {
    fn default() -> ClientSetup<N> {
        let mut below = engineio::ClientOptions::default();
        below.session.path = "/socket.io/".into();
        ClientSetup {
            connector: Connector::default().options(below),
            options: ClientOptions::default(),
            runtime: N::default(),
        }
    }
}

impl<N: Network> ClientSetup<N> {
    /// With these options.
    pub fn options(self, options: ClientOptions) -> ClientSetup<N> {
        ClientSetup { options, ..self }
    }

    /// With connections of this kind: headers, transports, certificates. Its options' path is that of the server, usually
    /// `/socket.io/`.
    pub fn connector(self, connector: Connector<N>) -> ClientSetup<N> {
        ClientSetup { connector, ..self }
    }

    /// Where its task, its handlers and its connections run. A [connector](ClientSetup::connector) that is given after
    /// this keeps its own.
    pub fn executor(self, executor: impl Into<N>) -> ClientSetup<N> {
        let runtime = executor.into();
        ClientSetup { connector: self.connector.executor(runtime.clone()), runtime, ..self }
    }

    /// Begins to connect to the server at `url`, for the namespace that its path names.
    ///
    /// # Errors
    /// [`NspError`] if that is no name for one. That the server cannot be reached is none: the client tries again, and
    /// [`Namespace::on_connect_error`] tells.
    ///
    /// # Panics
    /// If the operating system has no randomness, from which the time between attempts is drawn.
    pub fn connect(self, url: &str, namespace: Namespace<ClientSocket<N>>) -> Result<Client<N>, NspError> {
        let ClientSetup { connector, options, runtime } = self;
        let (server, nsp) = split(url);
        let seed = random().expect("the operating system has randomness");
        let shared = Shared::new(runtime, Machine::new(options, seed));
        let posts = Arc::new(Posts::default());
        let main = join(&shared, &posts, nsp, namespace)?;
        let driver = Driver::new(shared.clone(), posts.clone(), connector, &server);
        shared.runtime.spawn(driver).let_go();
        Ok(Client { shared, posts, main })
    }
}

impl<N: Network> Client<N> {
    /// Begins to connect to the server at `url`, for the namespace that its path names: see [`ClientSetup::connect`].
    ///
    /// # Errors
    /// [`NspError`] if that is no name for one.
    pub fn connect(url: &str, namespace: Namespace<ClientSocket<N>>) -> Result<Client<N>, NspError> {
        ClientSetup::default().connect(url, namespace)
    }

    /// The namespace it was made with.
    pub fn socket(&self) -> &ClientSocket<N> {
        &self.main
    }

    /// One more namespace, over the same connection.
    ///
    /// # Errors
    /// [`NspError`] if this is no name for one.
    pub fn of(&self, nsp: &str, namespace: Namespace<ClientSocket<N>>) -> Result<ClientSocket<N>, NspError> {
        join(&self.shared, &self.posts, nsp, namespace)
    }

    /// Leaves all namespaces and closes the connection, in order: what was said leaves first. It does not connect again by
    /// itself. That begins at once; the future waits until the server knows, or will not hear of it any more.
    pub fn close(&self) -> impl Future<Output = ()> + Send + use<N> {
        self.shared.with(|state, now| state.machine.close(now));
        let shared = self.shared.clone();
        poll_fn(move |cx| shared.lock().poll_rest(cx))
    }
}

fn join<N: Network>(
    shared: &Arc<Shared<N>>,
    posts: &Posts<NamespaceId, ClientSocket<N>>,
    nsp: &str,
    mut namespace: Namespace<ClientSocket<N>>,
) -> Result<ClientSocket<N>, NspError> {
    let nsp = Nsp::new(nsp)?;
    let watch = namespace.outgoing.take();
    let auth = match &namespace.identity {
        Identity::None => Auth::None,
        Identity::Given(auth) => Auth::Given(auth.clone()),
        Identity::Asked(_) => Auth::Asked,
    };
    let id = shared.with(|state, now| {
        let id = state.machine.namespace(nsp, auth, now);
        // Before anything can happen in it.
        posts.add(id, namespace);
        shared.watchers.set(id, watch.map(watching));
        id
    });
    Ok(ClientSocket { shared: shared.clone(), namespace: id })
}

/// Shows what goes out by a namespace.
fn watching<N: Network>(watch: Box<Watch<ClientSocket<N>>>) -> Arc<Watching<Shared<N>, NamespaceId>> {
    Arc::new(move |shared, namespace, event, args| {
        watch(&ClientSocket { shared: shared.clone(), namespace: *namespace }, event, args);
    })
}

/// The server with the query of its URL, and the namespace that the path names.
fn split(url: &str) -> (String, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let (rest, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
    let (server, nsp) = rest[host..].find('/').map_or((rest, "/"), |at| rest.split_at(host + at));
    (format!("{server}/{query}"), nsp)
}

impl<N: Network> Drop for Client<N> {
    fn drop(&mut self) {
        self.shared.with(|state, now| {
            state.machine.close(now);
            state.is_left = true;
        });
    }
}

impl<N: Network> fmt::Debug for Client<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("main", &self.main).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_path_of_a_url_names_the_namespace() {
        assert_eq!(split("http://a:1/"), ("http://a:1/".into(), "/"));
        assert_eq!(split("https://a/admin?room=1"), ("https://a/?room=1".into(), "/admin"));
        assert_eq!(split("ws://a"), ("ws://a/".into(), "/"));
        assert_eq!(split("ws://a?b=/"), ("ws://a/?b=/".into(), "/"));
    }
}
