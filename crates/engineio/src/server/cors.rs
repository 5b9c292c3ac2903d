//! What pages of other origins may do (the Fetch standard's CORS protocol).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;
use sansocket_core::{Headers, Request, Response};

/// What a browser is told about pages of other origins. The defaults let every origin in, without credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cors {
    /// Whose pages may read the answers.
    pub origins: Origins,
    /// May they send cookies?
    pub credentials: bool,
    /// Methods they may use.
    pub methods: Vec<String>,
    /// Headers they may send; `None`: whichever they ask for.
    pub allowed_headers: Option<Vec<String>>,
    /// Headers they may read.
    pub exposed_headers: Vec<String>,
    /// How long browsers may remember all this.
    pub max_age: Option<Duration>,
}

/// A set of origins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origins {
    /// Every one, and answers say so.
    Any,
    /// Every one, and answers name the one who asked: what [credentials](Cors::credentials) need.
    Mirror,
    /// These: `https://example.org`.
    List(Vec<String>),
}

impl Default for Cors {
    fn default() -> Cors {
        Cors {
            origins: Origins::Any,
            credentials: false,
            methods: ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"].map(String::from).into(),
            allowed_headers: None,
            exposed_headers: Vec::new(),
            max_age: None,
        }
    }
}

impl Cors {
    /// What every answer to `request` says.
    pub(crate) fn headers(&self, request: &Request) -> Headers {
        let mut headers = Headers::new();
        self.add_origin(request, &mut headers);
        if !self.exposed_headers.is_empty() {
            headers.add("Access-Control-Expose-Headers", self.exposed_headers.join(","));
        }
        headers
    }

    /// The answer to a question that a browser asks before it sends the request proper.
    pub(crate) fn preflight(&self, request: &Request) -> Response {
        let mut response = Response::new(204);
        let headers = &mut response.headers;
        self.add_origin(request, headers);
        headers.add("Access-Control-Allow-Methods", self.methods.join(","));
        match (&self.allowed_headers, request.headers.get("access-control-request-headers")) {
            (Some(allowed), _) => headers.add("Access-Control-Allow-Headers", allowed.join(",")),
            (None, Some(asked)) => {
                headers.add("Vary", "Access-Control-Request-Headers");
                headers.add("Access-Control-Allow-Headers", Bytes::copy_from_slice(asked));
            }
            (None, None) => {}
        }
        if let Some(age) = self.max_age {
            headers.add("Access-Control-Max-Age", age.as_secs().to_string());
        }
        response
    }

    fn add_origin(&self, request: &Request, headers: &mut Headers) {
        let asked = request.headers.get("origin");
        let named = match &self.origins {
            Origins::Any => Some(Bytes::from_static(b"*")),
            Origins::Mirror => asked.map(Bytes::copy_from_slice),
            Origins::List(list) => asked
                .filter(|asked| list.iter().any(|one| one.as_bytes() == *asked))
                .map(Bytes::copy_from_slice),
        };
        if let Some(named) = named {
            headers.add("Access-Control-Allow-Origin", named);
        }
        if self.origins != Origins::Any {
            // What stands here depends on who asks: caches have to know.
            headers.add("Vary", "Origin");
        }
        if self.credentials {
            headers.add("Access-Control-Allow-Credentials", "true");
        }
    }
}

impl From<&str> for Origins {
    /// `*`, or one origin.
    fn from(origin: &str) -> Origins {
        if origin == "*" { Origins::Any } else { Origins::List(alloc::vec![format!("{origin}")]) }
    }
}
