//! A server and its clients, in thousands of worlds: delays, cuts, sleep, power cuts, slow users, calls in any order.

use sansocket_testkit::world::{Ending, World};

/// As many as a test command has the time for.
const WORLDS: u64 = 10_000;

#[test]
fn every_session_keeps_its_word_and_ends_once() {
    let mut sum = Ending::default();
    for seed in 0..WORLDS {
        let run = std::panic::catch_unwind(|| World::new(seed).run());
        let ending = run.unwrap_or_else(|_| panic!("world {seed}"));
        sum.guests += ending.guests;
        sum.sessions += ending.sessions;
        sum.upgrades += ending.upgrades;
        sum.messages += ending.messages;
        sum.broken += ending.broken;
    }
    println!("{sum:?}");
    // Much has happened, and not only good things.
    assert!(sum.sessions > 12_000 && sum.upgrades > 3_000 && sum.messages > 100_000, "{sum:?}");
    assert!((500..sum.guests / 3).contains(&sum.broken), "{sum:?}");
}
