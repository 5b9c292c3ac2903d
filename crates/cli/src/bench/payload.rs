//! What every connection sends and awaits back.

use sansocket_core::{Data, Message};
use sansocket_socketio::Value;
use serde::{Serialize, Serializer};

use super::Load;

/// What every connection sends and awaits back.
pub(super) enum Payload {
    Text(String),
    Binary(Vec<u8>),
}

impl Payload {
    pub(super) fn new(load: &Load) -> Payload {
        // The printable ASCII characters in a circle: no run that would compress to nothing.
        let characters = (b' '..=b'~').map(char::from).cycle().take(load.size);
        if load.text {
            Payload::Text(characters.collect())
        } else {
            Payload::Binary((0..=250).cycle().take(load.size).collect())
        }
    }

    /// The same, to be given away: the copies share it.
    pub(super) fn message(&self) -> Message {
        match self {
            Payload::Text(text) => Message::text(text.clone()),
            Payload::Binary(bytes) => Message::binary(bytes.clone()),
        }
    }
}

/// Is it what came back as a message?
impl PartialEq<Data<'_>> for Payload {
    fn eq(&self, back: &Data<'_>) -> bool {
        match (self, back) {
            (Payload::Text(sent), Data::Text(back)) => sent.as_str() == back.as_str(),
            (Payload::Binary(sent), Data::Binary(back)) => sent == back,
            _ => false,
        }
    }
}

/// Is it what came back as an argument?
impl PartialEq<Value> for Payload {
    fn eq(&self, back: &Value) -> bool {
        match (self, back) {
            (Payload::Text(sent), Value::Text(back)) => sent == back,
            (Payload::Binary(sent), Value::Binary(back)) => sent == back,
            _ => false,
        }
    }
}

/// As an argument.
impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Payload::Text(text) => serializer.serialize_str(text),
            Payload::Binary(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}
