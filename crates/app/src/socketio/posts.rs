//! Whoever stands ready in each namespace.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use super::handler::Peer;
use super::namespace::Namespace;

/// The handlers of each namespace. They stand apart from the machine: they know of sockets, and it does not.
pub(super) struct Posts<K, S: Peer>(RwLock<HashMap<K, Arc<Namespace<S>>>>);

impl<K: Eq + Hash, S: Peer> Posts<K, S> {
    pub(super) fn add(&self, key: K, namespace: Namespace<S>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::new(namespace));
    }

    pub(super) fn get(&self, key: &K) -> Option<Arc<Namespace<S>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl<K, S: Peer> Default for Posts<K, S> {
    fn default() -> Posts<K, S> {
        Posts(RwLock::default())
    }
}
