//! Anything that clients, users and clocks do to an Engine.IO server.
#![no_main]

use sansocket_fuzz::Choices;
use sansocket_testkit::Lobby;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let mut lobby = Lobby::new();
    while !choices.0.is_empty() {
        lobby.happen(|n| choices.below(n));
    }
    lobby.end();
});
