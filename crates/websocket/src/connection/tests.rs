//! Conversations: bytes in, events and bytes out.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::frame::Header;
use crate::{Delivery, Keepalive, Overflow, Position, Prepared, StreamError};

const KEY: [u8; 4] = [1, 2, 3, 4];

/// A machine with what stands beside it, and a clock.
struct Side {
    ws: WebSocket,
    input: Input,
    pool: Pool,
    now: Instant,
}

impl Side {
    fn server(options: Options) -> Side {
        let ws = WebSocket::server(Arc::new(options), Extensions::default(), Instant::ZERO);
        Side { ws, input: Input::default(), pool: Pool::new(), now: Instant::ZERO }
    }

    fn client(options: Options) -> Side {
        let ws = WebSocket::client(Arc::new(options), Extensions::default(), [7; 32], Instant::ZERO);
        Side { ws, input: Input::default(), pool: Pool::new(), now: Instant::ZERO }
    }

    fn hears(&mut self, bytes: &[u8]) -> Vec<String> {
        self.input.fill(bytes, &mut self.pool);
        self.events()
    }

    fn events(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some(event) = self.ws.poll_event(&mut self.input, self.now) {
            events.push(match event {
                Event::Text(text) => alloc::format!("text {text}"),
                Event::Binary(bytes) => alloc::format!("binary {bytes:?}"),
                Event::Chunk(chunk) => alloc::format!("{:?} {:?}", chunk.position, chunk.data),
                Event::Ping(bytes) => alloc::format!("ping {}", bytes.escape_ascii()),
                Event::Pong(bytes) => alloc::format!("pong {}", bytes.escape_ascii()),
                Event::Closed(closed) => closed.to_string(),
            });
        }
        self.input.release(&mut self.pool);
        events
    }

    /// Writes out all there is; `FIN` stands for the end of the stream.
    fn says(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(transmit) = self.ws.poll_transmit() {
            match transmit {
                Transmit::Bytes(out) => bytes.extend(take(out, usize::MAX)),
                Transmit::Shutdown => bytes.extend(b"FIN"),
            }
        }
        bytes
    }

    fn waits(&mut self, duration: Duration) {
        self.now = self.now + duration;
        self.ws.handle_timeout(self.now);
        if let Some(next) = self.ws.poll_timeout() {
            assert!(next > self.now, "a deadline that was handled lies in the future");
        }
    }
}

fn take(out: &mut Outbox, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !out.is_empty() && bytes.len() < most {
        let chunk = bytes::Buf::chunk(out);
        let n = chunk.len().min(most - bytes.len());
        bytes.extend_from_slice(&chunk[..n]);
        out.written(n);
    }
    bytes
}

fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let opcode = Opcode::new(first & 15).unwrap();
    let header =
        Header { fin: first & 0x80 != 0, rsv: first >> 4 & 7, opcode, mask, len: payload.len() as u64 };
    let mut bytes = Vec::new();
    frame::encode(&header, &mut bytes);
    let key = mask.unwrap_or_default();
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// What a client says.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, Some(KEY), payload)
}

