//! tokio and smol. Their adapters have the same names for everything, so both are written once.

use std::future;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use sansocket_driver::Signal;

use super::{Call, Runtime, Settings};
use crate::application::{echo, site};
use crate::dial::{Dial, NoAnswer};
use crate::exit::Failure;

/// How long connections may take to say goodbye: within the 2 s that a program that is to end should need.
const GOODBYE: Duration = Duration::from_millis(1500);

/// `sansocket-tokio`.
pub(crate) enum Tokio {}

/// `sansocket-smol`.
pub(crate) enum Smol {}

/// Implements [`Runtime`] over an adapter: what threads and tasks are is the runtime's own, the rest has one text.
macro_rules! runtime {
    ($name:ident over $adapter:ident { $($own:tt)* }) => {
        impl Runtime for $name {
            type Io = $adapter::Transport;
            type Clock = $adapter::Clock;

            $($own)*

            async fn connect(dial: &Dial) -> Result<Call<$name>, Failure> {
                let mut connector = $adapter::Connector::default().options(dial.options.clone());
                for protocol in &dial.protocols {
                    connector = connector.protocol(protocol);
                }
                for (name, value) in &dial.headers {
                    connector = connector.header(name, value);
                }
                if let Some(certificates) = &dial.trusted {
                    let tls = $adapter::ClientTls::from_pem(certificates);
                    connector = connector.tls(tls.map_err(|error| dial.distrusted(&error))?);
                }
                connector.connect(&dial.url).await.map_err(|error| {
                    use $adapter::ConnectError;
                    dial.explain(match error {
                        ConnectError::Uri(error) => NoAnswer::Uri(error),
                        ConnectError::Offer(error) => NoAnswer::Offer(error),
                        ConnectError::Io(error) => NoAnswer::Io(error),
                        ConnectError::Handshake(error) => NoAnswer::Handshake(error),
                    })
                })
            }

            async fn serve(
                listener: TcpListener,
                settings: Settings,
                stop: Signal,
                ready: impl FnOnce() -> Result<(), Failure>,
            ) -> Result<(), Failure> {
                let server = $adapter::Server::from_std(listener)
                    .map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
                let mut server = server.options(settings.options).executor($name::executor()).shutdown_timeout(GOODBYE);
                if let Some(identity) = settings.identity {
                    let tls = $adapter::ServerTls::from_pem(&identity.certificates, &identity.key);
                    server = server.tls(tls.map_err(|error| identity.refused(&error))?);
                }
                let shutdown = server.shutdown();
                $name::spawn(async move {
                    stop.wait().await;
                    shutdown.raise();
                });
                ready()?;
                let decide = |asked: $adapter::Asked| {
                    let answer = match asked.kind {
                        $adapter::AskedFor::WebSocket => site::websocket(&asked.request),
                        $adapter::AskedFor::Page => Err(site::page(&asked.request)),
                    };
                    future::ready(answer.map_or_else($adapter::Answer::Respond, $adapter::Answer::Accept))
                };
                let handle = async |mut websocket: $adapter::WebSocket, _| echo::echo(&mut websocket).await;
                server.serve_with(decide, handle).await;
                Ok(())
            }
        }
    };
}

runtime!(Tokio over sansocket_tokio {
    fn block_on<T>(threads: NonZeroUsize, future: impl Future<Output = T>) -> Result<T, Failure> {
        let mut builder = match threads.get() {
            1 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        let runtime = builder.worker_threads(threads.get()).enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(format!("cannot start tokio: {error}")))?;
        Ok(runtime.block_on(future))
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        drop(tokio::spawn(future));
    }
});

impl Tokio {
    fn executor() -> sansocket_tokio::Executor {
        sansocket_tokio::Executor::default()
    }
}

/// Where all tasks on smol run. Its global executor would take the number of threads from the environment.
static EXECUTOR: LazyLock<Arc<smol::Executor<'static>>> = LazyLock::new(Arc::default);

runtime!(Smol over sansocket_smol {
    fn block_on<T>(threads: NonZeroUsize, future: impl Future<Output = T>) -> Result<T, Failure> {
        for number in 1..threads.get() {
            thread::Builder::new()
                .name(format!("smol-{number}"))
                .spawn(|| smol::block_on(EXECUTOR.run(smol::future::pending::<()>())))
                .map_err(|error| Failure::new(format!("cannot start a thread: {error}")))?;
        }
        Ok(smol::block_on(EXECUTOR.run(future)))
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        EXECUTOR.spawn(future).detach();
    }
});

impl Smol {
    fn executor() -> sansocket_smol::Executor {
        EXECUTOR.clone().into()
    }
}
