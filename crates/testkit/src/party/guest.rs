//! A client, and what it knows.

use sansocket_socketio::Revision;
use sansocket_socketio::server::ConnectionId;
use serde_json::Value;

use super::{Choose, NAMESPACES};

/// A client as those in browsers are: it remembers who it was, and what it heard last.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) revision: Revision,
    pub(super) node: usize,
    pub(super) connection: Option<ConnectionId>,
    /// Connections that it lost and nobody else noticed.
    pub(super) before: Vec<ConnectionId>,
    seats: [Seat; NAMESPACES.len()],
}

/// What it knows of a namespace.
#[derive(Clone, Default, Debug)]
struct Seat {
    is_in: bool,
    id: Option<String>,
    private_id: Option<String>,
    offset: Option<String>,
}

/// What a packet says to it.
pub(super) enum Heard {
    /// An event that must not get lost.
    Told {
        nsp: &'static str,
        id: String,
        number: u32,
    },
    /// An event that wants this answer.
    Asked(String),
    Other,
}

impl Guest {
    pub(super) fn new(revision: Revision, node: usize) -> Guest {
        Guest { revision, node, connection: None, before: Vec::new(), seats: Default::default() }
    }

    pub(super) fn begin(&mut self, connection: ConnectionId) {
        self.connection = Some(connection);
        self.before.push(connection);
        self.seats.iter_mut().for_each(|seat| seat.is_in = false);
    }

    /// What it says to get in, unless it is.
    pub(super) fn connect(&self, at: usize) -> Option<String> {
        let seat = &self.seats[at];
        if seat.is_in || (self.revision == Revision::V4 && at == 0) {
            return None;
        }
        let offset =
            seat.offset.as_ref().map(|offset| format!(r#","offset":"{offset}""#)).unwrap_or_default();
        let auth = seat.private_id.as_ref().map(|pid| format!(r#"{{"pid":"{pid}"{offset}}}"#));
        Some(format!("0{}{}", prefix(NAMESPACES[at]), auth.unwrap_or_default()))
    }

    /// An event with this number, which sometimes wants an answer.
    pub(super) fn event(&mut self, number: u32, choose: Choose<'_>) -> Option<String> {
        let at = choose(NAMESPACES.len());
        let id = ["", "7"][choose(2)];
        self.seats[at].is_in.then(|| format!(r#"2{}{id}["said",{number}]"#, prefix(NAMESPACES[at])))
    }

    pub(super) fn hears(&mut self, packet: &str) -> Heard {
        let (kind, rest) = packet.split_at(1);
        let (nsp, rest) = match rest.strip_prefix('/') {
            Some(_) => rest.split_once(',').expect("a namespace"),
            None => ("/", rest),
        };
        let at = NAMESPACES.iter().position(|known| *known == nsp).expect("a namespace it asked for");
        let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let seat = &mut self.seats[at];
        match kind {
            "0" => {
                let said: Value = serde_json::from_str(rest).unwrap_or_default();
                let private_id = said["pid"].as_str().map(str::to_owned);
                if private_id != seat.private_id {
                    seat.offset = None;
                }
                seat.private_id = private_id;
                seat.id = said["sid"].as_str().map(str::to_owned);
                seat.is_in = true;
                Heard::Other
            }
            "1" | "4" => {
                *seat = Seat::default();
                Heard::Other
            }
            "2" => {
                let said: Vec<Value> = serde_json::from_str(&rest[id.len()..]).expect("arguments");
                if let Some(offset) = said.get(2).and_then(Value::as_str) {
                    seat.offset = Some(offset.to_owned());
                }
                let number = said[1].as_u64().expect("a number") as u32;
                match (said[0].as_str(), seat.id.clone()) {
                    // Clients of the old generation are not told who they are.
                    (Some("told"), Some(id)) => Heard::Told { nsp: NAMESPACES[at], id, number },
                    (Some("asked"), _) => Heard::Asked(format!("3{}{id}[{number}]", prefix(nsp))),
                    _ => Heard::Other,
                }
            }
            "3" => Heard::Other,
            other => panic!("a server says {other}"),
        }
    }
}

fn prefix(nsp: &str) -> String {
    if nsp == "/" { String::new() } else { format!("{nsp},") }
}
