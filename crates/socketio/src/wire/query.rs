//! What a client of Socket.IO 2 says of itself: a query behind the name of the namespace.

use alloc::string::String;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::value::{Map, Value};

/// What stands for itself beside letters and digits.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The name, and the query behind it.
pub(super) fn split(name: &str) -> (&str, Option<&str>) {
    match name.split_once('?') {
        Some((name, query)) => (name, Some(query)),
        None => (name, None),
    }
}

/// The query as an object of texts. Of two members with the same name the last one counts.
pub(super) fn parse(query: &str) -> Value {
    let members = form_urlencoded::parse(query.as_bytes());
    let members = members.map(|(key, value)| (key.into_owned(), Value::Text(value.into_owned())));
    Value::Object(members.collect())
}

/// An object as a query. What is not text is written as JSON; bytes have no place here.
pub(super) fn write(members: &Map) -> String {
    let mut query = String::new();
    for (key, value) in members {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.extend(encoded(key));
        query.push('=');
        match value {
            Value::Text(text) => query.extend(encoded(text)),
            other => query.extend(encoded(&other.to_json())),
        }
    }
    query
}

/// As `encodeURIComponent` does, which also spares the comma that would end the name. A space is no `+`: others do not
/// undo that.
fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, COMPONENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn a_query_is_an_object_of_texts() {
        let object = parse("token=a%20b+c&&x&y=%zz%c3%a9&x=2");
        assert_eq!(object.get("token"), Some(&"a b c".into()));
        assert_eq!(object.get("y"), Some(&"%zz\u{e9}".into()));
        assert_eq!(object.get("x"), Some(&"2".into()));
        assert_eq!(split("/admin?a=b?c"), ("/admin", Some("a=b?c")));
    }

    proptest! {
        #[test]
        fn texts_come_back(members in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..4)) {
            let members: Map = members.into_iter().map(|(key, text)| (key, text.into())).collect();
            let query = write(&members);
            prop_assert!(query.is_ascii() && !query.contains(','));
            let again = parse(query.strip_prefix('?').unwrap_or_default());
            let nameless = members.get("").is_some_and(|text| text == &Value::Text(String::new()));
            if !nameless {
                prop_assert_eq!(again, Value::Object(members));
            }
        }
    }

    #[test]
    fn other_data_is_json() {
        let members = Map::from([("n".to_string(), 1_u64.into()), ("o".to_string(), Value::Null)]);
        assert_eq!(write(&members), "?n=1&o=null");
    }
}
