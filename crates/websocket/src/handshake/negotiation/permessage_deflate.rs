//! permessage-deflate: what may be offered, answered and agreed on (RFC 7692 §7.1).

use alloc::format;
use alloc::string::String;

use super::{Answer, Extension};
use crate::Extensions;
use crate::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};

const NAME: &str = "permessage-deflate";

/// A server's answer to the first offer that it can accept.
pub(super) fn answer(offers: &[Extension], options: &DeflateOptions) -> Option<Answer> {
    offers.iter().find_map(|offer| {
        let asked = Asked::of(offer)?;
        asked.accept(options)
    })
}

/// A client's offer: first what it would like, then what every server can agree to.
pub(super) fn offer(options: &DeflateOptions) -> String {
    let wish = wish(options);
    let mut offer = String::from(NAME);
    if wish.peers.takeover == Takeover::Reset {
        offer.push_str("; server_no_context_takeover");
    }
    if wish.ours.takeover == Takeover::Reset {
        offer.push_str("; client_no_context_takeover");
    }
    if wish.peers.window < WindowBits::MAX {
        offer.push_str(&format!("; server_max_window_bits={}", wish.peers.window.get()));
    }
    offer.push_str("; client_max_window_bits");
    if wish.ours.window < WindowBits::MAX {
        offer.push_str(&format!("={}", wish.ours.window.get()));
    }
    // RFC 7692 §5.1: fallbacks stand behind what is preferred. Servers exist that know no windows.
    if wish.peers != UNBOUND || wish.ours != UNBOUND {
        offer.push_str(", permessage-deflate; client_max_window_bits");
    }
    offer
}

/// What a client has to make of the answer; `None` if it must fail the connection.
pub(super) fn agree(answer: &Extension, options: &DeflateOptions) -> Option<DeflateParams> {
    let told = Asked::of(answer)?;
    let wish = wish(options);
    let peers =
        Direction { takeover: told.server.takeover, window: told.server.window.unwrap_or(WindowBits::MAX) };
    // RFC 7692 §7.1.2.2: in an answer, the client's window has a value.
    let window = match told.client_window {
        ClientWindow::Absent => WindowBits::MAX,
        ClientWindow::AnySize => return None,
        // We offered a window, so a server may choose this; but no deflater of ours keeps to 256 bytes.
        ClientWindow::AtMost(WindowBits::MIN) => return None,
        ClientWindow::AtMost(window) => window,
    };
    let takeover = stricter(told.client_takeover, wish.ours.takeover);
    let ours = Direction { takeover, window: window.min(wish.ours.window) };
    Some(DeflateParams { ours, peers })
}

/// What holds when nothing is said (RFC 7692 §7.1).
const UNBOUND: Direction = Direction { takeover: Takeover::Keep, window: WindowBits::MAX };

/// What we would like best.
fn wish(options: &DeflateOptions) -> DeflateParams {
    DeflateParams {
        // Our deflater does not keep to 256 bytes, so never promise that.
        ours: Direction { takeover: options.our_takeover, window: options.our_window.max(WindowBits::NINE) },
        // Nor ask it of others, whose deflaters are made of the same wood.
        peers: Direction {
            takeover: options.peer_takeover,
            window: options.peer_window.max(WindowBits::NINE),
        },
    }
}

fn stricter(one: Takeover, other: Takeover) -> Takeover {
    if one == Takeover::Reset { one } else { other }
}

/// The four parameters, as an offer asks for them or an answer tells them.
struct Asked {
    server: AskedOfServer,
    client_takeover: Takeover,
    client_window: ClientWindow,
}

struct AskedOfServer {
    takeover: Takeover,
    window: Option<WindowBits>,
}

/// `client_max_window_bits`, which may stand without a value (RFC 7692 §7.1.2.2).
#[derive(Clone, Copy, PartialEq)]
enum ClientWindow {
    Absent,
    AnySize,
    AtMost(WindowBits),
}

impl Asked {
    /// The parameters of `extension`; `None` if it is another one, or a parameter is unknown, repeated or has a value
    /// that it must not have. RFC 7692 §7.1: such an offer is declined, such an answer fails the connection.
    fn of(extension: &Extension) -> Option<Asked> {
        if !extension.name.eq_ignore_ascii_case(NAME) {
            return None;
        }
        let mut asked = Asked {
            server: AskedOfServer { takeover: Takeover::Keep, window: None },
            client_takeover: Takeover::Keep,
            client_window: ClientWindow::Absent,
        };
        for param in &extension.params {
            match (&*param.name, &param.value) {
                ("server_no_context_takeover", None) if asked.server.takeover == Takeover::Keep => {
                    asked.server.takeover = Takeover::Reset;
                }
                ("client_no_context_takeover", None) if asked.client_takeover == Takeover::Keep => {
                    asked.client_takeover = Takeover::Reset;
                }
                ("server_max_window_bits", Some(bits)) if asked.server.window.is_none() => {
                    asked.server.window = Some(window(bits)?);
                }
                ("client_max_window_bits", bits) if asked.client_window == ClientWindow::Absent => {
                    asked.client_window = match bits {
                        Some(bits) => ClientWindow::AtMost(window(bits)?),
                        None => ClientWindow::AnySize,
                    };
                }
                _ => return None,
            }
        }
        Some(asked)
    }

    /// A server's answer; `None` to decline.
    fn accept(&self, options: &DeflateOptions) -> Option<Answer> {
        // RFC 7692 §7.1.2.1: to accept is to promise, and our deflater does not keep to 256 bytes.
        if self.server.window == Some(WindowBits::MIN) {
            return None;
        }
        let wish = wish(options);
        let (mut ours, mut peers) = (wish.ours, UNBOUND);
        let mut header = String::from(NAME);
        // RFC 7692 §7.1.1: each side's takeover is its own; a server may rule out both, asked or not.
        ours.takeover = stricter(self.server.takeover, wish.ours.takeover);
        if ours.takeover == Takeover::Reset {
            header.push_str("; server_no_context_takeover");
        }
        peers.takeover = stricter(self.client_takeover, wish.peers.takeover);
        if peers.takeover == Takeover::Reset {
            header.push_str("; client_no_context_takeover");
        }
        if let Some(asked) = self.server.window {
            ours.window = asked.min(ours.window);
            header.push_str(&format!("; server_max_window_bits={}", ours.window.get()));
        }
        // RFC 7692 §7.1.2.2: only a client that offered it may be told its window.
        let client_window = match self.client_window {
            ClientWindow::Absent => None,
            ClientWindow::AnySize => Some(wish.peers.window),
            ClientWindow::AtMost(most) => Some(most.min(wish.peers.window)),
        };
        if let Some(window) = client_window {
            peers.window = window;
            header.push_str(&format!("; client_max_window_bits={}", window.get()));
        }
        let extensions = Extensions { deflate: Some(DeflateParams { ours, peers }) };
        Some(Answer { extensions, header: Some(header) })
    }
}

/// RFC 7692 §7.1.2: a decimal integer from 8 to 15 without leading zeros.
fn window(bits: &str) -> Option<WindowBits> {
    let is_plain = bits.bytes().all(|byte| byte.is_ascii_digit()) && !bits.starts_with('0');
    is_plain.then(|| bits.parse().ok().and_then(WindowBits::new)).flatten()
}
