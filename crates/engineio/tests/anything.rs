//! Whatever clients, users and clocks do, in whatever order (`R-005`): see [`Lobby`] for what holds.

use sansocket_testkit::{Lobby, Random};

#[test]
fn whatever_happens_nothing_is_lost_and_nothing_is_left() {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let mut lobby = Lobby::new();
        for _ in 0..100 {
            lobby.happen(|n| random.below(n));
        }
        lobby.end();
    }
}
