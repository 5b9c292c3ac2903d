//! The conversation over a session of Engine.IO.

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::time::Duration;

use async_channel::Receiver;
use futures_lite::future::or;
use sansocket_app::engineio::{Client, ClientHandle};
use sansocket_core::Message;
use sansocket_driver::{Network, Signal};
use sansocket_engineio::Reason;
use sansocket_engineio::client::Fault;

use super::screen::Screen;
use crate::exit::Exit;

/// How a session ended.
pub(super) struct End {
    reason: Reason,
    fault: Option<Fault>,
}

/// When nothing came for so long behind the last line, nothing more is awaited. Engine.IO has no handshake at its end
/// that would tell: who closes hears no more.
const QUIET: Duration = Duration::from_secs(1);

/// Sends every line and shows every message, until either side ends it.
///
/// At the end of the lines it shows what still comes, and says goodbye when nothing does any more.
pub(super) async fn converse<N: Network>(
    network: N,
    mut client: Client<N>,
    lines: &Receiver<Message>,
    stop: &Signal,
    screen: &mut Screen,
) -> io::Result<End> {
    let (handle, heard) = (client.handle(), Cell::new(0_u64));
    let listen = async {
        while let Some(message) = client.next().await {
            heard.set(heard.get() + 1);
            screen.show(&message)?;
        }
        io::Result::Ok(())
    };
    let speak = async {
        let say = async {
            say(&handle, lines).await;
            loop {
                let before = heard.get();
                network.sleep(QUIET).await;
                if heard.get() == before {
                    break;
                }
            }
        };
        or(stop.wait(), say).await;
        handle.close();
        pending().await
    };
    or(listen, speak).await?;
    Ok(End { reason: client.closed().unwrap_or(Reason::TransportError), fault: client.fault() })
}

/// Sends the lines as they come.
async fn say(handle: &ClientHandle, lines: &Receiver<Message>) {
    while let Ok(line) = lines.recv().await {
        if handle.send(line).await.is_err() {
            // The session ends; why, the listener will be told.
            break;
        }
    }
}

impl End {
    /// How the program ends when the session did.
    pub(super) fn exit(&self) -> Exit {
        match self.reason {
            // There are no codes: a server that ends a session means it.
            Reason::ForcedClose | Reason::TransportClose => Exit::Done,
            Reason::PingTimeout | Reason::TransportError => Exit::Lost,
            Reason::ParseError => Exit::Violation,
        }
    }

    /// The end in words.
    pub(super) fn farewell(&self) -> String {
        let reason = self.reason;
        let fault = self.fault.map(|fault| format!(": {fault}")).unwrap_or_default();
        match reason {
            Reason::ForcedClose => format!("closed by us ({reason})"),
            Reason::TransportClose => format!("closed by the server ({reason})"),
            Reason::PingTimeout => format!("lost ({reason}): nothing came for too long"),
            Reason::TransportError => format!("lost ({reason}){fault}"),
            Reason::ParseError => format!("the server broke the protocol ({reason}){fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_and_the_words_tell_how_it_ended() {
        for (reason, fault, exit, words) in [
            (Reason::ForcedClose, None, Exit::Done, "closed by us (forced close)"),
            (Reason::TransportClose, None, Exit::Done, "closed by the server (transport close)"),
            (Reason::PingTimeout, None, Exit::Lost, "lost (ping timeout): nothing came for too long"),
            (
                Reason::TransportError,
                Some(Fault::Status(502)),
                Exit::Lost,
                "lost (transport error): a request was answered with status 502",
            ),
            (
                Reason::ParseError,
                Some(Fault::NotOpened),
                Exit::Violation,
                "the server broke the protocol (parse error): the session does not begin with an open packet",
            ),
        ] {
            let end = End { reason, fault };
            assert_eq!((end.exit(), end.farewell().as_str()), (exit, words));
        }
    }
}
