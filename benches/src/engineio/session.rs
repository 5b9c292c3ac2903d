//! Whole sessions in memory: their requests and messages go in, and what is said back comes out.

use sansocket_core::{Data, Instant, Message, Request};
use sansocket_engineio::server::{Event, Outgoing, Server, ServerOptions};
use sansocket_engineio::{Form, Packet, PayloadWriter};

use crate::codec::content::Content;
use crate::codec::work::Work;

#[cfg(feature = "engineioxide")]
mod engineioxide;

/// The name of their section.
pub const TITLE: &str = "Sessions that say everything back";
/// More than waits at a time.
const ROOM: usize = 1 << 20;
const NOW: Instant = Instant::ZERO;

/// One row.
pub struct Talk {
    carrier: Carrier,
    content: Content,
    size: usize,
    /// Messages of one body; one operation is that body, and the poll that brings them back.
    pub window: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Carrier {
    Polling,
    WebSocket,
}

pub fn all() -> Vec<Talk> {
    let polls = [(16, 1), (125, 1), (125, 16), (1024, 16), (16 << 10, 4)];
    let polling =
        |content| polls.map(|(size, window)| Talk { carrier: Carrier::Polling, content, size, window });
    let websockets = [16, 125, 1024, 16 << 10].map(|size| Talk {
        carrier: Carrier::WebSocket,
        content: Content::Ascii,
        size,
        window: 1,
    });
    [polling(Content::Ascii), polling(Content::Binary)].into_iter().flatten().chain(websockets).collect()
}

impl Talk {
    /// `session/polling/ascii/125 x 16`, say: what filters look at.
    pub fn name(&self) -> String {
        let carrier = if self.carrier == Carrier::Polling { "polling" } else { "websocket" };
        format!("session/{carrier}/{}/{} x {}", self.content.name(), self.size, self.window)
    }

    /// Everybody who can do it.
    pub fn works(&self) -> Vec<(&'static str, Work)> {
        match self.carrier {
            Carrier::WebSocket => vec![("sansocket", over_websocket(self))],
            Carrier::Polling => vec![
                ("sansocket", by_polling(self)),
                #[cfg(feature = "engineioxide")]
                ("engineioxide", engineioxide::by_polling(self)),
            ],
        }
    }

    fn message(&self) -> Message {
        let bytes = self.content.messages(self.size).swap_remove(0);
        match self.content {
            Content::Binary => Message::binary(bytes),
            _ => Message::text(String::from_utf8(bytes.to_vec()).expect("text")),
        }
    }

    /// What is posted, and comes back.
    fn payload(&self) -> bytes::Bytes {
        let (message, mut writer) = (self.message(), PayloadWriter::new(Form::V4, usize::MAX));
        for _ in 0..self.window {
            let _ = writer.push(Packet::Message((&message).into()));
        }
        writer.finish()
    }
}

/// A hub, and somebody who says everything back.
struct Echo(Server);

impl Echo {
    fn new() -> Echo {
        let options = ServerOptions { high_water: ROOM, max_payload: ROOM, ..ServerOptions::default() };
        Echo(Server::new(options, [7; 32]))
    }

    /// Looks at all that happened.
    fn look(&mut self) {
        while let Some(session) = self.0.poll_ready() {
            while let Some(event) = self.0.poll_event(session, NOW) {
                if let Event::Message(message) = event {
                    let message = message.into_owned();
                    self.0.send(session, message).expect("room");
                }
            }
        }
    }
}

fn by_polling(talk: &Talk) -> Work {
    let (payload, mut echo) = (talk.payload(), Echo::new());
    echo.0.handle_request(Request::get("/engine.io/?EIO=4&transport=polling"), NOW);
    echo.look();
    echo.0.poll_response().expect("a session");
    let session = echo.0.sessions().next().expect("a session");
    let target =
        format!("/engine.io/?EIO=4&transport=polling&sid={}", echo.0.sid(session).expect("it lives"));
    let mut round = move || {
        let mut post = Request::get(target.clone());
        (post.method, post.body) = ("POST".into(), payload.clone());
        post.headers.add("Content-Type", "text/plain;charset=UTF-8");
        echo.0.handle_request(post, NOW);
        echo.look();
        echo.0.handle_request(Request::get(target.clone()), NOW);
        let (posted, polled) = (echo.0.poll_response(), echo.0.poll_response());
        assert_eq!(posted.expect("an answer").response.body, "ok");
        let polled = polled.expect("an answer").response.body;
        assert_eq!(polled.len(), payload.len());
        polled
    };
    assert_eq!(round(), talk.payload());
    Box::new(move |n| (0..n).for_each(|_| drop(round())))
}

fn over_websocket(talk: &Talk) -> Work {
    let (said, mut echo) =
        (Message::text(format!("4{}", talk.message().as_text().expect("text"))), Echo::new());
    let upgrade = Request::get("/engine.io/?EIO=4&transport=websocket");
    let websocket = echo.0.handle_upgrade(upgrade, NOW).expect("welcome");
    echo.look();
    echo.0.poll_transmit(websocket).expect("an open packet");
    let session = echo.0.carried_by(websocket).expect("its own");
    let mut round = move || {
        let event = echo.0.handle_message(websocket, Data::from(&said), NOW);
        let Some(Event::Message(message)) = event else { panic!("{event:?}") };
        let message = message.into_owned();
        echo.0.send(session, message).expect("room");
        let answer = echo.0.poll_transmit(websocket);
        assert!(
            matches!(&answer, Some(Outgoing::Message(answer)) if answer.as_bytes().len() == said.as_bytes().len())
        );
        answer
    };
    round();
    Box::new(move |n| (0..n).for_each(|_| drop(round())))
}
