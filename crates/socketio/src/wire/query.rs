//! What a client of Socket.IO 2 says of itself: a query behind the name of the namespace.

use alloc::string::String;
use alloc::vec::Vec;

use crate::value::{Map, Value};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The name, and the query behind it.
pub(super) fn split(name: &str) -> (&str, Option<&str>) {
    match name.split_once('?') {
        Some((name, query)) => (name, Some(query)),
        None => (name, None),
    }
}

/// The query as an object of texts. Of two members with the same name the last one counts.
pub(super) fn parse(query: &str) -> Value {
    let members = query.split('&').filter(|member| !member.is_empty());
    let members = members.map(|member| {
        let (key, value) = member.split_once('=').unwrap_or((member, ""));
        (decoded(key), Value::Text(decoded(value)))
    });
    Value::Object(members.collect())
}

/// An object as a query. What is not text is written as JSON; bytes have no place here.
pub(super) fn write(members: &Map) -> String {
    let mut query = String::new();
    for (key, value) in members {
        query.push(if query.is_empty() { '?' } else { '&' });
        push_encoded(key, &mut query);
        query.push('=');
        match value {
            Value::Text(text) => push_encoded(text, &mut query),
            other => push_encoded(&other.to_json(), &mut query),
        }
    }
    query
}

fn decoded(written: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (from, mut bytes, mut at) = (written.as_bytes(), Vec::with_capacity(written.len()), 0);
    while let Some(byte) = from.get(at) {
        at += 1;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (digit(from.get(at)), digit(from.get(at + 1))) {
                (Some(high), Some(low)) => {
                    at += 2;
                    (high * 16 + low) as u8
                }
                // As browsers do: what is no escape is itself.
                _ => b'%',
            },
            other => *other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// As `encodeURIComponent` does, which also spares the comma that would end the name.
fn push_encoded(text: &str, to: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            to.push(char::from(byte));
        } else {
            to.push('%');
            to.push(char::from(HEX[usize::from(byte >> 4)]));
            to.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
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
