//! What is decoded and encoded.

use bytes::Bytes;

use crate::codec::content::Content;

/// The name of all events.
pub const EVENT: &str = "message";

/// One row: an event with one argument.
pub struct Case {
    pub task: Task,
    pub content: Content,
    /// Bytes of the argument.
    pub size: usize,
    /// The argument.
    pub argument: Argument,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// From messages to what a handler is given.
    Decode,
    /// From what a user says to messages.
    Encode,
}

/// What an event tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Argument {
    Text(String),
    Bytes(Bytes),
}

/// Rows that stand together.
pub struct Section {
    pub title: &'static str,
    pub cases: Vec<Case>,
}

/// Bytes of an argument.
const SIZES: [usize; 5] = [16, 125, 1024, 16 << 10, 64 << 10];

pub fn sections() -> Vec<Section> {
    vec![
        Section { title: "Events decoded", cases: cases(Task::Decode) },
        Section { title: "Events encoded", cases: cases(Task::Encode) },
    ]
}

fn cases(task: Task) -> Vec<Case> {
    let contents = [Content::Ascii, Content::Multibyte, Content::Binary];
    contents.into_iter().flat_map(|content| SIZES.map(|size| Case::new(task, content, size))).collect()
}

impl Case {
    fn new(task: Task, content: Content, size: usize) -> Case {
        let bytes = content.messages(size).swap_remove(0);
        let argument = match content {
            Content::Binary => Argument::Bytes(bytes),
            _ => Argument::Text(String::from_utf8(bytes.to_vec()).expect("text")),
        };
        Case { task, content, size, argument }
    }

    /// `dec/event/ascii/125`, say: what filters look at.
    pub fn name(&self) -> String {
        let task = if self.task == Task::Decode { "dec" } else { "enc" };
        format!("{task}/event/{}/{}", self.content.name(), self.size)
    }

    /// The text that the event is on the wire, as JavaScript writes it.
    pub fn text(&self) -> String {
        match &self.argument {
            Argument::Text(text) => {
                format!(r#"2["{EVENT}",{}]"#, serde_json::to_string(text).expect("text is JSON"))
            }
            Argument::Bytes(_) => format!(r#"51-["{EVENT}",{{"_placeholder":true,"num":0}}]"#),
        }
    }

    /// What follows it.
    pub fn attachment(&self) -> Option<Bytes> {
        match &self.argument {
            Argument::Text(_) => None,
            Argument::Bytes(bytes) => Some(bytes.clone()),
        }
    }

    /// Is this what the wire holds?
    pub fn check(&self, text: &str, attachments: &[Bytes]) {
        assert_eq!(text, self.text(), "{}", self.name());
        assert_eq!(attachments, self.attachment().as_slice(), "{}", self.name());
    }
}
