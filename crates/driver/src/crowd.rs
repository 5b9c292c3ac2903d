//! Who is here: what a server knows of the tasks of its connections.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Signal;

/// A task of some runtime that may be cut off.
pub trait Task {
    /// It ends at its next turn.
    fn cut(self);

    /// It may end when it likes.
    fn let_go(self);
}

/// Counts who is here, cuts off who does not leave, and notices when the last one does after the doors were closed.
///
/// An accept loop lets everybody [enter](Crowd::enter), spawns a task that holds the [`Guest`] until it ends, and hands
/// the task's handle to [`keep`](Crowd::keep) before it accepts the next one. To go down, wait for
/// [`close`](Crowd::close), and [`cut`](Crowd::cut) off who is still here when you have waited long enough.
#[derive(Debug)]
pub struct Crowd<T: Task> {
    /// Who is here, and one more as long as the doors are open.
    inside: AtomicUsize,
    most: usize,
    seats: Mutex<Seats<T>>,
    left: Signal,
}

/// The tasks of those who are here. A place costs 16 bytes; a task that listened for its end itself would pay 56.
#[derive(Debug)]
struct Seats<T> {
    all: Vec<Seat<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
enum Seat<T> {
    Free,
    /// By somebody whose task is not known.
    Taken,
    Kept(T),
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Guest<T: Task> {
    crowd: Arc<Crowd<T>>,
    seat: u32,
}

impl<T: Task> Crowd<T> {
    /// Room for `most`.
    pub fn new(most: usize) -> Arc<Crowd<T>> {
        let seats = Mutex::new(Seats { all: Vec::new(), free: Vec::new() });
        Arc::new(Crowd { inside: AtomicUsize::new(1), most, seats, left: Signal::default() })
    }

    /// `None` if there is no room.
    pub fn enter(self: &Arc<Self>) -> Option<Guest<T>> {
        if self.inside.fetch_add(1, SeqCst) > self.most {
            self.leave();
            return None;
        }
        Some(Guest { crowd: self.clone(), seat: self.seats().take() })
    }

    /// The task that the last guest who entered lives in, to be cut off if need be; `seat` is [his](Guest::seat).
    pub fn keep(&self, seat: u32, task: T) {
        self.seats().keep(seat, task);
    }

    /// Closes the doors, once, and waits until the last one has left.
    pub async fn close(&self) {
        self.leave();
        self.gone().await;
    }

    /// Waits until the last one has left, the doors being closed.
    pub async fn gone(&self) {
        self.left.wait().await;
    }

    /// Cuts off all who are here: their tasks end at their next turn.
    pub fn cut(&self) {
        let tasks: Vec<Seat<T>> = self.seats().all.iter_mut().map(Seat::give).collect();
        tasks.into_iter().filter_map(Seat::task).for_each(T::cut);
    }

    fn leave(&self) {
        if self.inside.fetch_sub(1, SeqCst) == 1 {
            self.left.raise();
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats<T>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Task> Seats<T> {
    fn take(&mut self) -> u32 {
        let seat = self.free.pop().unwrap_or_else(|| {
            self.all.push(Seat::Free);
            self.all.len() as u32 - 1
        });
        self.all[seat as usize] = Seat::Taken;
        seat
    }

    /// The task of who sits there, unless he has left already.
    fn keep(&mut self, seat: u32, task: T) {
        match &mut self.all[seat as usize] {
            Seat::Free => task.let_go(),
            taken => *taken = Seat::Kept(task),
        }
    }

    fn leave(&mut self, seat: u32) -> Seat<T> {
        self.free.push(seat);
        std::mem::replace(&mut self.all[seat as usize], Seat::Free)
    }
}

impl<T> Seat<T> {
    fn give(&mut self) -> Seat<T> {
        match self {
            Seat::Kept(_) => std::mem::replace(self, Seat::Taken),
            _ => Seat::Free,
        }
    }

    fn task(self) -> Option<T> {
        match self {
            Seat::Kept(task) => Some(task),
            _ => None,
        }
    }
}

impl<T: Task> Guest<T> {
    /// Where he sits, for [`Crowd::keep`].
    pub fn seat(&self) -> u32 {
        self.seat
    }
}

impl<T: Task> Drop for Guest<T> {
    fn drop(&mut self) {
        let seat = self.crowd.seats().leave(self.seat);
        if let Some(task) = seat.task() {
            task.let_go();
        }
        self.crowd.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::sync::mpsc::{Sender, channel};
    use std::task::{Context, Waker};

    /// Tells what was done to it.
    #[derive(Debug)]
    struct Told(Sender<(&'static str, u32)>, u32);

    impl Task for Told {
        fn cut(self) {
            self.0.send(("cut", self.1)).unwrap();
        }

        fn let_go(self) {
            self.0.send(("let go", self.1)).unwrap();
        }
    }

    #[test]
    fn who_leaves_is_let_go_and_who_stays_is_cut_once() {
        let (tell, told) = channel();
        let crowd = Crowd::new(3);
        let mut guests: Vec<Guest<Told>> = (0..3).map(|_| crowd.enter().expect("room")).collect();
        assert!(crowd.enter().is_none());
        let late = guests[2].seat();
        for (number, guest) in (0..).zip(&guests[..2]) {
            crowd.keep(guest.seat(), Told(tell.clone(), number));
        }
        // One has left before his task was known, another after.
        drop(guests.pop());
        crowd.keep(late, Told(tell.clone(), 2));
        drop(guests.remove(0));
        crowd.cut();
        crowd.cut();
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [("let go", 2), ("let go", 0), ("cut", 1)]);
    }

    #[test]
    fn closed_doors_wait_for_the_last_one_and_seats_are_taken_again() {
        let crowd = Crowd::<Told>::new(usize::MAX);
        let first = crowd.enter().expect("room");
        let seat = first.seat();
        drop(first);
        let second = crowd.enter().expect("room");
        assert_eq!(second.seat(), seat);
        let (mut closed, mut cx) = (pin!(crowd.close()), Context::from_waker(Waker::noop()));
        assert!(closed.as_mut().poll(&mut cx).is_pending());
        drop(second);
        assert!(closed.as_mut().poll(&mut cx).is_ready());
    }
}
