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
/// An accept loop lets everybody [enter](Crowd::enter), and gives each [`Guest`] a task to [live](Guest::live) in. To go
/// down, wait for [`close`](Crowd::close), and [`cut`](Crowd::cut) off who is still here when you have waited long enough.
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
    /// How many guests there were.
    visits: u32,
    /// All were cut off, and whoever is given a task still is too.
    is_cut: bool,
}

#[derive(Debug)]
enum Seat<T> {
    Free,
    /// By somebody whose task is not known: this guest. Another one may sit here next.
    Taken(u32),
    Kept(T),
}

/// What becomes of a task that is not kept.
#[derive(Clone, Copy, Debug)]
enum Fate {
    LetGo,
    Cut,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Guest<T: Task> {
    crowd: Arc<Crowd<T>>,
    seat: u32,
    visit: u32,
}

impl<T: Task> Crowd<T> {
    /// Room for `most`.
    pub fn new(most: usize) -> Arc<Crowd<T>> {
        let seats = Mutex::new(Seats { all: Vec::new(), free: Vec::new(), visits: 0, is_cut: false });
        Arc::new(Crowd { inside: AtomicUsize::new(1), most, seats, left: Signal::default() })
    }

    /// `None` if there is no room.
    pub fn enter(self: &Arc<Self>) -> Option<Guest<T>> {
        if self.inside.fetch_add(1, SeqCst) > self.most {
            self.leave();
            return None;
        }
        let (seat, visit) = self.seats().take();
        Some(Guest { crowd: self.clone(), seat, visit })
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
        // Whatever a task does when it is cut off, it may want to leave, and the seats have to be free for that.
        let tasks = self.seats().cut();
        tasks.into_iter().for_each(T::cut);
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
    fn take(&mut self) -> (u32, u32) {
        let seat = self.free.pop().unwrap_or_else(|| {
            self.all.push(Seat::Free);
            self.all.len() as u32 - 1
        });
        self.visits = self.visits.wrapping_add(1);
        self.all[seat as usize] = Seat::Taken(self.visits);
        (seat, self.visits)
    }

    /// Gives back the task of who sits there: he gets another one.
    fn take_task(&mut self, seat: u32, visit: u32) -> Option<T> {
        std::mem::replace(&mut self.all[seat as usize], Seat::Taken(visit)).task()
    }

    /// Keeps the task of this guest. Gives it back if he has left already, or is to be cut off.
    fn keep(&mut self, seat: u32, visit: u32, task: T) -> Result<(), (T, Fate)> {
        let place = &mut self.all[seat as usize];
        let is_here = matches!(place, Seat::Taken(taken) if *taken == visit);
        match (is_here, self.is_cut) {
            (false, _) => Err((task, Fate::LetGo)),
            (true, true) => Err((task, Fate::Cut)),
            (true, false) => {
                *place = Seat::Kept(task);
                Ok(())
            }
        }
    }

    fn cut(&mut self) -> Vec<T> {
        self.is_cut = true;
        // Where they sat nobody knows any more, nor has to: each frees his own place.
        let seats = self.all.iter_mut().filter(|seat| matches!(seat, Seat::Kept(_)));
        seats.filter_map(|seat| std::mem::replace(seat, Seat::Taken(0)).task()).collect()
    }

    fn leave(&mut self, seat: u32) -> Seat<T> {
        self.free.push(seat);
        std::mem::replace(&mut self.all[seat as usize], Seat::Free)
    }
}

impl<T> Seat<T> {
    fn task(self) -> Option<T> {
        match self {
            Seat::Kept(task) => Some(task),
            _ => None,
        }
    }
}

impl<T: Task> Guest<T> {
    /// Lives in the task that `spawn` makes for him, and is cut off with it if need be. The one he lived in before, if
    /// there is one, ends when it likes: so a guest changes into a task of another size.
    pub fn live(self, spawn: impl FnOnce(Guest<T>) -> T) {
        let (crowd, seat, visit) = (self.crowd.clone(), self.seat, self.visit);
        let before = crowd.seats().take_task(seat, visit);
        if let Some(task) = before {
            task.let_go();
        }
        // He may leave at once, even in here.
        let task = spawn(self);
        let kept = crowd.seats().keep(seat, visit, task);
        match kept {
            Ok(()) => {}
            Err((task, Fate::LetGo)) => task.let_go(),
            Err((task, Fate::Cut)) => task.cut(),
        }
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

    /// Numbered tasks, and what was done to them.
    fn tasks() -> (impl Fn(u32) -> Told, impl Fn() -> Vec<(&'static str, u32)>) {
        let (tell, told) = channel();
        (move |number| Told(tell.clone(), number), move || told.try_iter().collect())
    }

    #[test]
    fn who_leaves_is_let_go_and_who_stays_is_cut_once() {
        let (crowd, (task, told)) = (Crowd::new(3), tasks());
        let mut lives = Vec::new();
        for number in 0..3 {
            let live = |guest| {
                lives.push(guest);
                task(number)
            };
            crowd.enter().expect("room").live(live);
        }
        assert!(crowd.enter().is_none());
        drop(lives.remove(0));
        // One has left before his task was known.
        crowd.enter().expect("room").live(|guest| {
            drop(guest);
            task(3)
        });
        crowd.cut();
        crowd.cut();
        assert_eq!(told(), [("let go", 0), ("let go", 3), ("cut", 1), ("cut", 2)]);
    }

    #[test]
    fn who_moves_is_known_by_his_last_task() {
        let (crowd, (task, told)) = (Crowd::new(usize::MAX), tasks());
        let live = |guest: Guest<Told>, number| {
            let mut lives = None;
            guest.live(|guest| {
                lives = Some(guest);
                task(number)
            });
            lives.expect("he lives there")
        };
        let guest = live(crowd.enter().expect("room"), 0);
        let guest = live(guest, 1);
        assert_eq!(told(), [("let go", 0)]);
        crowd.cut();
        assert_eq!(told(), [("cut", 1)]);
        // Too late for another one.
        drop(live(guest, 2));
        assert_eq!(told(), [("cut", 2)]);
    }

    #[test]
    fn a_task_that_is_over_is_not_taken_for_that_of_who_sits_there_next() {
        let (crowd, (task, told)) = (Crowd::new(usize::MAX), tasks());
        let mut next = None;
        crowd.enter().expect("room").live(|guest| {
            drop(guest);
            next = crowd.enter();
            task(0)
        });
        let mut lives = None;
        next.expect("room").live(|guest| {
            lives = Some(guest);
            task(1)
        });
        crowd.cut();
        assert_eq!(told(), [("let go", 0), ("cut", 1)]);
        drop(lives);
    }

    #[test]
    fn closed_doors_wait_for_the_last_one_and_seats_are_taken_again() {
        let crowd = Crowd::<Told>::new(usize::MAX);
        let first = crowd.enter().expect("room");
        let seat = first.seat;
        drop(first);
        let second = crowd.enter().expect("room");
        assert_eq!(second.seat, seat);
        let (mut closed, mut cx) = (pin!(crowd.close()), Context::from_waker(Waker::noop()));
        assert!(closed.as_mut().poll(&mut cx).is_pending());
        drop(second);
        assert!(closed.as_mut().poll(&mut cx).is_ready());
    }
}
