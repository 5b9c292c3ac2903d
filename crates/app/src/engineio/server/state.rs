//! The hub, and who waits for what it has.

use std::collections::HashMap;
use std::task::{Context, Poll, Waker};

use sansocket_core::{Instant, Message, Request, Response, SendError};
use sansocket_engineio::Reason;
use sansocket_engineio::server::{ConnectionId, Event, ExchangeId, Server, SessionId};
use slotmap::SecondaryMap;

use super::timer::Timer;

/// The hub, and who waits for what it has. No waker is called and nothing is spawned while it is locked.
pub(super) struct State {
    pub(super) hub: Server,
    /// Answers wait here for longer than the hub knows of them: it gives their slots to others meanwhile, and a
    /// `SecondaryMap` would give theirs, too.
    exchanges: HashMap<ExchangeId, Exchange>,
    /// The tasks of WebSockets that sleep.
    sockets: SecondaryMap<ConnectionId, Waker>,
    seats: SecondaryMap<SessionId, Seat>,
    pub(super) timer: Timer,
}

/// A request that the hub is to answer.
enum Exchange {
    /// Whoever made it sleeps.
    Waiting(Waker),
    Answered(Box<Response>),
}

/// A session's user, and those who wait to send to it.
enum Seat {
    Taken {
        reader: Option<Waker>,
        #[expect(
            clippy::box_collection,
            reason = "most sessions never have any, and one word each is enough for that"
        )]
        senders: Option<Box<Vec<Waker>>>,
    },
    /// Nobody looks at what happens any more.
    Left,
}

/// What has to be done once the lock is free.
#[derive(Default)]
pub(super) struct News {
    pub(super) wake: Option<Waker>,
    /// Whoever is to be woken besides.
    pub(super) wake_too: Vec<Waker>,
    pub(super) begun: Vec<(SessionId, Box<Request>)>,
    pub(super) timer: Option<Spawn>,
    /// No client has anything to come for any more.
    pub(super) over: bool,
}

/// There is a task to be spawned.
pub(super) struct Spawn;

impl State {
    pub(super) fn new(hub: Server) -> State {
        State {
            hub,
            exchanges: HashMap::new(),
            sockets: SecondaryMap::new(),
            seats: SecondaryMap::new(),
            timer: Timer::Idle,
        }
    }
}

impl News {
    fn wake(&mut self, waker: Waker) {
        match &mut self.wake {
            None => self.wake = Some(waker),
            Some(_) => self.wake_too.push(waker),
        }
    }
}

/// Whom the hub's news concern.
impl State {
    pub(super) fn settle(&mut self, news: &mut News, now: Instant) {
        while let Some(answer) = self.hub.poll_response() {
            let answered = Exchange::Answered(Box::new(answer.response));
            if let Some(Exchange::Waiting(waker)) = self.exchanges.insert(answer.exchange, answered) {
                news.wake(waker);
            }
        }
        while let Some(session) = self.hub.poll_ready() {
            self.call(session, news, now);
        }
        while let Some(connection) = self.hub.poll_dirty() {
            if let Some(waker) = self.sockets.remove(connection) {
                news.wake(waker);
            }
        }
        if self.timer.is_late_for(self.hub.poll_timeout()) {
            match std::mem::replace(&mut self.timer, Timer::Busy) {
                Timer::Asleep { waker, .. } => news.wake(waker),
                _ => news.timer = Some(Spawn),
            }
        }
        news.over = self.hub.is_over();
    }

    /// Something happened to a session.
    fn call(&mut self, session: SessionId, news: &mut News, now: Instant) {
        match self.seats.get_mut(session) {
            None => {
                if let Some(Event::Opened(request)) = self.hub.poll_event(session, now) {
                    self.seats.insert(session, Seat::Taken { reader: None, senders: None });
                    news.begun.push((session, request));
                }
            }
            Some(Seat::Taken { reader, senders }) => {
                // There is room, or nothing will be taken any more: who waits for that finds out.
                self.hub.poll_room(session);
                let senders = senders.take().map(|senders| *senders).unwrap_or_default();
                reader.take().into_iter().chain(senders).for_each(|waker| news.wake(waker));
            }
            Some(Seat::Left) => while self.pass_over(session, now) {},
        }
    }

    /// Nobody looks at this event.
    fn pass_over(&mut self, session: SessionId, now: Instant) -> bool {
        match self.hub.poll_event(session, now) {
            Some(Event::Closed(_)) | None => {
                let is_over = self.hub.protocol(session).is_none();
                if is_over {
                    self.seats.remove(session);
                }
                false
            }
            Some(_) => true,
        }
    }
}

/// Sessions.
impl State {
    /// What a session's client says next, or why there is nothing more.
    pub(super) fn poll_next(
        &mut self,
        session: SessionId,
        now: Instant,
        cx: &Context<'_>,
    ) -> Poll<Result<Message, Reason>> {
        loop {
            match self.hub.poll_event(session, now) {
                Some(Event::Message(data)) => return Poll::Ready(Ok(data.into_owned())),
                Some(Event::Closed(reason)) => {
                    self.seats.remove(session);
                    return Poll::Ready(Err(reason));
                }
                Some(Event::Opened(_) | Event::Upgraded(_) | Event::Room | Event::Housekeeping) => {}
                None => break,
            }
        }
        if let Some(Seat::Taken { reader, .. }) = self.seats.get_mut(session) {
            *reader = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Queues the message when there is room; until then it stays where it is.
    pub(super) fn poll_send(
        &mut self,
        session: SessionId,
        message: &mut Option<Message>,
        cx: &Context<'_>,
    ) -> Poll<Result<(), SendError<Message>>> {
        let Some(taken) = message.take() else { return Poll::Ready(Ok(())) };
        match self.hub.send(session, taken) {
            Err(SendError::Blocked(back)) => {
                *message = Some(back);
                if let Some(Seat::Taken { senders, .. }) = self.seats.get_mut(session) {
                    let senders = senders.get_or_insert_default();
                    if !senders.iter().any(|waker| waker.will_wake(cx.waker())) {
                        senders.push(cx.waker().clone());
                    }
                }
                Poll::Pending
            }
            sent => Poll::Ready(sent),
        }
    }

    /// Its user has left: it ends, and nobody looks at what still comes.
    pub(super) fn desert(&mut self, session: SessionId, now: Instant) {
        if let Some(seat) = self.seats.get_mut(session) {
            *seat = Seat::Left;
            self.hub.close(session, now);
            while self.pass_over(session, now) {}
        }
    }
}

/// Requests and WebSockets.
impl State {
    /// The hub's answer to a request.
    pub(super) fn poll_answer(&mut self, exchange: ExchangeId, cx: &Context<'_>) -> Poll<Response> {
        match self.exchanges.remove(&exchange) {
            Some(Exchange::Answered(response)) => Poll::Ready(*response),
            _ => {
                self.exchanges.insert(exchange, Exchange::Waiting(cx.waker().clone()));
                Poll::Pending
            }
        }
    }

    /// Nobody waits for this answer.
    pub(super) fn forget_exchange(&mut self, exchange: ExchangeId) {
        self.exchanges.remove(&exchange);
    }

    /// The task of this WebSocket sleeps.
    pub(super) fn await_socket(&mut self, connection: ConnectionId, cx: &Context<'_>) {
        self.sockets.insert(connection, cx.waker().clone());
    }

    pub(super) fn forget_socket(&mut self, connection: ConnectionId) {
        self.sockets.remove(connection);
    }
}
