//! Standard input, a message a line.

use std::io::{BufRead, stdin};
use std::thread;

use async_channel::Receiver;
use sansocket_core::{Message, Utf8Bytes};

/// Lines that wait to be sent: a fast pipe need not be read into memory whole.
const WAITING: usize = 64;

/// What a line becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Text,
    Binary,
}

/// Reads standard input line by line, in a thread of its own, for that blocks. The channel closes at its end.
pub(super) fn read(kind: Kind) -> Receiver<Message> {
    let (sender, lines) = async_channel::bounded(WAITING);
    thread::spawn(move || {
        let mut input = stdin().lock();
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let whole = std::mem::take(&mut line);
            let Some(message) = message(kind, whole) else { continue };
            if sender.send_blocking(message).is_err() {
                break;
            }
        }
    });
    lines
}

/// One line, without its end.
fn message(kind: Kind, mut line: Vec<u8>) -> Option<Message> {
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|last| *last == b'\r');
    }
    match kind {
        Kind::Binary => Some(Message::binary(line)),
        Kind::Text => match String::from_utf8(line) {
            Ok(text) => Some(Message::Text(Utf8Bytes::from(text))),
            Err(_) => {
                eprintln!("sansocket: a line that is not UTF-8 was not sent; --binary sends any bytes");
                None
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_message_without_its_end() {
        for line in ["hi\n", "hi\r\n", "hi"] {
            assert_eq!(message(Kind::Text, line.into()), Some(Message::text("hi")));
        }
        assert_eq!(message(Kind::Text, b"\n".to_vec()), Some(Message::text("")));
        assert_eq!(message(Kind::Text, b"\xff\n".to_vec()), None);
        assert_eq!(message(Kind::Binary, b"\xff\n".to_vec()), Some(Message::binary(&b"\xff"[..])));
    }
}
