//! permessage-deflate, RFC 7692.

mod compressor;
mod contexts;
mod decompressor;
mod deflater;
mod history;
mod inflater;
mod options;

pub use contexts::Contexts;
pub(crate) use deflater::{Deflater, Part, compress, takes_prepared};
pub(crate) use inflater::Inflater;
pub use options::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};

impl Default for DeflateOptions {
    fn default() -> Self {
        let window = WindowBits::new(12).unwrap_or(WindowBits::MAX);
        DeflateOptions {
            level: 1,
            threshold: 1024,
            our_takeover: Takeover::Reset,
            peer_takeover: Takeover::Reset,
            our_window: window,
            peer_window: window,
            contexts: Contexts::default(),
        }
    }
}

#[cfg(test)]
mod tests;
