//! The default encoding: `type [count "-"] [nsp ","] [id] [json]`, and attachments behind it.

mod decode;
mod encode;
mod query;

pub(crate) use decode::{Heading, decode};
pub(crate) use encode::encode;
