//! Entries of the layers `engineio`, `session`, `upgrade` and `http1` against an Engine.IO server as a whole. What the
//! codec, the sessions and HTTP do by themselves, the tests of their crates say; [`coverage`](crate::coverage) knows
//! which stands where.

mod desk;
pub(crate) mod packets;
pub(crate) mod requests;
mod sessions;
mod upgrades;
