//! Whatever servers, users and clocks do, in whatever order (`R-005`): see [`Traveller`] for what holds.

use sansocket_testkit::{Random, Traveller};

#[test]
fn whatever_happens_it_ends_once_and_nothing_is_left() {
    let (mut opened, mut upgraded) = (0, 0);
    for seed in 0..4_000 {
        let mut random = Random::new(seed);
        let mut traveller = Traveller::new(|n| random.below(n));
        for _ in 0..100 {
            traveller.happen(|n| random.below(n));
        }
        let told = traveller.end();
        opened += told.iter().filter(|told| **told == "Opened").count();
        upgraded += told.iter().filter(|told| told.starts_with("Upgraded")).count();
    }
    // Not all journeys end at the door.
    assert!(opened > 1_000 && upgraded > 20, "{opened} opened, {upgraded} upgraded");
}

/// `R-002`: one that looks and asks whenever it can beside one that does not.
#[test]
fn calls_that_ask_may_come_at_any_time() {
    for seed in 0..2_000 {
        let told = [1, 3].map(|curiosity| {
            let mut random = Random::new(seed);
            let mut traveller = Traveller::new(|n| random.below(n));
            for step in 0..100 {
                if step % curiosity > 0 {
                    traveller.be_curious();
                }
                traveller.happen(|n| random.below(n));
            }
            traveller.end()
        });
        assert_eq!(told[0], told[1], "journey {seed}");
    }
}
