//! What of a request decides how its answer is written, and read.

use sansocket_core::{Request, Version};

use crate::persistence::Persistence;

/// What of a request decides how its answer is written, and read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) version: Version,
    pub(crate) persistence: Persistence,
    pub(crate) wish: Wish,
}

/// The methods whose answers differ.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Method {
    Head,
    Other,
}

/// What a client wants.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Wish {
    /// An answer.
    Answer,
    /// An answer, or to go on in another protocol.
    Switch,
}

impl Asked {
    /// What a request is taken for whose head was not understood.
    pub(crate) const UNKNOWN: Asked = Asked {
        method: Method::Other,
        version: Version::Http11,
        persistence: Persistence::Close,
        wish: Wish::Answer,
    };

    pub(crate) fn of(request: &Request) -> Asked {
        let headers = &request.headers;
        // RFC 9110 §7.8: an Upgrade of HTTP/1.0 is ignored, as is one that Connection does not list.
        let switches = request.version == Version::Http11
            && headers.contains("upgrade")
            && headers.has_token("connection", "upgrade");
        Asked {
            method: if request.method == "HEAD" { Method::Head } else { Method::Other },
            version: request.version,
            persistence: Persistence::of(headers, request.version),
            wish: if switches { Wish::Switch } else { Wish::Answer },
        }
    }
}

impl Method {
    /// A method whose answers are framed as those of this one.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Method::Head => "HEAD",
            Method::Other => "GET",
        }
    }
}
