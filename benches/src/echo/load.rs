//! The load: one thread, many connections, so many messages under way on each.
#![allow(clippy::disallowed_methods, reason = "a load lasts until a clock says so")]

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use sansocket_websocket::frame::Opcode;

use super::Shape;
use crate::handshake::KEY;
use crate::payload::{Content, Random};
use crate::wire::{header, put_frame};

/// How a server speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speech {
    /// WebSocket.
    WebSocket,
    /// Bytes come back as they are: what the runtime alone costs.
    Raw,
}

/// Before counting begins: all connections are under way.
const WARM: Duration = Duration::from_millis(50);
/// Counting.
const TURN: Duration = Duration::from_millis(250);

/// Connects, loads, and answers how many messages came back in a second.
pub fn load(address: SocketAddr, speech: Speech, shape: Shape) -> io::Result<f64> {
    let script = Script::new(speech, shape);
    let mut poll = Poll::new()?;
    let mut talks = Vec::new();
    for token in 0..shape.connections {
        let mut stream = script.open(address)?;
        poll.registry().register(&mut stream, Token(token), Interest::READABLE | Interest::WRITABLE)?;
        let mut talk = Talk { stream, allowed: script.asked.len() as u64, written: 0, heard: 0 };
        talk.write(&script)?;
        talks.push(talk);
    }
    let (mut events, mut room) = (Events::with_capacity(256), vec![0; 256 * 1024]);
    let start = Instant::now();
    let mut counted = None;
    loop {
        poll.poll(&mut events, Some(Duration::from_secs(5)))?;
        assert!(!events.is_empty(), "the server fell silent");
        for event in &events {
            talks[event.token().0].go_on(&script, &mut room)?;
        }
        let (now, answers) =
            (start.elapsed(), || talks.iter().map(|talk| talk.heard / script.answer_len()).sum());
        match counted {
            None if now >= WARM => counted = Some((now, answers())),
            Some((begun, before)) if now >= begun + TURN => {
                let after: u64 = answers();
                talks.iter().for_each(|talk| drop(talk.stream.shutdown(Shutdown::Both)));
                return Ok((after - before) as f64 / (now - begun).as_secs_f64());
            }
            _ => {}
        }
    }
}

/// What every connection says, and what it has to hear.
struct Script {
    speech: Speech,
    /// One window of messages, said again and again.
    asked: Vec<u8>,
    ask_len: u64,
    answer: Vec<u8>,
}

impl Script {
    fn new(speech: Speech, shape: Shape) -> Script {
        let payload = Content::Binary.messages(shape.size).swap_remove(0);
        let (mut asked, mut answer, mut keys) = (Vec::new(), Vec::new(), Random::new(1));
        for _ in 0..shape.window {
            put_frame(&mut asked, header(Opcode::Binary), Some(&mut keys), &payload);
        }
        put_frame(&mut answer, header(Opcode::Binary), None, &payload);
        let ask_len = (asked.len() / shape.window) as u64;
        if speech == Speech::Raw {
            answer = asked[..ask_len as usize].to_vec();
        }
        Script { speech, asked, ask_len, answer }
    }

    fn answer_len(&self) -> u64 {
        self.answer.len() as u64
    }

    /// A connection that has shaken hands and had one message echoed, byte for byte.
    fn open(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let mut stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        if self.speech == Speech::WebSocket {
            write!(
                stream,
                "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
            )?;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte)?;
                head.extend(byte);
            }
            assert!(head.starts_with(b"HTTP/1.1 101 "));
        }
        // The answer to a long message may come before all of it is said; sockets hold less than that.
        stream.write_all(&self.asked[..self.ask_len as usize])?;
        let mut answer = vec![0; self.answer.len()];
        stream.read_exact(&mut answer)?;
        assert!(answer == self.answer, "the answer is the message");
        stream.set_nonblocking(true)?;
        Ok(TcpStream::from_std(stream))
    }
}

/// One connection.
struct Talk {
    stream: TcpStream,
    /// Bytes that may be written until something is heard.
    allowed: u64,
    written: u64,
    heard: u64,
}

impl Talk {
    /// Reads what there is, and says as many messages as were answered.
    fn go_on(&mut self, script: &Script, room: &mut [u8]) -> io::Result<()> {
        loop {
            match self.stream.read(room) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    self.heard += n as u64;
                    let answered = self.heard / script.answer_len();
                    self.allowed = script.asked.len() as u64 + answered * script.ask_len;
                    self.write(script)?;
                    if n < room.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return self.write(script),
                Err(error) => return Err(error),
            }
        }
    }

    fn write(&mut self, script: &Script) -> io::Result<()> {
        while self.written < self.allowed {
            let at = (self.written % script.asked.len() as u64) as usize;
            let most = (self.allowed - self.written) as usize;
            let bytes = &script.asked[at..script.asked.len().min(at + most)];
            match self.stream.write(bytes) {
                Ok(n) => self.written += n as u64,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
