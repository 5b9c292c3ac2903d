//! Anything that users, networks and clocks do to two connections.
#![no_main]

use sansocket_fuzz::Choices;
use sansocket_testkit::Random;
use sansocket_testkit::operations::{Conversation, Operation, choose_settings};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let (options, extensions) = choose_settings(|n| choices.below(n));
    let order = [None, Some(Random::new(choices.below(256) as u64))][choices.below(2)].clone();
    let mut conversation = Conversation::new(options, extensions, order);
    while !choices.0.is_empty() {
        conversation.perform(Operation::choose(|n| choices.below(n)));
    }
    conversation.end();
});
