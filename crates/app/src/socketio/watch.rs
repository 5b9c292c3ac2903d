//! Those who see what goes out.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use sansocket_socketio::Args;

/// Sees an event that goes out by a socket.
pub(super) type Watch<S> = dyn Fn(&S, &str, &Args) + Send + Sync;

/// The same, of a socket that is not in anybody's hands: what its end shares, and what tells it from others there.
pub(super) type Watching<S, P> = dyn Fn(&Arc<S>, &P, &str, &Args) + Send + Sync;

/// Who sees what goes out in each namespace. Mostly nobody does, and to find that out takes no lock.
pub(super) struct Watchers<K, S, P> {
    all: RwLock<HashMap<K, Arc<Watching<S, P>>>>,
    are_there_any: AtomicBool,
}

impl<K: Eq + Hash, S, P> Watchers<K, S, P> {
    /// From now on this one does there, if anybody.
    pub(super) fn set(&self, namespace: K, watch: Option<Arc<Watching<S, P>>>) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        match watch {
            Some(watch) => _ = all.insert(namespace, watch),
            None => _ = all.remove(&namespace),
        }
        self.are_there_any.store(!all.is_empty(), Relaxed);
    }

    pub(super) fn are_there_any(&self) -> bool {
        self.are_there_any.load(Relaxed)
    }

    pub(super) fn get(&self, namespace: &K) -> Option<Arc<Watching<S, P>>> {
        if !self.are_there_any() {
            return None;
        }
        self.all.read().unwrap_or_else(PoisonError::into_inner).get(namespace).cloned()
    }
}

impl<K, S, P> Default for Watchers<K, S, P> {
    fn default() -> Watchers<K, S, P> {
        Watchers { all: RwLock::default(), are_there_any: AtomicBool::default() }
    }
}
