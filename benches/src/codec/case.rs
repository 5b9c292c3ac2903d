//! What is measured: directions, contents and sizes, and the bytes that travel in them.

use bytes::Bytes;
use sansocket_websocket::deflate::Takeover;
use sansocket_websocket::{Kind, Role};

use super::content::{Content, Random};
use super::frames::{self, FIN, RSV1};
use super::wire::Wire;
use super::zlib::{Deflater, LEVEL};

use Content::*;

/// What is done with messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// Received.
    Decode,
    /// Sent.
    Encode,
    /// None yet: a connection is opened.
    Open,
}

/// One kind of traffic.
#[derive(Clone, Debug)]
pub struct Case {
    /// Who does it.
    pub role: Role,
    /// What.
    pub task: Task,
    /// What the messages are made of.
    pub content: Content,
    /// Bytes of a message; of mixed ones on the average.
    pub size: usize,
    /// Frames of a message that is received.
    pub fragments: usize,
    /// permessage-deflate, and whether the window is kept.
    pub deflate: Option<Takeover>,
    /// The messages, to be taken in turn.
    pub messages: Vec<Bytes>,
}

impl Case {
    fn new(role: Role, task: Task, content: Content, size: usize) -> Case {
        let messages = content.messages(size);
        let size = messages.iter().map(Bytes::len).sum::<usize>() / messages.len();
        Case { role, task, content, size, fragments: 1, deflate: None, messages }
    }

    /// A server that receives messages in so many frames each.
    pub fn fragmented(content: Content, size: usize, fragments: usize) -> Case {
        Case { fragments, ..Case::new(Role::Server, Task::Decode, content, size) }
    }

    fn deflated(task: Task, size: usize, takeover: Takeover) -> Case {
        Case { deflate: Some(takeover), ..Case::new(Role::Server, task, Json, size) }
    }

    /// Text, or binary?
    pub fn kind(&self) -> Kind {
        self.content.kind()
    }

    /// Is there nothing but frames?
    pub fn is_plain(&self) -> bool {
        self.deflate.is_none()
    }

    /// Is every message one frame, as it is?
    pub fn is_simple(&self) -> bool {
        self.is_plain() && self.fragments == 1
    }

    /// The longest message.
    pub fn longest(&self) -> usize {
        self.messages.iter().map(Bytes::len).max().unwrap_or_default()
    }

    /// `srv-dec/bin/125`, say: what filters look at.
    pub fn name(&self) -> String {
        let role = if self.role == Role::Server { "srv" } else { "cli" };
        let task = match self.task {
            Task::Decode => "dec",
            Task::Encode => "enc",
            Task::Open => return format!("{role}-open"),
        };
        let mut name = format!("{role}-{task}/{}/{}", self.content.name(), self.size);
        if self.fragments > 1 {
            name += &format!("/frag{}", self.fragments);
        }
        match self.deflate {
            Some(Takeover::Keep) => name += "/deflate-takeover",
            Some(Takeover::Reset) => name += "/deflate-reset",
            None => {}
        }
        name
    }

    /// Each message as a peer wants it, in turn.
    pub fn turn<T>(&self, make: impl Fn(Kind, &Bytes) -> T) -> Turn<T> {
        Turn::new(self.messages.iter().map(|message| make(self.kind(), message)).collect())
    }

    /// What the peer of this role sends for ever, and how many messages it is until that repeats: all of them, and
    /// enough to be several reads.
    pub fn wire(&self) -> (Wire, usize) {
        const ENOUGH: usize = 128 * 1024;
        let (mut wire, mut count, mut random) = (Vec::new(), 0, Random::new(7));
        let mut deflater = self.deflate.map(|takeover| Deflater::new(takeover, LEVEL, self.longest()));
        while wire.len() < ENOUGH {
            for message in &self.messages {
                match &mut deflater {
                    Some(deflater) => self.put(&mut wire, RSV1, deflater.deflate(message), &mut random),
                    None => self.put(&mut wire, 0, message, &mut random),
                }
            }
            count += self.messages.len();
        }
        (Wire::repeating(wire), count)
    }

