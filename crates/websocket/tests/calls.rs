//! Any order of calls is legal, and changes nothing of what is said and heard.

use sansocket_core::{Instant, Machine};
use sansocket_testkit::dialogues;
use sansocket_testkit::operations::{Conversation, Operation, choose_settings};
use sansocket_testkit::{Random, Side, frames, ws};

#[test]
fn calls_in_any_order_between_reads_of_any_size_change_nothing() {
    let mut random = Random::new(2);
    for dialogue in dialogues::all() {
        for _ in 0..30 {
            let (role, mut rest) = (dialogue.role, &dialogue.said[..]);
            let mut side =
                Side::new(ws::websocket(role, dialogue.options.clone(), dialogue.extensions, Instant::ZERO));
            let mut said = Vec::new();
            while !rest.is_empty() || side.machine.poll_transmit().is_some() {
                match random.below(6) {
                    0 => {
                        let (read, later) = rest.split_at(random.below(rest.len().min(64) + 1));
                        side.input.fill(read, &mut side.pool);
                        rest = later;
                    }
                    1 => said.extend(side.write(random.pick(&[0, 1, 3, 500]))),
                    2 => side.machine.handle_timeout(Instant::from_micros(random.number() % 1000)),
                    3 => side.input.release(&mut side.pool),
                    4 => {
                        _ = (
                            side.machine.wants_input(),
                            side.machine.poll_timeout(),
                            side.machine.is_finished(),
                        )
                    }
                    _ => _ = side.listen_once(Instant::ZERO),
                }
            }
            side.listen(Instant::ZERO);
            said.extend(side.write_all());
            assert_eq!(side.heard(), dialogue.heard, "{}", dialogue.name);
            assert_eq!(frames(role, &said), (dialogue.answers.clone(), 0), "{}", dialogue.name);
        }
    }
}

#[test]
fn whatever_users_networks_and_clocks_do_nothing_is_lost_or_made_up() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let (options, extensions) = choose_settings(|n| random.below(n));
        let order = (seed % 2 == 0).then(|| Random::new(seed));
        let mut conversation = Conversation::new(options, extensions, order);
        for _ in 0..random.below(60) {
            conversation.perform(Operation::choose(|n| random.below(n)));
        }
        conversation.end();
    }
}

#[test]
fn a_poll_that_finds_nothing_leaves_everything_as_it_is() {
    for dialogue in dialogues::all() {
        let mut side = Side::new(ws::websocket(
            dialogue.role,
            dialogue.options.clone(),
            dialogue.extensions,
            Instant::ZERO,
        ));
        side.read(&dialogue.said, Instant::ZERO);
        side.write_all();
        let (memory, timeout) = (side.input.memory(), side.machine.poll_timeout());
        for _ in 0..3 {
            assert!(!side.listen_once(Instant::ZERO));
            assert!(side.write_all().is_empty());
        }
        assert_eq!(
            (side.input.memory(), side.machine.poll_timeout()),
            (memory, timeout),
            "{}",
            dialogue.name
        );
    }
}
