//! One request and its answer, which may be long in coming.

use alloc::string::String;
use core::str;

#[cfg(feature = "compression")]
use sansocket_core::Compress;
use sansocket_core::{Headers, Request, Response};

use super::ids::SessionId;
use super::options::ServerOptions;
use super::refusal::{Asker, Refusal};
use crate::Form;
use crate::content::Content;
use crate::jsonp::Index;
use crate::outlet::Payload;

/// What the hub knows of a request until it is answered.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// `None`: it was refused, or is none of a session.
    pub(crate) session: Option<SessionId>,
    /// What kind of body it announced.
    pub(crate) content: Content,
    pub(crate) shape: Shape,
}

/// How its answer has to look.
#[derive(Debug)]
pub(crate) struct Shape {
    /// As a call of the function with this number.
    pub(crate) jsonp: Option<Index>,
    /// What stands in every answer to it.
    headers: Headers,
    #[cfg(feature = "compression")]
    smaller: super::compression::Smaller,
}

/// What to answer.
pub(crate) enum Reply {
    /// To a poll, with a cookie perhaps.
    Payload(Payload, Option<String>),
    /// A body was taken.
    Accepted,
    Refused(Refusal),
    /// Nothing but the status: clients look at no more.
    Status(u16),
    /// As it is.
    Whole(Response),
}

impl Shape {
    pub(crate) fn new(
        request: &Request,
        jsonp: Option<Index>,
        mut headers: Headers,
        options: &ServerOptions,
    ) -> Shape {
        #[cfg(not(feature = "compression"))]
        let _ = options;
        if is_internet_explorer(request) {
            // Its filter takes answers for what an attacker put into the request, and mangles them.
            headers.add("X-XSS-Protection", "0");
        }
        Shape {
            jsonp,
            headers,
            #[cfg(feature = "compression")]
            smaller: super::compression::Smaller::new(request, options.compression_threshold),
        }
    }

    /// The answer as it goes out.
    pub(crate) fn answer(&self, reply: Reply) -> Response {
        let mut response = match reply {
            Reply::Payload(payload, None) => self.poll_answer(payload),
            Reply::Payload(payload, Some(cookie)) => {
                self.poll_answer(payload).with_header("Set-Cookie", cookie)
            }
            Reply::Accepted => Response::new(200).with_header("Content-Type", "text/html").with_body("ok"),
            Reply::Refused(refusal) => refusal.response(Asker::Request),
            Reply::Status(status) => Response::new(status),
            Reply::Whole(response) => response,
        };
        response.headers.add_all(&self.headers);
        response
    }

    fn poll_answer(&self, payload: Payload) -> Response {
        let Payload { body, form, compress } = payload;
        let content_type = match form {
            Form::V3Binary => "application/octet-stream",
            Form::V4 | Form::V3Text => "text/plain; charset=UTF-8",
        };
        let body = match &self.jsonp {
            // Where there are callbacks there are no bytes: it is text.
            Some(index) => index.answer(str::from_utf8(&body).unwrap_or_default()),
            None => body,
        };
        let response = Response::new(200)
            .with_header("Content-Type", content_type)
            .with_header("Cache-Control", "no-store");
        match compress {
            #[cfg(feature = "compression")]
            Compress::Yes => self.smaller.apply(response, body),
            _ => response.with_body(body),
        }
    }
}

fn is_internet_explorer(request: &Request) -> bool {
    let agent = request.headers.get("user-agent").unwrap_or_default();
    [&b";MSIE"[..], b"Trident/"].iter().any(|mark| agent.windows(mark.len()).any(|window| window == *mark))
}
