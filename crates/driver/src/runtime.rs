//! What a runtime is to those who write for any of them.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::{Clock, Io, Task};

/// The tasks and the time of a runtime. Servers and clients are written once over this and [`Network`]; an adapter's
/// `Executor` implements both.
///
/// The value says *where* tasks run; [`Default`] is where the caller runs, and clones run at the same place.
///
/// ```
/// use std::time::Duration;
/// use sansocket_driver::{Clock, Runtime, Task, unless};
///
/// /// Does `work` in a task of its own, for `time` at most.
/// fn spawn_for<R: Runtime>(runtime: &R, time: Duration, work: impl Future<Output = ()> + Send + 'static) {
///     let over = runtime.sleep(time);
///     runtime.spawn(async { _ = unless(over, work).await }).let_go();
/// }
/// ```
pub trait Runtime: Clone + Default + Send + Sync + 'static {
    /// The time of this runtime, with an alarm for one connection. A clone counts from the same zero, and has an alarm
    /// of its own that is not set.
    type Clock: Clock + Clone + Debug + Send + Sync + 'static;

    /// A task that was spawned. Somebody has to say what becomes of it: let a [`Guest`](crate::Guest) live in it,
    /// [cut](Task::cut) it off, or [let it go](Task::let_go).
    type Task: Task + Debug + Send + 'static;

    /// A clock that stands at [zero](sansocket_core::Instant::ZERO) now.
    fn clock(&self) -> Self::Clock;

    /// Runs `task` beside the others.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Self::Task;

    /// Waits so long, from now on.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<Self>;
}

/// The sockets of a [`Runtime`], and TLS on them.
///
/// A server [binds](Network::bind), [accepts](Network::accept) and makes a stream of what came:
/// [plain](Network::plain) or [secure](Network::secure_server). A client [dials](Network::dial), and does the same.
/// What TCP connection and stream are does not matter to it: the first is turned into the second, and the second is an
/// [`Io`].
pub trait Network: Runtime {
    /// Waits for connections.
    type Listener: Debug + Send + Sync + 'static;

    /// A TCP connection on which nobody has said anything.
    type Tcp: Send + 'static;

    /// TCP, or TLS over TCP: one type for both, so that one handler serves both.
    type Stream: Io + Send + 'static;

    /// Who a server is. Without TLS: a type that nobody can make.
    type ServerTls: Clone + Debug + Send + Sync + 'static;

    /// Whom a client trusts. Without TLS: a type that nobody can make.
    type ClientTls: Clone + Debug + Send + Sync + 'static;

    /// Listens on an address such as `127.0.0.1:9001`; port 0 picks a free one ([`local_addr`](Network::local_addr)).
    ///
    /// # Errors
    /// What the operating system says: the port is taken, or not for you.
    fn bind(address: &str) -> impl Future<Output = io::Result<Self::Listener>> + Send;

    /// Takes a listener that somebody else bound.
    ///
    /// # Errors
    /// What the operating system says.
    fn listen(listener: std::net::TcpListener) -> io::Result<Self::Listener>;

    /// The address that is listened on.
    ///
    /// # Errors
    /// What the operating system says.
    fn local_addr(listener: &Self::Listener) -> io::Result<SocketAddr>;

    /// Waits for the next connection. Small writes on it leave at once, for the driver gathers already. Cancel-safe.
    ///
    /// # Errors
    /// What the operating system says; the next call may have more luck.
    fn accept(listener: &Self::Listener) -> impl Future<Output = io::Result<Self::Tcp>> + Send;

    /// Who is on the other side.
    ///
    /// # Errors
    /// What the operating system says, usually that nobody is any more.
    fn peer_addr(tcp: &Self::Tcp) -> io::Result<SocketAddr>;

    /// Connects to the first address of `host` that answers. Small writes leave at once.
    ///
    /// # Errors
    /// What the operating system says: the name is not known, or nobody listens there.
    fn dial(host: &str, port: u16) -> impl Future<Output = io::Result<Self::Tcp>> + Send;

    /// The bytes as they are.
    fn plain(tcp: Self::Tcp) -> Self::Stream;

    /// Shakes hands as the server that `tls` says. There is no limit in time: set one.
    ///
    /// # Errors
    /// What broke the connection, or what of TLS was not agreed on.
    fn secure_server(
        tls: &Self::ServerTls,
        tcp: Self::Tcp,
    ) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Shakes hands with the server that should be `host`. `None` trusts those whom browsers trust. There is no limit in
    /// time: set one.
    ///
    /// # Errors
    /// What broke the connection, or what of TLS was not agreed on; `Unsupported` if this was built without TLS.
    fn secure_client(
        tls: Option<&Self::ClientTls>,
        host: &str,
        tcp: Self::Tcp,
    ) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}
