//! Ourselves: the machine, driven by hand.

use std::sync::Arc;

use sansocket_core::{Input, Instant, Machine, Message, OUTBOX_SLICES, Pool, SendError, Transmit, Utf8Bytes};
use sansocket_websocket::handshake::client::{ClientEvent, ClientHandshake, ClientOptions, Offer};
use sansocket_websocket::handshake::server::{Choice, ServerEvent, ServerHandshake, ServerOptions};
use sansocket_websocket::{Event, Extensions, Kind, Options, Role, WebSocket};

use super::{BATCH, Messages, Opener, Peer, Receiver, Seen, Sender};
use crate::handshake::NONCE;
use crate::wire::Wire;

/// Messages are lent; what is sent is copied into the output, or handed over by reference if it is large.
pub struct Lent;

impl Peer for Lent {
    fn name(&self) -> &'static str {
        "sansocket"
    }

    fn receiver(&self, role: Role, wire: Wire) -> Receiver {
        Side::plain(role, wire).receiver()
    }

    fn sender(&self, role: Role, wire: Wire, messages: &Messages) -> Sender {
        Side::plain(role, wire).sender(messages)
    }

    fn opener(&self, role: Role) -> Option<Opener> {
        Some(match role {
            Role::Server => server_opener(),
            Role::Client => client_opener(),
        })
    }
}

/// Messages are owned: what `next` and `send` of the adapters do.
pub struct Owned;

impl Peer for Owned {
    fn name(&self) -> &'static str {
        "sansocket, owned"
    }

    fn receiver(&self, role: Role, wire: Wire) -> Receiver {
        let mut side = Side::plain(role, wire);
        Box::new(move |n, seen| {
            side.receive(n, |event| match event.into_owned() {
                Some(Message::Text(text)) => seen.message(Kind::Text, text.as_bytes()),
                Some(Message::Binary(bytes)) => seen.message(Kind::Binary, &bytes),
                None => panic!("not a message"),
            });
        })
    }

    fn sender(&self, role: Role, wire: Wire, messages: &Messages) -> Sender {
        let mut side = Side::plain(role, wire);
        let mut turn = messages.turn(message);
        Box::new(move |n| side.send(n, |ws| ws.send(turn.take().clone()).map_err(|e| e.map(drop))))
    }
}

fn server_opener() -> Opener {
    let (mut pool, options) = (Pool::new(), Arc::new(ServerOptions::default()));
    Box::new(move |mut wire| {
        let mut input = Input::default();
        let mut server = ServerHandshake::new(options.clone(), NOW);
        read(&mut wire, &mut input, &mut pool);
        let event = server.poll_event(&mut input, NOW);
        assert!(matches!(event, Some(ServerEvent::Upgrade(_))), "{event:?}");
        server.accept(&Choice::default()).expect("nothing special");
        flush(&mut server.into_websocket(NOW).expect("accepted"), &mut wire);
        input.release(&mut pool);
    })
}

fn client_opener() -> Opener {
    let (mut pool, options) = (Pool::new(), Arc::new(ClientOptions::default()));
    Box::new(move |mut wire| {
        let mut input = Input::default();
        let offer = Offer::new("ws://127.0.0.1:9001/chat".parse().expect("a URI"));
        let mut client = ClientHandshake::new(&offer, NONCE, options.clone(), NOW).expect("a good offer");
        flush(&mut client, &mut wire);
        read(&mut wire, &mut input, &mut pool);
        let event = client.poll_event(&mut input, NOW);
        assert!(matches!(event, Some(ClientEvent::Connected(_))), "{event:?}");
        drop(client.into_websocket([7; 32], NOW).expect("connected"));
        input.release(&mut pool);
    })
}

fn message(kind: Kind, payload: &bytes::Bytes) -> Message {
    match kind {
        Kind::Text => Message::Text(Utf8Bytes::try_from(payload.clone()).expect("a text")),
        Kind::Binary => Message::Binary(payload.clone()),
    }
}

/// A machine and what stands beside it.
pub struct Side {
    ws: WebSocket,
    input: Input,
    pool: Pool,
    wire: Wire,
}

/// Time stands still: nothing here waits.
const NOW: Instant = Instant::ZERO;
/// From here on handing over a reference is cheaper than a copy.
const LARGE: usize = 8 * 1024;

impl Side {
    /// One without extensions.
    pub fn plain(role: Role, wire: Wire) -> Side {
        Side::new(role, wire, Options::default(), Extensions::default())
    }

    /// One of any kind.
    pub fn new(role: Role, wire: Wire, options: Options, extensions: Extensions) -> Side {
        let options = Arc::new(options);
        let ws = match role {
            Role::Server => WebSocket::server(options, extensions, NOW),
            Role::Client => WebSocket::client(options, extensions, [7; 32], NOW),
        };
        Side { ws, input: Input::default(), pool: Pool::new(), wire }
    }

    /// Receives lent messages.
    pub fn receiver(mut self) -> Receiver {
        Box::new(move |n, seen: &mut Seen| {
            self.receive(n, |event| match event {
                Event::Text(text) => seen.message(Kind::Text, text.as_bytes()),
                Event::Binary(bytes) => seen.message(Kind::Binary, bytes),
                other => panic!("not a message: {other:?}"),
            });
        })
    }

    /// Sends lent messages.
    pub fn sender(mut self, messages: &Messages) -> Sender {
        let mut turn = messages.turn(message);
        Box::new(move |n| {
            self.send(n, |ws| match turn.take() {
                large if large.as_bytes().len() >= LARGE => ws.send(large.clone()).map_err(|e| e.map(drop)),
                Message::Text(text) => ws.send_text(text),
                Message::Binary(bytes) => ws.send_binary(bytes),
            });
        })
    }

    #[inline(always)]
    fn receive(&mut self, n: usize, mut each: impl FnMut(Event<'_>)) {
        for _ in 0..n {
            loop {
                if let Some(event) = self.ws.poll_event(&mut self.input, NOW) {
                    each(event);
                    break;
                }
                read(&mut self.wire, &mut self.input, &mut self.pool);
            }
        }
    }

    #[inline(always)]
    fn send(&mut self, n: usize, mut one: impl FnMut(&mut WebSocket) -> Result<(), SendError<()>>) {
        self.ws.attach(&mut self.pool);
        for i in 1..=n {
            while let Err(error) = one(&mut self.ws) {
                assert_eq!(error, SendError::Blocked(()));
                flush(&mut self.ws, &mut self.wire);
            }
            if i % BATCH == 0 || i == n {
                flush(&mut self.ws, &mut self.wire);
            }
        }
        self.ws.detach(&mut self.pool);
    }
}

fn read(wire: &mut Wire, input: &mut Input, pool: &mut Pool) {
    let n = wire.read_into(input.space(pool));
    input.filled(n);
}

fn flush(machine: &mut impl Machine, wire: &mut Wire) {
    while let Some(Transmit::Bytes(out)) = machine.poll_transmit() {
        let n = match out.flat() {
            Some(bytes) => wire.write_all([bytes]),
            None => {
                let mut slices = [&[][..]; OUTBOX_SLICES];
                let filled = out.slices(&mut slices);
                wire.write_all(slices[..filled].iter().copied())
            }
        };
        out.written(n);
    }
}
