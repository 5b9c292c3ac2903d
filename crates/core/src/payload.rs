//! Bytes that are owned.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::{Deref, Range};

use bytes::Bytes;

/// So many bytes lie in the payload itself: what there is room for beside the pointer that tells the two forms apart.
const INLINE: usize = 23;

/// Bytes that are owned, and cheap to clone: up to 23 lie in the payload itself, for taking memory and giving it back
/// costs more than all that else happens to so short a message; more are shared by reference count.
///
/// Derefs to `[u8]`. From `&[u8]`, `&str`, `Vec<u8>` or [`Bytes`], and [into `Bytes`](Payload::into_bytes).
#[derive(Clone)]
pub struct Payload(Form);

#[derive(Clone)]
enum Form {
    Inline { len: u8, bytes: [u8; INLINE] },
    Shared(Bytes),
}

impl Payload {
    /// Bytes that live as long as the program.
    pub const fn from_static(bytes: &'static [u8]) -> Payload {
        Payload(Form::Shared(Bytes::from_static(bytes)))
    }

    /// The bytes of all `parts`, one behind the other.
    pub fn concat<const N: usize>(parts: [&[u8]; N]) -> Payload {
        let len = parts.iter().map(|part| part.len()).sum();
        if len > INLINE {
            let mut bytes = Vec::with_capacity(len);
            parts.iter().for_each(|part| bytes.extend_from_slice(part));
            return Payload(Form::Shared(bytes.into()));
        }
        let (mut bytes, mut at) = ([0; INLINE], 0);
        for part in parts {
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        Payload(Form::Inline { len: len as u8, bytes })
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            // No more than there are: said once more, so that nothing has to be checked.
            Form::Inline { len, bytes } => &bytes[..usize::from(*len).min(INLINE)],
            Form::Shared(bytes) => bytes,
        }
    }

    /// The bytes in `range`: a few are copied, more are the same by reference count.
    ///
    /// # Panics
    /// If there are not so many.
    #[inline]
    pub fn slice(&self, range: Range<usize>) -> Payload {
        match &self.0 {
            Form::Shared(bytes) if range.len() > INLINE => Payload(Form::Shared(bytes.slice(range))),
            Form::Shared(_) | Form::Inline { .. } => Payload::inline(&self[range]),
        }
    }

    /// The bytes by reference count; a few that are not shared yet are copied.
    #[inline]
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Form::Shared(bytes) => bytes,
            Form::Inline { .. } => Bytes::copy_from_slice(&self),
        }
    }

    /// The same bytes by reference count; a few that are not shared are copied.
    #[inline(always)]
    pub fn share(&self) -> Bytes {
        match &self.0 {
            Form::Shared(bytes) => bytes.clone(),
            Form::Inline { .. } => Bytes::copy_from_slice(self),
        }
    }

    #[inline]
    fn inline(few: &[u8]) -> Payload {
        let mut bytes = [0; INLINE];
        bytes[..few.len()].copy_from_slice(few);
        Payload(Form::Inline { len: few.len() as u8, bytes })
    }
}

impl From<&[u8]> for Payload {
    #[inline]
    fn from(bytes: &[u8]) -> Payload {
        if bytes.len() <= INLINE {
            Payload::inline(bytes)
        } else {
            Payload(Form::Shared(Bytes::copy_from_slice(bytes)))
        }
    }
}

impl<const N: usize> From<&[u8; N]> for Payload {
    fn from(bytes: &[u8; N]) -> Payload {
        Payload::from(&bytes[..])
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Payload {
        Payload::from(text.as_bytes())
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Payload {
        if bytes.len() <= INLINE { Payload::inline(&bytes) } else { Payload(Form::Shared(bytes.into())) }
    }
}

impl From<Box<[u8]>> for Payload {
    fn from(bytes: Box<[u8]>) -> Payload {
        Payload::from(bytes.into_vec())
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Payload {
        Payload(Form::Shared(bytes))
    }
}

impl From<Payload> for Bytes {
    fn from(payload: Payload) -> Bytes {
        payload.into_bytes()
    }
}

impl Default for Payload {
    fn default() -> Payload {
        Payload::from_static(&[])
    }
}

impl Deref for Payload {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

// Where the bytes lie makes no difference.

impl PartialEq for Payload {
    fn eq(&self, other: &Payload) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Payload {}

impl<B: AsRef<[u8]> + ?Sized> PartialEq<&B> for Payload {
    fn eq(&self, other: &&B) -> bool {
        self.as_bytes() == other.as_ref()
    }
}

impl PartialEq<[u8]> for Payload {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_bytes() == other
    }
}

impl PartialOrd for Payload {
    fn partial_cmp(&self, other: &Payload) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Payload {
    fn cmp(&self, other: &Payload) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Payload {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Utf8Bytes};

    #[test]
    fn a_payload_is_no_larger_than_what_it_may_share() {
        assert_eq!(size_of::<Payload>(), size_of::<Bytes>());
        assert!(size_of::<Message>() <= size_of::<Bytes>() + size_of::<usize>());
    }

    #[test]
    fn where_its_bytes_lie_makes_no_difference() {
        for len in [0, 1, 8, INLINE - 1, INLINE, INLINE + 1, 1000] {
            let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let shared = Payload::from(Bytes::from(bytes.clone()));
            for own in [Payload::from(&bytes[..]), Payload::from(bytes.clone()), shared.clone()] {
                assert_eq!(own, shared);
                assert_eq!(own, &bytes);
                assert_eq!(own.cmp(&shared), Ordering::Equal);
                assert_eq!(own.clone().into_bytes(), bytes);
                assert_eq!(Message::from(&bytes[..]), Message::binary(own));
            }
        }
        let (first, second) = (Payload::from(b"ab"), Payload::from(Bytes::from_static(b"b")));
        assert_eq!(first.cmp(&second), Ordering::Less);
        assert_eq!(alloc::format!("{:?}", Payload::from(b"a\n")), r#"b"a\n""#);
    }

    #[test]
    fn a_part_of_it_is_shared_unless_it_is_short() {
        let whole = Payload::from((0..100).collect::<Vec<u8>>());
        let long = whole.slice(10..90);
        assert_eq!(long, &(10..90).collect::<Vec<u8>>());
        assert_eq!(long.as_ptr(), whole[10..].as_ptr(), "no copy");
        assert_eq!(whole.slice(98..100), &[98, 99]);
        assert_eq!(whole.slice(40..40), &[]);
        let text = Utf8Bytes::from("two words, and \u{e9} more than lies in the payload");
        assert_eq!(text.slice(0..3), "two");
        assert_eq!(text.slice(4..text.len()).as_str(), &text[4..]);
    }

    #[test]
    #[should_panic = "char boundary"]
    fn text_is_not_cut_inside_a_character() {
        let _ = Utf8Bytes::from("\u{e9}").slice(0..1);
    }

    #[test]
    fn short_text_is_text_wherever_it_lies() {
        for text in ["", "\u{e9}", "just twenty-three bytes", "twenty-four bytes of text", "𝄞𝄞𝄞𝄞𝄞𝄞"]
        {
            let shared = Utf8Bytes::from_static(text);
            assert_eq!(Utf8Bytes::from(text), shared);
            assert_eq!(Utf8Bytes::try_from(Bytes::from_static(text.as_bytes())), Ok(shared));
            assert_eq!(Utf8Bytes::from(text).as_str(), text);
            assert_eq!(Utf8Bytes::from(alloc::string::String::from(text)).into_bytes(), text);
        }
    }
}
