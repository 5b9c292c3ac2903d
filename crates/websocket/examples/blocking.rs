//! An echo server without a runtime: a thread for each connection, blocking reads, and the next deadline as their
//! timeout.
//!
//! ```sh
//! cargo run -p sansocket-websocket --example blocking 127.0.0.1:9001
//! ```
#![allow(clippy::disallowed_methods, reason = "somebody has to ask for the time: here it is the program")]

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use bytes::Buf;
use sansocket_core::{Input, Instant, Machine, Pool, Response, SendError, Transmit};
use sansocket_websocket::WebSocket;
use sansocket_websocket::handshake::ServerHandshake;
use sansocket_websocket::handshake::server::{Choice, ServerEvent, ServerOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on ws://{}", listener.local_addr()?);
    let options = Arc::new(ServerOptions::default());
    for socket in listener.incoming() {
        let (socket, options) = (socket?, options.clone());
        std::thread::spawn(move || {
            if let Err(error) = Peer::new(socket).and_then(|mut peer| peer.serve(options)) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

/// A socket, with what stands beside every machine.
struct Peer {
    socket: TcpStream,
    input: Input,
    pool: Pool,
    epoch: std::time::Instant,
}

impl Peer {
    fn new(socket: TcpStream) -> Result<Peer, Box<dyn Error>> {
        socket.set_nodelay(true)?;
        Ok(Peer { socket, input: Input::default(), pool: Pool::new(), epoch: std::time::Instant::now() })
    }

    /// From the first byte to the last.
    fn serve(&mut self, options: Arc<ServerOptions>) -> Result<(), Box<dyn Error>> {
        let mut handshake = ServerHandshake::new(options, self.now());
        while !handshake.is_finished() {
            let now = self.now();
            match handshake.poll_event(&mut self.input, now) {
                Some(ServerEvent::Upgrade(_)) => {
                    handshake.accept(&Choice::default())?;
                    return self.echo(handshake.into_websocket(now)?);
                }
                Some(ServerEvent::Plain(_)) => {
                    let page = Response::new(200).with_body("Speak WebSocket to me.\n");
                    handshake.respond(page, now)?;
                }
                Some(ServerEvent::Failed(error)) => eprintln!("{error}"),
                None => self.turn(&mut handshake)?,
            }
        }
        Ok(())
    }

    fn echo(&mut self, mut ws: WebSocket) -> Result<(), Box<dyn Error>> {
        while !ws.is_finished() {
            let now = self.now();
            let Some(event) = ws.poll_event(&mut self.input, now) else {
                self.turn(&mut ws)?;
                continue;
            };
            let mut echo = event.into_owned();
            while let Some(message) = echo.take() {
                if let Err(SendError::Blocked(back)) = ws.send(message) {
                    self.write(&mut ws)?;
                    echo = Some(back);
                }
            }
        }
        println!("{}", ws.closed().expect("it is finished"));
        Ok(())
    }

    /// Events have run dry: writes what there is to write, then waits for bytes or for the next deadline.
    fn turn(&mut self, machine: &mut impl Machine) -> io::Result<()> {
        self.write(machine)?;
        self.input.release(&mut self.pool);
        let now = self.now();
        // A timeout of zero would mean none.
        let patience = machine.poll_timeout().map(|at| (at - now).max(Duration::from_millis(1)));
        self.socket.set_read_timeout(patience)?;
        match self.socket.read(self.input.space(&mut self.pool)) {
            Ok(0) => machine.handle_eof(self.now()),
            Ok(n) => self.input.filled(n),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                machine.handle_timeout(self.now());
            }
            Err(_) => machine.handle_eof(self.now()),
        }
        Ok(())
    }

    fn write(&mut self, machine: &mut impl Machine) -> io::Result<()> {
        while let Some(transmit) = machine.poll_transmit() {
            match transmit {
                Transmit::Bytes(out) => {
                    let n = self.socket.write(out.chunk())?;
                    out.written(n);
                }
                Transmit::Shutdown => self.socket.shutdown(Shutdown::Write)?,
            }
        }
        Ok(())
    }

    fn now(&self) -> Instant {
        Instant::ZERO + self.epoch.elapsed()
    }
}
