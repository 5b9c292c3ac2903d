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
/// connection has none. Connections that keep their window spread over up to eight, for one that finds its own again as
/// it left it need not take up its window. Nobody waits for the shelf: who finds it in another thread's hands makes a
/// new one, or drops the one that would have gone there.
#[derive(Clone, Default)]
pub struct Contexts {
    shelves: Arc<Shelves>,
}

#[derive(Default)]
struct Shelves {
    compressors: Shelf<Compressor>,
    decompressors: Shelf<Decompressor>,
}

impl Contexts {
    pub(super) fn compressors(&self) -> &Shelf<Compressor> {
        &self.shelves.compressors
    }

    pub(super) fn decompressors(&self) -> &Shelf<Decompressor> {
        &self.shelves.decompressors
    }
}

impl fmt::Debug for Contexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contexts")
            .field("compressors", &self.shelves.compressors)
            .field("decompressors", &self.shelves.decompressors)
            .finish()
    }
}

/// Spares of one kind are worth their memory up to this many: what a busy process of 8 threads uses at once. Eight of
/// both kinds are 1.6 MB for windows of 12 bits, 2.9 MB for those of 15.
const KEPT: usize = 8;
/// Who did not come back for a spare while so many others went by is not waited for: a few rounds of all that are kept.
const STALE: u64 = 64;

/// Spares of one kind, in the order in which they were put back.
pub(super) struct Shelf<T>(Mutex<Spares<T>>);

struct Spares<T> {
    spares: Vec<Spare<T>>,
    /// The next ticket's number.
    next: u64,
}

struct Spare<T> {
    context: Box<T>,
    /// Who has the like of it may come back for what the context knows.
    ticket: Option<Ticket>,
}

/// Of a context that was put back as it is: while it lies there, nobody else has used it. No two are alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ticket(u64);

/// What the shelf had.
pub(super) enum Taken<T> {
    /// The one of the ticket, as it was put back.
    Same(Box<T>),
    /// Any other.
    Other(Box<T>),
}

impl<T> Shelf<T> {
    /// Takes the spare of `ticket`, or one that [`fits`](Spares::any).
    pub(super) fn take(&self, ticket: Option<Ticket>, fits: impl Fn(&T) -> bool) -> Option<Taken<T>> {
        let mut shelf = self.0.try_lock()?;
        if ticket.is_some()
            && let Some(same) = shelf.spares.iter().rposition(|spare| spare.ticket == ticket)
        {
            return Some(Taken::Same(shelf.spares.remove(same).context));
        }
        let other = shelf.any(fits)?;
        Some(Taken::Other(shelf.spares.remove(other).context))
    }

    /// Puts back a spare that nobody comes back for.
    pub(super) fn give(&self, context: Box<T>) {
        self.put(context, |_| None);
    }

    /// Puts back a spare that knows a window. No ticket: it is lost.
    pub(super) fn leave(&self, context: Box<T>) -> Option<Ticket> {
        self.put(context, |shelf| {
            shelf.next += 1;
            Some(Ticket(shelf.next))
        })
    }

    /// A full shelf lets its oldest go: that fits least of those who come.
    fn put(&self, context: Box<T>, ticket: impl FnOnce(&mut Spares<T>) -> Option<Ticket>) -> Option<Ticket> {
        let mut shelf = self.0.try_lock()?;
        let ticket = ticket(&mut shelf);
        let oldest = (shelf.spares.len() >= KEPT).then(|| shelf.spares.remove(0));
        shelf.spares.push(Spare { context, ticket });
        drop(shelf);
        drop(oldest);
        ticket
    }
}

impl<T> Spares<T> {
    /// One that nobody comes back for, the last used, whose memory is still warm. While there is room for more, those
    /// with a ticket are left alone. Then the oldest goes if it is [stale](STALE); else the newest, for where many
    /// connections take turns, it is the others that some find again.
    fn any(&self, fits: impl Fn(&T) -> bool) -> Option<usize> {
        let fitting = || self.spares.iter().enumerate().filter(|(_, spare)| fits(&spare.context));
        if let Some((free, _)) = fitting().rfind(|(_, spare)| spare.ticket.is_none()) {
            return Some(free);
        }
        if self.spares.len() < KEPT {
            return None;
        }
        let is_stale = |spare: &Spare<T>| spare.ticket.is_some_and(|Ticket(n)| self.next - n > STALE);
        let stale = fitting().find(|(_, spare)| is_stale(spare));
        stale.or_else(|| fitting().next_back()).map(|(at, _)| at)
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Shelf(Mutex::new(Spares { spares: Vec::new(), next: 0 }))
    }
}

impl<T> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.try_lock() {
            Some(shelf) => write!(f, "{} spare", shelf.spares.len()),
            None => f.write_str("in use"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(taken: Option<Taken<u32>>) -> (&'static str, u32) {
        match taken {
            Some(Taken::Same(spare)) => ("same", *spare),
            Some(Taken::Other(spare)) => ("other", *spare),
            None => ("none", 0),
        }
    }

    #[test]
    fn who_comes_back_finds_the_same_if_nobody_used_it() {
        let shelf = Shelf::default();
        let (one, two) = (shelf.leave(Box::new(1)), shelf.leave(Box::new(2)));
        assert!(one.is_some() && one != two);
        assert_eq!(found(shelf.take(one, |_| false)), ("same", 1));
        assert_eq!(found(shelf.take(one, |_| true)), ("none", 0), "the other one is left alone");
        let again = shelf.leave(Box::new(1));
        assert_eq!(found(shelf.take(one, |_| true)), ("none", 0), "a ticket is good once");
        assert_eq!(found(shelf.take(again, |_| true)), ("same", 1));
    }

    #[test]
    fn who_has_no_ticket_gets_the_last_that_nobody_comes_back_for() {
        let shelf = Shelf::default();
        (1..=3).for_each(|n| shelf.give(Box::new(n)));
        let ticket = shelf.leave(Box::new(4));
        assert_eq!(found(shelf.take(None, |_| true)), ("other", 3));
        assert_eq!(found(shelf.take(None, |n| n % 2 == 1)), ("other", 1));
        assert_eq!(found(shelf.take(None, |_| true)), ("other", 2));
        assert_eq!(found(shelf.take(None, |_| true)), ("none", 0));
        assert_eq!(found(shelf.take(ticket, |_| true)), ("same", 4));
    }

    #[test]
    fn a_full_shelf_gives_the_newest_until_the_oldest_is_stale() {
        let shelf = Shelf::default();
        for n in 0..KEPT as u32 {
            shelf.leave(Box::new(n));
        }
        let mut turns = 0;
        while let ("other", 7) = found(shelf.take(None, |n| n % 7 == 0)) {
            shelf.leave(Box::new(7));
            turns += 1;
        }
        // The ticket of the first is then older by more than that.
        assert_eq!(turns, STALE + 2 - KEPT as u64);
        assert_eq!(found(shelf.take(None, |n| *n > 0)), ("none", 0), "there is room for one more");
    }
}
