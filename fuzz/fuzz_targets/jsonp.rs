//! Any bytes as the body of a JSONP post, and as the payload of an answer.
#![no_main]

use sansocket_engineio::jsonp::{self, Index};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(payload) = jsonp::decode(bytes) {
        assert!(payload.len() + 2 <= bytes.len(), "it only becomes shorter");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let answer = Index::from_query(text).answer(text);
    let answer = std::str::from_utf8(&answer).expect("UTF-8");
    assert!(!answer.contains(['<', '>', '\u{2028}', '\u{2029}', '\n', '\r']));
    let (call, string) = answer.split_once('(').expect("a call");
    let index = call.strip_prefix("___eio[").and_then(|rest| rest.strip_suffix("]")).expect("an index");
    assert!(index.bytes().all(|byte| byte.is_ascii_digit()) && !index.is_empty());
    let read: String = serde_json::from_str(string.strip_suffix(");").expect("its end")).expect("JSON");
    assert_eq!(read, text);
});
