//! Requests as a client makes them.

use alloc::string::{String, ToString};
use core::fmt::Write as _;

use bytes::Bytes;
use sansocket_core::{Headers, Instant, Request};

use super::cookies::Cookies;
use super::options::ClientOptions;
use crate::{Binary, Protocol, Transport};

/// Bytes that need no escape in a query (RFC 3986 §2.3).
const UNRESERVED: &[u8] = b"-._~";

/// What all requests of a client have in common.
pub(crate) struct Asking<'c> {
    pub(crate) options: &'c ClientOptions,
    pub(crate) cookies: &'c Cookies,
    pub(crate) sid: Option<&'c str>,
    /// A number that no other request has.
    pub(crate) number: u64,
}

impl Asking<'_> {
    /// A `GET` that polls, or opens a WebSocket.
    pub(crate) fn get(&self, transport: Transport, now: Instant) -> Request {
        let mut request = Request::get(self.target(transport, now));
        request.headers = self.headers(now);
        request
    }

    /// A `POST` of packets.
    pub(crate) fn post(&self, body: Bytes, content_type: &'static str, now: Instant) -> Request {
        let mut request = self.get(Transport::Polling, now);
        request.method = "POST".to_string();
        request.headers.add("Content-Type", content_type);
        request.body = body;
        request
    }

    fn headers(&self, now: Instant) -> Headers {
        let mut headers = self.options.headers.clone();
        if !headers.contains("accept") {
            headers.add("Accept", "*/*");
        }
        if let Some(cookies) = self.cookies.header(now).filter(|_| self.options.cookies) {
            headers.add("Cookie", cookies);
        }
        headers
    }

    fn target(&self, transport: Transport, now: Instant) -> String {
        let options = self.options;
        let separator = if options.path.contains('?') { '&' } else { '?' };
        let mut target = Target { text: options.path.clone(), separator };
        for (key, value) in &options.query {
            target.add(key, value);
        }
        target.add("EIO", if options.protocol == Protocol::V4 { "4" } else { "3" });
        target.add("transport", transport.name());
        if let Some(key) = options.timestamp.as_ref().filter(|_| transport == Transport::Polling) {
            let mut stamp = String::new();
            // Writing to a string cannot fail.
            let _ = write!(stamp, "{:x}.{:x}", now.as_micros(), self.number);
            target.add(key, &stamp);
        }
        // A poll says it once, in the handshake; a server has to know it of each WebSocket.
        let once = transport == Transport::WebSocket || self.sid.is_none();
        if options.binary == Binary::Base64 && once {
            target.add("b64", "1");
        }
        if let Some(sid) = self.sid {
            target.add("sid", sid);
        }
        target.text
    }
}

/// A path whose query grows.
struct Target {
    text: String,
    separator: char,
}

impl Target {
    fn add(&mut self, key: &str, value: &str) {
        self.text.push(core::mem::replace(&mut self.separator, '&'));
        self.escape(key);
        self.text.push('=');
        self.escape(value);
    }

    fn escape(&mut self, text: &str) {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || UNRESERVED.contains(&byte) {
                self.text.push(byte.into());
            } else {
                let _ = write!(self.text, "%{byte:02X}");
            }
        }
    }
}
