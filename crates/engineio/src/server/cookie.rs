//! The cookie that keeps a client at its server.

use alloc::format;
use alloc::string::String;

use super::sid::Sid;

/// A cookie with the session's id, set by the answer that begins a polling session. A load balancer that looks at it
/// brings all requests of a session to one server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// `Path`.
    pub path: String,
    /// Further attributes as they are to stand in the header.
    pub attributes: String,
}

impl Default for Cookie {
    fn default() -> Cookie {
        Cookie { name: "io".into(), path: "/".into(), attributes: "HttpOnly; SameSite=Lax".into() }
    }
}

impl Cookie {
    pub(crate) fn with(&self, sid: Sid) -> String {
        let separator = if self.attributes.is_empty() { "" } else { "; " };
        format!("{}={sid}; Path={}{separator}{}", self.name, self.path, self.attributes)
    }
}
