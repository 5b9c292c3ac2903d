//! Whatever clients, users, nodes and clocks do, in whatever order: see [`Party`] for what holds.

use sansocket_testkit::{Party, Random};

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_is_left() {
    let mut recoveries = 0;
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let mut party = Party::new();
        for _ in 0..200 {
            party.happen(|n| random.below(n));
        }
        recoveries += party.end();
    }
    assert!(recoveries > 300, "{recoveries}: it was not tried");
}
