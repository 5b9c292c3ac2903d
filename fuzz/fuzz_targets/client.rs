//! Anything that a server, a user and a clock do to an Engine.IO client.
#![no_main]

use sansocket_fuzz::Choices;
use sansocket_testkit::Traveller;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let mut traveller = Traveller::new(|n| choices.below(n));
    while !choices.0.is_empty() {
        traveller.happen(|n| choices.below(n));
    }
    traveller.end();
});
