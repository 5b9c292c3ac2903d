//! What users keep with a socket.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

type Values = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

/// What users keep with a socket: one value of each type. Most sockets have none, and no memory for it.
#[derive(Default)]
pub(super) struct Extensions(Mutex<Option<Box<Values>>>);

impl Extensions {
    pub(super) fn insert<T: Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        self.with(|values| values.get_or_insert_default().insert(TypeId::of::<T>(), Arc::new(value)))
            .and_then(|before| before.downcast().ok())
    }

    pub(super) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.with(|values| values.as_ref()?.get(&TypeId::of::<T>()).cloned())
            .and_then(|value| value.downcast().ok())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Option<Box<Values>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extensions")
    }
}
