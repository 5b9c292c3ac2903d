//! What happens in the namespaces of clients alone.

use sansocket_driver::Network;
use sansocket_socketio::client::ConnectError;
use sansocket_socketio::{ArgsError, Value};
use serde::Serialize;

use super::socket::ClientSocket;
use crate::socketio::namespace::{Identity, Namespace};

impl<N: Network> Namespace<ClientSocket<N>> {
    /// Says this about itself whenever it connects: an object.
    ///
    /// # Errors
    /// [`ArgsError`] if the value cannot be written.
    pub fn auth<T: Serialize + ?Sized>(mut self, auth: &T) -> Result<Self, ArgsError> {
        self.identity = Identity::Given(Value::new(auth)?);
        Ok(self)
    }

    /// Asks `identify` what to say about itself, each time it connects: tokens grow old.
    #[must_use]
    pub fn auth_with<F, Fut>(mut self, identify: F) -> Self
    where
        F: Fn(ClientSocket<N>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Value> + Send + 'static,
    {
        self.identity = Identity::Asked(Box::new(move |socket| Box::pin(identify(socket))));
        self
    }

    /// Calls `handle` when it could not connect. Unless that is [final](ConnectError::is_final) it tries again.
    #[must_use]
    pub fn on_connect_error<F, Fut>(mut self, handle: F) -> Self
    where
        F: Fn(ClientSocket<N>, ConnectError) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.refused = Some(Box::new(move |socket, error| Box::pin(handle(socket, error))));
        self
    }
}
