//! Header fields of the handshake: lists, and what an application may add.

use alloc::string::String;
use alloc::vec::Vec;

use sansocket_core::Headers;
use sansocket_http1::{is_token, is_value};

/// Subprotocols of one request: more than any application has, few enough to compare each with each.
const MAX_PROTOCOLS: usize = 64;

/// A header field that an application may not add: its own fault, and nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FieldError {
    /// The name is not a token.
    #[error("the header name {0:?} is not a token")]
    Name(String),
    /// The value of this field has CR, LF, NUL, another control, or blank ends.
    #[error("the value of the header {0:?} has an illegal byte")]
    Value(String),
    /// The handshake writes this field itself.
    #[error("the handshake writes the header {0:?} itself")]
    Reserved(String),
}

/// May an application add these?
pub(crate) fn check_added(headers: &Headers) -> Result<(), FieldError> {
    headers.iter().try_for_each(|(name, value)| {
        if !is_token(name.as_bytes()) {
            Err(FieldError::Name(name.into()))
        } else if is_reserved(name) {
            Err(FieldError::Reserved(name.into()))
        } else if !is_value(value) {
            Err(FieldError::Value(name.into()))
        } else {
            Ok(())
        }
    })
}

/// RFC 6455 §4.1: `Sec-WebSocket-*` belongs to the handshake; so do the fields that make it one, and those that would
/// announce a body.
fn is_reserved(name: &str) -> bool {
    let own = ["host", "upgrade", "connection", "content-length", "transfer-encoding"];
    let prefix = name.get(.."sec-websocket-".len());
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("sec-websocket-"))
        || own.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// The elements of a list that may stretch over several fields called `name`.
pub(crate) fn list<'h>(headers: &'h Headers, name: &'h str) -> impl Iterator<Item = &'h [u8]> + 'h {
    headers.get_all(name).flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// The subprotocols that a client offers, in the order it prefers them. `None` if they break the grammar, repeat one
/// (RFC 6455 §4.1 (10)), or are more than 64.
pub(crate) fn protocols(headers: &Headers) -> Option<Vec<String>> {
    let mut protocols: Vec<String> = Vec::new();
    for element in list(headers, "sec-websocket-protocol") {
        let protocol = core::str::from_utf8(element).ok().filter(|_| is_token(element))?;
        if protocols.len() == MAX_PROTOCOLS || protocols.iter().any(|known| known == protocol) {
            return None;
        }
        protocols.push(protocol.into());
    }
    Some(protocols)
}
