//! Anything that servers, networks, a user and a clock do to an Engine.IO client and its streams.
#![no_main]

use sansocket_fuzz::Choices;
use sansocket_testkit::Caller;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let mut caller = Caller::new(|n| choices.below(n));
    while !choices.0.is_empty() {
        caller.happen(|n| choices.below(n));
    }
    caller.end();
});
