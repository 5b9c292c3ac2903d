//! What the programs on the servers of a cluster say to each other.

use sansocket_driver::Runtime;
use sansocket_socketio::{Args, EmitError as Unsent, Scope};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::operator::Operator;
use crate::socketio::answers::Replies;
use crate::socketio::error::{AckError, EmitError};
use crate::socketio::waiting::Pending;

/// What is said to the programs on the other servers, whichever sockets are meant.
impl<R: Runtime> Operator<R> {
    /// Says something to the programs on all other servers of the cluster: [`Io::on_notice`](super::io::Io::on_notice)
    /// hears it. Clients do not.
    ///
    /// # Errors
    /// [`EmitError`]: this cannot be written, or too much waits on the way to them.
    pub fn server_side_emit<T: Serialize + ?Sized>(
        &self,
        event: &str,
        arguments: &T,
    ) -> Result<(), EmitError> {
        let args = Args::new(arguments)?;
        Ok(self.shared.with(|state, now| {
            let args = state.check_room(Scope::Cluster, args)?;
            state.hub.server_side_emit(self.target.nsp.clone(), event, args, now);
            Ok::<_, Unsent<Args>>(())
        })?)
    }

    /// The same, and waits for their answers,
    /// [so long](sansocket_socketio::server::ClusterOptions::request_timeout) at most.
    ///
    /// # Errors
    /// [`AckError`]: what [`server_side_emit`](Operator::server_side_emit) says, or an answer is not an `A`. Who does not
    /// answer in time is no error: [`Replies::missing`].
    pub fn server_side_emit_with_ack<T: Serialize + ?Sized, A: DeserializeOwned>(
        &self,
        event: &str,
        arguments: &T,
    ) -> impl Future<Output = Result<Replies<A>, AckError>> + Send + use<R, T, A> {
        let nsp = self.target.nsp.clone();
        let asked = Args::new(arguments).map_err(EmitError::from).and_then(|args| {
            let request = self.shared.with(|state, now| {
                let args = state.check_room(Scope::Cluster, args)?;
                state.ask(now, |hub, now| {
                    Ok::<_, Unsent<Args>>(hub.server_side_emit_with_ack(nsp, event, args, now))
                })
            })?;
            Ok(Pending::new(&self.shared, request))
        });
        async move { Replies::read(asked?.await) }
    }
}
