//! A connection without a transport.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use sansocket_core::{Input, Instant, Machine, Message, Pool, SendError, Transmit, Utf8Bytes};
use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, Takeover};
use sansocket_websocket::{Extensions, Kind, Options, Role, WebSocket};

use crate::payload::Content;
use crate::source::{READ, Source};

/// Time stands still: nothing here waits.
pub const NOW: Instant = Instant::ZERO;

/// A machine and what stands beside it.
pub struct Side {
    /// The machine.
    pub ws: WebSocket,
    /// What it has received.
    pub input: Input,
    /// Where memory comes from.
    pub pool: Pool,
}

impl Side {
    /// One without extensions, and with the default options.
    pub fn plain(role: Role) -> Side {
        Side::new(role, Options::default(), Extensions::default())
    }

    /// One that deflates and inflates everything.
    pub fn deflating(role: Role, takeover: Takeover) -> Side {
        let deflate = DeflateOptions { threshold: 0, ..DeflateOptions::default() };
        let direction = Direction { takeover, window: deflate.our_window };
        let extensions = Extensions { deflate: Some(DeflateParams { ours: direction, peers: direction }) };
        Side::new(role, Options { deflate: Some(deflate), ..Options::default() }, extensions)
    }

    /// One of any kind.
    pub fn new(role: Role, options: Options, extensions: Extensions) -> Side {
        let options = Arc::new(options);
        let ws = match role {
            Role::Server => WebSocket::server(options, extensions, NOW),
            Role::Client => WebSocket::client(options, extensions, [7; 32], NOW),
        };
        Side { ws, input: Input::default(), pool: Pool::new() }
    }

    /// Takes the next bytes in.
    pub fn read(&mut self, source: &mut Source) {
        let n = source.read(self.input.space(&mut self.pool));
        self.input.filled(n);
    }

    /// Queues a message; whatever is in its way is written first.
    #[inline(always)]
    pub fn send(&mut self, mut one: impl FnMut(&mut WebSocket) -> Result<(), SendError<()>>) {
        while let Err(error) = one(&mut self.ws) {
            assert_eq!(error, SendError::Blocked(()));
            flush(&mut self.ws, |_| {});
        }
    }

    /// What it writes if it sends all of `messages`.
    pub fn wire(mut self, messages: &[Message]) -> Vec<u8> {
        let mut wire = Vec::new();
        for message in messages {
            self.ws.send(message.clone()).expect("there is room");
            flush(&mut self.ws, |bytes| wire.extend_from_slice(bytes));
        }
        wire
    }
}

/// Shows `see` everything that a machine wants written.
#[inline(always)]
pub fn flush(machine: &mut impl Machine, mut see: impl FnMut(&[u8])) {
    while let Some(Transmit::Bytes(out)) = machine.poll_transmit() {
        let mut written = 0;
        let mut write = |bytes: &[u8]| {
            written += black_box(bytes).len();
            see(bytes);
        };
        match out.flat() {
            Some(flat) => write(flat),
            None => out.pieces().for_each(write),
        }
        out.written(written);
    }
}

/// The messages of a round: a read full of them.
pub fn messages(content: Content, size: usize) -> Vec<Message> {
    let message = |payload: &Bytes| match content.kind() {
        Kind::Text => Message::Text(Utf8Bytes::try_from(payload.clone()).expect("a text")),
        Kind::Binary => Message::binary(payload.clone()),
    };
    let messages: Vec<Message> = content.messages(size).iter().map(message).collect();
    // 14 bytes is the longest header.
    let bytes: usize = messages.iter().map(|message| message.as_bytes().len() + 14).sum();
    let times = (READ / bytes).max(1);
    messages.iter().cycle().take(messages.len() * times).cloned().collect()
}

/// How a kind of messages is called in the name of a case.
pub fn called(content: Content, size: usize) -> String {
    match content {
        Content::Binary => format!("binary/{size}"),
        Content::Ascii => format!("ascii/{size}"),
        Content::Multibyte => format!("multibyte/{size}"),
        Content::Json => format!("json/{size}"),
        Content::MixedBinary => "binary/4-1024".to_owned(),
        Content::MixedText => "text/4-1024".to_owned(),
    }
}
