//! What stands in the query of a request.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use sansocket_core::Request;

use crate::percent;

/// The keys of a request's query that mean something here. Of a key that is given twice the last one counts, as in the
/// servers that clients were written for.
#[derive(Default, Debug)]
pub(crate) struct Query<'r> {
    pub(crate) transport: Option<Cow<'r, str>>,
    pub(crate) eio: Option<Cow<'r, str>>,
    pub(crate) sid: Option<Cow<'r, str>>,
    pub(crate) jsonp: Option<Cow<'r, str>>,
    pub(crate) base64: Option<Cow<'r, str>>,
}

impl<'r> Query<'r> {
    pub(crate) fn of(request: &'r Request) -> Query<'r> {
        Query::new(request.query().unwrap_or_default())
    }

    fn new(query: &'r str) -> Query<'r> {
        let mut found = Query::default();
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match key {
                "transport" => &mut found.transport,
                "EIO" => &mut found.eio,
                "sid" => &mut found.sid,
                "j" => &mut found.jsonp,
                "b64" => &mut found.base64,
                _ => continue,
            };
            *place = Some(decoded(value));
        }
        found
    }
}

/// Undoes percent-encoding and `+`. What is no UTF-8 then means nothing to anybody here.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(value);
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(value.len()), value.as_bytes());
    while let [literal, ..] = rest {
        // Half an escape means itself, as for everybody who reads queries.
        let (byte, taken) = percent::first(rest).unwrap_or((*literal, 1));
        bytes.push(byte);
        rest = &rest[taken..];
    }
    Cow::Owned(String::from_utf8(bytes).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_key_counts() {
        let query = Query::new("EIO=4&transport=polling&transport=websocket&t=abc&sid=a%2Bb+c&b64");
        assert_eq!(query.transport.as_deref(), Some("websocket"));
        assert_eq!(query.eio.as_deref(), Some("4"));
        assert_eq!(query.sid.as_deref(), Some("a+b c"));
        assert_eq!(query.base64.as_deref(), Some(""));
        assert_eq!(query.jsonp, None);
    }

    #[test]
    fn half_an_escape_means_itself() {
        assert_eq!(decoded("%"), "%");
        assert_eq!(decoded("%4"), "%4");
        assert_eq!(decoded("%zz%41"), "%zzA");
        assert_eq!(decoded("%ff"), "");
    }
}
