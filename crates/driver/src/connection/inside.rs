//! What a connection is made of: to look at, to change, to take apart.

use std::convert::Infallible;
use std::fmt;
use std::io;

use sansocket_core::{Endpoint, Instant, Machine};

use super::{All, Connection, Parts};
use crate::desk::State;
use crate::lend::Commands;
use crate::outside::Outside;
use crate::wire::Wire;
use crate::{Clock, Signal};

/// Looking inside.
impl<M, I, C> Connection<M, I, C> {
    /// The machine: its state, and why it ended.
    pub fn machine(&self) -> &M {
        &self.all.machine
    }

    /// The machine, for commands that are not here. What they queue leaves with the next call.
    pub fn machine_mut(&mut self) -> &mut M {
        &mut self.all.machine
    }

    /// The machine with the time, for commands that queue much: unlike [`machine_mut`](Connection::machine_mut) it lends
    /// the machine a buffer to queue it in. It leaves with the next call, which gives the buffer back, too.
    pub fn commands(&mut self) -> Commands<'_, M>
    where
        M: Machine,
        C: Clock,
    {
        let All { machine, wire, .. } = &mut *self.all;
        wire.attach(machine);
        Commands::new(machine, wire.clock.now())
    }

    /// The transport, to ask it things (its peer's address). Reading or writing is not for you.
    pub fn io(&self) -> &I {
        &self.all.wire.io
    }

    /// What broke the transport: an operating system's error number, a TLS alert, a missing end of TLS. `None` if
    /// nothing did. A connection that was closed in order may have one too: ask the machine first.
    pub fn error(&self) -> Option<&io::Error> {
        self.all.wire.error()
    }

    /// [`error`](Connection::error), to keep.
    pub fn take_error(&mut self) -> Option<io::Error> {
        self.all.wire.take_error()
    }

    /// Bytes of memory that the input holds now: none while idle.
    pub fn memory(&self) -> usize {
        self.all.input.memory()
    }

    /// Lets somebody outside end the connection: when `signal` is raised, `tell` tells the machine, whatever its owner is
    /// waiting for in here. The owner sees the end as he would see it otherwise. The second call replaces the first.
    ///
    /// ```
    /// # use sansocket_core::*;
    /// # use sansocket_driver::*;
    /// # fn example<M: Endpoint<Goodbye = ()>, I, C>(connection: &mut Connection<M, I, C>) {
    /// let stop = Signal::default();
    /// connection.close_on(&stop, |machine, now| machine.close((), now));
    /// # }
    /// ```
    pub fn close_on(&mut self, signal: &Signal, tell: fn(&mut M, Instant)) {
        self.all.outside = Some(Outside { raised: signal.wait(), tell });
    }

    /// The time on its clock.
    pub fn now(&self) -> Instant
    where
        C: Clock,
    {
        self.all.wire.clock.now()
    }
}

/// Taking apart.
impl<M, I, C> Connection<M, I, C> {
    /// Goes on with another machine over the same transport, input and clock: what a handshake becomes. `change` gets
    /// the old machine and the time; output that was not written yet has to move along. What was said to
    /// [`close_on`](Connection::close_on) is forgotten.
    pub fn map<N>(self, change: impl FnOnce(M, Instant) -> N) -> Connection<N, I, C>
    where
        C: Clock,
    {
        match self.try_map(|machine, now| Ok::<N, Infallible>(change(machine, now))) {
            Ok(changed) => changed,
        }
    }

    /// [`map`](Connection::map), for a change that may be impossible.
    ///
    /// # Errors
    /// What `change` answers; the transport is dropped.
    pub fn try_map<N, E>(
        self,
        change: impl FnOnce(M, Instant) -> Result<N, E>,
    ) -> Result<Connection<N, I, C>, E>
    where
        C: Clock,
    {
        let All { machine, input, wire, held_back, rest, .. } = *self.all;
        let machine = change(machine, wire.clock.now())?;
        Ok(Connection { all: Box::new(All { machine, input, wire, held_back, rest, outside: None }) })
    }

    /// Takes the connection apart.
    pub fn into_parts(self) -> Parts<M, I, C> {
        let All { machine, input, wire, .. } = *self.all;
        Parts { machine, input, io: wire.io, clock: wire.clock }
    }

    pub(crate) fn into_shared(self, default_goodbye: fn() -> M::Goodbye) -> State<M, Option<Wire<I, C>>>
    where
        M: Endpoint,
    {
        let All { machine, input, wire, outside, .. } = *self.all;
        State::new(machine, input, outside, wire, default_goodbye)
    }
}

impl<M: fmt::Debug, I, C> fmt::Debug for Connection<M, I, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("machine", &self.all.machine)
            .field("input", &self.all.input)
            .field("error", &self.all.wire.error())
            .finish_non_exhaustive()
    }
}
