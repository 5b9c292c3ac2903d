//! What kind of body is announced.

use sansocket_core::Headers;

use crate::{Form, Protocol};

/// What kind of body a request or a response announces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    Text,
    Binary,
}

impl Content {
    /// By `Content-Type`, whose parameters say nothing more (RFC 9110 §8.3); what is not known to be bytes is text.
    pub(crate) fn of(headers: &Headers) -> Content {
        let kind = headers.get("content-type").unwrap_or_default();
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default();
        let is_binary = kind.trim_ascii().eq_ignore_ascii_case(b"application/octet-stream");
        if is_binary { Content::Binary } else { Content::Text }
    }

    /// How packets are joined in it.
    pub(crate) const fn form(self, protocol: Protocol) -> Form {
        match (protocol, self) {
            (Protocol::V4, _) => Form::V4,
            (Protocol::V3, Content::Text) => Form::V3Text,
            (Protocol::V3, Content::Binary) => Form::V3Binary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_known_by_their_type_alone() {
        let of = |value: &'static str| Content::of(&[("Content-Type", value)].into());
        assert_eq!(of("application/octet-stream"), Content::Binary);
        assert_eq!(of("Application/Octet-Stream ; charset=utf-8"), Content::Binary);
        assert_eq!(of("application/octet-streams"), Content::Text);
        assert_eq!(of("text/plain;charset=UTF-8"), Content::Text);
        assert_eq!(Content::of(&Headers::new()), Content::Text);
    }
}
