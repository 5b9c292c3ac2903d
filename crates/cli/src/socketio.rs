//! What the commands know of Socket.IO.

use sansocket_engineio::Protocol;
use sansocket_socketio::{Parser, Revision};

/// How packets are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub(crate) enum ParserName {
    /// As text, with binary data behind it
    #[default]
    Json,
    /// As MessagePack, binary data and all
    Msgpack,
}

impl From<ParserName> for Parser {
    fn from(name: ParserName) -> Parser {
        match name {
            ParserName::Json => Parser::Json,
            ParserName::Msgpack => Parser::Msgpack,
        }
    }
}

/// What those speak whose sessions are of that protocol.
pub(crate) fn revision(below: Protocol) -> Revision {
    match below {
        Protocol::V3 => Revision::V4,
        Protocol::V4 => Revision::V5,
    }
}
