//! What the server asked, until it is answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sansocket_app::socketio::{Ack, ClientSocket};
use sansocket_driver::Network;

/// Questions that wait for an answer: more than anybody answers by hand. Of more, the oldest are forgotten.
const MOST: usize = 1000;

/// Questions of the server, by numbers for the user. Clones are the same.
pub(super) struct Asked<N: Network>(Arc<Mutex<Open<N>>>);

struct Open<N: Network> {
    acks: BTreeMap<u64, Ack<ClientSocket<N>>>,
    /// The number of the last one.
    last: u64,
}

impl<N: Network> Asked<N> {
    /// Keeps a question, if it is one; its number.
    pub(super) fn keep(&self, ack: Ack<ClientSocket<N>>) -> Option<u64> {
        if !ack.is_asked() {
            return None;
        }
        let mut open = self.lock();
        open.last += 1;
        let number = open.last;
        open.acks.insert(number, ack);
        if open.acks.len() > MOST {
            open.acks.pop_first();
        }
        Some(number)
    }

    /// The question of that number, to be answered.
    pub(super) fn take(&self, number: &str) -> Option<Ack<ClientSocket<N>>> {
        self.lock().acks.remove(&number.parse().ok()?)
    }

    fn lock(&self) -> MutexGuard<'_, Open<N>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<N: Network> Default for Asked<N> {
    fn default() -> Asked<N> {
        Asked(Arc::new(Mutex::new(Open { acks: BTreeMap::new(), last: 0 })))
    }
}

impl<N: Network> Clone for Asked<N> {
    fn clone(&self) -> Asked<N> {
        Asked(self.0.clone())
    }
}
