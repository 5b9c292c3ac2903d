//! Packets into text, and attachments behind it.

use sansocket_core::{Message, Utf8Bytes};

use super::query;
use crate::args::Args;
use crate::encoded::Encoded;
use crate::json::{Decimal, quoted};
use crate::packet::{AckId, Kind, Packet, Revision};
use crate::value::Value;

/// The messages that a packet is.
pub(crate) fn encode(packet: &Packet, revision: Revision) -> Encoded {
    let nsp = &packet.nsp;
    match &packet.kind {
        Kind::Connect(payload) => connect(nsp, payload.as_ref(), revision),
        Kind::Disconnect => payload("1", nsp, ""),
        Kind::Event { id, name, args } => {
            let name = quoted(name);
            let open = if args.is_empty() { ["[\"", &name, "\""] } else { ["[\"", &name, "\","] };
            arguments(["2", "5"], nsp, *id, open, args)
        }
        Kind::Ack { id, args } => arguments(["3", "6"], nsp, Some(*id), ["[", "", ""], args),
        Kind::ConnectError(why) => payload("4", nsp, &why.to_json()),
    }
}

fn connect(nsp: &str, says: Option<&Value>, revision: Revision) -> Encoded {
    match (says, revision) {
        (None, _) => payload("0", nsp, ""),
        (Some(says), Revision::V5) => payload("0", nsp, &says.to_json()),
        (Some(Value::Object(members)), Revision::V4) => one(["0", nsp, &query::write(members), ","]),
        // The query is made of members.
        (Some(_), Revision::V4) => payload("0", nsp, ""),
    }
}

/// A packet without arguments.
fn payload(kind: &str, nsp: &str, json: &str) -> Encoded {
    let [nsp, comma] = written(nsp);
    one([kind, nsp, comma, json])
}

fn one<const N: usize>(parts: [&str; N]) -> Encoded {
    Encoded::one(Message::Text(Utf8Bytes::concat(parts)))
}

/// A packet with arguments; of its `kinds` the second is for those with binary data.
fn arguments(kinds: [&str; 2], nsp: &str, id: Option<AckId>, open: [&str; 3], args: &Args) -> Encoded {
    let [nsp, comma] = written(nsp);
    let [open, name, close] = open;
    let id = id.map(|id| Decimal::new(id.get()));
    let id = id.as_ref().map_or("", Decimal::as_str);
    let attachments = args.attachments();
    if attachments.is_empty() {
        return one([kinds[0], nsp, comma, id, open, name, close, args.as_json(), "]"]);
    }
    let count = Decimal::new(attachments.len() as u64);
    let parts = [kinds[1], count.as_str(), "-", nsp, comma, id, open, name, close, args.as_json(), "]"];
    let heading = Message::Text(Utf8Bytes::concat(parts));
    Encoded::several(heading, attachments.iter().cloned().map(Message::Binary))
}

/// The namespace and what follows it; `/` is not said.
fn written(nsp: &str) -> [&str; 2] {
    if nsp == "/" { ["", ""] } else { [nsp, ","] }
}
