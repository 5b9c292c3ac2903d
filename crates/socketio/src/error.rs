//! What goes wrong between arguments and a user's types.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::fmt;

/// Why a user's type could not be written as arguments, or read from them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ArgsError {
    /// There are fewer arguments than were asked for. Ask for an `Option` if it may be left out.
    #[error("argument {0} is missing (the first is 0)")]
    Missing(usize),
    /// An argument is not of the type asked for.
    #[error("argument {index} (the first is 0) is of another type: {reason}")]
    Mismatch {
        /// Which one; the first is 0.
        index: usize,
        /// What was found, and what was wanted.
        reason: Box<str>,
    },
    /// The type's `Serialize` gave up.
    #[error("the value cannot be written: {0}")]
    Unwritable(Box<str>),
    /// A map has a key that is neither text, nor a number, nor a truth value, nor a variant's name.
    #[error("a map's key has to be text, a number, a truth value or the name of a variant")]
    Key,
    /// Beside binary data there is a map with the key `_placeholder`. A peer would take it for what stands in the place of
    /// binary data; send one or the other.
    #[error("a map with the key '_placeholder' beside binary data")]
    Lookalike,
}

impl ArgsError {
    /// The same, of the argument `index`.
    pub(crate) fn of_argument(self, index: usize) -> ArgsError {
        match self {
            ArgsError::Mismatch { reason, .. } => ArgsError::Mismatch { index, reason },
            other => other,
        }
    }
}

impl serde::ser::Error for ArgsError {
    fn custom<T: fmt::Display>(reason: T) -> ArgsError {
        ArgsError::Unwritable(reason.to_string().into())
    }
}

impl serde::de::Error for ArgsError {
    fn custom<T: fmt::Display>(reason: T) -> ArgsError {
        ArgsError::Mismatch { index: 0, reason: reason.to_string().into() }
    }
}
