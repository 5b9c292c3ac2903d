//! Close codes in words.

use sansocket_websocket::CloseCode;

/// What `code` stands for (RFC 6455 §7.4 and the IANA registry).
pub(crate) fn meaning(code: CloseCode) -> &'static str {
    match code {
        CloseCode::NORMAL => "normal",
        CloseCode::GOING_AWAY => "going away",
        CloseCode::PROTOCOL_ERROR => "protocol error",
        CloseCode::UNSUPPORTED => "unsupported data",
        CloseCode::NO_STATUS => "no code in the close frame",
        CloseCode::ABNORMAL => "no close frame came",
        CloseCode::INVALID_PAYLOAD => "invalid payload",
        CloseCode::POLICY_VIOLATION => "policy violation",
        CloseCode::TOO_BIG => "message too big",
        CloseCode::EXTENSION_REQUIRED => "extension required",
        CloseCode::INTERNAL_ERROR => "internal error",
        CloseCode::SERVICE_RESTART => "service restart",
        CloseCode::TRY_AGAIN_LATER => "try again later",
        CloseCode::BAD_GATEWAY => "bad gateway",
        code if code.get() < 4000 => "registered by a library",
        _ => "the application's own",
    }
}
