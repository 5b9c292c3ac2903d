//! The hub, and who waits for what it has.

use std::collections::{HashMap, HashSet};
use std::task::{Context, Poll, Waker};

use sansocket_core::{Instant, Message, Request, Response, SendError};
use sansocket_engineio::Reason;
use sansocket_engineio::server::{Compress, ConnectionId, Event, ExchangeId, Server, SessionId};
use slotmap::SecondaryMap;

use crate::timer::{Alarm, Spawn, Timer};

/// The hub, and who waits for what it has. No waker is called and nothing is spawned while it is locked.
pub(super) struct State {
    pub(super) hub: Server,
    /// Answers wait here for longer than the hub knows of them: it gives their slots to others meanwhile, and a
    /// `SecondaryMap` would give theirs, too.
    exchanges: HashMap<ExchangeId, Exchange>,
    /// The tasks of WebSockets that sleep.
    sockets: SecondaryMap<ConnectionId, Waker>,
    /// The users of sessions, those included who do not sleep.
    users: SecondaryMap<SessionId, Option<Waker>>,
    /// Sessions whose users left before the end: nobody looks at what happens any more.
    deserted: HashSet<SessionId>,
    /// Those who wait to send. Most sessions never have any.
    senders: HashMap<SessionId, Vec<Waker>>,
    pub(super) timer: Timer,
}

/// A request that the hub is to answer.
enum Exchange {
    /// Whoever made it sleeps.
    Waiting(Waker),
    Answered(Box<Response>),
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

impl State {
    pub(super) fn new(hub: Server) -> State {
        State {
            hub,
            exchanges: HashMap::new(),
            sockets: SecondaryMap::new(),
            users: SecondaryMap::new(),
            deserted: HashSet::new(),
            senders: HashMap::new(),
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
        match self.timer.expect(self.hub.poll_timeout()) {
            Some(Alarm::Wake(waker)) => news.wake(waker),
            Some(Alarm::Spawn(spawn)) => news.timer = Some(spawn),
            None => {}
        }
        news.over = self.hub.is_over();
    }

    /// Something happened to a session.
    fn call(&mut self, session: SessionId, news: &mut News, now: Instant) {
        match self.users.get_mut(session) {
            Some(user) => {
                user.take().into_iter().for_each(|waker| news.wake(waker));
                // There is room, or nothing will be taken any more: who waits for that finds out.
                self.hub.poll_room(session);
                self.take_senders(session).into_iter().for_each(|waker| news.wake(waker));
            }
            None if self.deserted.contains(&session) => while self.pass_over(session, now) {},
            None => {
                if let Some(Event::Opened(request)) = self.hub.poll_event(session, now) {
                    self.users.insert(session, None);
                    news.begun.push((session, request));
                }
            }
        }
    }

    /// Nobody looks at this event.
    fn pass_over(&mut self, session: SessionId, now: Instant) -> bool {
        match self.hub.poll_event(session, now) {
            // The last there is.
            Some(Event::Closed(_)) => {
                self.deserted.remove(&session);
                false
            }
            None => false,
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
                    self.users.remove(session);
                    return Poll::Ready(Err(reason));
                }
                Some(Event::Opened(_) | Event::Upgraded(_) | Event::Room | Event::Housekeeping) => {}
                None => break,
            }
        }
        if let Some(user) = self.users.get_mut(session) {
            // Who was woken by somebody else has left it here.
            match user {
                Some(waker) => waker.clone_from(cx.waker()),
                None => *user = Some(cx.waker().clone()),
            }
        }
        Poll::Pending
    }

    /// Queues the message when there is room; until then it stays where it is.
    pub(super) fn poll_send(
        &mut self,
        session: SessionId,
        message: &mut Option<Message>,
        compress: Compress,
        cx: &Context<'_>,
    ) -> Poll<Result<(), SendError<Message>>> {
        let Some(taken) = message.take() else { return Poll::Ready(Ok(())) };
        match self.hub.send_with(session, taken, compress) {
            Err(SendError::Blocked(back)) => {
                *message = Some(back);
                let senders = self.senders.entry(session).or_default();
                if !senders.iter().any(|waker| waker.will_wake(cx.waker())) {
                    senders.push(cx.waker().clone());
                }
                Poll::Pending
            }
            sent => Poll::Ready(sent),
        }
    }

    /// Its user has left: it ends, and nobody looks at what still comes. Whom that concerns is to be woken.
    #[must_use = "they wait to send, and have to hear that they cannot"]
    pub(super) fn desert(&mut self, session: SessionId, now: Instant) -> Vec<Waker> {
        if self.users.remove(session).is_some() {
            self.deserted.insert(session);
            self.hub.close(session, now);
            while self.pass_over(session, now) {}
        }
        self.take_senders(session)
    }

    fn take_senders(&mut self, session: SessionId) -> Vec<Waker> {
        // Mostly nobody waits, and there is nothing to look up.
        let some = !self.senders.is_empty();
        some.then(|| self.senders.remove(&session)).flatten().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use sansocket_engineio::server::ServerOptions;

    use super::*;

    #[test]
    fn a_session_whose_user_left_leaves_nothing_behind() {
        let (mut state, now) = (State::new(Server::new(ServerOptions::default(), [1; 32])), Instant::ZERO);
        state.hub.handle_request(Request::get("/engine.io/?EIO=4&transport=polling"), now);
        let mut news = News::default();
        state.settle(&mut news, now);
        let (session, _) = news.begun.pop().expect("a session has begun");
        assert!(state.desert(session, now).is_empty());
        state.hub.end_all();
        state.settle(&mut News::default(), now);
        assert!(state.users.is_empty() && state.senders.is_empty());
        assert_eq!((state.deserted.len(), state.hub.len()), (0, 0));
    }
}
