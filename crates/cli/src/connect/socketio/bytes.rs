//! Bytes in JSON, which has none: `{"base64":"AQID"}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sansocket_socketio::Value;

/// The only member of an object that stands for bytes.
const KEY: &str = "base64";

/// The value with bytes where such objects are.
pub(super) fn read(value: Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.into_iter().map(read).collect()),
        Value::Object(members) => {
            let only = members.get(KEY).filter(|_| members.len() == 1).and_then(Value::as_str);
            match only.and_then(|text| STANDARD.decode(text).ok()) {
                Some(bytes) => Value::Binary(bytes.into()),
                None => Value::Object(members.into_iter().map(|(key, value)| (key, read(value))).collect()),
            }
        }
        other => other,
    }
}

/// The value with such objects where bytes are.
pub(super) fn written(value: Value) -> Value {
    match value {
        Value::Binary(bytes) => Value::Object([(KEY.to_owned(), STANDARD.encode(bytes).into())].into()),
        Value::Array(values) => Value::Array(values.into_iter().map(written).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (key, written(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_wherever_they_are() {
        let bytes = || Value::Binary(vec![1, 2, 255].into());
        let members = |name: &str, value| Value::Object([(name.to_owned(), value)].into());
        for value in [bytes(), vec![bytes(), 1_u64.into()].into(), members("deep", vec![bytes()].into())] {
            let text = serde_json::to_string(&written(value.clone())).unwrap();
            assert!(text.contains(r#"{"base64":"AQL/"}"#), "{text}");
            assert_eq!(read(serde_json::from_str(&text).unwrap()), value);
        }
        let other = members(KEY, "no base64!".into());
        assert_eq!(read(other.clone()), other);
    }
}