/// What a server says.
fn plain(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, None, payload)
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn a_connection_is_small() {
    assert!(size_of::<WebSocket>() + size_of::<Input>() <= 192, "{}", size_of::<WebSocket>());
    assert!(size_of::<Event<'_>>() <= 32);
    assert!(size_of::<super::Cold>() <= 136, "{}", size_of::<super::Cold>());
}

#[test]
fn messages_come_whole_and_fragmented_with_pings_between() {
    let mut server = Side::server(Options::default());
    assert_eq!(server.hears(&masked(0x81, b"hello")), ["text hello"]);
    let wire = [
        masked(0x01, "K\u{f6}".as_bytes()),
        masked(0x89, b"p"),
        masked(0x80, "ln".as_bytes()),
        masked(0x82, &[7]),
    ]
    .concat();
    assert_eq!(server.hears(&wire), ["ping p", "text K\u{f6}ln", "binary [7]"]);
    assert_eq!(server.says(), plain(0x8a, b"p"));
    assert_eq!(server.input.memory(), 0);
}

#[test]
fn a_client_and_a_server_understand_each_other() {
    let (mut client, mut server) = (Side::client(Options::default()), Side::server(Options::default()));
    for len in [0, 1, 125, 126, 127, 8191, 8192, 65_535, 65_536, 100_000] {
        client.ws.send(Message::binary(vec![9; len])).unwrap();
        let heard = client.says();
        assert_eq!(server.hears(&heard), [alloc::format!("binary {:?}", vec![9; len])]);
        server.ws.send(Message::binary(vec![8; len])).unwrap();
        let heard = server.says();
        assert_eq!(client.hears(&heard), [alloc::format!("binary {:?}", vec![8; len])]);
    }
    assert_eq!(server.ws.counters().received.messages, 10);
    assert_eq!(server.ws.counters().received, client.ws.counters().sent);
    assert_eq!(client.ws.counters().received, server.ws.counters().sent);
}

#[test]
fn a_violation_is_answered_once_after_what_was_right() {
    let mut server = Side::server(Options::default());
    let wire = [masked(0x81, b"good"), plain(0x81, b"bad"), masked(0x81, b"late")].concat();
    assert_eq!(
        server.hears(&wire),
        ["text good", "the peer broke the protocol: a client must mask its frames"]
    );
    assert_eq!(server.says(), [plain(0x88, &1002u16.to_be_bytes()), b"FIN".to_vec()].concat());
    assert_eq!(server.hears(&masked(0x81, b"later")), Vec::<String>::new());
    assert_eq!(server.says(), b"");
    assert_eq!(server.ws.send("x".into()), Err(SendError::Closed("x".into())));
}

#[test]
fn text_fails_on_its_first_bad_byte() {
    let mut server = Side::server(Options::default());
    let wire = masked(0x81, &[b'o', b'k', 0xff, b'x', b'x']);
    assert_eq!(server.hears(&wire[..8]), Vec::<String>::new());
    assert_eq!(server.hears(&wire[8..9]), ["the peer broke the protocol: text is not UTF-8"]);
}

#[test]
fn a_server_ends_tcp_first_and_a_client_waits_for_it() {
    let (mut client, mut server) = (Side::client(Options::default()), Side::server(Options::default()));
    client.ws.close(CloseFrame::new(CloseCode::NORMAL, "bye").unwrap(), client.now);
    let heard = client.says();
    assert_eq!(server.hears(&heard), ["closed by the peer: 1000 (bye)"]);
    let heard = server.says();
    assert!(heard.ends_with(b"FIN") && !server.ws.is_finished());
    assert_eq!(client.hears(&heard[..heard.len() - 3]), ["closed by us, and the peer answered: 1000 (bye)"]);
    assert_eq!(client.says(), b"");
    client.ws.handle_eof(client.now);
    assert_eq!(client.says(), b"FIN");
    assert!(client.ws.is_finished());
    server.ws.handle_eof(server.now);
    assert!(server.ws.is_finished());
}

#[test]
fn both_may_close_at_once() {
    let (mut client, mut server) = (Side::client(Options::default()), Side::server(Options::default()));
    client.ws.close(CloseCode::NORMAL.into(), client.now);
    server.ws.close(CloseCode::GOING_AWAY.into(), server.now);
    let (from_client, from_server) = (client.says(), server.says());
    assert_eq!(server.hears(&from_client), ["closed by us, and the peer answered: 1000"]);
    assert_eq!(client.hears(&from_server), ["closed by us, and the peer answered: 1001"]);
    assert_eq!((server.says(), client.says()), (b"FIN".to_vec(), b"".to_vec()));
}

#[test]
fn a_silent_peer_is_given_up_after_the_close_timeout() {
    let mut server = Side::server(Options::default());
    server.ws.close(CloseCode::NORMAL.into(), server.now);
    server.says();
    server.waits(secs(9));
    assert!(server.events().is_empty());
    server.waits(secs(1));
    assert_eq!(server.events(), ["close timeout: the peer did not finish the closing handshake"]);
    assert!(server.ws.is_finished() && server.ws.poll_timeout().is_none());
}

#[test]
fn the_end_of_the_stream_comes_after_what_was_read() {
    let mut server = Side::server(Options::default());
    server.input.fill(&masked(0x81, b"last"), &mut server.pool);
    server.ws.handle_eof(server.now);
    server.ws.send("answer".into()).unwrap();
    assert_eq!(server.events(), ["text last", "the connection was lost without a close frame"]);
    assert_eq!(server.says(), [plain(0x81, b"answer"), b"FIN".to_vec()].concat());
    assert!(server.ws.is_finished());
}

#[test]
fn keepalive_pings_a_silent_peer_and_measures_one_that_answers() {
    let options = Options { keepalive: Some(Keepalive::default()), ..Options::default() };
    let mut server = Side::server(options);
    server.waits(secs(20));
    let ping = server.says();
    assert_eq!(ping, plain(0x89, &1u64.to_be_bytes()));
    server.now = server.now + secs(3);
    assert_eq!(server.hears(&masked(0x8a, &ping[2..])).len(), 1);
    assert_eq!(server.ws.counters().round_trip, Some(secs(3)));
    server.waits(secs(17));
    server.waits(secs(3));
    assert_eq!(server.says(), plain(0x89, &2u64.to_be_bytes()));
    server.waits(secs(20));
    assert_eq!(server.events(), ["ping timeout: the peer did not answer"]);
    assert_eq!(server.says(), [plain(0x88, &1011u16.to_be_bytes()), b"FIN".to_vec()].concat());
}

#[test]
fn an_idle_connection_is_ended_and_a_busy_one_is_not() {
    let mut server = Side::server(Options { idle_timeout: Some(secs(60)), ..Options::default() });
    server.waits(secs(59));
    server.hears(&masked(0x8a, b""));
    server.waits(secs(59));
    assert!(server.events().is_empty());
    server.waits(secs(1));
    assert_eq!(server.events(), ["idle timeout: the peer sent nothing"]);
}

#[test]
fn pongs_overtake_data_and_never_queue_without_bound() {
    let mut server = Side::server(Options::default());
    server.ws.send_binary(&[1; 100]).unwrap();
    server.ws.send_binary(&[2; 100]).unwrap();
    let Some(Transmit::Bytes(out)) = server.ws.poll_transmit() else { panic!("output waits") };
    assert_eq!(take(out, 1), [0x82]);
    for n in 0..1_000_000u32 {
        server.hears(&masked(0x89, &n.to_be_bytes()));
        let _ = server.ws.poll_transmit();
        assert!(server.ws.buffered() <= 204 + 4096 + 131);
    }
    let said = server.says();
    assert_eq!(said[101..107], plain(0x8a, &0u32.to_be_bytes()));
    assert!(said.ends_with(&plain(0x8a, &999_999u32.to_be_bytes())) || said.ends_with(&[2; 100]));
    assert!(said.windows(6).any(|frame| frame == plain(0x8a, &999_999u32.to_be_bytes())));
}

#[test]
fn a_full_output_blocks_and_hands_the_message_back() {
    let mut server = Side::server(Options { high_water: 10, ..Options::default() });
    server.ws.send(Message::from("a message of any size fits an empty queue")).unwrap();
    let refused = Message::from("x");
    assert_eq!(server.ws.send(refused.clone()), Err(SendError::Blocked(refused)));
    assert!(server.ws.ping(b"control frames are exempt").is_ok());
    server.says();
    assert_eq!(server.ws.send_text("x"), Ok(()));
}

#[test]
fn a_slow_one_feels_the_policy_alone() {
    let prepared = Prepared::new(Message::binary(vec![5; 600]), &Options::default());
    let broadcast = |overflow| {
        let mut server = Side::server(Options { hard_cap: 2000, overflow, ..Options::default() });
        for _ in 0..5 {
            let _ = server.ws.send_prepared(&prepared, server.now);
        }
        server
    };
    let mut closed = broadcast(Overflow::Close);
    assert_eq!(closed.events(), ["the peer reads too slowly: the output passed its hard cap"]);
    let mut newest = broadcast(Overflow::DropNewest);
    assert_eq!((newest.says().len(), newest.ws.counters().dropped), (3 * 604, 2));
    let mut oldest = broadcast(Overflow::DropOldest);
    assert_eq!((oldest.says().len(), oldest.ws.counters().dropped), (3 * 604, 2));
}

#[test]
fn a_message_may_go_out_in_pieces() {
    let mut server = Side::server(Options::default());
    server.ws.begin(Kind::Text).unwrap();
    assert_eq!(server.ws.begin(Kind::Text), Err(StreamError::Unfinished));
    server.ws.append(&"é".as_bytes()[..1]).unwrap();
    assert_eq!(server.ws.finish(), Err(StreamError::NotUtf8));
    assert_eq!(server.ws.append(b"x"), Err(StreamError::NotUtf8));
    server.ws.append(&"é".as_bytes()[1..]).unwrap();
    assert_eq!(server.ws.send("x".into()), Err(SendError::Unfinished("x".into())));
    server.ws.finish().unwrap();
    assert_eq!(server.ws.finish(), Err(StreamError::NotBegun));
    let mut client = Side::client(Options::default());
    assert_eq!(client.hears(&server.says()), ["text é"]);
}

#[test]
fn a_large_message_is_cut_and_a_ping_gets_in_between() {
    let options = Options { fragment: Some(1000), ..Options::default() };
    let (mut client, mut server) = (Side::client(options), Side::server(Options::default()));
    client.ws.send(Message::binary(vec![3; 2500])).unwrap();
    let Some(Transmit::Bytes(out)) = client.ws.poll_transmit() else { panic!("output waits") };
    let mut wire = take(out, 10);
    client.ws.ping(b"now").unwrap();
    wire.extend(client.says());
    assert_eq!(server.hears(&wire), ["ping now".to_string(), alloc::format!("binary {:?}", vec![3; 2500])]);
    assert_eq!(server.ws.counters().received.wire, wire.len() as u64);
    assert_eq!((server.ws.counters().received.fragments, client.ws.counters().sent.fragments), (3, 3));
}

#[test]
fn a_message_larger_than_memory_comes_in_chunks() {
    let options = Options { delivery: Delivery::Chunks(4), max_message: None, ..Options::default() };
    let mut server = Side::server(options);
    let wire =
        [masked(0x01, "abcé€".as_bytes()), masked(0x80, b"xyz"), masked(0x82, b"1234"), masked(0x81, b"")];
    let chunks = [
        "First Text(\"abc\")",
        "Middle Text(\"é\")",
        "Middle Text(\"€\")",
        "Last Text(\"xyz\")",
        "Only Binary([49, 50, 51, 52])",
        "Only Text(\"\")",
    ];
    assert_eq!(server.hears(&wire.concat()), chunks);
    assert!(Position::Only.is_first() && Position::Only.is_last());
}

#[test]
fn limits_act_at_the_header() {
    let mut server = Side::server(Options { max_message: Some(10), max_frame: None, ..Options::default() });
    assert_eq!(server.hears(&masked(0x82, &[0; 10])).len(), 1);
    assert_eq!(server.hears(&masked(0x02, &[0; 6])).len(), 0);
    let header = &masked(0x80, &[0; 5])[..6];
    assert_eq!(server.hears(header), ["the peer broke the protocol: a message is larger than the limit"]);
    assert!(server.says().starts_with(&plain(0x88, &1009u16.to_be_bytes())));
}

#[cfg(feature = "deflate")]
mod compressed {
    use super::*;
    use crate::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};

    fn pair(options: Options, takeover: Takeover) -> (Side, Side) {
        let deflate = DeflateOptions { threshold: 0, ..DeflateOptions::default() };
        let options = Options { deflate: Some(deflate), ..options };
        let direction = Direction { takeover, window: WindowBits::MAX };
        let agreed = Extensions { deflate: Some(DeflateParams { ours: direction, peers: direction }) };
        let (mut client, mut server) = (Side::client(options.clone()), Side::server(options.clone()));
        client.ws = WebSocket::client(Arc::new(options.clone()), agreed, [7; 32], Instant::ZERO);
        server.ws = WebSocket::server(Arc::new(options), agreed, Instant::ZERO);
        (client, server)
    }

    #[test]
    fn messages_go_compressed_whatever_the_window_is_kept_for() {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let (mut client, mut server) = pair(Options::default(), takeover);
            let text = "the same words, the same words, ".repeat(100);
            for _ in 0..3 {
                client.ws.send(Message::from(text.as_str())).unwrap();
                client.ws.send("".into()).unwrap();
                let wire = client.says();
                assert!(wire.len() < 300, "{}", wire.len());
                assert_eq!(server.hears(&wire), [alloc::format!("text {text}"), "text ".into()]);
            }
            assert_eq!(server.input.memory(), 0);
        }
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit_and_a_message_of_just_that_size_is_not() {
        let options = Options { max_message: Some(100_000), ..Options::default() };
        let (mut client, mut server) = pair(options, Takeover::Reset);
        for (size, event) in [(100_000, "binary"), (100_001, "the peer broke")] {
            client.ws.send(Message::binary(vec![0; size])).unwrap();
            let wire = client.says();
            let events = server.hears(&wire);
            assert!(events.len() == 1 && events[0].starts_with(event), "{size}");
        }
    }

    #[test]
    fn what_does_not_become_smaller_goes_as_it_is() {
        // Bytes without a pattern that a deflater could find.
        let mut seed = 1u32;
        let noise: Vec<u8> = core::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .take(50_000)
        .collect();
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let (mut client, mut server) = pair(Options::default(), takeover);
            for _ in 0..2 {
                client.ws.send(Message::from(&noise[..])).unwrap();
                let wire = client.says();
                assert!(takeover == Takeover::Keep || wire.len() == noise.len() + 8, "{}", wire.len());
                assert_eq!(server.hears(&wire), [alloc::format!("binary {noise:?}")]);
            }
        }
    }

    #[test]
    fn chunks_are_inflated_one_by_one() {
        let options = Options { delivery: Delivery::Chunks(50_000), max_message: None, ..Options::default() };
        let (mut client, mut server) = pair(options, Takeover::Keep);
        client.ws.begin(Kind::Binary).unwrap();
        client.ws.append(&[7; 120_000]).unwrap();
        client.ws.append(&[8; 10]).unwrap();
        client.ws.finish().unwrap();
        let wire = client.says();
        server.input.fill(&wire, &mut server.pool);
        let mut sizes = Vec::new();
        while let Some(Event::Chunk(chunk)) = server.ws.poll_event(&mut server.input, server.now) {
            let Data::Binary(bytes) = chunk.data else { panic!("binary") };
            sizes.push((bytes.len(), chunk.position));
        }
        let expected = [
            (50_000, Position::First),
            (50_000, Position::Middle),
            (20_000, Position::Middle),
            (10, Position::Middle),
            (0, Position::Last),
        ];
        assert_eq!(sizes, expected);
    }

    #[test]
    fn a_prepared_message_is_deflated_once_and_fits_where_no_window_is_kept() {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            let (mut client, mut server) = pair(Options::default(), takeover);
            let prepared = Prepared::new("tick ".repeat(200), server.ws.options());
            for _ in 0..2 {
                server.ws.send_prepared(&prepared, server.now).unwrap();
                client.ws.send_prepared(&prepared, client.now).unwrap();
                let (from_server, from_client) = (server.says(), client.says());
                assert_eq!(from_server.len() < 100, takeover == Takeover::Reset);
                assert_eq!(client.hears(&from_server), [alloc::format!("text {}", "tick ".repeat(200))]);
                assert_eq!(server.hears(&from_client), [alloc::format!("text {}", "tick ".repeat(200))]);
            }
        }
    }
}
