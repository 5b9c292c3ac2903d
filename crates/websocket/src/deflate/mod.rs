//! permessage-deflate, RFC 7692.

mod options;

pub use options::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};

/// Spare deflaters and inflaters.
#[derive(Clone, Debug, Default)]
pub struct Contexts {}

impl Default for DeflateOptions {
    fn default() -> Self {
        let window = WindowBits::new(12).unwrap_or(WindowBits::MAX);
        DeflateOptions { level: 1, threshold: 1024, our_takeover: Takeover::Reset, peer_takeover: Takeover::Reset, our_window: window, peer_window: window, contexts: Contexts::default() }
    }
}
