//! `sansocket connect`: a conversation with a server of WebSocket, Engine.IO or Socket.IO.

mod engineio;
mod lines;
mod screen;
mod session;
mod socketio;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sansocket_app::socketio::{ClientOptions as SocketIoOptions, ClientSetup};
use sansocket_socketio::Value;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::client::{ClientOptions, Connected};
use sansocket_websocket::{CloseCode, Closed, Keepalive, Options};

use crate::close::meaning;
use crate::dial::{self, Dial};
use crate::engineio::{Travel, Voyage};
use crate::exit::{Exit, Failure, output_failed};
use crate::runtime::{Runtime, RuntimeName, Smol, Tokio};
use crate::socketio::{ParserName, revision};
use crate::terminal::Escaped;
use crate::{stop, units};
use screen::Screen;
use socketio::{End, Talk};

/// Talk to a server of WebSocket, Engine.IO or Socket.IO: lines of standard input go out, messages come in
///
/// On a terminal, messages of the peer are shown with control characters escaped; into a pipe payloads are written as
/// they are, one a line. The end of standard input closes the connection with 1000, and what still comes before the
/// server's answer is shown (by Engine.IO, which has no such answer: what comes until a second is quiet). Ctrl-C closes
/// it with 1001.
///
/// By Socket.IO a line is a command, and what happens is shown as JSON, one a line. A connection that is lost is made
/// again, once there was one. At the end of standard input what comes until every acknowledgement is there and a second
/// is quiet is shown, and then the namespace is left, as by Ctrl-C.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Connect {
    /// The server: ws://127.0.0.1:9001/echo, or wss://…; with --engineio or --socketio http://127.0.0.1:9001, or https://…
    url: String,

    /// Speak Socket.IO, in the namespace that the path of the address names
    #[arg(long, group = "sessions")]
    socketio: bool,

    /// What to say about oneself to a server of Socket.IO: an object in JSON
    #[arg(long, value_name = "JSON", value_parser = auth, requires = "socketio", conflicts_with = "engineio")]
    auth: Option<Value>,

    /// How packets of Socket.IO are written
    #[arg(long, value_enum, default_value_t, requires = "socketio", conflicts_with = "engineio")]
    parser: ParserName,

    /// How long an acknowledgement may take
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = units::interval, requires = "socketio", conflicts_with = "engineio")]
    ack_timeout: Duration,

    #[command(flatten)]
    travel: Travel,

    /// A subprotocol to offer; may be given several times, the dearest first
    #[arg(long, value_name = "NAME", conflicts_with = "sessions")]
    protocol: Vec<String>,

    /// A header of the request, as in `Authorization: Bearer …`; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,

    /// Ping when nothing came for so long, and give up when nothing comes for so long again
    #[arg(long, value_name = "TIME", value_parser = units::interval, conflicts_with = "sessions")]
    ping: Option<Duration>,

    /// Send lines as binary messages
    #[arg(long, conflicts_with = "socketio")]
    binary: bool,

    /// Offer permessage-deflate
    #[arg(long)]
    deflate: bool,

    /// Trust these certificates (a file in PEM) for wss:// and https://, instead of those that browsers trust
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// The largest message to take
    #[arg(long, value_name = "BYTES", default_value = "16M", value_parser = units::bytes)]
    max_message: usize,

    /// What runs it
    #[arg(long, value_enum, default_value_t)]
    runtime: RuntimeName,
}

const HELP: &str = "\
Examples:
  sansocket connect ws://127.0.0.1:9001/echo
  echo hello | sansocket connect ws://127.0.0.1:9001/echo
  sansocket connect wss://example.org/chat --protocol chat --header 'Cookie: id=7'
  sansocket connect --engineio http://127.0.0.1:9001 --transport polling
  sansocket connect --socketio http://127.0.0.1:9001/auth --auth '{\"token\":\"secret\"}'
  echo 'ack id' | sansocket connect --socketio http://127.0.0.1:9001

