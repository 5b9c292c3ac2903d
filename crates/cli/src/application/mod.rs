//! What `sansocket serve` offers, whatever runs it.

pub(crate) mod echo;
pub(crate) mod site;
