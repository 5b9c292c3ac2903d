//! Whom a client calls.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// A WebSocket URI (RFC 6455 §3), taken apart: `wss://example.org:8443/chat?room=1`.
///
/// `ws:` and `http:` mean plain TCP, `wss:` and `https:` TLS. Parse one with [`str::parse`].
///
/// ```
/// use sansocket_websocket::handshake::{InvalidUri, Security, Uri};
///
/// let uri: Uri = "wss://[2001:db8::1]/chat?room=1".parse().unwrap();
/// assert_eq!((uri.host(), uri.port(), uri.security()), ("2001:db8::1", 443, Security::Tls));
/// assert_eq!((uri.authority(), uri.target()), ("[2001:db8::1]", "/chat?room=1"));
/// assert_eq!("ws://example.org/#top".parse::<Uri>(), Err(InvalidUri::Fragment));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Uri {
    security: Security,
    /// Without brackets.
    host: String,
    port: u16,
    /// With brackets, and with the port unless it is the scheme's own.
    authority: String,
    target: String,
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Security {
    /// Plain TCP: `ws:`.
    Plain,
    /// TLS: `wss:`.
    Tls,
}

/// Why a text is no WebSocket URI.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum InvalidUri {
    /// It begins with none of `ws://`, `wss://`, `http://`, `https://`.
    #[error("the URI must begin with ws:// or wss://")]
    Scheme,
    /// A space, a control or a byte beyond ASCII. Encode it: `%20`, or `xn--…` in a host name.
    #[error("the URI has a space, a control or a non-ASCII character: percent-encode it")]
    Character,
    /// RFC 6455 §3: a WebSocket URI has no fragment. Encode a `#` as `%23`.
    #[error("a WebSocket URI has no fragment: write # as %23")]
    Fragment,
    /// A user or a password. Give them in an `Authorization` header, where they do not end up in logs.
    #[error("the URI names a user: use an Authorization header instead")]
    UserInfo,
    /// No host, or none that can be one. A zone (`fe80::1%eth0`) is such: RFC 9844 leaves it to the user interface.
    #[error("the URI's host is empty or malformed")]
    Host,
    /// Not a number from 1 to 65,535.
    #[error("the URI's port is not a number from 1 to 65535")]
    Port,
}

impl Uri {
    /// Plain TCP or TLS?
    pub fn security(&self) -> Security {
        self.security
    }

    /// Where to connect, and the name that a certificate must have: without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `Host` (or `:authority`) says: with brackets, and without a port that is the scheme's own.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What the request asks for: the path, at least `/`, and the query.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The same place, asked for something else. What is no target is refused when the request is written.
    pub fn with_target(self, target: impl Into<String>) -> Uri {
        Uri { target: target.into(), ..self }
    }
}

impl FromStr for Uri {
    type Err = InvalidUri;

    fn from_str(text: &str) -> Result<Uri, InvalidUri> {
        // First of all, so that nothing can split a request.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidUri::Character);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidUri::Scheme)?;
        let security = security_of(scheme)?;
        if rest.contains('#') {
            return Err(InvalidUri::Fragment);
        }
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(InvalidUri::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let port = port.map(port_number).transpose()?.unwrap_or(security.port());
        let bare = bare_host(host)?;
        Ok(Uri {
            security,
            host: bare.into(),
            port,
            authority: if port == security.port() { host.into() } else { alloc::format!("{host}:{port}") },
            target: if target.starts_with('/') { target.into() } else { alloc::format!("/{target}") },
        })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            Security::Plain => "ws",
            Security::Tls => "wss",
        };
        write!(f, "{scheme}://{}{}", self.authority, self.target)
    }
}

impl Security {
    /// RFC 6455 §3: the port when the URI names none.
    const fn port(self) -> u16 {
        match self {
            Security::Plain => 80,
            Security::Tls => 443,
        }
    }
}

fn security_of(scheme: &str) -> Result<Security, InvalidUri> {
    let is = |known: &str| scheme.eq_ignore_ascii_case(known);
    if is("ws") || is("http") {
        Ok(Security::Plain)
    } else if is("wss") || is("https") {
        Ok(Security::Tls)
    } else {
        Err(InvalidUri::Scheme)
    }
}

