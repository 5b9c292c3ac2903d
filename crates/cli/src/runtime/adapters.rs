//! tokio and smol. What threads are is the runtime's own, TLS has the same text for both.

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::thread;

use sansocket_driver::Network;

use super::{Identity, Runtime, distrusted};
use crate::exit::Failure;

/// `sansocket-tokio`.
pub(crate) enum Tokio {}

/// `sansocket-smol`.
pub(crate) enum Smol {}

/// Implements [`Runtime`] over an adapter.
macro_rules! runtime {
    ($name:ident over $adapter:ident { $($own:tt)* }) => {
        impl Runtime for $name {
            type Network = $adapter::Executor;

            $($own)*

            fn client_tls(trusted: &[u8]) -> Result<<Self::Network as Network>::ClientTls, Failure> {
                $adapter::ClientTls::from_pem(trusted).map_err(|error| distrusted(&error))
            }

            fn server_tls(identity: &Identity) -> Result<<Self::Network as Network>::ServerTls, Failure> {
                let tls = $adapter::ServerTls::from_pem(&identity.certificates, &identity.key);
                tls.map_err(|error| identity.refused(&error))
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

    fn network() -> sansocket_tokio::Executor {
        sansocket_tokio::Executor::default()
    }
});

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

    fn network() -> sansocket_smol::Executor {
        EXECUTOR.clone().into()
    }
});
