//! The arguments of an event or of an acknowledgement.

mod arguments;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sansocket_core::{Payload, Utf8Bytes};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::error::ArgsError;
use crate::json::{ALL_ARGUMENTS, Level, Parts, Scan, Writer, attachments_needed, push_quoted, unescape};
use crate::value::Value;
use arguments::Arguments;

/// The arguments of an event or of an acknowledgement, as they are on the wire: text, and what its placeholders stand for.
///
/// They become a type when somebody asks for one ([`Args::read`]). Who hands on what came, to one or to many, pays for no
/// conversion. Two are equal if they are written in the same way.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Args {
    /// JSON, as it stands behind the name of an event: values with commas between them.
    text: Utf8Bytes,
    /// What the placeholders in the text stand for. If there are none, then nothing in the text is a placeholder.
    attachments: Vec<Payload>,
    count: usize,
}

impl Args {
    /// No arguments.
    pub fn none() -> Args {
        Args::default()
    }

    /// The arguments that a type is: a tuple, a tuple struct, or an array of fixed size is several, `()` is none, an `Args` is
    /// its own, anything else is one. Bytes are what `Serialize` calls bytes, as [`bytes::Bytes`] does; a `Vec<u8>` is an
    /// array of numbers.
    ///
    /// # Errors
    /// [`ArgsError`] if the type cannot be written as JSON.
    pub fn new<T: Serialize + ?Sized>(arguments: &T) -> Result<Args, ArgsError> {
        let mut writer = Writer::new(Level::Arguments);
        arguments.serialize(&mut writer)?;
        writer.finish().map(Args::from)
    }

    /// The arguments as a type, by the same rule: a tuple takes several, where missing ones are an error unless they are
    /// optional, and those that are left over are passed over; `()` passes over all; `Args` takes all; anything else takes
    /// the first.
    ///
    /// Binary data is found by types that ask for bytes, as [`bytes::Bytes`] does, and by `Vec<u8>`. What is borrowed, `&str`
    /// or `&[u8]`, is not copied.
    ///
    /// # Errors
    /// [`ArgsError::Missing`], [`ArgsError::Mismatch`].
    pub fn read<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ArgsError> {
        T::deserialize(Arguments::new(&self.text, &self.attachments))
    }

    /// One argument for each value.
    ///
    /// Beside binary data, a member `_placeholder` that is `true` is written as 1: a peer would take it for what stands in the
    /// place of binary data, and whoever made that object might be somebody else.
    pub fn from_values(values: Vec<Value>) -> Args {
        let written = |values: &[Value]| {
            let mut writer = Writer::new(Level::Value);
            writer.elements(values, |writer, value| value.write(writer));
            writer
        };
        let count = values.len();
        let parts = match written(&values).finish() {
            Ok(parts) => parts,
            Err(_) => {
                let defused: Vec<Value> = values.into_iter().map(Value::defused).collect();
                written(&defused).into_parts()
            }
        };
        Args { count, ..Args::from(parts) }
    }

    /// Each argument as a value.
    ///
    /// # Errors
    /// None in practice: what came from a peer was checked when it came.
    pub fn values(&self) -> Result<Vec<Value>, ArgsError> {
        Arguments::new(&self.text, &self.attachments).all()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Is there binary data among them?
    pub fn is_binary(&self) -> bool {
        !self.attachments.is_empty()
    }

    /// What they are on the wire, without the brackets of the array.
    pub fn as_json(&self) -> &str {
        &self.text
    }

    /// The binary data that the placeholders in [`as_json`](Args::as_json) stand for.
    pub fn attachments(&self) -> &[Payload] {
        &self.attachments
    }

    /// The first one alone, if there is one.
    pub fn first(&self) -> Args {
        if self.count <= 1 {
            return self.clone();
        }
        let mut scan = Scan::new(&self.text, 0);
        let end = scan.skip().map_or(self.text.len(), |()| scan.at());
        let text = self.text.slice(0..end);
        // Its placeholders count from the beginning, so what they mean is not changed by what follows.
        let needed = if self.is_binary() { attachments_needed(&text).unwrap_or(0) } else { 0 };
        Args { attachments: self.attachments[..needed.min(self.attachments.len())].into(), text, count: 1 }
    }

    /// One more argument, the last: the offset that recovery gives to each event.
    pub fn push_text(&mut self, text: &str) {
        let mut all = String::with_capacity(self.text.len() + text.len() + 3);
        all.push_str(&self.text);
        if self.count > 0 {
            all.push(',');
        }
        push_quoted(text, &mut all);
        self.text = all.into();
        self.count += 1;
    }

    /// The last argument, if it is text.
    pub fn last_text(&self) -> Option<Utf8Bytes> {
        let inside = self.text.trim_end().strip_suffix('"')?;
        // Backwards, for it is as short as the rest may be long: to the first quote that no backslash escapes.
        let mut start = inside.len();
        loop {
            start = memchr::memrchr(b'"', &inside.as_bytes()[..start])?;
            let escapes = inside.as_bytes()[..start].iter().rev().take_while(|byte| **byte == b'\\').count();
            if escapes.is_multiple_of(2) {
                break;
            }
        }
        Some(match unescape(&inside[start + 1..]) {
            alloc::borrow::Cow::Borrowed(_) => self.text.slice(start + 1..inside.len()),
            alloc::borrow::Cow::Owned(text) => text.into(),
        })
    }

    /// Bytes that it keeps in memory, for budgets.
    pub fn weight(&self) -> usize {
        self.text.len() + self.attachments.iter().map(|bytes| bytes.len()).sum::<usize>()
    }

    /// What came in a packet: `count` values of JSON, checked, whose placeholders are for attachments that may be yet to come.
    pub(crate) fn from_wire(text: Utf8Bytes, count: usize) -> Args {
        Args { text, attachments: Vec::new(), count }
    }

    /// The next of the attachments came.
    pub(crate) fn attach(&mut self, attachment: Payload) {
        self.attachments.push(attachment);
    }
}

impl From<Parts> for Args {
    fn from(parts: Parts) -> Args {
        Args { text: parts.text.into(), attachments: parts.attachments, count: parts.count }
    }
}

impl From<Vec<Value>> for Args {
    fn from(values: Vec<Value>) -> Args {
        Args::from_values(values)
    }
}

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.text)?;
        if self.is_binary() {
            f.debug_list().entries(&self.attachments).finish()?;
        }
        Ok(())
    }
}

impl Serialize for Args {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error, SerializeTuple};
        let values = self.values().map_err(S::Error::custom)?;
        let mut tuple = serializer.serialize_tuple(values.len())?;
        values.iter().try_for_each(|value| tuple.serialize_element(value))?;
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Args {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Args, D::Error> {
        deserializer.deserialize_newtype_struct(ALL_ARGUMENTS, AllArguments)
    }
}

struct AllArguments;

impl<'de> Visitor<'de> for AllArguments {
    type Value = Args;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("arguments")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Args, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Args, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element()? {
            values.push(value);
        }
        Ok(Args::from_values(values))
    }
}

#[cfg(test)]
mod tests;
