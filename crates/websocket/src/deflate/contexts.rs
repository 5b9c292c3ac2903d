//! Spare deflaters and inflaters.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use spin::Mutex;

use super::compressor::Compressor;
use super::decompressor::Decompressor;

/// Spare deflaters and inflaters, for all connections that share them: clones are the same shelf.
///
/// A connection takes one when a compressed message begins and puts it back when that message ends, so a server needs
/// as many as it has messages under way at one moment: as many as threads, unless messages come in pieces. An idle
/// connection has none. Nobody waits for the shelf: who finds it in another thread's hands makes a new one, or drops
/// the one that would have gone there.
#[derive(Clone, Default)]
pub struct Contexts {
    spares: Arc<Spares>,
}

#[derive(Default)]
struct Spares {
    compressors: Shelf<Compressor>,
    decompressors: Shelf<Decompressor>,
}

impl Contexts {
    pub(super) fn compressors(&self) -> &Shelf<Compressor> {
        &self.spares.compressors
    }

    pub(super) fn decompressors(&self) -> &Shelf<Decompressor> {
        &self.spares.decompressors
    }
}

impl fmt::Debug for Contexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contexts")
            .field("compressors", &self.spares.compressors)
            .field("decompressors", &self.spares.decompressors)
            .finish()
    }
}

/// Spares of one kind are worth their memory up to this many: what a busy process of 8 threads uses at once. Eight of
/// both kinds are 1.6 MB for windows of 12 bits, 2.9 MB for those of 15.
const KEPT: usize = 8;

/// Spares of one kind, the last used on top, where its memory is still warm.
pub(super) struct Shelf<T>(Mutex<Vec<Box<T>>>);

impl<T> Shelf<T> {
    pub(super) fn take(&self, fits: impl Fn(&T) -> bool) -> Option<Box<T>> {
        let mut spares = self.0.try_lock()?;
        let found = spares.iter().rposition(|spare| fits(spare))?;
        Some(spares.remove(found))
    }

    /// A full shelf lets its oldest go: that fits least of those who come.
    pub(super) fn give(&self, spare: Box<T>) {
        let Some(mut spares) = self.0.try_lock() else { return };
        let oldest = (spares.len() >= KEPT).then(|| spares.remove(0));
        spares.push(spare);
        drop(spares);
        drop(oldest);
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Shelf(Mutex::new(Vec::new()))
    }
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.try_lock() {
            Some(spares) => write!(f, "{} spare", spares.len()),
            None => f.write_str("in use"),
        }
    }
}
