//! What a whole packet means.

use std::io::{self, Write};

use sansocket_socketio::{AckId, Args, Kind, Packet, Value};

use super::shown::Shown;
use crate::inspect::words::{counted, line};
use crate::terminal::{Escaped, Preview};

/// The fields of a packet that are not to be seen in its bytes one by one.
pub(super) fn fields(packet: &Packet, out: &mut impl Write) -> io::Result<()> {
    let (kind, number) = match &packet.kind {
        Kind::Connect(_) => ("0 (connect)", None),
        Kind::Disconnect => ("1 (disconnect)", None),
        Kind::Event { id, .. } => ("2 (event)", *id),
        Kind::Ack { id, .. } => ("3 (ack)", Some(*id)),
        Kind::ConnectError(_) => ("4 (connect error)", None),
    };
    line(out, b"", format_args!("type {kind}"))?;
    line(out, b"", format_args!("namespace {}", Escaped(&packet.nsp)))?;
    match number.filter(|number| *number != AckId::MAX) {
        Some(number) => line(out, b"", format_args!("number {number}")),
        None => Ok(()),
    }
}

/// What it says.
pub(super) fn explain(packet: &Packet, out: &mut impl Write) -> io::Result<()> {
    match &packet.kind {
        Kind::Connect(says) => connect(says.as_ref(), out),
        Kind::Disconnect => line(out, b"", "whoever sent it leaves the namespace, or puts the other out"),
        Kind::Event { id, name, args } => {
            let count = counted(args.len(), "argument");
            line(out, b"", format_args!("event \"{}\", {count}", Escaped(name)))?;
            arguments(args, out)?;
            match id {
                Some(id) => line(out, b"", format_args!("an acknowledgement of number {id} is due")),
                None => Ok(()),
            }
        }
        // No counter gets there: the machine says so of a number that is missing.
        Kind::Ack { id: AckId::MAX, .. } => line(out, b"", "acknowledges nothing, for it has no number"),
        Kind::Ack { id, args } => {
            let count = counted(args.len(), "argument");
            line(out, b"", format_args!("acknowledges the event of number {id}, {count}"))?;
            arguments(args, out)
        }
        Kind::ConnectError(why) => refusal(why, out),
    }
}

fn connect(says: Option<&Value>, out: &mut impl Write) -> io::Result<()> {
    let member = |name: &str| says?.get(name)?.as_str();
    match (says, member("sid")) {
        (None, _) => line(out, b"", "a client wants to be let in (or, in Socket.IO 2, is)"),
        (Some(_), Some(sid)) => {
            line(out, b"", format_args!("the server lets the client in, as {}", Escaped(sid)))?;
            match member("pid") {
                Some(pid) => line(
                    out,
                    b"",
                    format_args!("and lets it come back after a loss, with the private id {}", Escaped(pid)),
                ),
                None => Ok(()),
            }
        }
        (Some(auth), None) => {
            line(out, b"", format_args!("a client wants to be let in, and says of itself: {}", Shown(auth)))
        }
    }
}

fn refusal(why: &Value, out: &mut impl Write) -> io::Result<()> {
    let Some(message) = why.get("message").and_then(Value::as_str) else {
        return line(out, b"", format_args!("the server does not let the client in: {}", Shown(why)));
    };
    line(out, b"", format_args!("the server does not let the client in: \"{}\"", Escaped(message)))?;
    match why.get("data") {
        Some(data) => line(out, b"", format_args!("and adds: {}", Shown(data))),
        None => Ok(()),
    }
}

fn arguments(args: &Args, out: &mut impl Write) -> io::Result<()> {
    let Ok(values) = args.values() else {
        return line(out, b"", Preview(args.as_json().as_bytes()));
    };
    for (place, value) in values.iter().enumerate() {
        line(out, b"", format_args!("argument {}: {}", place + 1, Shown(value)))?;
    }
    Ok(())
}
