//! Heads, read as their bytes arrive.

use alloc::string::String;
use alloc::vec;

use bytes::Bytes;
use sansocket_core::{Headers, Input, Request, Response, Version};

use crate::scan::{Found, Scan};
use crate::{HeadError, Limits};

/// Reads the heads of requests, one after the other: a server's side.
///
/// The head stays in the [`Input`] until it is complete; what follows it (a body, the next request, another protocol)
/// is left there. A target in absolute form is taken apart as RFC 9112 §3.2.2 wants it: `target` becomes the path, and
/// the authority replaces what `Host` says. Bodies are not this reader's: see [`Framing`](crate::Framing).
#[derive(Debug)]
pub struct RequestReader {
    scan: Scan,
    limits: Limits,
}

impl RequestReader {
    /// A reader at the start of a head.
    pub const fn new(limits: Limits) -> RequestReader {
        RequestReader { scan: Scan::request(), limits }
    }

    /// Has a byte of the next head been looked at?
    pub const fn has_begun(&self) -> bool {
        self.scan.has_begun()
    }

    /// Looks at what came since the last call. `None`: more bytes are needed. With a request, the reader is ready for
    /// the next one.
    ///
    /// # Errors
    /// [`HeadError`], as soon as the bytes that are there cannot begin a right head. It is final: what follows cannot
    /// be understood any more.
    pub fn read(&mut self, input: &mut Input) -> Result<Option<Request>, HeadError> {
        let Some(found) = self.scan.read(input.raw(), &self.limits)? else { return Ok(None) };
        self.scan = Scan::request();
        parse_request(&input.take(found.end)[found.start..], found).map(Some)
    }
}

/// Reads the heads of responses, one after the other: a client's side. Interim ones (1xx) come as any other.
#[derive(Debug)]
pub struct ResponseReader {
    scan: Scan,
    limits: Limits,
}

impl ResponseReader {
    /// A reader at the start of a head.
    pub const fn new(limits: Limits) -> ResponseReader {
        ResponseReader { scan: Scan::response(), limits }
    }

    /// Has a byte of the next head been looked at?
    pub const fn has_begun(&self) -> bool {
        self.scan.has_begun()
    }

    /// Looks at what came since the last call. `None`: more bytes are needed. With a response, the reader is ready for
    /// the next one.
    ///
    /// # Errors
    /// [`HeadError`], as soon as the bytes that are there cannot begin a right head. It is final.
    pub fn read(&mut self, input: &mut Input) -> Result<Option<Response>, HeadError> {
        let Some(found) = self.scan.read(input.raw(), &self.limits)? else { return Ok(None) };
        self.scan = Scan::response();
        parse_response(input.take(found.end), found).map(Some)
    }
}

fn parse_request(head: &[u8], found: Found) -> Result<Request, HeadError> {
    let mut fields = vec![httparse::EMPTY_HEADER; found.headers];
    let mut parsed = httparse::Request::new(&mut fields);
    parsed.parse(head).map_err(refused)?;
    let method = parsed.method.ok_or(HeadError::Method)?;
    let target = parsed.path.ok_or(HeadError::Target)?;
    let version = version(parsed.version);
    let headers = headers(head, parsed.headers);
    check_host(&headers, version)?;
    let mut request = Request { method: method.into(), version, headers, ..Request::get(String::new()) };
    match form_of(method, target)? {
        Form::AsItIs => request.target = target.into(),
        Form::Absolute { authority, path } => {
            request.target = path;
            request.headers = with_host(&request.headers, authority);
        }
    }
    Ok(request)
}

fn parse_response(head: &[u8], found: Found) -> Result<Response, HeadError> {
    let mut fields = vec![httparse::EMPTY_HEADER; found.headers];
    let mut parsed = httparse::Response::new(&mut fields);
    parsed.parse(head).map_err(refused)?;
    Ok(Response {
        status: parsed.code.ok_or(HeadError::Status)?,
        version: version(parsed.version),
        headers: headers(head, parsed.headers),
        body: Bytes::new(),
    })
}

/// What the scan lets pass, httparse takes apart. Should they disagree, the stricter one is right.
#[cold]
fn refused(error: httparse::Error) -> HeadError {
    match error {
        httparse::Error::HeaderName => HeadError::Name,
        httparse::Error::HeaderValue => HeadError::Value,
        httparse::Error::NewLine => HeadError::BareCr,
        httparse::Error::Status => HeadError::Status,
        httparse::Error::Token => HeadError::Target,
        httparse::Error::TooManyHeaders => HeadError::TooManyHeaders,
        httparse::Error::Version => HeadError::Version,
    }
}

fn version(minor: Option<u8>) -> Version {
    if minor == Some(0) { Version::Http10 } else { Version::Http11 }
}

/// The values share one copy of the head.
fn headers(head: &[u8], fields: &[httparse::Header<'_>]) -> Headers {
    let shared = Bytes::copy_from_slice(head);
    let place = |value: &[u8]| {
        let start = value.as_ptr() as usize - head.as_ptr() as usize;
        shared.slice(start..start + value.len())
    };
    fields.iter().map(|field| (field.name, place(field.value))).collect()
}

fn check_host(headers: &Headers, version: Version) -> Result<(), HeadError> {
    // RFC 9112 §3.2: 400 for an HTTP/1.1 request without Host, and for any with more than one or a wrong one.
    let mut hosts = headers.get_all("host");
    match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::Http11 => Err(HeadError::HostMissing),
        (None, _) => Ok(()),
        (Some(host), None) if is_authority(host) => Ok(()),
        (Some(_), None) => Err(HeadError::Host),
        (Some(_), Some(_)) => Err(HeadError::HostRepeated),
    }
}

/// Nothing that would end a host and port in a URI (RFC 3986 §3.2); no user either.
fn is_authority(host: &[u8]) -> bool {
    host.iter().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'[' | b']' | b'%')
            // RFC 3986 §2.2: sub-delims, but for the comma, which is how two hosts would be joined.
            || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b';' | b'=')
    })
}

/// How a target is written (RFC 9112 §3.2).
enum Form<'t> {
    /// `/path`, `*`, or `host:port` of a CONNECT.
    AsItIs,
    /// `http://host/path`
    Absolute { authority: &'t str, path: String },
}

fn form_of<'t>(method: &str, target: &'t str) -> Result<Form<'t>, HeadError> {
    if method == "CONNECT" {
        return if is_authority(target.as_bytes()) { Ok(Form::AsItIs) } else { Err(HeadError::Target) };
    }
    if target.starts_with('/') || (target == "*" && method == "OPTIONS") {
        return Ok(Form::AsItIs);
    }
    let (scheme, rest) = target.split_once("://").ok_or(HeadError::Target)?;
    if !["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(HeadError::Target);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.is_empty() || !is_authority(authority.as_bytes()) {
        return Err(HeadError::Target);
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(Form::Absolute { authority, path: [slash, path].concat() })
}

/// RFC 9112 §3.2.2: the authority of the target replaces what Host says.
fn with_host(headers: &Headers, authority: &str) -> Headers {
    let host = Bytes::copy_from_slice(authority.as_bytes());
    let others = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
    let others = others.map(|(name, value)| (String::from(name), Bytes::copy_from_slice(value)));
    [(String::from("Host"), host)].into_iter().chain(others).collect()
}

#[cfg(test)]
mod tests;
