//! Who decodes and encodes. To add one: a file with a type that implements [`Codec`], and a line here.
//!
//! Before its time is taken, everybody's work is done once and looked at, byte by byte.

use super::case::Case;
use crate::codec::work::Work;

mod sansocket;
#[cfg(feature = "socketioxide")]
mod socketioxide;

/// One implementation of packets.
pub trait Codec {
    /// The name of its rows.
    fn name(&self) -> &'static str;
    /// Does the case, so many times.
    fn work(&self, case: &Case) -> Work;
}

/// Ourselves, and the other.
pub fn all() -> Vec<Box<dyn Codec>> {
    vec![
        Box::new(sansocket::Sansocket),
        #[cfg(feature = "socketioxide")]
        Box::new(socketioxide::Socketioxide),
    ]
}
