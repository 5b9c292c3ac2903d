//! The task of one connection: while it speaks HTTP, and when it carries a session.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sansocket_core::{Instant, Request, Response};
use sansocket_driver::{Clock, Connection, Io, Runtime, Wait, unless};
use sansocket_stack::server::{self as stack, Question};
use sansocket_websocket::CloseCode;
use sansocket_websocket::handshake::server::Choice;

use super::beside::Beside;
use super::hooks::{Boxed, Occasion};
use super::shared::Shared;
use super::state::{News, State};
use crate::websocket::{Answer, Asked, AskedFor};

/// One connection, for as long as it speaks HTTP.
pub(super) struct Talk<R: Runtime, I: Io> {
    line: Line<R, I>,
    beside: Arc<Beside<R, I>>,
    peer: Option<SocketAddr>,
    over: Wait,
}

/// A connection and the hub it belongs to, which hears of its end in any case.
struct Line<R: Runtime, I: Io> {
    shared: Arc<Shared<R>>,
    /// `None`: it has gone on without the hub.
    connection: Option<Connection<stack::Connection, I, R::Clock>>,
}

/// What is to be done about a connection.
enum Turn {
    Answer(Question),
    /// It carries a session, or wants to.
    Carry,
    /// Nothing any more.
    End,
}

/// What a connection becomes that does not speak HTTP any more.
pub(super) enum Stay<R: Runtime, I: Io> {
    Carrier(Carrier<R, I>),
    /// A WebSocket of somebody else.
    Other(Boxed<()>),
}

/// A connection that carries a session, or wants to.
pub(super) struct Carrier<R: Runtime, I: Io>(Line<R, I>);

impl<R, I> Talk<R, I>
where
    R: Runtime,
    I: Io + Send + 'static,
{
    pub(super) fn new(
        shared: Arc<Shared<R>>,
        io: I,
        beside: Arc<Beside<R, I>>,
        peer: Option<SocketAddr>,
    ) -> Talk<R, I> {
        let clock = shared.clock.clone();
        let machine = stack::Connection::new(shared.options.clone(), clock.now());
        let over = shared.over.wait();
        let connection = Some(Connection::new(machine, io, clock));
        Talk { line: Line { shared, connection }, beside, peer, over }
    }

    /// Until it ends, or speaks something else.
    pub(super) async fn run(mut self) -> Option<Stay<R, I>> {
        loop {
            match poll_fn(|cx| self.poll_turn(cx)).await {
                Turn::Answer(Question::Engine(mut request)) => {
                    request.peer = self.peer;
                    self.admit(request).await;
                }
                Turn::Answer(Question::Other(mut request)) => {
                    request.peer = self.peer;
                    if let Some(stay) = self.answer_beside(request).await {
                        return Some(Stay::Other(stay));
                    }
                }
                Turn::Answer(Question::Gone) => {}
                Turn::Carry => return Some(Stay::Carrier(Carrier(self.line))),
                Turn::End => return None,
            }
        }
    }

    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let is_over = Pin::new(&mut self.over).poll(cx).is_ready();
        let Some(connection) = &mut self.line.connection else { return Poll::Ready(Turn::End) };
        if is_over {
            let now = connection.now();
            connection.machine_mut().close(now);
        }
        let answered = self.line.poll_answer(cx);
        if self.line.carries() {
            return Poll::Ready(Turn::Carry);
        }
        let polled = self.line.poll_question(cx);
        if polled.is_pending() && answered {
            // A request may wait behind the one that was answered.
            cx.waker().wake_by_ref();
        }
        polled.map(|question| question.map_or(Turn::End, Turn::Answer))
    }

    /// Somebody makes a request of Engine.IO.
    async fn admit(&mut self, request: Box<Request>) {
        let Line { shared, connection: Some(connection) } = &mut self.line else { return };
        let shared = shared.clone();
        let mut headers = Default::default();
        if shared.hooks.are_set() {
            let wants = shared.with(|state, _| connection.machine().wants(&request, &state.hub));
            let occasion = Occasion::of(wants);
            headers = shared.hooks.headers(&request, occasion);
            if let Some(allow) = shared.hooks.allow(occasion) {
                let asked = self.asked(&request);
                let Some(allowed) = unless(self.line.gone(), allow(asked)).await else { return };
                if let Err(why) = allowed {
                    return self.line.with_machine(|machine, state, now| {
                        machine.refuse(&request, why, headers, &state.hub, now);
                    });
                }
            }
        }
        self.line.with_machine(|machine, state, now| machine.admit(*request, headers, &mut state.hub, now));
    }

    /// Somebody asks for something else. Answers how the connection goes on, if not in HTTP.
    async fn answer_beside(&mut self, request: Box<Request>) -> Option<Boxed<()>> {
        let decision = self.beside.decide(self.asked(&request));
        match unless(self.line.gone(), decision).await? {
            Answer::Respond(response) => self.line.respond(response),
            Answer::Accept(choice) => return self.accept(&choice, request).await,
        }
        None
    }

    /// It becomes a WebSocket of somebody else.
    async fn accept(&mut self, choice: &Choice, request: Box<Request>) -> Option<Boxed<()>> {
        let connection = self.line.connection.as_mut()?;
        let now = connection.now();
        if connection.machine_mut().accept(choice, now).is_err() {
            self.line.respond(Response::new(500));
            return None;
        }
        let accepted = self.line.connection.take()?;
        let mut websocket = accepted.try_map(|machine, _| machine.into_websocket()).ok()?;
        let stop = &self.line.shared.stop;
        websocket.close_on(stop, |machine, now| machine.close(CloseCode::GOING_AWAY.into(), now));
        // The client waits for it, and the handler may take its time. If it breaks, `next` says so.
        let _ = websocket.flush().await;
        Some(self.beside.handle(websocket, request))
    }

    fn asked(&self, request: &Request) -> Asked {
        let upgrade = self.line.connection.as_ref().and_then(|connection| connection.machine().upgrade());
        let kind = if upgrade.is_some() { AskedFor::WebSocket } else { AskedFor::Page };
        let protocols = upgrade.map(|upgrade| upgrade.protocols().to_vec()).unwrap_or_default();
        Asked { request: request.clone(), kind, protocols }
    }
}

