//! Entries of the layer `process` against servers and clients of Socket.IO: written once over any runtime, and run on
//! both, on one thread, of which the memory is counted.
//!
//! Whoever means harm sits in a thread of his own and speaks byte by byte; numbers are such that any machine can bear
//! them, or the list's own where [`how_many`](crate::how_many) is asked for them.

mod floods;
mod futures;
mod words;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use sansocket_app::engineio;
use sansocket_app::socketio::{
    ClientSetup, Io, JoinError, Namespace, Server, ServerOptions as SocketOptions, Socket,
};
use sansocket_driver::{Network, Signal, unless};
use sansocket_engineio::server::ServerOptions as SessionOptions;
use sansocket_testkit::line::Line;
use sansocket_testkit::{CountingAlloc, Grown};
use sansocket_websocket::Options;
use sansocket_websocket::handshake::ServerOptions as HandshakeOptions;

use crate::crowd::{Raise, knock};
use crate::how_many;

/// Time enough for any answer.
const SOON: Duration = Duration::from_secs(60);
/// Between two looks at what may have happened.
const TICK: Duration = Duration::from_millis(1);
/// What a client of Socket.IO asks for that begins with a WebSocket.
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

/// Runs each of these on both runtimes: the memory of its thread stays below the first number, or the second if the
/// floods come in the numbers of the list.
macro_rules! on_both {
    ($($test:ident: $bound:expr, $full:expr;)*) => {$(
        mod $test {
            #[test]
            fn on_tokio() {
                let grown = crate::sockets::on_tokio(super::$test);
                assert!(grown.peak <= crate::how_many($bound, $full), "{grown:?}");
            }

            #[test]
            fn on_smol() {
                let grown = crate::sockets::on_smol(super::$test);
                assert!(grown.peak <= crate::how_many($bound, $full), "{grown:?}");
            }
        }
    )*};
}
use on_both;

fn on_tokio<F: Future<Output = ()>>(test: impl FnOnce(sansocket_tokio::Executor) -> F) -> Grown {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let on = sansocket_tokio::Executor::from(runtime.handle().clone());
    CountingAlloc::measure(|| runtime.block_on(limited(on, test))).1
}

fn on_smol<F: Future<Output = ()>>(test: impl FnOnce(sansocket_smol::Executor) -> F) -> Grown {
    // An executor that only this thread runs, so that what it takes is counted here.
    let executor = Arc::new(smol::Executor::new());
    let on = sansocket_smol::Executor::from(executor.clone());
    CountingAlloc::measure(|| smol::block_on(executor.run(limited(on, test)))).1
}

async fn limited<N: Network, F: Future<Output = ()>>(on: N, test: impl FnOnce(N) -> F) {
    // What has not happened by then will not.
    let over = on.sleep(Duration::from_secs(how_many(120, 3600) as u64));
    unless(over, test(on.clone())).await.expect("took too long");
}

/// How a server is set.
struct Setting {
    sessions: SessionOptions,
    sockets: SocketOptions,
    websocket: Options,
    max_connections: usize,
    shutdown_timeout: Duration,
}

impl Default for Setting {
    fn default() -> Setting {
        Setting {
            sessions: SessionOptions {
                paths: vec!["/socket.io/".into()],
                // Whoever speaks byte by byte answers no pings.
                ping_interval: Duration::from_secs(3600),
                ..SessionOptions::default()
            },
            sockets: SocketOptions::default(),
            websocket: Options::default(),
            max_connections: usize::MAX,
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}

/// A server that serves.
struct House<N: Network> {
    on: N,
    io: Io<N>,
    address: SocketAddr,
    /// Raise it, and the server goes down.
    stop: Signal,
    /// It is down.
    ended: Signal,
}

impl<N: Network> House<N> {
    async fn open(on: &N, setting: Setting, namespace: Namespace<Socket<N>>) -> House<N> {
        let handshakes = HandshakeOptions { websocket: Arc::new(setting.websocket), ..Default::default() };
        let engine = engineio::Server::<N>::bind("127.0.0.1:0").await.expect("a free port");
        let engine = engine.options(setting.sessions).websocket(handshakes).executor(on.clone());
        let engine =
            engine.max_connections(setting.max_connections).shutdown_timeout(setting.shutdown_timeout);
        let server = Server::new(engine, Io::on(on.clone(), setting.sockets));
        let server = server.of("/", namespace).expect("a name");
        let ended = Signal::default();
        let house = House {
            on: on.clone(),
            io: server.io(),
            address: server.local_addr().expect("bound"),
            stop: server.shutdown(),
            ended: ended.clone(),
        };
        let serving = async move {
            server.serve().await;
            ended.raise();
        };
        sansocket_driver::Task::let_go(on.spawn(serving));
        house
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How clients are made that run here, too.
    fn clients(&self) -> ClientSetup<N> {
        ClientSetup::default().executor(self.on.clone())
    }

    /// Waits until so many sockets are here.
    async fn holds(&self, count: usize) {
        while self.io.everybody().fetch_sockets().await.len() != count {
            self.on.sleep(TICK).await;
        }
    }
}

/// A namespace in which one may join rooms, and gets back what one says.
fn meeting<N: Network>() -> Namespace<Socket<N>> {
    Namespace::new()
        .on("join", async |socket: Socket<N>, room: String| {
            let joined: Result<(), JoinError> = socket.join(room);
            joined.is_ok()
        })
        .on("echo", async |_: Socket<N>, text: String| text)
}

/// A client in `/`, byte by byte.
fn enter(server: SocketAddr) -> Line {
    let (tcp, status) = knock(server, &sansocket_testkit::requests::upgrade(WEBSOCKET, ""));
    assert_eq!(status, 101);
    let mut line = Line::over(tcp);
    assert!(line.text().starts_with("0{"));
    line.send("40");
    assert!(said(&mut line).starts_with("40{"));
    line
}

/// What the server says next, but for pings, which it may say at any time.
fn said(line: &mut Line) -> String {
    std::iter::repeat_with(|| line.text()).find(|said| said != "2").expect("for ever")
}

/// Asks whoever is there for an echo, and hears it.
fn is_heard(line: &mut Line) {
    line.send(r#"421["echo","still here"]"#);
    assert_eq!(said(line), r#"431["still here"]"#);
}

/// How often something is done before the memory of this thread is looked at, and again: as often as before all in all,
/// so that also a table has to grow that forgets nobody.
const ROUNDS: [usize; 4] = [1, 2, 4, 8];

/// Nothing of a round stays. A pool may keep one more spare buffer after one round or another; a leak would show after
/// each.
fn assert_level(levels: &[isize]) {
    let kept = levels.windows(2).map(|pair| pair[1] - pair[0]).min();
    assert!(kept <= Some(4096), "{levels:?}");
}

/// What comes of `work` in a thread of its own.
async fn elsewhere<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let done = Signal::default();
    let raise = Raise(done.clone());
    let thread = thread::spawn(move || {
        // Also if an assertion fails.
        let _raise = raise;
        work()
    });
    done.wait().await;
    thread.join().expect("the peers are content")
}

/// Lets the other tasks have their turn.
async fn turn() {
    let mut had_theirs = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut had_theirs, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
