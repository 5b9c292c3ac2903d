//! What `sansocket serve` offers, whatever runs it.

pub(crate) mod echo;
pub(crate) mod lounge;
pub(crate) mod playground;
pub(crate) mod site;
