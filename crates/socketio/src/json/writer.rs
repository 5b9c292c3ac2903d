//! Types into JSON and attachments.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{Display, Write};

use sansocket_core::Payload;
use serde::ser::{self, Serialize, Serializer};

use super::key::KeyText;
use super::placeholder::{MARK, OPENING};
use super::{Decimal, push_quoted};
use crate::error::ArgsError;

/// Room for what most events say: they ask for memory once, then.
const USUAL: usize = 128;

/// Writes types, with serde, as text. Where a type has bytes, the text has a placeholder, and the bytes are an attachment.
#[derive(Debug)]
pub(crate) struct Writer {
    parts: Parts,
    level: Level,
    /// Somebody's map has the key that makes placeholders.
    lookalike: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) text: String,
    pub(crate) attachments: Vec<Payload>,
    /// Values that stand in the text, if it is of [`Level::Arguments`].
    pub(crate) count: usize,
}

/// Where the writer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Level {
    /// At the arguments of an event: a tuple is several of them, and has no brackets.
    Arguments,
    /// At a value, or inside of one.
    Value,
}

impl Writer {
    pub(crate) fn new(level: Level) -> Writer {
        let parts = Parts { text: String::with_capacity(USUAL), attachments: Vec::new(), count: 1 };
        Writer { parts, level, lookalike: false }
    }

    /// All that was written.
    ///
    /// # Errors
    /// [`ArgsError::Lookalike`]: a peer would take the wrong thing for a placeholder.
    pub(crate) fn finish(self) -> Result<Parts, ArgsError> {
        if self.lookalike && !self.parts.attachments.is_empty() {
            return Err(ArgsError::Lookalike);
        }
        Ok(self.parts)
    }

    /// All that was written, by somebody who knows that nothing in it looks like a placeholder.
    pub(crate) fn into_parts(self) -> Parts {
        self.parts
    }

    /// Bytes, shared.
    pub(crate) fn push_binary(&mut self, bytes: Payload) {
        self.level = Level::Value;
        self.push(OPENING);
        self.unsigned(self.parts.attachments.len() as u64);
        self.push("}");
        self.parts.attachments.push(bytes);
    }

    /// Text that is JSON.
    pub(crate) fn push(&mut self, text: &str) {
        self.parts.text.push_str(text);
    }

    /// A key, and what belongs behind it.
    pub(crate) fn push_key(&mut self, key: &str) {
        self.key(key, "");
    }

    /// One behind the other, with commas between them.
    pub(crate) fn elements<T>(
        &mut self,
        of: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Writer, T),
    ) {
        for (at, element) in of.into_iter().enumerate() {
            if at > 0 {
                self.push(",");
            }
            write(self, element);
        }
    }

    /// A value with brackets around it: what opens it is written, what closes it will be.
    fn open(&mut self, open: &str, close: &'static str) -> Compound<'_> {
        self.level = Level::Value;
        self.parts.text.push_str(open);
        Compound { writer: self, close, empty: true }
    }

    /// A tuple: brackets are around it unless it is all arguments.
    fn tuple(&mut self, len: usize) -> Compound<'_> {
        if self.level == Level::Value {
            return self.open("[", "]");
        }
        self.parts.count = len;
        self.open("", "")
    }

    /// A variant with what belongs to it, an object of one member.
    fn variant(&mut self, variant: &str, open: &str, close: &'static str) -> Compound<'_> {
        self.key(variant, "{");
        self.open(open, close)
    }

    /// What stands before a member's value.
    fn key(&mut self, key: &str, before: &str) {
        self.level = Level::Value;
        self.lookalike |= key == MARK;
        self.parts.text.push_str(before);
        push_quoted(key, &mut self.parts.text);
        self.parts.text.push(':');
    }

    fn unsigned(&mut self, number: u64) {
        self.push(Decimal::new(number).as_str());
    }

    fn display(&mut self, what: impl Display) {
        // To write to a `String` cannot fail.
        let _ = write!(self.parts.text, "{what}");
    }

    /// A number that may be none that JSON has: those are `null`, as in JavaScript.
    fn float(&mut self, float: f64, finite: impl Display) {
        if float.is_finite() { self.display(finite) } else { self.parts.text.push_str("null") }
    }
}