    fn put(&self, wire: &mut Vec<u8>, rsv: u8, payload: &[u8], random: &mut Random) {
        let step = payload.len().div_ceil(self.fragments).max(1);
        let count = payload.len().div_ceil(step).max(1);
        for i in 0..count {
            let opcode = if i == 0 { rsv | self.kind().opcode() as u8 } else { 0 };
            let fin = if i + 1 == count { FIN } else { 0 };
            let key = (self.role == Role::Server).then(|| frames::key(random));
            let part = &payload[i * step..payload.len().min((i + 1) * step)];
            frames::put(wire, fin | opcode, key, part);
        }
    }
}

/// Things that are taken in turn, for ever.
pub struct Turn<T> {
    items: Vec<T>,
    next: usize,
}

impl<T> Turn<T> {
    /// All of `items`, again and again.
    pub fn new(items: Vec<T>) -> Turn<T> {
        Turn { items, next: 0 }
    }

    /// The next one.
    #[inline]
    pub fn take(&mut self) -> &T {
        let item = &self.items[self.next];
        self.next = if self.next + 1 == self.items.len() { 0 } else { self.next + 1 };
        item
    }
}

/// Cases that belong together.
pub struct Section {
    /// The headline.
    pub title: &'static str,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// Everything, in the order of the report. Making it makes all messages, so who wants few should ask for their names
/// first.
pub fn sections() -> Vec<Section> {
    use Role::{Client, Server};
    use Task::{Decode, Encode, Open};
    const SIZES: &[usize] = &[0, 16, 64, 125, 126, 1024, 4096, 16 << 10, 64 << 10, 1 << 20];
    const FEW: &[usize] = &[16, 125, 1024, 16 << 10, 1 << 20];
    let each = |role, task, content, sizes: &[usize]| -> Vec<Case> {
        sizes.iter().map(|size| Case::new(role, task, content, *size)).collect()
    };
    let mixed = |role, task| [MixedBinary, MixedText].map(|content| Case::new(role, task, content, 0));
    let fragmented = [(1024, 8), (16 << 10, 16), (1 << 20, 64)].into_iter().flat_map(|(size, fragments)| {
        [Binary, Ascii, Multibyte].map(|content| Case::fragmented(content, size, fragments))
    });
    let deflated = [200, 1024, 16 << 10].into_iter().flat_map(|size| {
        [
            (Decode, Takeover::Keep),
            (Decode, Takeover::Reset),
            (Encode, Takeover::Keep),
            (Encode, Takeover::Reset),
        ]
        .map(|(task, takeover)| Case::deflated(task, size, takeover))
    });
    let texts = [each(Server, Decode, Ascii, SIZES), each(Server, Decode, Multibyte, FEW)].concat();
    let client = [each(Client, Decode, Binary, FEW), each(Client, Decode, Ascii, FEW)].concat();
    let server_sends = [each(Server, Encode, Binary, SIZES), mixed(Server, Encode).into()].concat();
    let client_sends = [each(Client, Encode, Binary, SIZES), mixed(Client, Encode).into()].concat();
    let opening = [Server, Client].map(|role| Case::new(role, Open, Binary, 0));
    [
        ("A server receives binary messages", each(Server, Decode, Binary, SIZES)),
        ("A server receives text", texts),
        ("Sizes of 4 to 1024 bytes in random order", [mixed(Server, Decode), mixed(Client, Decode)].concat()),
        ("A server receives fragments", fragmented.collect()),
        ("A client receives", client),
        ("A server sends", server_sends),
        ("A client sends", client_sends),
        ("A server inflates and deflates JSON, level 6", deflated.collect()),
        ("The opening handshake", opening.into()),
    ]
    .map(|(title, cases)| Section { title, cases })
    .into()
}
