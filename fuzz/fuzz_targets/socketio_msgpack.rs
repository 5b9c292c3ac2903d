//! Any bytes as a packet of Socket.IO in MessagePack: what is taken is MessagePack to others too and says the same there;
//! what was read is written, in both encodings, and says the same again.
#![no_main]

libfuzzer_sys::fuzz_target!(|message: &[u8]| sansocket_fuzz::hear_msgpack(message));
