//! The opening handshake, both sides of it.

use std::rc::Rc;

use sansocket_websocket::Role;
use tungstenite::handshake::derive_accept_key;

use crate::peers::{self, Peer};
use crate::wire::Wire;
use crate::work::{Entry, Plan, Section, Work};

/// The nonce of every client here, and its form on the wire.
pub const NONCE: [u8; 16] = [7; 16];
/// [`NONCE`] in base64.
pub const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBw==";

/// What a browser asks.
const REQUEST: &str = "GET /chat HTTP/1.1\r\n\
    Host: 127.0.0.1:9001\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\n\
    Origin: http://127.0.0.1:9001\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-US,en;q=0.9\r\n\
    Sec-WebSocket-Key: BwcHBwcHBwcHBwcHBwcHBw==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

/// From the first byte to a connection.
pub fn handshake() -> Section {
    let rows = [("server", Role::Server), ("client", Role::Client)];
    Section {
        title: "Opening handshake",
        note: "ns from nothing to a connection, and away with it: reading a browser's request and answering it, or asking and \
               reading the answer.",
        columns: peers::NAMES,
        rows: rows.map(|(name, role)| Plan::new(format!("handshake/{name}"), move || entries(role))).into(),
    }
}

fn entries(role: Role) -> Vec<Entry> {
    let heard: Rc<[u8]> = match role {
        Role::Server => REQUEST.as_bytes().into(),
        Role::Client => answer().into_bytes().into(),
    };
    let entry = |peer: Box<dyn Peer>| {
        let mut open = peer.opener(role)?;
        let (wire, record) = Wire::repeating(heard.clone()).recorded();
        open(wire);
        check(role, &String::from_utf8_lossy(&record.borrow()));
        let heard = heard.clone();
        let work: Work = Box::new(move |n| (0..n).for_each(|_| open(Wire::repeating(heard.clone()))));
        Some(Entry { who: peer.name(), work })
    };
    peers::all().into_iter().filter_map(entry).collect()
}

/// What a server answers.
pub fn answer() -> String {
    let accept = derive_accept_key(KEY.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Was the right thing said?
fn check(role: Role, said: &str) {
    let said = said.to_ascii_lowercase();
    let (start, field) = match role {
        Role::Server => {
            ("http/1.1 101 ", format!("sec-websocket-accept: {}", derive_accept_key(KEY.as_bytes())))
        }
        Role::Client => ("get /chat http/1.1\r\n", format!("sec-websocket-key: {KEY}")),
    };
    assert!(said.starts_with(start) && said.contains(&field.to_ascii_lowercase()), "{said}");
}
