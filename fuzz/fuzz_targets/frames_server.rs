//! Any bytes, heard by a server.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    sansocket_fuzz::hear(sansocket_websocket::Role::Server, input);
});
