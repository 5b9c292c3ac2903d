//! Compressors alone: no frames, no masks, no limits, no UTF-8, and a context of its own for every connection.

use libdeflater::{CompressionLvl, Compressor, Decompressor};
use sansocket_websocket::Kind;
use sansocket_websocket::deflate::Takeover;

use crate::codec::case::{Case, Turn};
use crate::codec::peers::{Decoder, Encoder, Peer};
use crate::codec::wire::Wire;
use crate::codec::zlib::{Deflater, Inflater, LEVEL};

pub(super) struct ZlibRs;

impl Peer for ZlibRs {
    fn name(&self) -> &'static str {
        "=zlib-rs"
    }

    fn notes(&self) -> &'static str {
        "the compressor alone"
    }

    fn decoder(&self, case: &Case, _: Wire) -> Option<Decoder> {
        let mut inflater = Inflater::new(case.deflate?, case.longest());
        let mut turn = deflated(case, &[])?;
        Some(Box::new(move |n, seen| {
            for _ in 0..n {
                seen.message(Kind::Text, inflater.inflate(turn.take()));
            }
        }))
    }

    fn encoder(&self, case: &Case, mut wire: Wire) -> Option<Encoder> {
        let mut deflater = Deflater::new(case.deflate?, LEVEL, case.longest());
        let mut turn = case.turn(|_, message| message.clone());
        Some(Box::new(move |n| {
            for _ in 0..n {
                wire.write_all([deflater.deflate(turn.take())]);
            }
        }))
    }
}

/// It knows whole streams only, so no window that is kept.
pub(super) struct Libdeflate;

impl Peer for Libdeflate {
    fn name(&self) -> &'static str {
        "=libdeflate"
    }

    fn notes(&self) -> &'static str {
        "the fastest compressor of whole streams, in C"
    }

    fn decoder(&self, case: &Case, _: Wire) -> Option<Decoder> {
        // It wants the marker, and a last block: an empty one.
        let mut turn =
            (case.deflate? == Takeover::Reset).then(|| deflated(case, &[0, 0, 0xff, 0xff, 3, 0]))??;
        let (mut inflater, mut out) = (Decompressor::new(), vec![0; case.longest()]);
        Some(Box::new(move |n, seen| {
            for _ in 0..n {
                let written = inflater.deflate_decompress(turn.take(), &mut out).expect("it was deflated");
                seen.message(Kind::Text, &out[..written]);
            }
        }))
    }

    fn encoder(&self, case: &Case, mut wire: Wire) -> Option<Encoder> {
        let level = CompressionLvl::new(LEVEL.into()).ok()?;
        let mut deflater = (case.deflate? == Takeover::Reset).then(|| Compressor::new(level))?;
        let (mut turn, mut out) = (case.turn(|_, message| message.clone()), vec![0; 2 * case.longest() + 64]);
        Some(Box::new(move |n| {
            for _ in 0..n {
                let written = deflater.deflate_compress(turn.take(), &mut out).expect("room");
                wire.write_all([&out[..written]]);
            }
        }))
    }
}

/// The messages of a case as they travel, each with `tail` after it.
fn deflated(case: &Case, tail: &[u8]) -> Option<Turn<Vec<u8>>> {
    let mut deflater = Deflater::new(case.deflate?, LEVEL, case.longest());
    let deflated = case.messages.iter().map(|message| [deflater.deflate(message), tail].concat());
    Some(Turn::new(deflated.collect()))
}
