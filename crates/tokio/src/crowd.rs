//! Who is here.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sansocket_driver::Signal;

use crate::runtime::Task;

/// Counts who is here, cuts off who does not leave, and notices when the last one does after the doors were closed.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// Who is here, and one more as long as the doors are open.
    inside: AtomicUsize,
    most: usize,
    seats: Mutex<Seats>,
    left: Signal,
}

/// The tasks of those who are here. A place costs 16 bytes; a task that listened for its end itself would pay 56.
#[derive(Debug, Default)]
struct Seats {
    all: Vec<Seat>,
    free: Vec<u32>,
}

#[derive(Debug)]
enum Seat {
    Free,
    /// By somebody whose task is not known.
    Taken,
    Kept(Task),
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Guest {
    crowd: Arc<Crowd>,
    seat: u32,
}

impl Crowd {
    /// Room for `most`.
    pub(crate) fn new(most: usize) -> Arc<Crowd> {
        let (inside, seats, left) = (AtomicUsize::new(1), Mutex::default(), Signal::default());
        Arc::new(Crowd { inside, most, seats, left })
    }

    /// `None` if there is no room.
    pub(crate) fn enter(self: &Arc<Crowd>) -> Option<Guest> {
        if self.inside.fetch_add(1, SeqCst) > self.most {
            self.leave();
            return None;
        }
        Some(Guest { crowd: self.clone(), seat: self.seats().take() })
    }

    /// The task that the last guest who entered lives in, to be cut off if need be.
    pub(crate) fn keep(&self, seat: u32, task: Task) {
        self.seats().keep(seat, task);
    }

    /// Closes the doors, once, and waits until the last one has left.
    pub(crate) async fn close(&self) {
        self.leave();
        self.gone().await;
    }

    /// Waits until the last one has left, the doors being closed.
    pub(crate) async fn gone(&self) {
        self.left.wait().await;
    }

    /// Cuts off all who are here: their tasks end at their next turn.
    pub(crate) fn cut(&self) {
        let tasks: Vec<Seat> = self.seats().all.iter_mut().map(Seat::give).collect();
        tasks.into_iter().filter_map(Seat::task).for_each(Task::cut);
    }

    fn leave(&self) {
        if self.inside.fetch_sub(1, SeqCst) == 1 {
            self.left.raise();
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    fn take(&mut self) -> u32 {
        let seat = self.free.pop().unwrap_or_else(|| {
            self.all.push(Seat::Free);
            self.all.len() as u32 - 1
        });
        self.all[seat as usize] = Seat::Taken;
        seat
    }

    /// The task of who sits there, unless he has left already.
    fn keep(&mut self, seat: u32, task: Task) {
        match &mut self.all[seat as usize] {
            Seat::Free => task.let_go(),
            taken => *taken = Seat::Kept(task),
        }
    }

    fn leave(&mut self, seat: u32) -> Seat {
        self.free.push(seat);
        std::mem::replace(&mut self.all[seat as usize], Seat::Free)
    }
}

impl Seat {
    fn give(&mut self) -> Seat {
        match self {
            Seat::Kept(_) => std::mem::replace(self, Seat::Taken),
            _ => Seat::Free,
        }
    }

    fn task(self) -> Option<Task> {
        match self {
            Seat::Kept(task) => Some(task),
            _ => None,
        }
    }
}

impl Guest {
    pub(crate) fn seat(&self) -> u32 {
        self.seat
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let seat = self.crowd.seats().leave(self.seat);
        if let Some(task) = seat.task() {
            task.let_go();
        }
        self.crowd.leave();
    }
}
