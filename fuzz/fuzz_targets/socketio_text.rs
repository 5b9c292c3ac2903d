//! Any text and attachments as a packet of Socket.IO, against the naive reader; what was read is written, in both
//! encodings, and says the same again.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sansocket_fuzz::hear_packet(input));
