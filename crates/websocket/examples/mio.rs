//! An echo server in one thread over `mio`: thousands of connections, one pool of buffers, no runtime.
//!
//! ```sh
//! cargo run -p sansocket-websocket --example mio 127.0.0.1:9001
//! ```
#![allow(clippy::disallowed_methods, reason = "somebody has to ask for the time: here it is the program")]

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;

use bytes::Buf;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use sansocket_core::{Endpoint, Input, Instant, Machine, Pool, Response, Transmit};
use sansocket_websocket::handshake::ServerHandshake;
use sansocket_websocket::handshake::server::{Choice, ServerEvent, ServerOptions};
use sansocket_websocket::{Event, WebSocket};

const LISTENER: Token = Token(0);

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".into());
    let mut server = Server::bind(&address)?;
    println!("listening on ws://{}", server.listener.local_addr()?);
    loop {
        server.turn()?;
    }
}

struct Server {
    poll: Poll,
    events: Events,
    listener: TcpListener,
    options: Arc<ServerOptions>,
    connections: HashMap<Token, Connection>,
    next: Token,
    pool: Pool,
    epoch: std::time::Instant,
}

impl Server {
    fn bind(address: &str) -> io::Result<Server> {
        let address = address.parse().map_err(io::Error::other)?;
        let (poll, mut listener) = (Poll::new()?, TcpListener::bind(address)?);
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Server {
            poll,
            events: Events::with_capacity(1024),
            listener,
            options: Arc::default(),
            connections: HashMap::new(),
            next: Token(1),
            pool: Pool::new(),
            epoch: std::time::Instant::now(),
        })
    }

    /// Waits until a socket is ready or a deadline has come, and does what that brings.
    fn turn(&mut self) -> io::Result<()> {
        // A walk over all is the simplest way to the next deadline. A server of thousands keeps a heap.
        let deadlines = self.connections.values().filter_map(|connection| connection.life.poll_timeout());
        let patience = deadlines.min().map(|at| at - self.now());
        match self.poll.poll(&mut self.events, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        let now = self.now();
        let mut ready: Vec<Token> = self.events.iter().map(|event| event.token()).collect();
        if ready.contains(&LISTENER) {
            self.accept(now)?;
        }
        for (token, connection) in &mut self.connections {
            if connection.life.poll_timeout().is_some_and(|at| at <= now) {
                connection.life.handle_timeout(now);
                ready.push(*token);
            }
        }
        for token in ready {
            let Some(connection) = self.connections.get_mut(&token) else { continue };
            if connection.advance(&mut self.pool, now).is_err() || connection.life.is_finished() {
                self.connections.remove(&token);
            }
        }
        Ok(())
    }

    fn accept(&mut self, now: Instant) -> io::Result<()> {
        loop {
            let mut socket = match self.listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            socket.set_nodelay(true)?;
            let token = self.next;
            self.next = Token(token.0 + 1);
            self.poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
            let life = Life::Handshake(Box::new(ServerHandshake::new(self.options.clone(), now)));
            self.connections.insert(token, Connection { socket, input: Input::default(), life });
        }
    }

    fn now(&self) -> Instant {
        Instant::ZERO + self.epoch.elapsed()
    }
}

struct Connection {
    socket: TcpStream,
    input: Input,
    life: Life,
}

impl Connection {
    /// Goes on until the socket has nothing more to give.
    fn advance(&mut self, pool: &mut Pool, now: Instant) -> io::Result<()> {
        loop {
            loop {
                // While the output is full nothing is asked for: it waits in the input, and then in the socket.
                if self.life.is_full() && self.write()? == Written::Some {
                    return Ok(());
                }
                if self.life.poll_event(&mut self.input, now).is_none() {
                    break;
                }
            }
            self.write()?;
            if !self.life.wants_input() {
                break;
            }
            match self.socket.read(self.input.space(pool)) {
                Ok(0) => self.life.handle_eof(now),
                Ok(n) => self.input.filled(n),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.life.handle_eof(now),
            }
        }
        self.input.release(pool);
        Ok(())
    }

    fn write(&mut self) -> io::Result<Written> {
        while let Some(transmit) = self.life.poll_transmit() {
            match transmit {
                Transmit::Bytes(out) => match self.socket.write(out.chunk()) {
                    Ok(n) => out.written(n),
                    // The socket says when it takes more.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Written::Some),
                    Err(error) => return Err(error),
                },
                Transmit::Shutdown => self.socket.shutdown(Shutdown::Write)?,
            }
        }
        Ok(Written::All)
    }
}

#[derive(PartialEq)]
enum Written {
    All,
    Some,
}

/// First a handshake, then, over the same input, a connection: a machine made of two.
enum Life {
    Handshake(Box<ServerHandshake>),
    Open(WebSocket),
    Over,
}

/// Something was done, and the next event may be asked for.
struct Housekeeping;

impl Life {
    fn is_full(&self) -> bool {
        matches!(self, Life::Open(ws) if !ws.has_room())
    }

    /// Answers the handshake's event, and becomes a connection if that is what it asks for.
    fn shake_hands(&mut self, event: ServerEvent, now: Instant) {
        let Life::Handshake(handshake) = self else { return };
        let answered = match event {
            ServerEvent::Upgrade(_) => handshake.accept(&Choice::default()),
            ServerEvent::Plain(_) => {
                handshake.respond(Response::new(200).with_body("Speak WebSocket to me.\n"), now)
            }
            // Answered already.
            ServerEvent::Failed(_) => Ok(()),
        };
        answered.expect("the request waits for its answer");
        if handshake.is_accepted()
            && let Life::Handshake(handshake) = std::mem::replace(self, Life::Over)
            && let Ok(ws) = handshake.into_websocket(now)
        {
            *self = Life::Open(ws);
        }
    }
}

impl Machine for Life {
    type Event<'i> = Housekeeping;

    fn poll_event(&mut self, input: &mut Input, now: Instant) -> Option<Housekeeping> {
        match self {
            Life::Handshake(handshake) => {
                let event = handshake.poll_event(input, now)?;
                self.shake_hands(event, now);
            }
            // Events are lent from the input: the machine sends while one is held.
            Life::Open(ws) => match ws.poll_event(input, now)? {
                Event::Text(text) => ws.send_text(&text).expect("there is room"),
                Event::Binary(bytes) => ws.send_binary(bytes).expect("there is room"),
                _ => {}
            },
            Life::Over => return None,
        }
        Some(Housekeeping)
    }

    fn wants_input(&self) -> bool {
        match self {
            Life::Handshake(handshake) => handshake.wants_input(),
            Life::Open(ws) => ws.wants_input(),
            Life::Over => false,
        }
    }

    fn handle_eof(&mut self, now: Instant) {
        match self {
            Life::Handshake(handshake) => handshake.handle_eof(now),
            Life::Open(ws) => ws.handle_eof(now),
            Life::Over => {}
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Life::Handshake(handshake) => handshake.poll_timeout(),
            Life::Open(ws) => ws.poll_timeout(),
            Life::Over => None,
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self {
            Life::Handshake(handshake) => handshake.handle_timeout(now),
            Life::Open(ws) => ws.handle_timeout(now),
            Life::Over => {}
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        match self {
            Life::Handshake(handshake) => handshake.poll_transmit(),
            Life::Open(ws) => ws.poll_transmit(),
            Life::Over => None,
        }
    }

    fn is_finished(&self) -> bool {
        match self {
            Life::Handshake(handshake) => handshake.is_finished(),
            Life::Open(ws) => ws.is_finished(),
            Life::Over => true,
        }
    }
}
