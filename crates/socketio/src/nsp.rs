//! Names of namespaces.

use core::borrow::Borrow;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

use sansocket_core::Utf8Bytes;

/// The name of a namespace: `/`, or `/` and more. At most [`Nsp::MAX`] bytes, no comma; cheap to clone.
///
/// Derefs to `str`. Equal to, and hashed as, that text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nsp(Utf8Bytes);

/// Why a text is no name of a namespace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum NspError {
    /// It does not begin with `/`.
    #[error("a namespace begins with a slash")]
    NoSlash,
    /// It is longer than [`Nsp::MAX`].
    #[error("a namespace of {0} bytes; {max} at most", max = Nsp::MAX)]
    TooLong(usize),
    /// It has a comma, which ends the name in a packet.
    #[error("a namespace with a comma")]
    Comma,
}

impl Nsp {
    /// Bytes that a name may have: enough for any path that people write, and it is kept for each socket.
    pub const MAX: usize = 256;

    /// `/`, the namespace that everybody has.
    pub const fn main() -> Nsp {
        Nsp(Utf8Bytes::from_static("/"))
    }

    /// The namespace of that name.
    ///
    /// # Errors
    /// [`NspError`] if the name cannot be said in a packet, or is too long.
    pub fn new(name: &str) -> Result<Nsp, NspError> {
        if name == "/" {
            return Ok(Nsp::main());
        }
        if !name.starts_with('/') {
            return Err(NspError::NoSlash);
        }
        if name.len() > Nsp::MAX {
            return Err(NspError::TooLong(name.len()));
        }
        if name.contains(',') {
            return Err(NspError::Comma);
        }
        Ok(Nsp(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it `/`?
    pub fn is_main(&self) -> bool {
        self.as_str() == "/"
    }
}

impl Default for Nsp {
    fn default() -> Nsp {
        Nsp::main()
    }
}

impl TryFrom<&str> for Nsp {
    type Error = NspError;

    fn try_from(name: &str) -> Result<Nsp, NspError> {
        Nsp::new(name)
    }
}

impl Deref for Nsp {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Nsp {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

// A map with names as keys is asked by text.

impl Borrow<str> for Nsp {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Hash for Nsp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for Nsp {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Nsp {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for Nsp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Nsp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_name_is_what_a_packet_can_say() {
        assert_eq!(Nsp::new("/"), Ok(Nsp::main()));
        assert_eq!(Nsp::new("/admin").unwrap(), "/admin");
        assert_eq!(Nsp::new("/\u{e9}").unwrap().to_string(), "/\u{e9}");
        assert_eq!(Nsp::new("admin"), Err(NspError::NoSlash));
        assert_eq!(Nsp::new(""), Err(NspError::NoSlash));
        assert_eq!(Nsp::new("/a,b"), Err(NspError::Comma));
        let longest = "/".repeat(256);
        assert!(Nsp::new(&longest).is_ok());
        assert_eq!(Nsp::new(&(longest + "x")), Err(NspError::TooLong(257)));
    }
}
