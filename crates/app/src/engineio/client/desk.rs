//! What a client's user and its driver share.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use sansocket_core::{Instant, Message, SendError};
use sansocket_engineio::Reason;
use sansocket_engineio::client::Event;
use sansocket_stack::client::{Client as Session, Line, LineEvent, LineId};

/// What a client's user and its driver share: the session, and what it said.
#[derive(Debug)]
pub(super) struct Desk(Mutex<State>);

#[derive(Debug)]
pub(super) struct State {
    pub(super) session: Session,
    inbox: Inbox,
    intent: Intent,
    progress: Progress,
    /// What broke a stream last.
    error: Option<io::Error>,
    driver: Option<Waker>,
    /// Whoever waits for messages, for the session to open, or for its end: all of them the user.
    user: Option<Waker>,
    /// Those who wait for room.
    senders: Vec<Waker>,
}

/// What waits for the user.
#[derive(Debug)]
struct Inbox {
    messages: VecDeque<Message>,
    /// What they weigh, and from which weight on nothing more is read.
    weight: usize,
    most: usize,
}

/// What the user wants, and never less than before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Intent {
    Talk,
    /// Somebody said goodbye; what comes is still taken.
    Leave,
    /// And nobody is there to take it.
    Gone,
}

/// How far the session is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Progress {
    Opening,
    Open,
    Ended(Reason),
}

/// Did anything happen? Then there may be more to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    Busy,
    Idle,
}

/// Should more be read?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Appetite {
    /// The user takes what comes.
    Any,
    /// He has enough.
    None,
}

