//! What is decoded and encoded.

use bytes::Bytes;
use sansocket_core::Message;
use sansocket_engineio::{Form, Packet, PayloadWriter, Protocol, Pushed};

use crate::codec::content::Content;

/// One row: packets of so many bytes, one by one or joined.
pub struct Case {
    pub task: Task,
    pub travels: Travels,
    pub content: Content,
    /// Bytes of a message.
    pub size: usize,
    /// Packets that are one operation: all of a payload, or one.
    pub packets: usize,
    /// The message that each of them is.
    pub message: Message,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    Decode,
    Encode,
}

/// As what packets travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Travels {
    /// Each by itself where only text goes, bytes as base64.
    Alone(Protocol),
    /// Joined to the body of a poll.
    Joined(Form),
}

/// Rows that stand together.
pub struct Section {
    pub title: &'static str,
    pub cases: Vec<Case>,
}

/// Bytes of a message.
const SIZES: [usize; 5] = [16, 125, 1024, 16 << 10, 64 << 10];
/// Bytes of a payload, or nearly, and most packets of one.
const PAYLOAD: usize = 64 << 10;
const PACKETS: usize = 16;

pub fn sections() -> Vec<Section> {
    let alone = [Travels::Alone(Protocol::V4), Travels::Alone(Protocol::V3)];
    let joined = [Form::V4, Form::V3Text, Form::V3Binary].map(Travels::Joined);
    vec![
        Section { title: "Packets decoded", cases: cases(Task::Decode, &alone) },
        Section { title: "Packets encoded", cases: cases(Task::Encode, &alone) },
        Section { title: "Payloads decoded", cases: cases(Task::Decode, &joined) },
        Section { title: "Payloads encoded", cases: cases(Task::Encode, &joined) },
    ]
}

fn cases(task: Task, ways: &[Travels]) -> Vec<Case> {
    let mut cases = Vec::new();
    for travels in ways {
        for content in [Content::Ascii, Content::Multibyte, Content::Binary] {
            if (*travels, content) == (Travels::Joined(Form::V3Binary), Content::Multibyte) {
                // Its lengths are bytes: text of one kind is as good as any.
                continue;
            }
            cases.extend(SIZES.map(|size| Case::new(task, *travels, content, size)));
        }
    }
    cases
}

impl Case {
    fn new(task: Task, travels: Travels, content: Content, size: usize) -> Case {
        let bytes = content.messages(size).swap_remove(0);
        let message = match content {
            Content::Binary => Message::binary(bytes),
            _ => Message::text(String::from_utf8(bytes.to_vec()).expect("text")),
        };
        let packets = match travels {
            Travels::Alone(_) => 1,
            Travels::Joined(_) => (PAYLOAD / size).clamp(1, PACKETS),
        };
        Case { task, travels, content, size, packets, message }
    }

    /// `dec/v3-text/ascii/125`, say: what filters look at.
    pub fn name(&self) -> String {
        let task = if self.task == Task::Decode { "dec" } else { "enc" };
        let travels = match self.travels {
            Travels::Alone(Protocol::V4) => "packet-v4",
            Travels::Alone(Protocol::V3) => "packet-v3",
            Travels::Joined(Form::V4) => "v4",
            Travels::Joined(Form::V3Text) => "v3-text",
            Travels::Joined(Form::V3Binary) => "v3-binary",
        };
        format!("{task}/{travels}/{}/{}", self.content.name(), self.size)
    }

    /// One packet.
    pub fn packet(&self) -> Packet<'_> {
        Packet::Message((&self.message).into())
    }

    /// The payload that its packets are.
    pub fn payload(&self, form: Form) -> Bytes {
        let mut writer = PayloadWriter::new(form, usize::MAX);
        for _ in 0..self.packets {
            assert_eq!(writer.push(self.packet()), Pushed::Taken);
        }
        writer.finish()
    }
}
