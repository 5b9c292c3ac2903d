//! What a peer must not do. Each time, what was right before is heard, and one close frame goes back.

use sansocket_websocket::{Role, Violation};

use super::{Dialogue, Told, told};
use crate::{
    FIN, Form, Frame, KEY, RSV1, binary, close, continuation, header_in, heard_ping, heard_text, opcode,
    ping, pong, text, violation,
};

pub(super) fn all() -> Vec<Told> {
    [headers(), lengths(), order(), closes(), characters(), limits()].into_iter().flatten().collect()
}

/// One message, then the fault, then more that nobody hears.
fn fault(name: &'static str, said: impl IntoIterator<Item = Frame>, fault: Violation) -> Told {
    told(name)
        .says([text("before")])
        .says(said)
        .says([text("after"), close(1000, "")])
        .hears([heard_text("before"), violation(fault)])
        .answers([close(fault.close_code().get(), "")])
}

/// The same for a fault that is no frame.
fn fault_in_bytes(name: &'static str, said: fn(Role) -> Vec<u8>, fault: Violation) -> Told {
    told(name)
        .says([text("before")])
        .says_bytes(said)
        .hears([heard_text("before"), violation(fault)])
        .answers([close(fault.close_code().get(), "")])
}

fn headers() -> Vec<Told> {
    vec![
        fault("RSV1 without an extension", [text("x").compressed()], Violation::ReservedBit),
        fault("RSV2", [text("x").with_first(0xa1)], Violation::ReservedBit),
        fault("RSV3 on a ping", [ping("x").with_first(0x99)], Violation::ReservedBit),
        fault("opcode 3", [text("x").with_first(FIN | 3)], Violation::ReservedOpcode),
        fault("opcode 7, unfinished", [text("x").with_first(7)], Violation::ReservedOpcode),
        fault("opcode 11", [text("").with_first(FIN | 11)], Violation::ReservedOpcode),
        fault("opcode 15", [text("").with_first(FIN | 15)], Violation::ReservedOpcode),
        fault("a ping in pieces", [ping("x").unfinished()], Violation::ControlFragmented),
        fault("a close in pieces", [close(1000, "").unfinished()], Violation::ControlFragmented),
        fault("a ping of 126 bytes", [ping([0; 126])], Violation::ControlTooLong),
        fault("a pong of 200 bytes", [pong([0; 200])], Violation::ControlTooLong),
    ]
}

/// Who masks is the one rule that differs by role (RFC 6455 §5.1).
pub(super) fn masking() -> [Dialogue; 2] {
    let unmasked = fault_in_bytes("a frame that is not masked", |_| text("x").bare(), Violation::Unmasked);
    let masked = fault_in_bytes("a frame that is masked", |_| text("x").masked(), Violation::Masked);
    [unmasked.as_heard_by(Role::Server), masked.as_heard_by(Role::Client)]
}

fn key(peer: Role) -> Option<[u8; 4]> {
    (peer == Role::Client).then_some(KEY)
}

fn lengths() -> Vec<Told> {
    vec![
        fault_in_bytes(
            "125 in two bytes",
            |peer| header_in(Form::Two, FIN | opcode::BINARY, 125, key(peer)),
            Violation::LengthNotMinimal,
        ),
        fault_in_bytes(
            "65,535 in eight bytes",
            |peer| header_in(Form::Eight, FIN | opcode::BINARY, 65_535, key(peer)),
            Violation::LengthNotMinimal,
        ),
        fault_in_bytes(
            "a length of 2^63",
            |peer| header_in(Form::Eight, FIN | opcode::BINARY, 1 << 63, key(peer)),
            Violation::LengthTooLarge,
        ),
        fault_in_bytes(
            "a length of 2^63 - 1",
            |peer| header_in(Form::Eight, FIN | opcode::BINARY, (1 << 63) - 1, key(peer)),
            Violation::FrameTooBig,
        ),
    ]
}

fn order() -> Vec<Told> {
    vec![
        fault("nothing to continue", [continuation("x")], Violation::UnexpectedContinuation),
        fault(
            "nothing to continue, unfinished",
            [continuation("").unfinished()],
            Violation::UnexpectedContinuation,
        ),
        fault(
            "a text inside a message",
            [text("a").unfinished(), text("b")],
            Violation::ExpectedContinuation,
        ),
        fault(
            "a binary inside a message, unfinished",
            [binary("a").unfinished(), binary("b").unfinished()],
            Violation::ExpectedContinuation,
        ),
        fault(
            "a reserved bit on a continuation",
            [text("a").unfinished(), continuation("b").with_first(FIN | RSV1)],
            Violation::ReservedBit,
        ),
    ]
}

fn closes() -> Vec<Told> {
    let mut all = vec![
        fault("half a close code", [close(1000, "").with_payload([3])], Violation::CloseTruncated),
        fault("a close reason that is no text", [close(1000, [0xff])], Violation::NotUtf8),
        fault("a close reason cut in a character", [close(1000, [b'a', 0xe2, 0x82])], Violation::NotUtf8),
    ];
    for (name, code) in [
        ("a close with 0", 0),
        ("a close with 999", 999),
        ("a close with 1004", 1004),
        ("a close with 1005", 1005),
        ("a close with 1006", 1006),
        ("a close with 1015", 1015),
        ("a close with 2999", 2999),
        ("a close with 5000", 5000),
    ] {
        all.push(fault(name, [close(code, "")], Violation::CloseCode));
    }
    all
}

fn characters() -> Vec<Told> {
    vec![
        fault("a byte that no text has", [text([b'a', 0xff])], Violation::NotUtf8),
        fault("an overlong slash", [text([0xc0, 0xaf])], Violation::NotUtf8),
        fault("a surrogate", [text([0xed, 0xa0, 0x80])], Violation::NotUtf8),
        fault("more than Unicode has", [text([0xf4, 0x90, 0x80, 0x80])], Violation::NotUtf8),
        fault("a character cut at the end", [text([0xe2, 0x82])], Violation::NotUtf8),
        fault(
            "a character cut by an empty last piece",
            [text([0xe2, 0x82]).unfinished(), continuation("")],
            Violation::NotUtf8,
        ),
        fault(
            "a character that breaks in the second piece",
            [text([0xe2, 0x82]).unfinished(), continuation("x").unfinished()],
            Violation::NotUtf8,
        ),
        told("bad text ahead of its end is bad at once")
            .says([ping("1"), text([b'o', b'k', 0xff]).unfinished(), ping("2")])
            .hears([heard_ping("1"), violation(Violation::NotUtf8)])
            .answers([pong("1"), close(1007, "")]),
    ]
}

fn limits() -> Vec<Told> {
    vec![
        fault("a frame past the limit", [binary([0; 101])], Violation::FrameTooBig).with(|options| {
            options.max_frame = Some(100);
            options.max_message = Some(200);
        }),
        fault(
            "a message past the limit",
            [binary([0; 60]).unfinished(), continuation([0; 41])],
            Violation::MessageTooBig,
        )
        .with(|options| options.max_message = Some(100)),
        told("a message of exactly the limit")
            .with(|options| options.max_message = Some(100))
            .says([binary([0; 60]).unfinished(), continuation([0; 40]), binary([1; 100])])
            .hears([crate::heard_binary([0; 60 + 40]), crate::heard_binary([1; 100])]),
        fault(
            "too many empty pieces",
            [text("").unfinished(), continuation("").unfinished(), continuation("").unfinished()],
            Violation::TooManyEmptyFrames,
        )
        .with(|options| options.max_empty_frames = Some(2)),
    ]
}
