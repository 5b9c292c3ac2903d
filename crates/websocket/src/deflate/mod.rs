//! permessage-deflate, RFC 7692.

mod compressor;
mod contexts;
mod decompressor;
mod deflater;
mod history;
mod inflater;
mod options;
mod params;

pub use contexts::Contexts;
pub(crate) use deflater::{Deflater, Part, compress, takes_prepared};
pub(crate) use inflater::Inflater;
pub use options::DeflateOptions;
pub use params::{DeflateParams, Direction, Takeover, WindowBits};

#[cfg(test)]
mod tests;
