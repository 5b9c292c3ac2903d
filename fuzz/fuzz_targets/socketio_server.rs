//! Anything that clients, users, nodes and clocks do to servers of Socket.IO.
#![no_main]

use sansocket_fuzz::Choices;
use sansocket_testkit::Party;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let mut party = Party::new();
    while !choices.0.is_empty() {
        party.happen(|n| choices.below(n));
    }
    party.end();
});