impl Desk {
    /// No more is read while messages of so many bytes wait for the user.
    pub(super) fn new(session: Session, read_ahead: usize) -> Desk {
        Desk(Mutex::new(State {
            session,
            inbox: Inbox { messages: VecDeque::new(), weight: 0, most: read_ahead.max(1) },
            intent: Intent::Talk,
            progress: Progress::Opening,
            error: None,
            driver: None,
            user: None,
            senders: Vec::new(),
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the user does.
impl Desk {
    /// All messages that wait, never none; `None` once there will be no more.
    pub(super) fn poll_messages(&self, cx: &mut Context<'_>) -> Poll<Option<VecDeque<Message>>> {
        let mut state = self.lock();
        if state.inbox.messages.is_empty() {
            if let Progress::Ended(_) = state.progress {
                return Poll::Ready(None);
            }
            stand(&mut state.user, cx);
            return Poll::Pending;
        }
        let was_full = state.appetite() == Appetite::None;
        let messages = state.inbox.take();
        if was_full {
            state.wake_driver();
        }
        Poll::Ready(Some(messages))
    }

    /// Ready when the session is open, or will never be.
    pub(super) fn poll_open(&self, cx: &mut Context<'_>) -> Poll<Progress> {
        let mut state = self.lock();
        if state.progress == Progress::Opening {
            stand(&mut state.user, cx);
            return Poll::Pending;
        }
        Poll::Ready(state.progress)
    }

    /// Ready at the end.
    pub(super) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if matches!(state.progress, Progress::Ended(_)) {
            return Poll::Ready(());
        }
        stand(&mut state.user, cx);
        Poll::Pending
    }

    pub(super) fn try_send(&self, message: Message) -> Result<(), SendError<Message>> {
        self.lock().send(message)
    }

    /// Queues what is in `message` as soon as there is room; it stays there meanwhile.
    pub(super) fn poll_send(
        &self,
        cx: &mut Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), SendError<Message>>> {
        let Some(taken) = message.take() else { return Poll::Ready(Ok(())) };
        let mut state = self.lock();
        match state.send(taken) {
            Err(SendError::Blocked(back)) => {
                *message = Some(back);
                if !state.senders.iter().any(|waker| waker.will_wake(cx.waker())) {
                    state.senders.push(cx.waker().clone());
                }
                Poll::Pending
            }
            sent => Poll::Ready(sent),
        }
    }

    /// The session is to end, in order.
    pub(super) fn leave(&self) {
        self.lock().intend(Intent::Leave);
    }

    /// And nobody listens any more.
    pub(super) fn go(&self) {
        let mut state = self.lock();
        state.inbox.take();
        state.intend(Intent::Gone);
    }
}

/// What the driver does.
impl Desk {
    /// Something happened on a stream. Answers `Some` if nothing more may be read from it for now.
    pub(super) fn hear(&self, id: LineId, event: LineEvent<'_>, now: Instant) -> Option<()> {
        let mut state = self.lock();
        let State { session, inbox, intent, progress, .. } = &mut *state;
        if let Some(event) = session.handle(id, event, now) {
            note(event, inbox, *intent, progress);
        }
        state.look(now);
        (state.appetite() == Appetite::None).then_some(())
    }

    /// What this stream is to say, and whether it is to be read from.
    pub(super) fn feed(&self, id: LineId, line: &mut Line, now: Instant) -> Appetite {
        let mut state = self.lock();
        state.session.feed(id, line, now);
        // Requests are answered in any case: it is the session that asks for no more of them.
        if line.is_websocket() { state.appetite() } else { Appetite::Any }
    }

    /// A stream is gone.
    pub(super) fn lose(&self, id: LineId, error: Option<io::Error>, now: Instant) {
        let mut state = self.lock();
        state.blame(error);
        state.session.handle_loss(id, now);
    }

    /// The driver goes, whether or not the session has ended.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        if !matches!(state.progress, Progress::Ended(_)) {
            state.progress = Progress::Ended(Reason::ForcedClose);
        }
        state.intent = state.intent.max(Intent::Leave);
        state.driver = None;
        state.tell();
    }
}

impl State {
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// Does what the user wants, and takes what the session has to tell while there is room for it. Was there anything?
    pub(super) fn look(&mut self, now: Instant) -> Turn {
        let State { session, inbox, intent, progress, .. } = self;
        let mut turn = Turn::Idle;
        if *intent != Intent::Talk {
            session.close(now);
        }
        while inbox.has_room() {
            let Some(event) = session.poll_event(now) else { break };
            note(event, inbox, *intent, progress);
            turn = Turn::Busy;
        }
        match self.appetite() {
            Appetite::Any => self.session.resume(now),
            Appetite::None => self.session.hold(),
        }
        turn
    }

    /// Wakes who has waited for what there is now.
    pub(super) fn tell(&mut self) {
        if !self.inbox.messages.is_empty() || self.progress != Progress::Opening {
            self.user.take().into_iter().for_each(Waker::wake);
        }
        if self.session.session().has_room() || matches!(self.progress, Progress::Ended(_)) {
            self.senders.drain(..).for_each(Waker::wake);
        }
    }

    /// The driver waits.
    pub(super) fn wait(&mut self, cx: &mut Context<'_>) {
        stand(&mut self.driver, cx);
    }

    pub(super) fn blame(&mut self, error: Option<io::Error>) {
        if error.is_some() {
            self.error = error;
        }
    }

    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    fn appetite(&self) -> Appetite {
        let waits = !self.inbox.has_room() || self.session.session().has_events();
        if waits && !self.session.session().has_ended() { Appetite::None } else { Appetite::Any }
    }

    fn send(&mut self, message: Message) -> Result<(), SendError<Message>> {
        if self.intent != Intent::Talk {
            return Err(SendError::Closed(message));
        }
        self.session.send(message)?;
        self.wake_driver();
        Ok(())
    }

    fn intend(&mut self, intent: Intent) {
        self.intent = self.intent.max(intent);
        self.wake_driver();
    }

    fn wake_driver(&mut self) {
        self.driver.take().into_iter().for_each(Waker::wake);
    }
}

impl Inbox {
    fn has_room(&self) -> bool {
        self.weight < self.most
    }

    fn push(&mut self, message: Message) {
        self.weight += message.as_bytes().len() + size_of::<Message>();
        self.messages.push_back(message);
    }

    /// All of it. An idle client owns no queue.
    fn take(&mut self) -> VecDeque<Message> {
        self.weight = 0;
        std::mem::take(&mut self.messages)
    }
}

fn note(event: Event<'_>, inbox: &mut Inbox, intent: Intent, progress: &mut Progress) {
    match event {
        Event::Message(message) if intent != Intent::Gone => inbox.push(message.into_owned()),
        Event::Opened => *progress = Progress::Open,
        Event::Closed(reason) => *progress = Progress::Ended(reason),
        // Who waits for room is told when there is some, whatever waits unread before that.
        Event::Message(_) | Event::Upgraded(_) | Event::Room | Event::Housekeeping => {}
    }
}

/// The waker that stands here is that of this task.
fn stand(place: &mut Option<Waker>, cx: &Context<'_>) {
    match place {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *place = Some(cx.waker().clone()),
    }
}
