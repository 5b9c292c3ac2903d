//! JSON as Socket.IO uses it: text, and binary data beside it that the text has placeholders for.
//!
//! What comes from a peer is gone over once, without recursion ([`Scan`]): is it JSON, how deep, where do things end. From
//! then on it is text that is known to be good, and is read into types when somebody asks for one ([`Reader`]).

mod key;
mod number;
mod placeholder;
mod reader;
mod scan;
mod string;
mod writer;

pub(crate) use number::{Decimal, Number};
pub(crate) use placeholder::{MARK, Placeholder, attachments_needed};
pub(crate) use reader::{Elements, Reader, read};
#[cfg(feature = "msgpack")]
pub(crate) use scan::Token;
pub(crate) use scan::{Fault, Scan};
pub(crate) use string::{push_quoted, quoted, unescape};
pub(crate) use writer::{Level, Parts, Writer};

/// What a newtype is called that stands for all arguments at once, between [`Args`](crate::Args) and the two ends here.
pub(crate) const ALL_ARGUMENTS: &str = "$sansocket::Args";
