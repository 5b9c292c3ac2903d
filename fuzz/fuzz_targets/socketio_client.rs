//! Anything that a server, a user and a clock do to a Socket.IO client.
#![no_main]

use sansocket_fuzz::Choices;
use sansocket_testkit::Member;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let mut member = Member::new(|n| choices.below(n));
    while !choices.0.is_empty() {
        member.happen(|n| choices.below(n));
    }
    member.end();
});
