//! What is proved across crates; the tests themselves are in `tests/`.
#![forbid(unsafe_code)]
