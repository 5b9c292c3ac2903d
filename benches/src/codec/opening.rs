//! The opening handshake: what the other side says, and what has to be said to it.

use sansocket_websocket::Role;

use super::wire::Wire;

/// The nonce of every client here.
pub const NONCE: [u8; 16] = [7; 16];
/// [`NONCE`] in base64.
pub const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBw==";
/// What [`KEY`] has to be answered with (RFC 6455 §4.2.2).
const ACCEPT: &str = "CdXSYUsvsaMthlEXWDNURGWA/1o=";

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

/// What one of this role hears: a browser's request, or the answer to [`NONCE`].
pub fn heard(role: Role) -> Wire {
    match role {
        Role::Server => Wire::repeating(REQUEST.as_bytes()),
        Role::Client => Wire::repeating(answer().into_bytes()),
    }
}

/// What a server answers to [`KEY`].
pub fn answer() -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n"
    )
}

/// Was the right thing said?
pub fn check(role: Role, said: &[u8]) {
    let said = String::from_utf8_lossy(said).to_ascii_lowercase();
    let (start, field) = match role {
        Role::Server => ("http/1.1 101 ", format!("sec-websocket-accept: {ACCEPT}")),
        Role::Client => ("get /chat http/1.1\r\n", format!("sec-websocket-key: {KEY}")),
    };
    assert!(said.starts_with(start) && said.contains(&field.to_ascii_lowercase()), "{said}");
}