Commands of Socket.IO; bytes are written as {\"base64\":\"AQID\"}:
  emit NAME JSON…      says it, when there is a connection
  volatile NAME JSON…  says it now or never
  ack NAME JSON…       says it, and shows the acknowledgement
  answer NUMBER JSON…  acknowledges the event that was shown with this \"question\"
  disconnect, connect  leaves the namespace, and joins it again

What it shows of Socket.IO:
  {\"connected\":ID}                 in the namespace, as this one
  {\"event\":NAME,\"args\":[…]}       the server said this; with a \"question\", it wants an answer
  {\"ack\":NAME,\"args\":[…]}         an acknowledgement; or an \"error\": there was none
  {\"disconnected\":WHY}             not in the namespace any more
  {\"error\":WHY}                    not let in, or no connection; with what else the server said as \"data\"

Exit codes:
  0  closed with 1000 or 1001; a session of Engine.IO, or a namespace, was left by either side
  1  no connection: nobody listens, the handshake was refused, or the namespace does not let us in
  3  closed by the server with another code, or without one
  4  lost without a close frame, or silent for too long
  5  the server broke the protocol";

impl Connect {
    /// Talks until either side ends it.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        match self.runtime {
            RuntimeName::Tokio => self.run_on::<Tokio>(),
            RuntimeName::Smol => self.run_on::<Smol>(),
        }
    }

    fn run_on<R: Runtime>(self) -> Result<Exit, Failure> {
        match () {
            () if self.socketio => self.talk_by_socketio::<R>(),
            () if self.travel.engineio => self.talk_by_engineio::<R>(),
            () => self.talk_by_websocket::<R>(),
        }
    }

    fn talk_by_websocket<R: Runtime>(&self) -> Result<Exit, Failure> {
        let dial = self.dial()?;
        let kind = self.kind();
        let mut screen = Screen::new();
        let closed = R::block_on(NonZeroUsize::MIN, async {
            let (connection, connected) = dial.call::<R>().await?;
            let stop = stop::on_signals()?;
            eprintln!("connected to {}{}", Escaped(&dial.url), agreed(&dial, &connected));
            session::converse(connection, &lines::read(kind), &stop, &mut screen).await.map_err(output_failed)
        })??;
        eprintln!("{}", farewell(&closed));
        Ok(exit(&closed))
    }

    fn talk_by_engineio<R: Runtime>(&self) -> Result<Exit, Failure> {
        let voyage = self.voyage()?;
        let kind = self.kind();
        let mut screen = Screen::new();
        let end = R::block_on(NonZeroUsize::MIN, async {
            let client = voyage.call::<R>().await?;
            let stop = stop::on_signals()?;
            let (url, sid, transport) = (Escaped(&voyage.url), client.sid(), client.transport().name());
            eprintln!("connected to {url} (session {}, by {transport})", Escaped(&sid));
            engineio::converse(R::network(), client, &lines::read(kind), &stop, &mut screen)
                .await
                .map_err(output_failed)
        })??;
        eprintln!("{}", end.farewell());
        Ok(end.exit())
    }

    fn talk_by_socketio<R: Runtime>(&self) -> Result<Exit, Failure> {
        let mut voyage = self.voyage()?;
        voyage.options.session.path = "/socket.io/".into();
        let options = SocketIoOptions {
            revision: revision(voyage.options.session.protocol),
            parser: self.parser.into(),
            ..SocketIoOptions::default()
        };
        let mut screen = Screen::new();
        let end = R::block_on(NonZeroUsize::MIN, async {
            let setup = ClientSetup::default().connector(voyage.connector::<R>()?).executor(R::network());
            let (setup, auth) = (setup.options(options), self.auth.as_ref());
            let talk = Talk::begin(R::network(), setup, &self.url, auth, self.ack_timeout)
                .map_err(|error| {
                    Failure::usage(format!("`{}`: {error}", Escaped(&self.url)))
                        .advise("write it as http://127.0.0.1:9001, or with a namespace, http://127.0.0.1:9001/custom")
                })?;
            let stop = stop::on_signals()?;
            talk.converse(&lines::read(lines::Kind::Text), &stop, &mut screen).await.map_err(output_failed)
        })??;
        if let End::Unreachable(why) = &end {
            return Err(voyage.explain(why));
        }
        eprintln!("{}", end.farewell());
        Ok(end.exit())
    }

    fn kind(&self) -> lines::Kind {
        if self.binary { lines::Kind::Binary } else { lines::Kind::Text }
    }

    /// What the WebSocket does, whatever it carries.
    fn websocket(&self) -> Arc<Options> {
        Arc::new(Options {
            max_message: Some(self.max_message),
            max_frame: Some(self.max_message),
            keepalive: self.ping.map(|time| Keepalive { interval: time, timeout: time }),
            deflate: self.deflate.then(DeflateOptions::default),
            ..Options::default()
        })
    }

    fn trusted(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.ca.as_deref().map(dial::certificates).transpose()
    }

    fn dial(&self) -> Result<Dial, Failure> {
        let dial = Dial {
            url: self.url.clone(),
            protocols: self.protocol.clone(),
            headers: self.headers.clone(),
            trusted: self.trusted()?,
            options: Arc::new(ClientOptions { websocket: self.websocket(), ..ClientOptions::default() }),
        };
        dial.check()?;
        Ok(dial)
    }

    fn voyage(&self) -> Result<Voyage, Failure> {
        let mut options = self.travel.options();
        options.http.body.body = Some(self.max_message as u64);
        options.websocket.websocket = self.websocket();
        Ok(Voyage { url: self.url.clone(), headers: self.headers.clone(), trusted: self.trusted()?, options })
    }
}

/// What was agreed on, in brackets.
fn agreed(dial: &Dial, connected: &Connected) -> String {
    let protocol = match &connected.protocol {
        Some(protocol) => Some(format!("protocol {}", Escaped(protocol))),
        None if dial.protocols.is_empty() => None,
        None => Some("no protocol of those offered".to_owned()),
    };
    let extensions = connected.response.headers.get("sec-websocket-extensions");
    let extensions = extensions.map(|value| Escaped(&String::from_utf8_lossy(value)).to_string());
    let parts: Vec<_> = protocol.into_iter().chain(extensions).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// `Name: value`.
fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write a name, a colon and a value, as in `Cookie: id=7`".to_owned()),
    }
}

/// An object in JSON.
fn auth(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if value.is_object() {
        Ok(value)
    } else {
        Err("write an object, as in `{\"token\":\"secret\"}`".to_owned())
    }
}

/// How the program ends when the connection did.
fn exit(closed: &Closed) -> Exit {
    match closed {
        // Whoever began: a server that answers our goodbye with another code means that.
        Closed::ByUs(frame) | Closed::ByPeer(frame) => match frame.code() {
            CloseCode::NORMAL | CloseCode::GOING_AWAY => Exit::Done,
            CloseCode::NO_STATUS if matches!(closed, Closed::ByUs(_)) => Exit::Done,
            _ => Exit::Closed,
        },
        Closed::Violation(_) => Exit::Violation,
        Closed::Timeout(_) | Closed::Overflow | Closed::Lost => Exit::Lost,
    }
}

/// The end in words.
fn farewell(closed: &Closed) -> String {
    match closed {
        Closed::ByPeer(frame) | Closed::ByUs(frame) => {
            let who = match closed {
                Closed::ByUs(_) => "closed by us, and the server answered",
                _ => "closed by the server with",
            };
            let (code, reason) = (frame.code(), frame.reason());
            let reason = if reason.is_empty() { String::new() } else { format!(": {}", Escaped(reason)) };
            format!("{who} {code} ({}){reason}", meaning(code))
        }
        Closed::Violation(violation) => {
            format!("the server broke the protocol: {violation} ({})", violation.section())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use sansocket_websocket::{CloseFrame, Deadline, Violation};

    use super::*;

    #[test]
    fn the_exit_code_tells_how_it_ended() {
        let by_peer = |code| Closed::ByPeer(Box::new(CloseFrame::from(CloseCode::new(code).unwrap())));
        for (closed, expected) in [
            (Closed::ByUs(Box::new(CloseCode::NO_STATUS.into())), Exit::Done),
            (Closed::ByUs(Box::new(CloseCode::TOO_BIG.into())), Exit::Closed),
            (Closed::ByPeer(Box::new(CloseCode::NO_STATUS.into())), Exit::Closed),
            (by_peer(1000), Exit::Done),
            (by_peer(1001), Exit::Done),
            (by_peer(1011), Exit::Closed),
            (by_peer(4000), Exit::Closed),
            (Closed::Lost, Exit::Lost),
            (Closed::Timeout(Deadline::Pong), Exit::Lost),
            (Closed::Violation(Violation::Masked), Exit::Violation),
        ] {
            assert_eq!(exit(&closed), expected, "{closed}");
        }
    }

    #[test]
    fn a_reason_cannot_command_the_terminal() {
        let frame = CloseFrame::new(CloseCode::NORMAL, "bye\x1b[2J").unwrap();
        let said = farewell(&Closed::ByPeer(Box::new(frame)));
        assert_eq!(said, r"closed by the server with 1000 (normal): bye\u{1b}[2J");
    }

    #[test]
    fn a_header_has_a_name_and_a_value() {
        assert_eq!(header("Cookie: a=b:c"), Ok(("Cookie".into(), "a=b:c".into())));
        assert!(header("Cookie").is_err() && header(": x").is_err());
    }
}
