//! Whether a body follows a head, and how it ends.

use sansocket_core::{Headers, Request, Response, Version};

use crate::BodyError;
use crate::encode::may_have_body;

/// How a body ends (RFC 9112 §6.3). Make a [`BodyReader`](crate::BodyReader) of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// After so many bytes; 0 is a message without a body.
    Length(u64),
    /// With the chunk of size 0.
    Chunked,
    /// With the stream: responses only.
    UntilEof,
}

impl Framing {
    /// How the body of `request` ends.
    ///
    /// # Errors
    /// [`BodyError`] where a length is wrong, or there are two.
    pub fn of_request(request: &Request) -> Result<Framing, BodyError> {
        let announced = announced(&request.headers, request.version)?;
        // RFC 9112 §6.3 (7): a request that announces no body has none.
        Ok(announced.unwrap_or(Framing::Length(0)))
    }

    /// How the body of `response` to a request with this `method` ends.
    ///
    /// # Errors
    /// [`BodyError`] where a length is wrong, or there are two.
    pub fn of_response(response: &Response, method: &str) -> Result<Framing, BodyError> {
        // RFC 9112 §6.3 (1, 2): these have none, whatever their fields say.
        let is_tunnel = method == "CONNECT" && (200..300).contains(&response.status);
        if method == "HEAD" || is_tunnel || !may_have_body(response.status) {
            return Ok(Framing::Length(0));
        }
        let announced = announced(&response.headers, response.version)?;
        Ok(announced.unwrap_or(Framing::UntilEof))
    }

    /// Is there no body?
    pub const fn is_empty(self) -> bool {
        matches!(self, Framing::Length(0))
    }
}

fn announced(headers: &Headers, version: Version) -> Result<Option<Framing>, BodyError> {
    match (transfer_encoding(headers, version)?, content_length(headers)?) {
        // RFC 9112 §6.1: may be an attempt at request smuggling, and ought to be handled as an error.
        (Some(_), Some(_)) => Err(BodyError::TwoLengths),
        (chunked, length) => Ok(chunked.or(length)),
    }
}

fn transfer_encoding(headers: &Headers, version: Version) -> Result<Option<Framing>, BodyError> {
    let mut codings = headers.get_all("transfer-encoding");
    match (codings.next(), codings.next()) {
        (None, _) => Ok(None),
        // RFC 9112 §6.1: on HTTP/1.0 the framing is faulty. And we know one coding only, which must not be repeated
        // or joined to another; empty list elements are not worth the doubt.
        (Some(coding), None) if version != Version::Http10 && coding.eq_ignore_ascii_case(b"chunked") => {
            Ok(Some(Framing::Chunked))
        }
        _ if headers.contains("content-length") => Err(BodyError::TwoLengths),
        _ => Err(BodyError::TransferEncoding),
    }
}

fn content_length(headers: &Headers) -> Result<Option<Framing>, BodyError> {
    let mut lengths = headers.get_all("content-length");
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(None),
        (Some(digits), None) => number(digits).map(|length| Some(Framing::Length(length))),
        // RFC 9110 §8.6 would allow equal ones; a sender that repeats itself is not worth the doubt.
        (Some(_), Some(_)) => Err(BodyError::ContentLengthRepeated),
    }
}

/// RFC 9110 §8.6: `1*DIGIT`, and nothing else that a number parser takes.
fn number(digits: &[u8]) -> Result<u64, BodyError> {
    if digits.is_empty() {
        return Err(BodyError::ContentLength);
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit =
            digit.is_ascii_digit().then(|| u64::from(digit - b'0')).ok_or(BodyError::ContentLength)?;
        number.checked_mul(10).and_then(|tens| tens.checked_add(digit)).ok_or(BodyError::ContentLength)
    })
}

#[cfg(test)]
mod tests;