/// The host, with its brackets, and what stands behind the colon.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), InvalidUri> {
    let host_len = if authority.starts_with('[') {
        authority.find(']').ok_or(InvalidUri::Host)? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    match authority.split_at(host_len) {
        (host, "") => Ok((host, None)),
        (host, rest) => rest.strip_prefix(':').map(|port| (host, Some(port))).ok_or(InvalidUri::Host),
    }
}

fn port_number(digits: &str) -> Result<u16, InvalidUri> {
    // `parse` would take a `+`.
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.parse().ok().filter(|port| is_number && *port != 0);
    port.ok_or(InvalidUri::Port)
}

/// The host without brackets, if it may be one.
fn bare_host(host: &str) -> Result<&str, InvalidUri> {
    if let Some(inside) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let address = inside.parse::<core::net::Ipv6Addr>();
        return address.map(|_| inside).map_err(|_| InvalidUri::Host);
    }
    let may_be_in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_name = !host.is_empty() && host.bytes().all(may_be_in_name);
    is_name.then_some(host).ok_or(InvalidUri::Host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, String) {
        let uri: Uri = text.parse().unwrap();
        (alloc::format!("{}|{}", uri.host(), uri.port()), uri.authority().into(), uri.target().into())
    }

    #[test]
    fn a_uri_is_taken_apart() {
        let cases = [
            ("ws://a", "a|80", "a", "/"),
            ("WSS://a", "a|443", "a", "/"),
            ("ws://a:80/", "a|80", "a", "/"),
            ("ws://a:443/", "a|443", "a:443", "/"),
            ("https://a.example:8443/x/y?z=1", "a.example|8443", "a.example:8443", "/x/y?z=1"),
            ("http://127.0.0.1?x", "127.0.0.1|80", "127.0.0.1", "/?x"),
            ("ws://[::1]:9001/a", "::1|9001", "[::1]:9001", "/a"),
            ("ws://a/b@c", "a|80", "a", "/b@c"),
        ];
        for (text, host, authority, target) in cases {
            assert_eq!(parts(text), (host.into(), authority.into(), target.into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_uri_says_why() {
        let cases = [
            ("", InvalidUri::Scheme),
            ("a/b", InvalidUri::Scheme),
            ("ftp://a", InvalidUri::Scheme),
            ("ws:/a", InvalidUri::Scheme),
            ("ws://a/\r\nX: y", InvalidUri::Character),
            ("ws://a/ b", InvalidUri::Character),
            ("ws://a/\0", InvalidUri::Character),
            ("ws://ä/", InvalidUri::Character),
            ("ws://a/#f", InvalidUri::Fragment),
            ("ws://a#", InvalidUri::Fragment),
            ("ws://u:p@a/", InvalidUri::UserInfo),
            ("ws://@a/", InvalidUri::UserInfo),
            ("ws://", InvalidUri::Host),
            ("ws:///x", InvalidUri::Host),
            ("ws://:80/", InvalidUri::Host),
            ("ws://a%20b/", InvalidUri::Host),
            ("ws://[::1/", InvalidUri::Host),
            ("ws://[::1]x/", InvalidUri::Host),
            ("ws://[fe80::1%25eth0]/", InvalidUri::Host),
            ("ws://::1/", InvalidUri::Port),
            ("ws://a:/", InvalidUri::Port),
            ("ws://a:0/", InvalidUri::Port),
            ("ws://a:65536/", InvalidUri::Port),
            ("ws://a:+80/", InvalidUri::Port),
            ("ws://a:80:80/", InvalidUri::Port),
        ];
        for (text, why) in cases {
            // `ws://::1/` has no host before the first colon; either reason is right.
            let got = text.parse::<Uri>().unwrap_err();
            assert!(got == why || text == "ws://::1/", "{text}: {got:?}");
        }
    }

    #[test]
    fn a_uri_survives_being_written() {
        for text in ["ws://a/", "wss://[::1]:80/x?y", "ws://a:81/?"] {
            assert_eq!(alloc::string::ToString::to_string(&text.parse::<Uri>().unwrap()), text);
        }
    }
}
