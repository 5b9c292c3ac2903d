//! Recorded conversations: what a peer said, what the user heard, and what went back.
//!
//! Each is told once and holds for both roles, but for the masking; [`all`] has it twice.

mod closing;
mod compressed;
mod faults;
mod messages;

use sansocket_websocket::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};
use sansocket_websocket::{Delivery, Extensions, Options, Role};

use crate::frame::{Frame, wire};
use crate::{Heard, Kept, Oracle};

/// One conversation.
#[derive(Clone, Debug)]
pub struct Dialogue {
    /// What it is about.
    pub name: String,
    /// Who listens.
    pub role: Role,
    /// How it is set.
    pub options: Options,
    /// What was negotiated.
    pub extensions: Extensions,
    /// All bytes that the peer says.
    pub said: Vec<u8>,
    /// All that the user hears.
    pub heard: Vec<Heard>,
    /// All frames that go back.
    pub answers: Vec<Frame>,
}

impl Dialogue {
    /// The oracle for this conversation; `None` if it does not know the settings.
    pub fn oracle(&self) -> Option<Oracle> {
        if self.options.delivery != Delivery::Messages {
            return None;
        }
        let mut oracle = Oracle::new(self.role);
        oracle.max_message = self.options.max_message?;
        oracle.max_frame = self.options.max_frame?;
        oracle.max_empty_frames = self.options.max_empty_frames? as usize;
        oracle.inflate = self.extensions.deflate.map(|params| {
            let kept = match params.peers.takeover {
                Takeover::Keep => Kept::Kept,
                Takeover::Reset => Kept::Emptied,
            };
            // A peer that agreed on 256 bytes is let use 512: see `Inflater::new`.
            (1 << params.peers.window.get().max(9), kept)
        });
        Some(oracle)
    }
}

/// All of them, each with a server and with a client.
pub fn all() -> Vec<Dialogue> {
    let told = [messages::all(), closing::all(), faults::all(), compressed::all()];
    let both = told
        .iter()
        .flatten()
        .flat_map(|told| [Role::Server, Role::Client].map(|role| told.as_heard_by(role)));
    both.chain(faults::masking()).collect()
}

/// permessage-deflate as agreed for both directions.
pub fn deflate(takeover: Takeover, window: u8) -> Extensions {
    let direction = Direction { takeover, window: WindowBits::new(window).expect("8 to 15") };
    Extensions { deflate: Some(DeflateParams { ours: direction, peers: direction }) }
}

/// A conversation, before it is known who listens.
struct Told {
    name: &'static str,
    options: Options,
    extensions: Extensions,
    said: Vec<Said>,
    heard: Vec<Heard>,
    answers: Vec<Frame>,
}

enum Said {
    Frame(Frame),
    /// Bytes that are no frame, as each role's peer says them.
    Bytes(fn(Role) -> Vec<u8>),
}

fn told(name: &'static str) -> Told {
    let options = Options::default();
    Told { name, options, extensions: Extensions::default(), said: vec![], heard: vec![], answers: vec![] }
}

impl Told {
    fn says(mut self, frames: impl IntoIterator<Item = Frame>) -> Told {
        self.said.extend(frames.into_iter().map(Said::Frame));
        self
    }

    fn says_bytes(mut self, bytes: fn(Role) -> Vec<u8>) -> Told {
        self.said.push(Said::Bytes(bytes));
        self
    }

    fn hears(mut self, heard: impl IntoIterator<Item = Heard>) -> Told {
        self.heard.extend(heard);
        self
    }

    fn answers(mut self, frames: impl IntoIterator<Item = Frame>) -> Told {
        self.answers.extend(frames);
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Told {
        change(&mut self.options);
        self
    }

    fn deflated(mut self, takeover: Takeover, window: u8) -> Told {
        self.options.deflate = Some(DeflateOptions::default());
        self.extensions = deflate(takeover, window);
        self
    }

    fn as_heard_by(&self, role: Role) -> Dialogue {
        let peer = match role {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        };
        let said = self.said.iter().flat_map(|said| match said {
            Said::Frame(frame) => wire(peer, [frame]),
            Said::Bytes(bytes) => bytes(peer),
        });
        Dialogue {
            name: format!("{}, heard by a {role:?}", self.name),
            role,
            options: self.options.clone(),
            extensions: self.extensions,
            said: said.collect(),
            heard: self.heard.clone(),
            answers: self.answers.clone(),
        }
    }
}
