//! What a line of input asks for.

use std::str::FromStr;

use sansocket_socketio::{Args, Value};

use super::bytes;

/// One line: `emit NAME JSON…`.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) verb: Verb,
    /// An event, or the number of a question; empty where there is none.
    pub(super) name: String,
    pub(super) args: Args,
}

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    /// Say it.
    Emit,
    /// Say it now or never.
    Volatile,
    /// Say it, and show the acknowledgement.
    Ack,
    /// Acknowledge an event of the server.
    Answer,
    /// Leave the namespace.
    Disconnect,
    /// Join it again.
    Connect,
}

/// Why a line is no command.
#[derive(Debug, thiserror::Error)]
pub(super) enum Mistake {
    /// There is no such word.
    #[error("`{0}` means nothing here: write emit, volatile, ack, answer, disconnect or connect")]
    Verb(String),
    /// What it is about is missing.
    #[error("say which: `emit NAME JSON…`, `answer NUMBER JSON…`")]
    Name,
    /// The arguments are not JSON.
    #[error("the arguments have to be JSON, with spaces between them: {0}")]
    Json(#[from] serde_json::Error),
}

impl FromStr for Command {
    type Err = Mistake;

    fn from_str(line: &str) -> Result<Command, Mistake> {
        let (verb, rest) = word(line);
        let verb = match verb {
            "emit" => Verb::Emit,
            "volatile" => Verb::Volatile,
            "ack" => Verb::Ack,
            "answer" => Verb::Answer,
            "disconnect" => Verb::Disconnect,
            "connect" => Verb::Connect,
            other => return Err(Mistake::Verb(other.to_owned())),
        };
        if matches!(verb, Verb::Disconnect | Verb::Connect) {
            return Ok(Command { verb, name: String::new(), args: Args::none() });
        }
        let (name, rest) = word(rest);
        if name.is_empty() {
            return Err(Mistake::Name);
        }
        let values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let values = values.map(|value| value.map(bytes::read)).collect::<Result<Vec<_>, _>>()?;
        Ok(Command { verb, name: name.to_owned(), args: Args::from_values(values) })
    }
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_verb_a_name_and_values() {
        let command: Command = "emit say \"a b\" {\"c\":[1,2]} null".parse().unwrap();
        assert_eq!((command.verb, command.name.as_str()), (Verb::Emit, "say"));
        assert_eq!(command.args.as_json(), r#""a b",{"c":[1,2]},null"#);
        let command: Command = r#"  ack digest [{"base64":"AQID"}]"#.parse().unwrap();
        assert_eq!((command.verb, command.args.attachments().len()), (Verb::Ack, 1));
        assert_eq!("answer 1".parse::<Command>().unwrap().args.len(), 0);
        assert_eq!("disconnect".parse::<Command>().unwrap().verb, Verb::Disconnect);
    }

    #[test]
    fn what_is_no_command_is_told_why() {
        for (line, why) in [
            ("shout hello", "`shout` means nothing here"),
            ("emit", "say which"),
            ("emit say hello", "have to be JSON"),
            ("ack say {", "have to be JSON"),
        ] {
            let mistake = line.parse::<Command>().unwrap_err().to_string();
            assert!(mistake.contains(why), "{mistake}");
        }
    }
}
