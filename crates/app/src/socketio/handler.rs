//! What may handle an event.

use std::fmt;
use std::hash::Hash;
use std::pin::Pin;

use sansocket_socketio::{Args, ArgsError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A future of somebody else.
pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A socket that events come from: a server's or a client's.
pub trait Peer: Clone + Send + Sync + 'static {
    /// Why it disconnects.
    type Reason: Send + 'static;

    /// What names an event that wants to be acknowledged.
    type Question: Copy + Send + Sync + fmt::Debug + 'static;

    /// What tells it from others.
    type Key: Copy + Eq + Hash + Send + Sync + 'static;

    /// What tells it from others.
    fn key(&self) -> Self::Key;

    /// Acknowledges an event.
    fn acknowledge(&self, question: Self::Question, arguments: Args);
}

/// Answers an event, if its sender asked for that. For handlers that answer at another time than when they end, or not
/// at all; the others just return the answer.
#[derive(Debug)]
pub struct Ack<S: Peer> {
    socket: S,
    question: Option<S::Question>,
}

impl<S: Peer> Ack<S> {
    pub(super) fn new(socket: S, question: Option<S::Question>) -> Ack<S> {
        Ack { socket, question }
    }

    /// Does anybody wait for it?
    pub fn is_asked(&self) -> bool {
        self.question.is_some()
    }

    /// Answers: a tuple is several arguments, `()` is none, anything else is one. Where nobody waits it is a no-op.
    ///
    /// # Errors
    /// [`ArgsError`] if the value cannot be written.
    pub fn send<T: Serialize + ?Sized>(self, arguments: &T) -> Result<(), ArgsError> {
        if let Some(question) = self.question {
            self.socket.acknowledge(question, Args::new(arguments)?);
        }
        Ok(())
    }
}

/// An event on its way to a handler.
#[derive(Debug)]
pub struct Received<S: Peer> {
    pub(super) socket: S,
    pub(super) args: Args,
    pub(super) ack: Option<S::Question>,
}

/// Something that handles events: an `async` closure or function of
///
/// * the socket,
/// * the socket and the event's arguments: a tuple takes several, anything else the first; [`Args`] takes all as they
///   are,
/// * the socket, the arguments and an [`Ack`], to answer when it likes.
///
/// What the first two return is the answer, if the sender asked for one: a tuple is several arguments, `()` none. `M`
/// tells the three apart; nobody has to name it.
pub trait Handler<S: Peer, M>: Send + Sync + 'static {
    /// Begins to handle an event.
    ///
    /// # Errors
    /// [`ArgsError`] if the event's arguments are not what it takes.
    fn handle(&self, received: Received<S>) -> Result<Boxed<()>, ArgsError>;
}

/// Marks handlers of nothing but a socket.
#[derive(Debug)]
pub struct Plain;

/// Marks handlers of a socket and arguments.
#[derive(Debug)]
pub struct Typed<T>(std::marker::PhantomData<fn(T)>);

/// Marks handlers that acknowledge for themselves.
#[derive(Debug)]
pub struct Acknowledging<T>(std::marker::PhantomData<fn(T)>);

impl<S, F, Fut> Handler<S, Plain> for F
where
    S: Peer,
    F: Fn(S) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Serialize> + Send + 'static,
{
    fn handle(&self, received: Received<S>) -> Result<Boxed<()>, ArgsError> {
        let Received { socket, ack, .. } = received;
        Ok(answer_with(self(socket.clone()), Ack::new(socket, ack)))
    }
}

impl<S, F, Fut, T> Handler<S, Typed<T>> for F
where
    S: Peer,
    F: Fn(S, T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Serialize> + Send + 'static,
    T: DeserializeOwned + 'static,
{
    fn handle(&self, received: Received<S>) -> Result<Boxed<()>, ArgsError> {
        let Received { socket, args, ack } = received;
        Ok(answer_with(self(socket.clone(), args.read()?), Ack::new(socket, ack)))
    }
}

impl<S, F, Fut, T> Handler<S, Acknowledging<T>> for F
where
    S: Peer,
    F: Fn(S, T, Ack<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
    T: DeserializeOwned + 'static,
{
    fn handle(&self, received: Received<S>) -> Result<Boxed<()>, ArgsError> {
        let Received { socket, args, ack } = received;
        Ok(Box::pin(self(socket.clone(), args.read()?, Ack::new(socket, ack))))
    }
}

/// Does it, and answers with what it returns.
fn answer_with<S, Fut>(handled: Fut, ack: Ack<S>) -> Boxed<()>
where
    S: Peer,
    Fut: Future<Output: Serialize> + Send + 'static,
{
    Box::pin(async move {
        let answer = handled.await;
        // An answer that cannot be written is none; the sender's timeout tells him.
        let _ = ack.send(&answer);
    })
}
