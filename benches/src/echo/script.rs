//! What a connection says, and what it has to hear.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use sansocket_websocket::Role;
use sansocket_websocket::deflate::Takeover;

use super::servers::Speech;
use super::shape::Shape;
use crate::codec::content::{Content, Random};
use crate::codec::frames::{self, FIN, RSV1};
use crate::codec::opening::{self, KEY};
use crate::codec::zlib::{Deflater, Inflater, LEVEL};

const TEXT: u8 = 1;
const BINARY: u8 = 2;
/// What a socket surely holds: a longer question is asked while the answer is read.
const SURELY: usize = 32 * 1024;

/// A ping of Engine.IO, which some servers begin with; nobody stays so long that the answer would be missed.
pub const PING: [u8; 3] = [FIN | 1, 1, b'2'];

/// Where Socket.IO begins.
pub const SOCKET_IO: &str = "/socket.io/?EIO=4&transport=websocket";
/// The packet by which a client comes into the main namespace.
pub const CONNECT: &str = "40";

/// Everything the connections of a shape have in common.
pub struct Script {
    speech: Speech,
    /// One window of messages, said again and again.
    pub asked: Vec<u8>,
    /// Bytes of one of them.
    pub ask_len: usize,
    /// What an answer begins with.
    pub answer_head: Vec<u8>,
    /// Bytes of an answer.
    pub answer_len: usize,
    payload: Vec<u8>,
}

impl Script {
    /// What is said in this shape.
    pub fn new(speech: Speech, shape: Shape) -> Script {
        let payload = match speech {
            Speech::Deflate => Content::Json,
            _ => Content::Binary,
        }
        .messages(shape.size)
        .swap_remove(0)
        .to_vec();
        let (head, travels) = match speech {
            Speech::Deflate => {
                let mut deflater = Deflater::new(Takeover::Reset, LEVEL, payload.len());
                (FIN | RSV1 | BINARY, deflater.deflate(&payload).to_vec())
            }
            _ => (FIN | BINARY, payload.clone()),
        };
        let (mut asked, mut answer_head, mut keys) = (Vec::new(), Vec::new(), Random::new(1));
        for _ in 0..shape.window {
            frames::put(&mut asked, head, Some(frames::key(&mut keys)), &travels);
        }
        let ask_len = asked.len() / shape.window;
        frames::put(&mut answer_head, FIN | BINARY, None, &payload);
        let mut answer_len = answer_head.len();
        answer_head.truncate(answer_len - payload.len());
        if speech == Speech::Raw {
            // The masked bytes come back: only their number is looked at.
            answer_head.clear();
            answer_len = ask_len;
        }
        Script { speech, asked, ask_len, answer_head, answer_len, payload }
    }

    /// Texts over Socket.IO, all of one length, that are said in turn, and what answers the first; other answers have
    /// its length.
    pub fn of_texts(texts: impl IntoIterator<Item = String>, answer: &str) -> Script {
        let (mut asked, mut answer_head, mut keys) = (Vec::new(), Vec::new(), Random::new(1));
        let mut ask_len = 0;
        for text in texts {
            let before = asked.len();
            frames::put(&mut asked, FIN | TEXT, Some(frames::key(&mut keys)), text.as_bytes());
            ask_len = asked.len() - before;
        }
        frames::put(&mut answer_head, FIN | TEXT, None, answer.as_bytes());
        let answer_len = answer_head.len();
        answer_head.truncate(answer_len - answer.len());
        let payload = answer.as_bytes().to_vec();
        Script { speech: Speech::SocketIo, asked, ask_len, answer_head, answer_len, payload }
    }

