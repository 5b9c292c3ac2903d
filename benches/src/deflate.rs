//! permessage-deflate: our messages against the bare compressor at equal settings.

use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, Takeover};
use sansocket_websocket::{Extensions, Options, Role};
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush};

use crate::codec::{check_receiver, receiving};
use crate::payload::{Content, Random};
use crate::peers::sansocket::Side;
use crate::peers::{Messages, Turn};
use crate::wire::{self, Wire};
use crate::work::{Entry, Plan, Section, Work};

/// Messages of JSON that a server deflates and inflates.
pub fn deflate() -> Section {
    let mut rows = Vec::new();
    for (verb, entries) in
        [("deflate", Case::deflating as fn(&Case) -> Vec<Entry>), ("inflate", Case::inflating)]
    {
        for (takeover, name) in [(Takeover::Reset, "reset"), (Takeover::Keep, "keep")] {
            for size in [200, 1024, 16 << 10] {
                let plan =
                    Plan::new(format!("{verb}/{name}/{size}"), move || entries(&Case { takeover, size }));
                rows.push(plan);
            }
        }
    }
    Section {
        title: "permessage-deflate",
        note: "ns per message of JSON, the default level and window, the window reset after each or kept. zlib-rs alone: no \
               frames, no masks, no limits, no UTF-8, and a context of its own for every connection.",
        columns: &["sansocket", "zlib-rs alone"],
        rows,
    }
}

struct Case {
    takeover: Takeover,
    size: usize,
}

/// What a sync flush ends with, and a message leaves out (RFC 7692 §7.2.1).
const MARKER: [u8; 4] = [0, 0, 0xff, 0xff];

impl Case {
    fn options(&self) -> DeflateOptions {
        DeflateOptions { threshold: 0, ..DeflateOptions::default() }
    }

    fn messages(&self) -> Messages {
        Messages { kind: Content::Json.kind(), payloads: Content::Json.messages(self.size) }
    }

    fn side(&self, wire: Wire) -> Side {
        let deflate = self.options();
        let direction = Direction { takeover: self.takeover, window: deflate.our_window };
        let extensions = Extensions { deflate: Some(DeflateParams { ours: direction, peers: direction }) };
        Side::new(Role::Server, wire, Options { deflate: Some(deflate), ..Options::default() }, extensions)
    }

    fn deflating(&self) -> Vec<Entry> {
        let messages = self.messages();
        let (wire, record) = Wire::default().recorded();
        self.side(wire).sender(&messages)(100);
        let sent = wire::frames(&record.borrow());
        let mut inflater = Inflater::new(self);
        for (frame, payload) in sent.iter().zip(messages.payloads.iter().cycle()) {
            assert!(frame.header.rsv == 4 && inflater.inflate(&frame.payload) == payload);
        }

        let mut deflater = Deflater::new(self);
        let mut turn = messages.turn(|_, payload| payload.clone());
        let alone: Work = Box::new(move |n| {
            for _ in 0..n {
                std::hint::black_box(deflater.deflate(turn.take()));
            }
        });
        let ours = self.side(Wire::default()).sender(&messages);
        vec![Entry { who: "sansocket", work: ours }, Entry { who: "zlib-rs alone", work: alone }]
    }

    fn inflating(&self) -> Vec<Entry> {
        let messages = self.messages();
        let mut deflater = Deflater::new(self);
        let (mut bytes, mut keys) = (Vec::new(), Random::new(7));
        let mut payloads = Vec::new();
        for payload in &messages.payloads {
            let deflated = deflater.deflate(payload).to_vec();
            let header = wire::Header { rsv: 4, ..wire::header(messages.kind.opcode()) };
            wire::put_frame(&mut bytes, header, Some(&mut keys), &deflated);
            payloads.push(deflated);
        }
        let wire = Wire::repeating(bytes);
        check_receiver(self.side(wire.clone()).receiver(), &messages);

        let mut inflater = Inflater::new(self);
        let mut turn = Turn::new(payloads);
        let alone: Work = Box::new(move |n| {
            for _ in 0..n {
                std::hint::black_box(inflater.inflate(turn.take()));
            }
        });
        let ours = receiving(self.side(wire).receiver());
        vec![Entry { who: "sansocket", work: ours }, Entry { who: "zlib-rs alone", work: alone }]
    }
}

/// The bare compressor.
struct Deflater {
    deflate: Deflate,
    takeover: Takeover,
    out: Vec<u8>,
}

impl Deflater {
    fn new(case: &Case) -> Deflater {
        let options = case.options();
        let deflate = Deflate::new_with_config(DeflateConfig {
            level: options.level.into(),
            window_bits: -i32::from(options.our_window.get()), // negative: no zlib header
            ..DeflateConfig::default()
        });
        Deflater { deflate, takeover: case.takeover, out: vec![0; 2 * case.size + 64] }
    }

    fn deflate(&mut self, message: &[u8]) -> &[u8] {
        if self.takeover == Takeover::Reset {
            self.deflate.reset();
        }
        let before = self.deflate.total_out();
        self.deflate.compress(message, &mut self.out, DeflateFlush::SyncFlush).expect("any bytes");
        let written = (self.deflate.total_out() - before) as usize;
        self.out[..written].strip_suffix(&MARKER).expect("room for a whole message")
    }
}

/// The bare decompressor.
struct Inflater {
    inflate: Inflate,
    takeover: Takeover,
    out: Vec<u8>,
}

impl Inflater {
    fn new(case: &Case) -> Inflater {
        let inflate = Inflate::new(false, case.options().peer_window.get());
        Inflater { inflate, takeover: case.takeover, out: vec![0; case.size + 64] }
    }

    fn inflate(&mut self, message: &[u8]) -> &[u8] {
        if self.takeover == Takeover::Reset {
            self.inflate.reset(false);
        }
        let before = self.inflate.total_out();
        let mut done = 0;
        for part in [message, &MARKER] {
            self.inflate.decompress(part, &mut self.out[done..], InflateFlush::SyncFlush).expect("deflated");
            done = (self.inflate.total_out() - before) as usize;
        }
        &self.out[..done]
    }
}
