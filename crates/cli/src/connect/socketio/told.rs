//! What happened, a line of JSON each, and which of it is the end.

use std::sync::Arc;

use sansocket_app::engineio::ConnectError as Failure;
use sansocket_app::socketio::{AckError, Args};
use sansocket_core::Utf8Bytes;
use sansocket_socketio::client::{ConnectError, Reason};
use sansocket_socketio::{Map, Value};

use super::bytes;
use crate::exit::Exit;
use crate::terminal::Escaped;

/// What happened.
#[derive(Debug)]
pub(super) enum Told {
    /// We are in the namespace, as this one.
    Connected(Utf8Bytes),
    /// We are not in it any more.
    Disconnected(Reason),
    /// We did not get into it.
    Refused(ConnectError),
    /// There is no connection.
    Unreachable(ConnectError, Arc<Failure>),
    /// The server said this.
    Event {
        name: Utf8Bytes,
        args: Args,
        /// What to `answer`, if it wants to be.
        question: Option<u64>,
    },
    /// The server acknowledged that event.
    Answer(String, Result<Args, AckError>),
}

/// How a conversation ended.
#[derive(Debug)]
pub(in crate::connect) enum End {
    /// We went.
    ByUs,
    /// The server put us out.
    ByServer,
    /// We were not let in.
    Refused(ConnectError),
    /// There was no connection at all.
    Unreachable(Arc<Failure>),
}

impl Told {
    /// In JSON.
    pub(super) fn line(&self) -> String {
        let members: Vec<(&str, Value)> = match self {
            Told::Connected(id) => vec![("connected", Value::from(&**id))],
            Told::Disconnected(reason) => vec![("disconnected", text(reason))],
            Told::Refused(error) | Told::Unreachable(error, _) => {
                let data = match error {
                    ConnectError::Refused { data: Some(data), .. } => Some(("data", data.clone())),
                    _ => None,
                };
                [("error", text(error))].into_iter().chain(data).collect()
            }
            Told::Event { name, args, question } => {
                let question = question.map(|number| ("question", number.into()));
                [("event", Value::from(&**name)), values(args)].into_iter().chain(question).collect()
            }
            Told::Answer(name, answer) => {
                let answer = match answer {
                    Ok(args) => values(args),
                    Err(error) => ("error", text(error)),
                };
                vec![("ack", name.as_str().into()), answer]
            }
        };
        let object: Map = members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        serde_json::to_string(&bytes::written(Value::Object(object))).unwrap_or_default()
    }

    /// Where that leaves us, if it moves us.
    pub(super) fn place(&self) -> Option<Place> {
        match self {
            Told::Connected(_) => Some(Place::Inside),
            Told::Disconnected(_) => Some(Place::Outside),
            _ => None,
        }
    }

    /// Is it the end? Who was never connected does not try for long.
    pub(super) fn end(self, place: Place) -> Option<End> {
        match self {
            Told::Disconnected(Reason::ServerDisconnect) => Some(End::ByServer),
            Told::Refused(error) if error.is_final() || place == Place::Never => Some(End::Refused(error)),
            Told::Unreachable(_, why) if place == Place::Never => Some(End::Unreachable(why)),
            _ => None,
        }
    }
}

/// Are we in the namespace?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Not yet.
    Never,
    Inside,
    /// Not any more.
    Outside,
}

fn text(said: &impl ToString) -> Value {
    said.to_string().into()
}

fn values(args: &Args) -> (&'static str, Value) {
    match args.values() {
        Ok(values) => ("args", values.into()),
        Err(error) => ("error", text(&error)),
    }
}

impl End {
    /// How the program ends when the conversation did.
    pub(in crate::connect) fn exit(&self) -> Exit {
        match self {
            End::ByUs | End::ByServer => Exit::Done,
            End::Refused(_) | End::Unreachable(_) => Exit::Failed,
        }
    }

    /// The end in words.
    pub(in crate::connect) fn farewell(&self) -> String {
        match self {
            End::ByUs => format!("closed by us ({})", Reason::ClientDisconnect),
            End::ByServer => format!("closed by the server ({})", Reason::ServerDisconnect),
            End::Refused(error) => format!("not connected: {}", Escaped(&error.to_string())),
            End::Unreachable(why) => format!("not connected: {}", Escaped(&why.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_a_line() {
        let args = Args::from_values(vec![1_u64.into(), Value::Binary(vec![1].into())]);
        for (told, line) in [
            (Told::Connected("x".into()), r#"{"connected":"x"}"#),
            (Told::Disconnected(Reason::ServerDisconnect), r#"{"disconnected":"io server disconnect"}"#),
            (
                Told::Event { name: "said".into(), args: args.clone(), question: Some(7) },
                r#"{"args":[1,{"base64":"AQ=="}],"event":"said","question":7}"#,
            ),
            (Told::Answer("add".into(), Ok(args)), r#"{"ack":"add","args":[1,{"base64":"AQ=="}]}"#),
            (
                Told::Answer("add".into(), Err(AckError::TimedOut)),
                r#"{"ack":"add","error":"operation has timed out"}"#,
            ),
        ] {
            assert_eq!(told.line(), line);
        }
    }

    #[test]
    fn who_is_refused_or_put_out_has_ended() {
        let refused = || ConnectError::Refused { message: "no".into(), data: Some(true.into()) };
        assert_eq!(Told::Refused(refused()).line(), r#"{"data":true,"error":"no"}"#);
        let end = Told::Refused(refused()).end(Place::Inside);
        assert!(matches!(end, Some(End::Refused(error)) if error == refused()));
        assert!(Told::Refused(ConnectError::Timeout).end(Place::Inside).is_none(), "it tries again");
        assert!(Told::Refused(ConnectError::Timeout).end(Place::Never).is_some());
        let put_out = Told::Disconnected(Reason::ServerDisconnect).end(Place::Inside);
        assert!(matches!(put_out, Some(End::ByServer)));
        assert!(Told::Disconnected(Reason::ClientDisconnect).end(Place::Inside).is_none());
    }
}