    /// A connection that has shaken hands. It blocks.
    pub fn open(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        // Ended by a reset, so that no port stays in TIME_WAIT.
        set_socket_linger(&stream, Some(Duration::ZERO))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let (target, extensions) = match self.speech {
            Speech::Raw => return Ok(stream),
            Speech::WebSocket => ("/", ""),
            Speech::EngineIo => ("/engine.io/?EIO=4&transport=websocket", ""),
            Speech::SocketIo => (SOCKET_IO, ""),
            Speech::Deflate => {
                ("/", "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n")
            }
        };
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{extensions}\r\n"
        );
        stream.write_all(request.as_bytes())?;
        // Byte by byte, for what follows is not the head's.
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        opening::check(Role::Server, &head);
        let head = String::from_utf8_lossy(&head);
        let is_deflated = head.contains("permessage-deflate");
        assert_eq!(is_deflated, self.speech == Speech::Deflate, "{head}");
        if !self.speech.is_plain() {
            hear_packet(&stream, "0{")?;
        }
        if self.speech == Speech::SocketIo {
            say(&stream, CONNECT)?;
            hear_packet(&stream, "40{")?;
        }
        Ok(stream)
    }

    /// Says one message and looks at every byte of the answer. The socket blocks.
    pub fn prove(&self, stream: &TcpStream) -> io::Result<()> {
        let asked = &self.asked[..self.ask_len];
        thread::scope(|scope| {
            let mut stream = stream;
            if asked.len() <= SURELY {
                stream.write_all(asked)?;
            } else {
                scope.spawn(move || { stream }.write_all(asked).expect("a server that reads"));
            }
            match self.speech {
                Speech::Deflate => self.hear_deflated(stream),
                Speech::Raw | Speech::WebSocket | Speech::EngineIo | Speech::SocketIo => self.hear(stream),
            }
        })
    }

    /// Begins a ping of Engine.IO here, as far as there are bytes, instead of an answer?
    pub fn is_ping(&self, bytes: &[u8]) -> bool {
        let seen = &bytes[..bytes.len().min(PING.len())];
        match self.speech {
            Speech::EngineIo => PING.starts_with(seen),
            // An answer is a text, too, but a longer one.
            Speech::SocketIo => seen.len() > 1 && PING.starts_with(seen),
            Speech::WebSocket | Speech::Deflate | Speech::Raw => false,
        }
    }

    fn hear(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut answer = vec![0; self.answer_len];
        let (first, rest) = answer.split_at_mut(PING.len());
        stream.read_exact(first)?;
        if self.is_ping(first) {
            stream.read_exact(first)?;
        }
        stream.read_exact(rest)?;
        if !self.answer_head.is_empty() {
            let (head, payload) = answer.split_at(self.answer_head.len());
            assert!(head == self.answer_head && payload == self.payload, "the answer is the message");
        }
        Ok(())
    }

    /// How long a deflated answer is, only the server knows: it says so in a short header.
    fn hear_deflated(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut head = [0; 2];
        stream.read_exact(&mut head)?;
        assert!(head[0] == FIN | RSV1 | BINARY && head[1] < 126, "a short deflated message: {head:?}");
        let mut answer = vec![0; head[1].into()];
        stream.read_exact(&mut answer)?;
        let mut inflater = Inflater::new(Takeover::Reset, self.payload.len());
        assert!(inflater.inflate(&answer) == self.payload, "the answer is the message");
        Ok(())
    }
}

/// Says one text.
pub fn say(mut stream: &TcpStream, text: &str) -> io::Result<()> {
    let mut frame = Vec::new();
    frames::put(&mut frame, FIN | TEXT, Some([1, 2, 3, 4]), text.as_bytes());
    stream.write_all(&frame)
}

/// Hears a packet that begins so, after a ping perhaps. Its length may take two bytes more.
pub fn hear_packet(mut stream: &TcpStream, begin: &str) -> io::Result<()> {
    loop {
        let mut head = [0; 2];
        stream.read_exact(&mut head)?;
        let mut length = usize::from(head[1]);
        if length == 126 {
            let mut more = [0; 2];
            stream.read_exact(&mut more)?;
            length = u16::from_be_bytes(more).into();
        }
        let mut packet = vec![0; length];
        stream.read_exact(&mut packet)?;
        if packet.starts_with(begin.as_bytes()) {
            return Ok(());
        }
        assert_eq!(packet, b"2", "{}", packet.escape_ascii());
    }
}
