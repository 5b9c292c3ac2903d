//! What has to come of the entries that are given in bytes.

use sansocket_testkit::{Heard, closed_by_peer, heard_binary, heard_text};

/// What has to come of an entry.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// These are heard; then the peer is told off with one close frame of this code.
    Fault(Vec<Heard>, u16),
    /// Exactly these are heard.
    Heard(Vec<Heard>),
}

/// Close code 1002: the protocol was broken.
const PROTOCOL_ERROR: &[&str] = &[
    "F-001", "F-002", "F-003", "F-005", "F-006", "F-007", "F-008", "F-010", "F-011", "F-012", "F-013",
    "F-015", "F-016", "F-017", "F-018", "F-020", "F-021", "F-022", "F-023", "F-025", "F-026", "F-027",
    "F-028", "F-030", "F-031", "F-032", "F-033", "F-035", "F-036", "F-037", "F-038", "F-043", "F-045",
    "F-046", "F-048", "F-055", "F-056", "D-021", "D-022",
];

/// Close code 1007: what came is not what it should be.
const INVALID_PAYLOAD: &[&str] = &[
    "F-040", "F-041", "F-042", "F-070", "F-071", "F-072", "F-073", "F-075", "F-076", "F-077", "F-078",
    "D-007", "D-008", "D-010", "D-011", "D-012", "D-015", "D-018", "D-027",
];

/// Close code 1009: too big.
const TOO_BIG: &[&str] = &["F-050", "F-051", "F-052", "F-053", "F-085"];

/// What has to come of the entry `id`, if it is one in bytes.
pub(crate) fn expected(id: &str) -> Option<Expected> {
    let heard = match id {
        _ if PROTOCOL_ERROR.contains(&id) => return Some(Expected::Fault(vec![], 1002)),
        _ if INVALID_PAYLOAD.contains(&id) => return Some(Expected::Fault(vec![], 1007)),
        _ if TOO_BIG.contains(&id) => return Some(Expected::Fault(vec![], 1009)),
        "F-047" => return Some(Expected::Fault(vec![heard_text("ab")], 1002)),
        // Data, or a second close, after the first; a peer that never closes TCP.
        "F-065" | "F-066" | "F-067" => closed_by_peer(1000, ""),
        "F-081" => heard_text("\u{1f4a9}"),
        "F-082" => heard_text("\u{0}\u{fffe}\u{ffff}\u{10ffff}"),
        "F-083" => heard_binary("hi"),
        "D-013" => heard_text(""),
        "D-017" => heard_text("hello"),
        "D-023" => heard_text("hi"),
        _ => return None,
    };
    Some(Expected::Heard(vec![heard]))
}
