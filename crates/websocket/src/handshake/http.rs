//! From and to the types of the `http` crate, for hyper, axum, tower and all who speak them.
//!
//! They are functions, for neither these types nor those are of this crate.

use alloc::string::ToString;

use ::http::header::{HeaderMap, HeaderName, HeaderValue};
use ::http::{Error, request, response};
use bytes::Bytes;
use sansocket_core::{Headers, Request, Response, Version};

/// What came, for [`server::check`](super::server::check).
///
/// By HTTP/2, add what `:protocol` said (hyper keeps it in `hyper::ext::Protocol` among the extensions):
/// `request.headers.add(":protocol", "websocket")`. Where it came from stands not there: set [`peer`](Request::peer) if you
/// know.
pub fn request_from(parts: &request::Parts) -> Request {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    Request {
        method: parts.method.as_str().into(),
        version: version_from(parts.version),
        headers: headers_from(&parts.headers),
        ..Request::get(target)
    }
}

/// What came back, for [`Opening::check`](super::client::Opening::check).
pub fn response_from(parts: &response::Parts) -> Response {
    Response {
        status: parts.status.as_u16(),
        version: version_from(parts.version),
        headers: headers_from(&parts.headers),
        body: Bytes::new(),
    }
}

/// A [`Request`] to be sent, as [`Opening::request`](super::client::Opening::request) gives it. Pseudo-headers are left
/// out: `:protocol` goes where the client wants it.
///
/// # Errors
/// What `http` does not take.
pub fn request_into(request: &Request) -> Result<::http::Request<Bytes>, Error> {
    let mut built = ::http::Request::builder()
        .method(request.method.as_str())
        .uri(request.target.as_str())
        .version(version_into(request.version))
        .body(request.body.clone())?;
    *built.headers_mut() = headers_into(&request.headers)?;
    Ok(built)
}

/// A [`Response`] to be sent: an acceptance, or a refusal with its text.
///
/// # Errors
/// What `http` does not take.
pub fn response_into(response: &Response) -> Result<::http::Response<Bytes>, Error> {
    let mut built = ::http::Response::builder()
        .status(response.status)
        .version(version_into(response.version))
        .body(response.body.clone())?;
    *built.headers_mut() = headers_into(&response.headers)?;
    Ok(built)
}

fn version_from(version: ::http::Version) -> Version {
    match version {
        ::http::Version::HTTP_2 => Version::Http2,
        ::http::Version::HTTP_3 => Version::Http3,
        ::http::Version::HTTP_11 => Version::Http11,
        _ => Version::Http10,
    }
}

fn version_into(version: Version) -> ::http::Version {
    match version {
        Version::Http10 => ::http::Version::HTTP_10,
        Version::Http11 => ::http::Version::HTTP_11,
        Version::Http2 => ::http::Version::HTTP_2,
        Version::Http3 => ::http::Version::HTTP_3,
    }
}

fn headers_from(headers: &HeaderMap) -> Headers {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

fn headers_into(headers: &Headers) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !name.starts_with(':')) {
        map.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_bytes(value)?);
    }
    Ok(map)
}

#[cfg(test)]
mod tests;