impl<R: Runtime, I: Io> Line<R, I> {
    /// Gives the hub's answer if there is one. Was there?
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        let Some(exchange) = connection.machine().exchange() else { return false };
        let answer = self.shared.with(|state, _| state.poll_answer(exchange, cx));
        let Poll::Ready(response) = answer else { return false };
        let response = self.shared.last(response);
        let now = connection.now();
        connection.machine_mut().answer(response, now);
        true
    }

    /// Goes on until there is a question; `None` at the end of everything.
    fn poll_question(&mut self, cx: &mut Context<'_>) -> Poll<Option<Question>> {
        let Line { shared, connection: Some(connection) } = self else { return Poll::Ready(None) };
        let mut news = News::default();
        let polled = connection.poll_until(cx, |event, machine| {
            let now = machine.now();
            shared.note(&mut news, now, |state, now| machine.handle_event(event, &mut state.hub, now))
        });
        shared.spread(news);
        polled
    }

    /// Waits until whoever asked is gone.
    async fn gone(&mut self) {
        while let Some(question) = poll_fn(|cx| self.poll_question(cx)).await {
            if question == Question::Gone {
                break;
            }
        }
    }

    fn respond(&mut self, response: Response) {
        let response = self.shared.last(response);
        // What cannot be written was answered with 500.
        self.with_machine(|machine, _, now| _ = machine.respond(response, now));
    }

    fn with_machine(&mut self, act: impl FnOnce(&mut stack::Connection, &mut State, Instant)) {
        if let Some(connection) = &mut self.connection {
            self.shared.with(|state, now| act(connection.machine_mut(), state, now));
        }
    }

    fn carries(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.machine().carries().is_some())
    }
}

impl<R: Runtime, I: Io> Carrier<R, I> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Line { shared, connection: Some(connection) } = &mut self.0 else { return Poll::Ready(()) };
        let (now, polled) = loop {
            let mut machine = connection.commands();
            let now = machine.now();
            shared.touch(|state| {
                machine.transmit(&mut state.hub, now);
                if let Some(id) = machine.carries() {
                    state.await_socket(id, cx);
                }
            });
            let was_full = !machine.has_room();
            let polled = connection.poll_until(cx, |event, machine| {
                let now = machine.now();
                shared.touch(|state| machine.handle_event(event, &mut state.hub, now))
            });
            // It carries a session, and has no questions. What there was no room for may leave now.
            match polled {
                Poll::Ready(None) => break (now, Poll::Ready(())),
                Poll::Pending if !was_full || !connection.machine().has_room() => break (now, Poll::Pending),
                _ => {}
            }
        };
        // Not before the burst was read, and once for all of it: whoever looks at it should find it whole.
        let mut news = News::default();
        shared.note(&mut news, now, |_, _| ());
        shared.spread(news);
        polled
    }
}

impl<R: Runtime, I: Io> Future for Stay<R, I> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut *self {
            Stay::Carrier(carrier) => carrier.poll(cx),
            Stay::Other(other) => other.as_mut().poll(cx),
        }
    }
}

impl<R: Runtime, I: Io> Drop for Line<R, I> {
    fn drop(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        let machine = connection.machine_mut();
        let (exchange, socket) = (machine.exchange(), machine.carries());
        if exchange.is_none() && socket.is_none() {
            return;
        }
        self.shared.with(|state, _| {
            exchange.into_iter().for_each(|exchange| state.forget_exchange(exchange));
            socket.into_iter().for_each(|socket| state.forget_socket(socket));
            machine.leave(&mut state.hub);
        });
    }
}
