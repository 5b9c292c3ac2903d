//! Ourselves: the machine, driven by hand.

use std::sync::Arc;

use sansocket_core::{Input, Instant, Machine, Message, Pool, SendError, Transmit, Utf8Bytes};
use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, WindowBits};
use sansocket_websocket::handshake::client::{ClientEvent, ClientHandshake, ClientOptions, Offer};
use sansocket_websocket::handshake::server::{Choice, ServerEvent, ServerHandshake, ServerOptions};
use sansocket_websocket::{Event, Extensions, Kind, Options, Role, WebSocket};

use super::{BATCH, Decoder, Encoder, Opener, Peer, Seen};
use crate::codec::case::Case;
use crate::codec::opening::NONCE;
use crate::codec::wire::Wire;
use crate::codec::zlib::LEVEL;

/// Messages are lent, and so are those that are sent, but for what a server has that is large.
pub(super) struct Lent;

impl Peer for Lent {
    fn name(&self) -> &'static str {
        "sansocket"
    }

    fn notes(&self) -> &'static str {
        "payloads lent; sends by copy, from 8 KiB on by reference (undeflated)"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let mut side = Side::new(case, wire);
        Some(Box::new(move |n, seen: &mut Seen| {
            side.receive(n, |event| match event {
                Event::Text(text) => seen.message(Kind::Text, text.as_bytes()),
                Event::Binary(bytes) => seen.message(Kind::Binary, bytes),
                other => panic!("not a message: {other:?}"),
            });
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let mut side = Side::new(case, wire);
        let mut turn = case.turn(message);
        let large = if case.is_plain() { LARGE } else { usize::MAX };
        Some(Box::new(move |n| {
            side.send(n, |ws| match turn.take() {
                message if message.as_bytes().len() >= large => ws.send_shared(message),
                Message::Text(text) => ws.send_text(text),
                Message::Binary(bytes) => ws.send_binary(bytes),
            });
        }))
    }

    fn opener(&self, role: Role) -> Option<Opener> {
        Some(match role {
            Role::Server => server_opener(),
            Role::Client => client_opener(),
        })
    }
}

/// Messages are owned: what `next` and `send` of the adapters do.
pub(super) struct Owned;

impl Peer for Owned {
    fn name(&self) -> &'static str {
        "sansocket-owned"
    }

    fn notes(&self) -> &'static str {
        "`into_owned` and `send`: what `next` and `send` of the adapters do"
    }

    fn decoder(&self, case: &Case, wire: Wire) -> Option<Decoder> {
        let mut side = Side::new(case, wire);
        Some(Box::new(move |n, seen: &mut Seen| {
            side.receive(n, |event| match event.into_owned() {
                Some(Message::Text(text)) => seen.message(Kind::Text, text.as_bytes()),
                Some(Message::Binary(bytes)) => seen.message(Kind::Binary, &bytes),
                None => panic!("not a message"),
            });
        }))
    }

    fn encoder(&self, case: &Case, wire: Wire) -> Option<Encoder> {
        let mut side = Side::new(case, wire);
        let mut turn = case.turn(message);
        Some(Box::new(move |n| side.send(n, |ws| ws.send(turn.take().clone()).map_err(|e| e.map(drop)))))
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
        Kind::Binary => Message::binary(payload.clone()),
    }
}

/// A machine and what stands beside it.
struct Side {
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
    fn new(case: &Case, wire: Wire) -> Side {
        let mut options = Options::default();
        let mut extensions = Extensions::default();
        if let Some(takeover) = case.deflate {
            let direction = Direction { takeover, window: WindowBits::MAX };
            extensions.deflate = Some(DeflateParams { ours: direction, peers: direction });
            options.deflate = Some(DeflateOptions {
                level: LEVEL,
                threshold: 0,
                our_window: WindowBits::MAX,
                ..Default::default()
            });
        }
        let options = Arc::new(options);
        let ws = match case.role {
            Role::Server => WebSocket::server(options, extensions, NOW),
            Role::Client => WebSocket::client(options, extensions, [7; 32], NOW),
        };
        Side { ws, input: Input::default(), pool: Pool::new(), wire }
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
            None => wire.write_all(out.pieces()),
        };
        out.written(n);
    }
}
