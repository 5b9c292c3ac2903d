//! Types out of JSON and attachments.

use alloc::borrow::Cow;

use sansocket_core::Payload;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor, value::SeqDeserializer,
};

use super::key::Key;
use super::{Fault, Number, Placeholder, Scan};
use crate::error::ArgsError;

/// Reads types, with serde, out of text that is known to be JSON. Where the text has a placeholder, the type finds bytes.
///
/// It recurses as deep as the text does, which was bounded when it came ([`Scan::value`]).
pub(crate) struct Reader<'de> {
    text: &'de str,
    scan: Scan<'de>,
    attachments: &'de [Payload],
}

impl<'de> Reader<'de> {
    pub(crate) fn new(text: &'de str, attachments: &'de [Payload]) -> Reader<'de> {
        Reader { text, scan: Scan::new(text, 0), attachments }
    }

    /// Is nothing left?
    pub(crate) fn is_empty(&mut self) -> bool {
        self.peek().is_none()
    }

    /// The next byte that is no white space, left where it is.
    fn peek(&mut self) -> Option<u8> {
        self.scan.peek()
    }

    /// Passes a string, and gives what it says.
    fn string(&mut self) -> Result<Cow<'de, str>, ArgsError> {
        Ok(self.scan.string()?.unescape())
    }

    /// Passes a placeholder, and gives what it stands for, if one comes next.
    fn attachment(&mut self) -> Result<Option<&'de Payload>, ArgsError> {
        // Without attachments, what looks like a placeholder is somebody's data.
        if self.attachments.is_empty() || self.peek() != Some(b'{') {
            return Ok(None);
        }
        match Placeholder::at(self.text, self.scan.at()) {
            Placeholder::Object => Ok(None),
            Placeholder::Of { number, end } => {
                self.scan = Scan::new(self.text, end);
                let attachment = self.attachments.get(number);
                attachment.map(Some).ok_or_else(|| ArgsError::custom("a placeholder without its bytes"))
            }
            Placeholder::Malformed => Err(ArgsError::custom("a malformed placeholder")),
        }
    }

    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ArgsError> {
        match Number::of(self.scan.number()?) {
            Number::Unsigned(number) => visitor.visit_u64(number),
            Number::Signed(number) => visitor.visit_i64(number),
            Number::Float(number) => visitor.visit_f64(number),
        }
    }

    /// Arrays, and bytes for whoever wants them one by one.
    fn sequence<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ArgsError> {
        if let Some(bytes) = self.attachment()? {
            return SeqDeserializer::new(bytes.iter().copied()).deserialize_any(visitor);
        }
        self.scan.expect(b'[')?;
        let value = visitor.visit_seq(Elements::new(self))?;
        self.scan.expect(b']').map_err(|_| ArgsError::custom("an array with more elements than wanted"))?;
        Ok(value)
    }

    fn object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ArgsError> {
        self.scan.expect(b'{')?;
        let value = visitor.visit_map(Members { reader: self, first: true })?;
        self.scan.expect(b'}')?;
        Ok(value)
    }
}

impl From<Fault> for ArgsError {
    fn from(_: Fault) -> ArgsError {
        ArgsError::custom("another kind of value")
    }
}

/// Hands on, with what serde asks for left out: the text says itself what it is.
macro_rules! whatever_it_is {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            self.deserialize_any(visitor)
        }
    )*};
}

/// Numbers that the usual ones have no room for.
macro_rules! wide {
    ($($method:ident, $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            visitor.$visit(self.scan.number()?.parse().map_err(ArgsError::custom)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = ArgsError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.peek() {
            Some(b'n') => {
                self.scan.word("null")?;
                visitor.visit_unit()
            }
            Some(b't') => {
                self.scan.word("true")?;
                visitor.visit_bool(true)
            }
            Some(b'f') => {
                self.scan.word("false")?;
                visitor.visit_bool(false)
            }
            Some(b'"') => match self.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(b'[') => self.sequence(visitor),
            Some(b'{') => match self.attachment()? {
                Some(bytes) => visitor.visit_borrowed_bytes(bytes),
                None => self.object(visitor),
            },
            _ => self.number(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        if self.peek() == Some(b'n') {
            self.scan.word("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.attachment()? {
            Some(bytes) => visitor.visit_byte_buf(bytes.to_vec()),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        match self.peek() {
            Some(b'[' | b'{') => self.sequence(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ArgsError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        if self.peek() == Some(b'"') {
            return self.string()?.into_deserializer().deserialize_enum(name, variants, visitor);
        }
        self.scan.expect(b'{')?;
        let value = visitor.visit_enum(Variant(self))?;
        self.scan.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        self.scan.skip()?;
        visitor.visit_unit()
    }

    wide! {
        deserialize_i128, visit_i128;
        deserialize_u128, visit_u128;
    }

    whatever_it_is! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_unit deserialize_map
        deserialize_identifier
    }
}

/// What stands between the brackets of an array, or would stand between brackets: ends at `]`, or where the text does.
pub(crate) struct Elements<'r, 'de> {
    reader: &'r mut Reader<'de>,
    first: bool,
}

impl<'r, 'de> Elements<'r, 'de> {
    pub(crate) fn new(reader: &'r mut Reader<'de>) -> Elements<'r, 'de> {
        Elements { reader, first: true }
    }

    /// Was that the last one?
    pub(crate) fn at_end(&mut self) -> bool {
        matches!(self.reader.peek(), None | Some(b']'))
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = ArgsError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ArgsError> {
        if self.at_end() {
            return Ok(None);
        }
        if !core::mem::take(&mut self.first) {
            self.reader.scan.expect(b',')?;
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

/// What stands between the braces of an object.
struct Members<'r, 'de> {
    reader: &'r mut Reader<'de>,
    first: bool,
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = ArgsError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ArgsError> {
        if self.reader.peek() == Some(b'}') {
            return Ok(None);
        }
        if !core::mem::take(&mut self.first) {
            self.reader.scan.expect(b',')?;
        }
        seed.deserialize(Key(self.reader.string()?)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ArgsError> {
        self.reader.scan.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant with what belongs to it: an object of one member.
struct Variant<'r, 'de>(&'r mut Reader<'de>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = ArgsError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ArgsError> {
        let variant = seed.deserialize(Key(self.0.string()?))?;
        self.0.scan.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = ArgsError;

    fn unit_variant(self) -> Result<(), ArgsError> {
        <()>::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ArgsError> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ArgsError> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.0.deserialize_any(visitor)
    }
}

/// A type out of one value.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    text: &'de str,
    attachments: &'de [Payload],
) -> Result<T, ArgsError> {
    T::deserialize(&mut Reader::new(text, attachments))
}

#[cfg(test)]
mod tests;
