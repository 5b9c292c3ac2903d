//! websocket-sans-io: frames only. It neither puts messages together nor checks UTF-8 or the order of frames.

use sansocket_websocket::{Kind, Role};
use websocket_sans_io::{
    FrameInfo, Opcode, WebsocketFrameDecoder, WebsocketFrameEncoder, WebsocketFrameEvent,
};

use crate::codec::case::Case;
use crate::codec::content::Random;
use crate::codec::frames;
use crate::codec::peers::{BATCH, Decoder, Encoder, OUTPUT, Peer};
use crate::codec::wire::{READ, Wire};

pub(super) struct WebsocketSansIo;

impl Peer for WebsocketSansIo {
    fn name(&self) -> &'static str {
        "websocket-sans-io"
    }

    fn notes(&self) -> &'static str {
        "unmasks in the adapter's buffer, gives parts of frames, checks no rules; the adapter draws the keys"
    }

    fn decoder(&self, case: &Case, mut wire: Wire) -> Option<Decoder> {
        let mut decoder =
            (case.is_plain() && case.kind() == Kind::Binary).then(WebsocketFrameDecoder::new)?;
        let mut room = vec![0; READ];
        let (mut start, mut end) = (0, 0);
        Some(Box::new(move |n, seen| {
            let until = seen.messages + n;
            while seen.messages < until {
                let result = decoder.add_data(&mut room[start..end]).expect("a good frame");
                let consumed = start + result.consumed_bytes;
                match result.event {
                    Some(WebsocketFrameEvent::PayloadChunk { .. }) => {
                        seen.part(Kind::Binary, &room[start..consumed]);
                    }
                    Some(WebsocketFrameEvent::End { frame_info, .. }) if frame_info.fin => seen.end(),
                    None if consumed == start || consumed == end => {
                        (start, end) = (0, wire.read_into(&mut room));
                        continue;
                    }
                    _ => {}
                }
                start = consumed;
            }
        }))
    }

    fn encoder(&self, case: &Case, mut wire: Wire) -> Option<Encoder> {
        let mut encoder = case.is_plain().then(WebsocketFrameEncoder::new)?;
        let mut out = Vec::with_capacity(OUTPUT);
        let mut turn = case.turn(|_, message| message.clone());
        let opcode = if case.kind() == Kind::Text { Opcode::Text } else { Opcode::Binary };
        let (is_client, mut random) = (case.role == Role::Client, Random::new(7));
        Some(Box::new(move |n| {
            for i in 1..=n {
                let message = turn.take();
                let mask = is_client.then(|| frames::key(&mut random));
                let payload_length = message.len() as u64;
                let info = FrameInfo { opcode, payload_length, mask, fin: true, reserved: 0 };
                out.extend_from_slice(&encoder.start_frame(&info));
                let start = out.len();
                out.extend_from_slice(message);
                encoder.transform_frame_payload(&mut out[start..]);
                if i % BATCH == 0 || i == n || out.len() >= OUTPUT {
                    wire.write_all([&out[..]]);
                    out.clear();
                }
            }
        }))
    }
}
