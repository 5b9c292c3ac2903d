//! Requests to a server of Engine.IO, as bytes.

/// A request to `/engine.io/` with this query.
pub fn get(query: &str) -> String {
    format!("GET /engine.io/?{query} HTTP/1.1\r\nHost: h\r\n\r\n")
}

/// A poll of this session.
pub fn poll(sid: &str) -> String {
    get(&format!("EIO=4&transport=polling&sid={sid}"))
}

/// A body for this session.
pub fn post(sid: &str, body: &str) -> String {
    let target = format!("/engine.io/?EIO=4&transport=polling&sid={sid}");
    format!("POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A request for a WebSocket, with more header lines.
pub fn upgrade(target: &str, fields: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n"
    )
}
