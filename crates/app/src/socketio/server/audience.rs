//! Those to whom something is said, and whoever watches that.

use std::convert::Infallible;
use std::sync::Arc;

use sansocket_core::Instant;
use sansocket_driver::Runtime;
use sansocket_socketio::Args;
use sansocket_socketio::cluster::{Body, Message};
use sansocket_socketio::server::Target;

use super::known::Known;
use super::shared::Shared;
use super::state::State;
use crate::socketio::watch::Watching;

/// Sockets that are here and meant, and who sees what goes out to them.
struct Audience<R: Runtime> {
    sockets: Vec<Arc<Known>>,
    watching: Arc<Watching<Shared<R>, Arc<Known>>>,
}

impl<R: Runtime> Shared<R> {
    /// Says something to many, and shows it to whoever watches.
    pub(super) fn say<T, E>(
        self: &Arc<Self>,
        target: &Target,
        event: &str,
        args: Args,
        say: impl FnOnce(&mut State<R>, Args, Instant) -> Result<T, E>,
    ) -> Result<T, E> {
        if !self.watchers.are_there_any() {
            return self.with(|state, now| say(state, args, now));
        }
        let shown = args.clone();
        let (said, audience) = self.with(|state, now| {
            let audience = self.audience(state, target);
            (say(state, args, now), audience)
        });
        let said = said?;
        if let Some(Audience { sockets, watching }) = audience {
            sockets.iter().for_each(|socket| watching(self, socket, event, &shown));
        }
        Ok(said)
    }

    /// Another server said this.
    pub(super) fn hear(self: &Arc<Self>, message: Message) {
        let Body::Broadcast { opts, event, .. } = &message.body else {
            return self.with(|state, now| state.hub.handle_cluster(message, now));
        };
        let target = Target { nsp: message.nsp.clone(), opts: opts.clone() };
        let (name, args) = (event.name.clone(), event.args.clone());
        let said: Result<(), Infallible> = self.say(&target, &name, args, |state, _, now| {
            state.hub.handle_cluster(message, now);
            Ok(())
        });
        let Ok(()) = said;
    }

    fn audience(&self, state: &State<R>, target: &Target) -> Option<Audience<R>> {
        let watching = self.watchers.get(&state.hub.namespace(&target.nsp)?)?;
        let meant = state.hub.sockets(target).into_iter();
        Some(Audience {
            sockets: meant.filter_map(|key| state.sockets.get(key).cloned()).collect(),
            watching,
        })
    }
}
