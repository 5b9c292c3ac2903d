//! A client of a real server, HTTP, WebSocket and Engine.IO, byte by byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use sansocket_websocket::Role;

use crate::requests::{get, upgrade};
use crate::{Frame, frames, text};

/// A client's connection over a real socket, on which a test says what it likes, byte by byte. Whatever goes wrong panics.
#[derive(Debug)]
pub struct Line {
    tcp: TcpStream,
    unread: Vec<u8>,
}

/// What it was answered.
#[derive(Debug)]
pub struct Answer {
    /// Its first line and its headers, line ends included.
    pub head: String,
    /// As much as `Content-Length` says.
    pub body: String,
}

impl Line {
    /// Connects.
    pub fn to(address: SocketAddr) -> Line {
        Line::over(TcpStream::connect(address).unwrap())
    }

    /// Takes a connection.
    pub fn over(tcp: TcpStream) -> Line {
        tcp.set_nodelay(true).unwrap();
        Line { tcp, unread: Vec::new() }
    }

    /// Writes this.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.tcp.write_all(bytes.as_ref()).unwrap();
    }

    /// Reads more; was there any?
    fn read(&mut self) -> bool {
        let mut room = [0; 16 << 10];
        let read = self.tcp.read(&mut room).unwrap_or(0);
        self.unread.extend(&room[..read]);
        read > 0
    }

    /// The next answer, with as much of a body as it says.
    pub fn answer(&mut self) -> Answer {
        loop {
            let end = self.unread.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            let Some(end) = end else {
                assert!(self.read(), "the end, instead of an answer: {:?}", self.unread);
                continue;
            };
            let head = String::from_utf8(self.unread[..end + 2].to_vec()).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            while self.unread.len() < end + 4 + length {
                assert!(self.read(), "the end, in the middle of a body");
            }
            let body = self.unread.drain(..end + 4 + length).skip(end + 4).collect();
            return Answer { head, body: String::from_utf8(body).unwrap() };
        }
    }

    /// Writes a request and reads its answer.
    pub fn ask(&mut self, bytes: impl AsRef<[u8]>) -> Answer {
        self.say(bytes);
        self.answer()
    }

    /// Begins a session that polls, and answers its id.
    pub fn begin(&mut self) -> String {
        let answer = self.ask(get("EIO=4&transport=polling"));
        let (_, rest) = answer.body.split_once(r#"0{"sid":""#).unwrap_or_else(|| panic!("{answer:?}"));
        rest[..20].to_owned()
    }

    /// Begins one over a WebSocket.
    pub fn begin_websocket(&mut self) {
        let answer = self.ask(upgrade("/engine.io/?EIO=4&transport=websocket", ""));
        assert!(answer.head.starts_with("HTTP/1.1 101 "), "{answer:?}");
        assert!(self.text().starts_with("0{"));
    }

    /// Sends a text message.
    pub fn send(&mut self, message: &str) {
        self.say(text(message).sent_by(Role::Client));
    }

    /// The next frame.
    pub fn frame(&mut self) -> Frame {
        loop {
            let (mut found, rest) = frames(Role::Server, &self.unread);
            if !found.is_empty() {
                let first = found.remove(0);
                let later: usize = found.iter().map(|frame| frame.sent_by(Role::Server).len()).sum();
                let taken = self.unread.len() - rest - later;
                self.unread.drain(..taken);
                return first;
            }
            assert!(self.read(), "the end, instead of a frame");
        }
    }

    /// The next text message.
    pub fn text(&mut self) -> String {
        let frame = self.frame();
        let (_, payload) = (frame.opcode(), frame.bare());
        String::from_utf8(payload[if payload[1] < 126 { 2 } else { 4 }..].to_vec()).unwrap()
    }

    /// Is nothing said any more, and the connection ended?
    pub fn has_ended(&mut self) -> bool {
        !self.read() && self.unread.is_empty()
    }
}