macro_rules! widened {
    ($($method:ident, $type:ty, $wide:ident;)*) => {$(
        fn $method(self, value: $type) -> Result<(), ArgsError> {
            self.$wide(value.into())
        }
    )*};
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = ArgsError;
    type SerializeSeq = Compound<'w>;
    type SerializeTuple = Compound<'w>;
    type SerializeTupleStruct = Compound<'w>;
    type SerializeTupleVariant = Compound<'w>;
    type SerializeMap = Compound<'w>;
    type SerializeStruct = Compound<'w>;
    type SerializeStructVariant = Compound<'w>;

    widened! {
        serialize_i8, i8, serialize_i64;
        serialize_i16, i16, serialize_i64;
        serialize_i32, i32, serialize_i64;
        serialize_u8, u8, serialize_u64;
        serialize_u16, u16, serialize_u64;
        serialize_u32, u32, serialize_u64;
    }

    fn serialize_bool(self, value: bool) -> Result<(), ArgsError> {
        self.push(if value { "true" } else { "false" });
        Ok(())
    }

    // Without the detours of formatting.

    fn serialize_i64(self, value: i64) -> Result<(), ArgsError> {
        if value < 0 {
            self.push("-");
        }
        self.unsigned(value.unsigned_abs());
        Ok(())
    }

    fn serialize_u64(self, value: u64) -> Result<(), ArgsError> {
        self.unsigned(value);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), ArgsError> {
        self.display(value);
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), ArgsError> {
        self.display(value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), ArgsError> {
        // In its own digits, which are fewer than those of the `f64` it is.
        self.float(value.into(), format_args!("{value:?}"));
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), ArgsError> {
        match serde_json::Number::from_f64(value) {
            Some(number) => self.display(number),
            None => self.parts.text.push_str("null"),
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), ArgsError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), ArgsError> {
        push_quoted(value, &mut self.parts.text);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), ArgsError> {
        self.push_binary(value.into());
        Ok(())
    }

    fn serialize_none(self) -> Result<(), ArgsError> {
        self.parts.text.push_str("null");
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), ArgsError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), ArgsError> {
        match self.level {
            Level::Arguments => self.parts.count = 0,
            Level::Value => self.parts.text.push_str("null"),
        }
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), ArgsError> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), ArgsError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), ArgsError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), ArgsError> {
        self.key(variant, "{");
        value.serialize(&mut *self)?;
        self.parts.text.push('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'w>, ArgsError> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'w>, ArgsError> {
        Ok(self.tuple(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'w>, ArgsError> {
        Ok(self.tuple(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'w>, ArgsError> {
        Ok(self.variant(variant, "[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'w>, ArgsError> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'w>, ArgsError> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'w>, ArgsError> {
        Ok(self.variant(variant, "{", "}}"))
    }
}

/// A value of several parts, being written.
pub(crate) struct Compound<'w> {
    writer: &'w mut Writer,
    close: &'static str,
    empty: bool,
}

impl Compound<'_> {
    fn separator(&mut self) -> &'static str {
        if core::mem::take(&mut self.empty) { "" } else { "," }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ArgsError> {
        let separator = self.separator();
        self.writer.parts.text.push_str(separator);
        value.serialize(&mut *self.writer)
    }

    fn member<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), ArgsError> {
        let separator = self.separator();
        self.writer.key(key, separator);
        value.serialize(&mut *self.writer)
    }

    fn close(self) -> Result<(), ArgsError> {
        self.writer.parts.text.push_str(self.close);
        Ok(())
    }
}

macro_rules! elements {
    ($($trait:ident, $method:ident;)*) => {$(
        impl ser::$trait for Compound<'_> {
            type Ok = ();
            type Error = ArgsError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ArgsError> {
                self.element(value)
            }

            fn end(self) -> Result<(), ArgsError> {
                self.close()
            }
        }
    )*};
}

macro_rules! members {
    ($($trait:ident;)*) => {$(
        impl ser::$trait for Compound<'_> {
            type Ok = ();
            type Error = ArgsError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), ArgsError> {
                self.member(key, value)
            }

            fn end(self) -> Result<(), ArgsError> {
                self.close()
            }
        }
    )*};
}

elements! {
    SerializeSeq, serialize_element;
    SerializeTuple, serialize_element;
    SerializeTupleStruct, serialize_field;
    SerializeTupleVariant, serialize_field;
}

members! {
    SerializeStruct;
    SerializeStructVariant;
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = ArgsError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ArgsError> {
        let text = key.serialize(KeyText)?;
        let separator = self.separator();
        self.writer.key(&text, separator);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ArgsError> {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), ArgsError> {
        self.close()
    }
}
