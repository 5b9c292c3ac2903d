//! Heads, written.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use sansocket_core::{Headers, Outbox, Request, Response, Version};

use crate::bytes::is_target;
use crate::{is_token, is_value};

/// Bodies up to this size are copied behind their head, so that both leave in one piece; larger ones are shared.
const COPIED: usize = 4 << 10;

/// What cannot be written, for it would not be what it says: the caller's fault, and nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EncodeError {
    /// The method is not a token.
    #[error("the method {0:?} is not a token")]
    Method(String),
    /// The target is empty, or has spaces, controls or bytes beyond ASCII.
    #[error("the request target {0:?} has an illegal byte")]
    Target(String),
    /// The status has not three digits.
    #[error("{0} is no status code")]
    Status(u16),
    /// A head of HTTP/2 or HTTP/3 is not written as HTTP/1.1.
    #[error("a message of {0:?} is not written as HTTP/1")]
    Version(Version),
    /// The name of a header field is not a token.
    #[error("the header name {0:?} is not a token")]
    Name(String),
    /// The value of this header field has CR, LF, NUL, another control, or blank ends.
    #[error("the value of the header {0:?} has an illegal byte")]
    Value(String),
}

/// Queues `request` with its body. `Content-Length` is added if there is a body, or the method means to send one
/// (RFC 9110 §8.6); fields of the request that frame a body are left out.
///
/// # Errors
/// [`EncodeError`]; then nothing was queued.
pub fn encode_request(request: &Request, out: &mut Outbox) -> Result<(), EncodeError> {
    if !is_token(request.method.as_bytes()) {
        return Err(EncodeError::Method(request.method.clone()));
    }
    if !is_target(request.target.as_bytes()) {
        return Err(EncodeError::Target(request.target.clone()));
    }
    let mut head = Head::new(&[&request.method, " ", &request.target, " ", version(request.version)?]);
    head.fields(&request.headers, &FRAMING)?;
    if !request.body.is_empty() || matches!(&*request.method, "POST" | "PUT" | "PATCH") {
        head.length(request.body.len());
    }
    head.queue(&request.body, out);
    Ok(())
}

/// Queues `response`, with its body and `Content-Length`, as the answer to a request with this `method` (to `HEAD` the
/// body stays away, RFC 9110 §9.3.2). Fields of the response that frame a body are left out.
///
/// # Errors
/// [`EncodeError`]; then nothing was queued.
pub fn encode_response(response: &Response, method: &str, out: &mut Outbox) -> Result<(), EncodeError> {
    let mut head = Head::of_status(response.status, response.version)?;
    head.fields(&response.headers, &FRAMING)?;
    let has_body = may_have_body(response.status);
    if has_body {
        head.length(response.body.len());
    }
    let body = if has_body && method != "HEAD" { &response.body } else { &Bytes::new() };
    head.queue(body, out);
    Ok(())
}

/// RFC 9110 §8.6: no Content-Length with 1xx and 204; with 304 it would be that of another response.
pub(crate) const fn may_have_body(status: u16) -> bool {
    !matches!(status, 100..=199 | 204 | 304)
}

/// The fields that say how a body ends: they are whoever's who writes it.
pub(crate) const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

/// A head under way: nothing is queued before all of it is known to be right.
pub(crate) struct Head(Vec<u8>);

impl Head {
    pub(crate) fn of_status(status: u16, by: Version) -> Result<Head, EncodeError> {
        if !(100..=999).contains(&status) {
            return Err(EncodeError::Status(status));
        }
        Ok(Head::new(&[version(by)?, " ", &status.to_string(), " ", reason_phrase(status)]))
    }

    fn new(start: &[&str]) -> Head {
        let mut head = Head(Vec::with_capacity(512));
        head.line(start);
        head
    }

    /// All `headers` but those whose names, in lower case, are `left_out`.
    pub(crate) fn fields(&mut self, headers: &Headers, left_out: &[&str]) -> Result<(), EncodeError> {
        for (name, value) in headers.iter() {
            if !is_token(name.as_bytes()) {
                return Err(EncodeError::Name(name.into()));
            }
            if !is_value(value) {
                return Err(EncodeError::Value(name.into()));
            }
            if left_out.iter().any(|left_out| name.eq_ignore_ascii_case(left_out)) {
                continue;
            }
            self.write(&[name, ": "]);
            self.0.extend_from_slice(value);
            self.0.extend_from_slice(b"\r\n");
        }
        Ok(())
    }

    /// A field of ours.
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        self.line(&[name, ": ", value]);
    }

    pub(crate) fn length(&mut self, length: usize) {
        self.field("Content-Length", &length.to_string());
    }

    /// Ends the head and queues it with what follows.
    pub(crate) fn queue(mut self, body: &Bytes, out: &mut Outbox) {
        self.0.extend_from_slice(b"\r\n");
        if body.len() <= COPIED {
            self.0.extend_from_slice(body);
            out.extend(&self.0);
        } else {
            out.extend(&self.0);
            out.share(body.clone());
        }
    }

    fn line(&mut self, parts: &[&str]) {
        self.write(parts);
        self.0.extend_from_slice(b"\r\n");
    }

    fn write(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.0.extend_from_slice(part.as_bytes()));
    }
}

fn version(version: Version) -> Result<&'static str, EncodeError> {
    match version {
        Version::Http10 => Ok("HTTP/1.0"),
        Version::Http11 => Ok("HTTP/1.1"),
        Version::Http2 | Version::Http3 => Err(EncodeError::Version(version)),
    }
}

/// The phrase of the registry (RFC 9110 §15, RFC 6585); clients ignore it.
fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
