//! The HTTP head that a captured stream may begin with.

use std::io::{self, Write};

use sansocket_core::{Headers, Input, Pool, Version};
use sansocket_http1::{HeadError, Limits, RequestReader, ResponseReader};
use sansocket_websocket::handshake::{negotiation, server};
use sansocket_websocket::{Extensions, Options, Role};

use crate::terminal::Escaped;

/// What a head was found to be.
pub(super) enum Head {
    /// The stream begins with a frame.
    None,
    /// A right one: so long it was, and this is who reads on and what holds from here.
    Whole { len: usize, reader: Role, extensions: Extensions },
    /// The stream ends in it.
    Cut,
    /// A wrong one.
    Wrong,
}

/// Explains the head that `stream` begins with, if it begins with one. `options` are the reader's.
pub(super) fn explain(stream: &[u8], options: &Options, out: &mut impl Write) -> io::Result<Head> {
    let mut input = Input::default();
    input.fill(stream, &mut Pool::default());
    if stream.starts_with(b"HTTP/") {
        response(&mut input, stream.len(), options, out)
    } else if is_request(stream) {
        request(&mut input, stream.len(), out)
    } else {
        Ok(Head::None)
    }
}

/// A method and a space: no frame begins so, for capital letters are frames with a reserved bit.
fn is_request(stream: &[u8]) -> bool {
    let method = stream.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    method >= 3 && stream.get(method) == Some(&b' ')
}

fn request(input: &mut Input, len: usize, out: &mut impl Write) -> io::Result<Head> {
    writeln!(out, "request, at byte 0")?;
    let request = match RequestReader::new(Limits::default()).read(input) {
        Ok(Some(request)) => request,
        Ok(None) => return cut(out),
        Err(error) => return wrong(error, out),
    };
    let version = if request.version == Version::Http10 { "1.0" } else { "1.1" };
    writeln!(out, "  {} {} HTTP/{version}", Escaped(&request.method), Escaped(&request.target))?;
    fields(&request.headers, out)?;
    match server::check(&request) {
        Ok(_) => writeln!(out, "  a right opening handshake (RFC 6455 §4.2.1): a server reads on\n")?,
        Err(refusal) => {
            writeln!(out, "  VIOLATION in the request")?;
            writeln!(out, "    {refusal}")?;
            writeln!(out, "    the server answers with {} (RFC 6455 §4.2)\n", refusal.status())?;
            return Ok(Head::Wrong);
        }
    }
    Ok(Head::Whole { len: len - input.raw_len(), reader: Role::Server, extensions: Extensions::default() })
}

fn response(input: &mut Input, len: usize, options: &Options, out: &mut impl Write) -> io::Result<Head> {
    writeln!(out, "response, at byte 0")?;
    let response = match ResponseReader::new(Limits::default()).read(input) {
        Ok(Some(response)) => response,
        Ok(None) => return cut(out),
        Err(error) => return wrong(error, out),
    };
    writeln!(out, "  HTTP/1.1 {}", response.status)?;
    fields(&response.headers, out)?;
    if response.status != 101 {
        writeln!(out, "  the handshake was refused: no frames follow (RFC 6455 §4.1)\n")?;
        return Ok(Head::Wrong);
    }
    let agreed = negotiation::parse(&response.headers).map_err(|error| error.to_string());
    let agreed =
        agreed.and_then(|answer| negotiation::agree(&answer, options).map_err(|error| error.to_string()));
    let extensions = match agreed {
        Ok(extensions) => extensions,
        Err(error) => {
            writeln!(out, "  VIOLATION in the response")?;
            writeln!(out, "    {error} (RFC 6455 §9.1)\n")?;
            return Ok(Head::Wrong);
        }
    };
    let deflate = if extensions.deflate.is_some() { ", with permessage-deflate" } else { "" };
    writeln!(out, "  the connection stands{deflate}: a client reads on\n")?;
    Ok(Head::Whole { len: len - input.raw_len(), reader: Role::Client, extensions })
}

fn fields(headers: &Headers, out: &mut impl Write) -> io::Result<()> {
    for (name, value) in headers.iter() {
        writeln!(out, "  {}: {}", Escaped(name), Escaped(&String::from_utf8_lossy(value)))?;
    }
    Ok(())
}

fn cut(out: &mut impl Write) -> io::Result<Head> {
    writeln!(out, "  the stream ends inside the head")?;
    Ok(Head::Cut)
}

fn wrong(error: HeadError, out: &mut impl Write) -> io::Result<Head> {
    writeln!(out, "  VIOLATION in the head")?;
    writeln!(out, "    {error} ({})", error.section())?;
    writeln!(out, "    a server answers with {}", error.status())?;
    Ok(Head::Wrong)
}
