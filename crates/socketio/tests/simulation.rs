//! A server and its clients, in thousands of realms: delays, cuts, sleep, crashes and new starts, calls in any order.

use std::thread;

use sansocket_testkit::realm::{Ending, Realm};

/// As many as a test command has the time for.
const REALMS: u64 = 10_000;
/// So many at a time.
const THREADS: u64 = 2;

#[test]
fn every_session_keeps_its_word_and_ends_once() {
    let some = |first: u64| -> Ending { (first..REALMS).step_by(THREADS as usize).map(end_of).sum() };
    let sum: Ending = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || some(first))).collect();
        threads.into_iter().map(|thread| thread.join().expect("all of them end")).sum()
    });
    println!("{sum:?}");
    // Much has happened, and not only good things.
    assert!(sum.sessions > 25_000 && sum.recoveries > 1_000 && sum.restarts > 2_000, "{sum:?}");
    assert!(sum.old_guests > 3_000 && sum.packed_guests > 3_000, "{sum:?}");
    assert!(sum.told > 80_000 && sum.said > 80_000 && sum.acknowledged > 25_000, "{sum:?}");
}

fn end_of(seed: u64) -> Ending {
    let run = std::panic::catch_unwind(|| Realm::new(seed).run());
    run.unwrap_or_else(|_| panic!("realm {seed}"))
}
