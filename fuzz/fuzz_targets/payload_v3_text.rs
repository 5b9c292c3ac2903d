//! Any bytes as a text payload of protocol 3, against the naive reader; what was read is written and read again.
#![no_main]

use sansocket_engineio::Form;

libfuzzer_sys::fuzz_target!(|body: &[u8]| sansocket_fuzz::read_payload(Form::V3Text, body));
