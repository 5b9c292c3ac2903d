//! A session's requests and answers, as bytes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

/// A connection to it, which blocks.
pub(super) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    // Ended by a reset, so that no port stays in TIME_WAIT.
    set_socket_linger(&stream, Some(Duration::ZERO))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

/// A poll.
pub(super) fn get(sid: &str) -> Vec<u8> {
    format!("GET /engine.io/?EIO=4&transport=polling{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", key(sid))
        .into_bytes()
}

/// A body.
pub(super) fn post(sid: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /engine.io/?EIO=4&transport=polling{} HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\r\n",
        key(sid),
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn key(sid: &str) -> String {
    if sid.is_empty() { String::new() } else { format!("&sid={sid}") }
}

/// Begins a session over this connection.
pub(super) fn open(stream: &mut TcpStream) -> io::Result<String> {
    stream.write_all(&get(""))?;
    let mut answer = Answer::default();
    while !answer.read(stream)? {}
    let body = String::from_utf8_lossy(answer.body());
    let sid = body.split_once("\"sid\":\"").and_then(|(_, rest)| rest.split_once('"'));
    Ok(sid.ok_or_else(|| io::Error::other(format!("no session: {body}")))?.0.to_owned())
}

/// An answer on its way.
#[derive(Default)]
pub(super) struct Answer {
    bytes: Vec<u8>,
    /// Bytes of its head, once that is there, and of all.
    head: usize,
    whole: usize,
}

impl Answer {
    /// Reads once; is it complete?
    pub(super) fn read(&mut self, stream: &mut TcpStream) -> io::Result<bool> {
        let mut room = [0; 64 * 1024];
        match stream.read(&mut room) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => self.bytes.extend_from_slice(&room[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
        if self.whole == 0 {
            let Some(head) = self.bytes.windows(4).position(|end| end == b"\r\n\r\n") else {
                return Ok(false);
            };
            let text = String::from_utf8_lossy(&self.bytes[..head]).to_ascii_lowercase();
            assert!(text.starts_with("http/1.1 200 "), "{text}");
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|length| length.trim().parse().ok()).expect("a length");
            (self.head, self.whole) = (head + 4, head + 4 + length);
        }
        Ok(self.bytes.len() == self.whole)
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    /// Ready for the next.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        (self.head, self.whole) = (0, 0);
    }
}
