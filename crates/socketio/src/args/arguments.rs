//! Several values as one type.

use alloc::vec::Vec;

use sansocket_core::Payload;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::error::ArgsError;
use crate::json::{ALL_ARGUMENTS, Elements, Reader};
use crate::value::Value;

/// Arguments that become a type: a tuple takes several, anything else the first.
pub(super) struct Arguments<'de> {
    reader: Reader<'de>,
}

impl<'de> Arguments<'de> {
    pub(super) fn new(text: &'de str, attachments: &'de [Payload]) -> Arguments<'de> {
        Arguments { reader: Reader::new(text, attachments) }
    }

    /// All of them, whatever they are.
    pub(super) fn all(mut self) -> Result<Vec<Value>, ArgsError> {
        let mut elements = Elements::new(&mut self.reader);
        let mut values = Vec::new();
        while let Some(value) = elements.next_element().map_err(|error| error.of_argument(values.len()))? {
            values.push(value);
        }
        Ok(values)
    }

    /// As many as there are, up to `len`; behind them, what is missing.
    fn several<V: Visitor<'de>>(mut self, len: usize, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_seq(Several { elements: Elements::new(&mut self.reader), next: 0, len })
    }
}

/// Hands the first argument to whoever reads one value.
macro_rules! the_first {
    ($($method:ident($($name:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(mut self, $($name: $type,)* visitor: V) -> Result<V::Value, ArgsError> {
            if self.reader.is_empty() {
                return Missing(0).$method($($name,)* visitor);
            }
            self.reader.$method($($name,)* visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Arguments<'de> {
    type Error = ArgsError;

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_unit()
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, ArgsError> {
        self.several(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.several(len, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        if name == ALL_ARGUMENTS {
            return visitor.visit_seq(Elements::new(&mut self.reader));
        }
        visitor.visit_newtype_struct(self)
    }

    the_first! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
        deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_seq() deserialize_map() deserialize_identifier()
        deserialize_ignored_any()
        deserialize_unit_struct(name: &'static str)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }
}

/// The elements of a tuple: those that there are, and then those that are missing.
struct Several<'r, 'de> {
    elements: Elements<'r, 'de>,
    next: usize,
    len: usize,
}

impl<'de> SeqAccess<'de> for Several<'_, 'de> {
    type Error = ArgsError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ArgsError> {
        if self.next == self.len {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        if self.elements.at_end() {
            return seed.deserialize(Missing(index)).map(Some);
        }
        self.elements.next_element_seed(seed).map_err(|error| error.of_argument(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - self.next)
    }
}

/// An argument that is not there: nothing, for whoever takes nothing, else an error.
struct Missing(usize);

impl<'de> Deserializer<'de> for Missing {
    type Error = ArgsError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ArgsError> {
        Err(ArgsError::Missing(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier
    }
}
