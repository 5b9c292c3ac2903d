//! Any data.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;

use crate::error::ArgsError;
use crate::json::{self, Level, MARK, Writer};

/// The members of an object, by key. A tree, so that whoever chooses the keys cannot make it slow; where a peer says a key
/// twice, the last one counts.
pub type Map = BTreeMap<String, Value>;

/// Any data: what JSON can say, and bytes.
///
/// Where a type is known, read that instead ([`Args::read`](crate::Args::read)): it costs less, and says what is wrong.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Value {
    /// Nothing. Also what a number becomes that is too large for JSON.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// Values in order.
    Array(Vec<Value>),
    /// Values by name.
    Object(Map),
}

impl Value {
    /// What `of` is as data: what its `Serialize` says, with `serialize_bytes` for bytes.
    ///
    /// # Errors
    /// [`ArgsError`] if it cannot be written.
    pub fn new<T: Serialize + ?Sized>(of: &T) -> Result<Value, ArgsError> {
        let mut writer = Writer::new(Level::Value);
        of.serialize(&mut writer)?;
        let parts = writer.finish()?;
        json::read(&parts.text, &parts.attachments)
    }

    /// The data as a type: what its `Deserialize` asks for.
    ///
    /// # Errors
    /// [`ArgsError::Mismatch`] if it is something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        let mut writer = Writer::new(Level::Value);
        self.write(&mut writer);
        let parts = writer.finish()?;
        json::read(&parts.text, &parts.attachments)
    }

    /// The member of that name, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members.get(key),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Is it an object?
    pub fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }

    /// The value where no attachments can follow: bytes are an array of numbers, as in all JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Writes it as `Serialize` says, but bytes by reference count.
    pub(crate) fn write(&self, writer: &mut Writer) {
        match self {
            Value::Binary(bytes) => writer.push_binary(bytes.clone().into()),
            Value::Array(values) => {
                writer.push("[");
                writer.elements(values, |writer, value| value.write(writer));
                writer.push("]");
            }
            Value::Object(members) => {
                writer.push("{");
                writer.elements(members, |writer, (key, value)| {
                    writer.push_key(key);
                    value.write(writer);
                });
                writer.push("}");
            }
            // A leaf can always be written.
            leaf => leaf.serialize(writer).unwrap_or_default(),
        }
    }

    /// The same, with nothing in it that a peer would take for a placeholder.
    pub(crate) fn defused(self) -> Value {
        match self {
            Value::Array(values) => Value::Array(values.into_iter().map(Value::defused).collect()),
            Value::Object(members) => {
                let defused = |(key, value)| match value {
                    Value::Bool(true) if key == MARK => (key, Value::from(1_u64)),
                    other => (key, other.defused()),
                };
                Value::Object(members.into_iter().map(defused).collect())
            }
            other => other,
        }
    }
}

macro_rules! from {
    ($($type:ty => $value:expr;)*) => {$(
        impl From<$type> for Value {
            fn from(from: $type) -> Value {
                $value(from.into())
            }
        }
    )*};
}

from! {
    bool => Value::Bool;
    u64 => Value::Number;
    i64 => Value::Number;
    &str => Value::Text;
    String => Value::Text;
    Bytes => Value::Binary;
    Vec<Value> => Value::Array;
    Map => Value::Object;
}

impl From<f64> for Value {
    /// What is not finite is [`Value::Null`], as in JavaScript's JSON.
    fn from(value: f64) -> Value {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Not as a unit: that is no argument at all where it is alone.
            Value::Null => serializer.serialize_none(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => serializer.serialize_u64(number),
                (None, Some(number)) => serializer.serialize_i64(number),
                (None, None) => serializer.serialize_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::Text(text) => serializer.serialize_str(text),
            Value::Binary(bytes) => serializer.serialize_bytes(bytes),
            Value::Array(values) => serializer.collect_seq(values),
            Value::Object(members) => serializer.collect_map(members),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

macro_rules! visited {
    ($($method:ident($type:ty);)*) => {$(
        fn $method<E>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        }
    )*};
}

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any data")
    }

    visited! {
        visit_bool(bool);
        visit_i64(i64);
        visit_u64(u64);
        visit_f64(f64);
        visit_str(&str);
        visit_string(String);
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Bytes::copy_from_slice(bytes).into())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Bytes::from(bytes).into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, value)) = members.next_entry::<String, Value>()? {
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn data_is_what_its_type_says() {
        let value = Value::new(&(1, "two", [Some(3.5), None], Bytes::from_static(b"four"))).unwrap();
        let half = Value::from(3.5);
        let wanted = vec![
            1_u64.into(),
            "two".into(),
            vec![half, Value::Null].into(),
            Bytes::from_static(b"four").into(),
        ];
        assert_eq!(value, Value::Array(wanted));
        type Again = (u8, String, [Option<f32>; 2], Bytes);
        let again: Again = value.read().unwrap();
        assert_eq!(again, (1, "two".into(), [Some(3.5), None], Bytes::from_static(b"four")));
    }

    #[test]
    fn members_are_found_by_name() {
        let value: Value = serde_json::from_str(r#"{"token":"a","token":"b"}"#).unwrap();
        assert_eq!(value.get("token").and_then(Value::as_str), Some("b"), "the last one counts");
        assert_eq!(value.get("other"), None);
    }
}
