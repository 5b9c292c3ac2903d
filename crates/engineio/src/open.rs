//! What a server says first.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::packet::Transport;

/// Bytes of a session's id: ours have 20, those of others a few more.
const SID: usize = 256;
/// The longest that a JavaScript timer waits, in milliseconds: no server means more.
const MAX_MILLIS: f64 = 2_147_483_647.0;
/// The largest whole number that all JSON readers agree on.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

/// The data of an [open packet](crate::Packet::Open): JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    /// The session's id, which each further request names.
    pub sid: String,
    /// What the session may be upgraded to.
    pub upgrades: Vec<Transport>,
    /// How long after the last heartbeat the next one comes, in whole milliseconds.
    pub ping_interval: Duration,
    /// How long it may be late, in whole milliseconds.
    pub ping_timeout: Duration,
    /// The most bytes that the server takes in one body. Older servers do not tell.
    pub max_payload: Option<usize>,
}

/// Why JSON opens no session: the server's fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum OpenError {
    /// It is no JSON object with the right fields: one is missing, is there twice, or is of another type.
    #[error("the handshake is no JSON object with the fields it needs")]
    Malformed,
    /// `sid` is empty, or longer than 256 bytes.
    #[error("the handshake's sid is empty or too long")]
    Sid,
    /// `pingInterval` is no whole number of milliseconds from 1 to 2^31 - 1.
    #[error("the handshake's pingInterval is out of range")]
    PingInterval,
    /// `pingTimeout` is no whole number of milliseconds from 1 to 2^31 - 1.
    #[error("the handshake's pingTimeout is out of range")]
    PingTimeout,
    /// `maxPayload` is no whole number from 1 to 2^53 - 1.
    #[error("the handshake's maxPayload is out of range")]
    MaxPayload,
}

impl Open {
    /// The JSON, its fields in the order that servers write them in.
    pub fn to_json(&self) -> String {
        let written = Written {
            sid: &self.sid,
            upgrades: self.upgrades.iter().map(|upgrade| upgrade.name()).collect(),
            ping_interval: millis(self.ping_interval),
            ping_timeout: millis(self.ping_timeout),
            max_payload: self.max_payload,
        };
        // Strings and numbers: there is nothing that JSON could not say.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads the JSON. Upgrades that this crate does not know are passed over, and so are fields.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn from_json(json: &str) -> Result<Open, OpenError> {
        // A list of the right values would be read, too.
        if !json.trim_ascii_start().starts_with('{') {
            return Err(OpenError::Malformed);
        }
        let read: Read = serde_json::from_str(json).map_err(|_| OpenError::Malformed)?;
        if read.sid.is_empty() || read.sid.len() > SID {
            return Err(OpenError::Sid);
        }
        let ping_interval = whole(read.ping_interval, MAX_MILLIS).ok_or(OpenError::PingInterval)?;
        let ping_timeout = whole(read.ping_timeout, MAX_MILLIS).ok_or(OpenError::PingTimeout)?;
        let max_payload = match read.max_payload {
            None => None,
            Some(bytes) => {
                let bytes = whole(bytes, MAX_WHOLE).ok_or(OpenError::MaxPayload)?;
                Some(usize::try_from(bytes).unwrap_or(usize::MAX))
            }
        };
        Ok(Open {
            sid: read.sid,
            upgrades: read.upgrades.0,
            ping_interval: Duration::from_millis(ping_interval),
            ping_timeout: Duration::from_millis(ping_timeout),
            max_payload,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    sid: &'a str,
    upgrades: Vec<&'static str>,
    ping_interval: u64,
    ping_timeout: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_payload: Option<usize>,
}

/// Numbers as JavaScript has them, for there are servers that write `25000.0`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    sid: String,
    upgrades: Upgrades,
    ping_interval: f64,
    ping_timeout: f64,
    max_payload: Option<f64>,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `number`, if it is whole and from 1 to `most`.
fn whole(number: f64, most: f64) -> Option<u64> {
    let whole = number as u64;
    ((1.0..=most).contains(&number) && whole as f64 == number).then_some(whole)
}

/// The known ones of a list of names, each once: however long the list, no more than there are transports.
struct Upgrades(Vec<Transport>);

impl<'de> Deserialize<'de> for Upgrades {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Upgrades, D::Error> {
        deserializer.deserialize_seq(UpgradesVisitor)
    }
}

struct UpgradesVisitor;

impl<'de> Visitor<'de> for UpgradesVisitor {
    type Value = Upgrades;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of transports")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Upgrades, A::Error> {
        let mut known = Vec::new();
        while let Some(Name(transport)) = names.next_element()? {
            known.extend(transport.filter(|transport| !known.contains(transport)));
        }
        Ok(Upgrades(known))
    }
}

/// A name, known or not; nothing of it is kept.
struct Name(Option<Transport>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a transport")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(Name(Transport::named(name)))
    }
}
