//! HTTP requests and responses as plain values: what somebody else's parser, or ours, hands over.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::net::SocketAddr;

use bytes::Bytes;

/// Version of HTTP that a message came by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
    /// HTTP/3
    Http3,
}

/// Header fields in the order they came. Names compare without regard to case (RFC 9110 §5.1).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Bytes)>);

impl Headers {
    /// No fields.
    pub const fn new() -> Headers {
        Headers(Vec::new())
    }

    /// Adds a field after all others, also if there is one of that name.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<Bytes>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds all fields of `others` after those that are here.
    pub fn add_all(&mut self, others: &Headers) {
        self.0.extend_from_slice(&others.0);
    }

    /// The value of the first field called `name`.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The values of all fields called `name`, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of the only field called `name`; `None` if there is none, or more than one.
    pub fn get_only(&self, name: &str) -> Option<&[u8]> {
        let first = self.get(name)?;
        (self.get_all(name).count() == 1).then_some(first)
    }

    /// Is there a field called `name`?
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Does a comma-separated list, which may stretch over several fields called `name`, hold `token`, without regard
    /// to case? (RFC 9110 §5.6.1)
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.get_all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> + '_ {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<Bytes>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Headers {
        Headers(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<String>, V: Into<Bytes>, const K: usize> From<[(N, V); K]> for Headers {
    fn from(fields: [(N, V); K]) -> Headers {
        fields.into_iter().collect()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(name, value)| (name, value.escape_ascii().to_string())))
            .finish()
    }
}

/// A request: its head, and the body if one was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The method as it came, for it is case-sensitive: `GET`.
    pub method: String,
    /// The request target as it came: `/chat?room=1`, or whatever `:path` said.
    pub target: String,
    /// The version it came by.
    pub version: Version,
    /// The header fields. Those that came as HTTP/2 pseudo-headers are not among them, but for `:protocol`, which
    /// stands here under that name (RFC 8441).
    pub headers: Headers,
    /// The body, if it was read; else empty.
    pub body: Bytes,
    /// Where its client is, if whoever accepted the connection said so: no byte of the request does.
    pub peer: Option<SocketAddr>,
}

impl Request {
    /// A `GET` of `target` by HTTP/1.1, without fields.
    pub fn get(target: impl Into<String>) -> Request {
        Request {
            method: "GET".into(),
            target: target.into(),
            version: Version::Http11,
            headers: Headers::new(),
            body: Bytes::new(),
            peer: None,
        }
    }

    /// The target up to the query: `/chat`.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&*self.target, |(path, _)| path)
    }

    /// What stands behind the first `?` of the target: `room=1`.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// The query as pairs of a name and a value, both decoded (`application/x-www-form-urlencoded`), in their order. What
    /// is no escape is itself, and what is no UTF-8 then becomes U+FFFD: nothing is wrong here.
    ///
    /// ```
    /// let request = sansocket_core::Request::get("/chat?room=blue%20sky&quiet");
    /// let room = request.query_pairs().find(|(name, _)| name == "room").unwrap().1;
    /// assert_eq!(room, "blue sky");
    /// ```
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query().unwrap_or_default().as_bytes())
    }
}

/// A response: its head and its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The status code: 101, 200, 404.
    pub status: u16,
    /// The version it came by, or goes out by.
    pub version: Version,
    /// The header fields, without those that frame the body (`Content-Length`, `Transfer-Encoding`): these belong to
    /// whoever writes it.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// A response of HTTP/1.1 with this status, without fields or body.
    pub const fn new(status: u16) -> Response {
        Response { status, version: Version::Http11, headers: Headers::new(), body: Bytes::new() }
    }

    /// The same with one more field.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Response {
        self.headers.add(name, value);
        self
    }

    /// The same with this body.
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Response {
        self.body = body.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_stretch_over_several_fields() {
        let headers = Headers::from([("Connection", "keep-alive"), ("connection", "foo ,  UPGRADE")]);
        assert!(headers.has_token("Connection", "upgrade"));
        assert!(!headers.has_token("Connection", "upgradex"));
        assert_eq!(headers.get_only("connection"), None);
        assert_eq!(headers.get_all("CONNECTION").count(), 2);
    }

    #[test]
    fn a_target_is_a_path_and_a_query() {
        let request = Request::get("/a?b=c?d");
        assert_eq!((request.path(), request.query()), ("/a", Some("b=c?d")));
        assert_eq!(Request::get("/a").query(), None);
    }
}
