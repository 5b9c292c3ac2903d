//! What stands in the query of a request.

use alloc::borrow::Cow;

use sansocket_core::Request;

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
        let mut found = Query::default();
        for (key, value) in request.query_pairs() {
            let place = match &*key {
                "transport" => &mut found.transport,
                "EIO" => &mut found.eio,
                "sid" => &mut found.sid,
                "j" => &mut found.jsonp,
                "b64" => &mut found.base64,
                _ => continue,
            };
            *place = Some(value);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_key_counts() {
        let request =
            Request::get("/?EIO=4&transport=polling&transport=websocket&t=abc&sid=a%2Bb+c&j=%zz%41&b64");
        let query = Query::of(&request);
        assert_eq!(query.transport.as_deref(), Some("websocket"));
        assert_eq!(query.eio.as_deref(), Some("4"));
        assert_eq!(query.sid.as_deref(), Some("a+b c"));
        assert_eq!(query.base64.as_deref(), Some(""));
        // Half an escape means itself.
        assert_eq!(query.jsonp.as_deref(), Some("%zzA"));
        assert!(Query::of(&Request::get("/")).sid.is_none());
    }
}
