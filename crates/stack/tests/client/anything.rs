//! Anything that happens, in any order.

use sansocket_testkit::{Caller, Random};

#[test]
fn whatever_happens_it_ends_once_and_leaves_nothing() {
    let mut opened = 0;
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let mut caller = Caller::new(|n| random.below(n));
        for _ in 0..100 {
            caller.happen(|n| random.below(n));
        }
        let told = caller.end();
        assert!(told.last().is_some_and(|last| last.starts_with("Closed")), "seed {seed}: {told:?}");
        opened += usize::from(told.iter().any(|event| event == "Opened"));
    }
    assert!(opened > 500, "{opened}");
}
