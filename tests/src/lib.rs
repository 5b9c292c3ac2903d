//! What is proved across crates; the tests themselves are in `tests/`.
#![forbid(unsafe_code)]

/// The README's examples, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
