//! What the targets share.

mod packets;
mod payloads;

use std::cell::RefCell;
use std::io;

use sansocket_core::{Instant, Pool};
use sansocket_testkit::{Heard, Oracle, Side, Subject, Verdict, frames, ws};
use sansocket_websocket::deflate::{DeflateOptions, Takeover, WindowBits};
use sansocket_websocket::{Delivery, Options, Role};

pub use packets::{hear_msgpack, hear_packet};
pub use payloads::read_payload;

/// Chooses among a few by the fuzzer's next byte; the first when there are no more.
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    /// A number below `n`, of at most 256.
    pub fn below(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % n
    }
}

/// A connection hears `input`: the settings, and where it is cut, come first. How it is cut changes nothing, nothing is
/// held beyond its bytes, and what is heard is what the oracle says.
pub fn hear(role: Role, input: &[u8]) {
    let mut choices = Choices(input);
    let mut oracle = Oracle::new(role);
    oracle.max_message = [1 << 20, 10, 1000][choices.below(3)];
    oracle.max_frame = [1 << 20, 10, 300][choices.below(3)];
    oracle.max_empty_frames = [1024, 0, 3][choices.below(3)];
    let delivery = [Delivery::Messages, Delivery::Messages, Delivery::Chunks(4)][choices.below(3)];
    let cut = choices.below(256);
    let options = Options {
        max_message: Some(oracle.max_message),
        max_frame: Some(oracle.max_frame),
        max_empty_frames: Some(oracle.max_empty_frames as u32),
        delivery,
        ..Options::default()
    };
    let said = choices.0;
    let (head, tail) = said.split_at(cut.min(said.len()));
    let whole = verdict(role, &options, &[said]);
    let in_two = verdict(role, &options, &[head, tail]);
    let in_bytes = verdict(role, &options, &said.chunks(1).collect::<Vec<_>>());
    if delivery == Delivery::Messages {
        assert_eq!(whole, oracle.judge(said), "the oracle");
        assert_eq!(whole, in_two, "cut in two");
        assert_eq!(whole, in_bytes, "byte by byte");
    } else {
        assert_eq!(whole.answers, in_bytes.answers);
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool::new()) };
}

/// What comes of reads, if nothing else happens.
pub fn verdict(role: Role, options: &Options, reads: &[&[u8]]) -> Verdict {
    let mut side = Side::new(ws::websocket(role, options.clone(), Default::default(), Instant::ZERO));
    let (mut received, mut written) = (0, Vec::new());
    with_pool(&mut side, |side| {
        for read in reads {
            side.read(read, Instant::ZERO);
            received += read.len();
            assert!(side.input.memory() <= 2 * received + 4096, "{:?} after {received} bytes", side.input);
        }
        written = side.write_all();
    });
    let (answers, rest) = frames(role, &written);
    assert_eq!(rest, 0, "half a frame was written");
    Verdict { heard: side.heard(), answers }
}

/// The payloads of the messages among what was heard.
pub fn messages(heard: &[Heard]) -> Vec<Vec<u8>> {
    let payload = |heard: &Heard| match heard {
        Heard::Text(text) => Some(text.as_bytes().to_vec()),
        Heard::Binary(bytes) => Some(bytes.clone()),
        _ => None,
    };
    heard.iter().filter_map(payload).collect()
}

/// Hands over reads, if anybody wants them, with one pool for all.
pub fn stream<M: Subject>(side: &mut Side<M>, reads: &[&[u8]]) {
    with_pool(side, |side| {
        side.listen(Instant::ZERO);
        for read in reads {
            side.read(read, Instant::ZERO);
        }
    });
}

/// Lends `side` the pool of all, or most of the time would go into fresh buffers.
pub fn with_pool<M: Subject>(side: &mut Side<M>, run: impl FnOnce(&mut Side<M>)) {
    side.pool = POOL.take();
    run(side);
    POOL.set(std::mem::take(&mut side.pool));
}

/// What an endpoint would like of permessage-deflate.
pub fn choose_deflate(choices: &mut Choices<'_>) -> Options {
    let takeover = [Takeover::Keep, Takeover::Reset];
    let mut window = || WindowBits::new(9 + choices.below(7) as u8).expect("9 to 15");
    let (our_window, peer_window) = (window(), window());
    let (our_takeover, peer_takeover) = (takeover[choices.below(2)], takeover[choices.below(2)]);
    let deflate =
        DeflateOptions { our_window, peer_window, our_takeover, peer_takeover, ..DeflateOptions::default() };
    Options { deflate: Some(deflate), ..Options::default() }
}

/// Reads from the one, writes to nowhere.
pub struct Deaf(pub io::Cursor<Vec<u8>>);

impl io::Read for Deaf {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }
}

impl io::Write for Deaf {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
