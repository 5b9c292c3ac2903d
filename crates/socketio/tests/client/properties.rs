//! Whatever servers, users and clocks do, in whatever order (`R-005`): see [`Member`] for what holds.

use sansocket_testkit::{Member, Random};

#[test]
fn whatever_happens_nothing_is_left() {
    let (mut connected, mut recovered, mut acked) = (0, 0, 0);
    for seed in 0..4_000 {
        let mut random = Random::new(seed);
        let mut member = Member::new(|n| random.below(n));
        for _ in 0..150 {
            member.happen(|n| random.below(n));
        }
        let [told, _] = member.end();
        let count = |what: &str| told.iter().filter(|told| told.starts_with(what)).count();
        connected += count("Connected");
        recovered += told.iter().filter(|told| told.contains("recovered: true")).count();
        acked += count("Acked");
    }
    // Much has happened, and not only at the door.
    assert!(
        connected > 4_000 && recovered > 100 && acked > 50,
        "{connected} connected, {recovered} recovered, {acked} acknowledged"
    );
}

/// `R-002`: one who looks and asks whenever he can beside one who does not.
#[test]
fn calls_that_ask_may_come_at_any_time() {
    for seed in 0..2_000 {
        let came = [1, 3].map(|curiosity| {
            let mut random = Random::new(seed);
            let mut member = Member::new(|n| random.below(n));
            for step in 0..100 {
                if step % curiosity > 0 {
                    member.be_curious();
                }
                member.happen(|n| random.below(n));
            }
            member.end()
        });
        assert_eq!(came[0], came[1], "life {seed}");
    }
}
