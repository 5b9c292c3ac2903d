//! Extensions: offered, answered, agreed on (RFC 6455 §9.1; RFC 7692 §5 and §7.1).
//!
//! | who | calls | with |
//! |---|---|---|
//! | a client, first | [`offer`] | its options |
//! | a server | [`parse`], then [`answer`] | the client's `Sec-WebSocket-Extensions` |
//! | a client, then | [`parse`], then [`agree`] | the server's |
//!
//! [`server::check`](super::server::check) and [`client::Opening`](super::client::Opening) do that for you.

use alloc::string::String;
use alloc::vec::Vec;

use sansocket_core::Headers;
use sansocket_http1::is_token;

use crate::{Extensions, Options};

#[cfg(feature = "deflate")]
mod permessage_deflate;

/// Offers that are considered; those behind them are not looked at. Three or four are what clients send.
const MAX_OFFERS: usize = 16;

/// An element of `Sec-WebSocket-Extensions`: an extension's name and its parameters, known or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    /// Its name, as it came.
    pub name: String,
    /// Its parameters in order.
    pub params: Vec<Param>,
}

/// A parameter of an [`Extension`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Param {
    /// Its name, as it came.
    pub name: String,
    /// Its value, without the quotes if it had some.
    pub value: Option<String>,
}

/// `Sec-WebSocket-Extensions` breaks the grammar of RFC 6455 §9.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("Sec-WebSocket-Extensions is malformed")]
pub struct Malformed;

/// The server agreed to what was not offered, or said what has no meaning (RFC 6455 §4.1, RFC 7692 §7.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the server's extensions are not what was offered")]
pub struct NotOffered;

/// What a server answers to a client's offers.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What holds on the connection from now on.
    pub extensions: Extensions,
    /// The value of `Sec-WebSocket-Extensions` that says so; `None` if nothing was agreed on.
    pub header: Option<String>,
}

/// The first 16 elements of all fields called `Sec-WebSocket-Extensions`.
///
/// # Errors
/// [`Malformed`].
pub fn parse(headers: &Headers) -> Result<Vec<Extension>, Malformed> {
    let mut extensions = Vec::new();
    for line in headers.get_all("sec-websocket-extensions") {
        let mut rest = Rest(line);
        loop {
            if extensions.len() == MAX_OFFERS {
                return Ok(extensions);
            }
            extensions.push(rest.extension()?);
            if rest.is_over() {
                break;
            }
            rest.expect(b',')?;
        }
    }
    Ok(extensions)
}

/// A server's answer to `offers`: the first that it can accept is accepted (RFC 7692 §5.1).
#[cfg_attr(not(feature = "deflate"), expect(unused_variables, reason = "no extension is built in"))]
pub fn answer(offers: &[Extension], options: &Options) -> Answer {
    #[cfg(feature = "deflate")]
    if let Some(deflate) = &options.deflate {
        return permessage_deflate::answer(offers, deflate).unwrap_or_default();
    }
    Answer::default()
}

/// What a client offers: the value of its `Sec-WebSocket-Extensions`; `None` for nothing.
#[cfg_attr(not(feature = "deflate"), expect(unused_variables, reason = "no extension is built in"))]
pub fn offer(options: &Options) -> Option<String> {
    #[cfg(feature = "deflate")]
    if let Some(deflate) = &options.deflate {
        return Some(permessage_deflate::offer(deflate));
    }
    None
}

/// What a client has to make of the server's `answer` to an [`offer`] with the same options.
///
/// # Errors
/// [`NotOffered`]: the client must fail the connection.
#[cfg_attr(not(feature = "deflate"), expect(unused_variables, reason = "no extension is built in"))]
pub fn agree(answer: &[Extension], options: &Options) -> Result<Extensions, NotOffered> {
    match answer {
        [] => Ok(Extensions::default()),
        #[cfg(feature = "deflate")]
        [extension] => {
            let deflate = options.deflate.as_ref().ok_or(NotOffered)?;
            let agreed = permessage_deflate::agree(extension, deflate).ok_or(NotOffered)?;
            Ok(Extensions { deflate: Some(agreed) })
        }
        _ => Err(NotOffered),
    }
}

/// The part of a line that was not parsed yet.
struct Rest<'l>(&'l [u8]);

impl Rest<'_> {
    /// `extension = extension-token *( ";" extension-param )`
    fn extension(&mut self) -> Result<Extension, Malformed> {
        let name = self.token()?;
        let mut params = Vec::new();
        while self.expect(b';').is_ok() {
            params.push(self.param()?);
        }
        Ok(Extension { name, params })
    }

    /// `extension-param = token [ "=" (token | quoted-string) ]`
    fn param(&mut self) -> Result<Param, Malformed> {
        let name = self.token()?;
        let value = match self.expect(b'=') {
            Err(_) => None,
            Ok(()) if self.expect(b'"').is_ok() => Some(self.quoted()?),
            Ok(()) => Some(self.token()?),
        };
        Ok(Param { name, value })
    }

    fn token(&mut self) -> Result<String, Malformed> {
        self.skip_blanks();
        let end = self.0.iter().position(|byte| !is_token(&[*byte])).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        text(token)
    }

    /// What stands between quotes; the first one was taken. RFC 6455 §9.1: unquoted it must be a token again.
    fn quoted(&mut self) -> Result<String, Malformed> {
        let mut value = Vec::new();
        loop {
            let (byte, rest) = match self.0 {
                [b'"', rest @ ..] => {
                    self.0 = rest;
                    return text(&value);
                }
                [b'\\', byte, rest @ ..] | [byte, rest @ ..] => (*byte, rest),
                [] => return Err(Malformed),
            };
            value.push(byte);
            self.0 = rest;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        self.skip_blanks();
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        if *first != byte {
            return Err(Malformed);
        }
        self.0 = rest;
        Ok(())
    }

    fn is_over(&mut self) -> bool {
        self.skip_blanks();
        self.0.is_empty()
    }

    fn skip_blanks(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }
}

fn text(token: &[u8]) -> Result<String, Malformed> {
    let text = core::str::from_utf8(token).ok().filter(|_| is_token(token));
    text.map(String::from).ok_or(Malformed)
}

#[cfg(test)]
mod tests;
