//! Two machines, joined by a network that does as it is told, on virtual time.

use std::time::Duration;

use crate::{Arrival, Clock, Link, Random, Side, Subject};

/// Two machines that talk to each other.
///
/// ```
/// # use sansocket_testkit::{heard_text, ws};
/// let mut pair = ws::pair(Default::default(), Default::default());
/// pair.client.machine.send_text("hello").unwrap();
/// pair.drive();
/// assert_eq!(pair.server.heard(), [heard_text("hello")]);
/// ```
#[derive(Debug)]
pub struct Pair<C: Subject, S: Subject> {
    /// The one that opened the connection.
    pub client: Side<C>,
    /// The one that accepted it.
    pub server: Side<S>,
    /// What the client says.
    pub to_server: Link,
    /// What the server says.
    pub to_client: Link,
    /// The time of both.
    pub clock: Clock,
    /// If set, calls are made in an order that it chooses.
    pub order: Option<Random>,
}

/// One of the calls that a driver makes.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Call {
    Write,
    Read,
    Listen,
    Time,
}

/// So many steps without coming to rest are an endless loop.
const RESTLESS: usize = 10_000_000;

impl<C: Subject, S: Subject> Pair<C, S> {
    /// Joins two machines.
    pub fn new(client: C, server: S) -> Pair<C, S> {
        Pair {
            client: Side::new(client),
            server: Side::new(server),
            to_server: Link::default(),
            to_client: Link::default(),
            clock: Clock::default(),
            order: None,
        }
    }

    /// Makes each call once on both sides, in order or in any; answers whether anything happened.
    pub fn step(&mut self) -> bool {
        let mut calls = [Call::Write, Call::Read, Call::Listen, Call::Time];
        if let Some(random) = &mut self.order {
            random.shuffle(&mut calls);
        }
        let clock = &self.clock;
        let client = turn(&mut self.client, &mut self.to_client, &mut self.to_server, clock, &calls);
        let server = turn(&mut self.server, &mut self.to_server, &mut self.to_client, clock, &calls);
        client || server
    }

    /// Steps until nothing happens any more. No time passes.
    ///
    /// # Panics
    /// If it never comes to rest.
    pub fn drive(&mut self) {
        let rested = (0..RESTLESS).any(|_| !self.step());
        assert!(rested, "the two never come to rest");
    }

    /// Lets `time` pass, from one deadline or arrival to the next.
    pub fn wait(&mut self, time: Duration) {
        let end = self.clock.now() + time;
        self.drive();
        while let Some(next) = self.next_moment().filter(|next| *next <= end) {
            self.clock.reach(next);
            self.drive();
        }
        self.clock.reach(end);
        self.drive();
    }

    /// When something happens by itself: a deadline, or bytes arrive.
    fn next_moment(&self) -> Option<sansocket_core::Instant> {
        let deadlines = [self.client.machine.poll_timeout(), self.server.machine.poll_timeout()];
        let arrivals = [self.to_client.next_arrival(), self.to_server.next_arrival()];
        deadlines.into_iter().chain(arrivals).flatten().filter(|at| *at > self.clock.now()).min()
    }
}

fn turn<M: Subject>(
    side: &mut Side<M>,
    from: &mut Link,
    to: &mut Link,
    clock: &Clock,
    calls: &[Call],
) -> bool {
    let now = clock.now();
    let was_dry = side.machine.wants_input();
    // No short circuit: each call is made.
    let happened = calls.iter().fold(false, |happened, call| {
        happened
            | match call {
                Call::Write => write(side, to, clock),
                Call::Read => read(side, from, clock),
                Call::Listen => side.listen_once(now),
                Call::Time => {
                    let due = side.machine.poll_timeout().is_some_and(|at| at <= now);
                    side.machine.handle_timeout(now);
                    due
                }
            }
    });
    // Who has just run dry will read next time.
    happened || (side.machine.wants_input() && !was_dry)
}

fn write<M: Subject>(side: &mut Side<M>, to: &mut Link, clock: &Clock) -> bool {
    let was_shut_down = side.is_shut_down();
    let written = side.write(to.room());
    to.carry(&written, clock.now());
    let shut_down = side.is_shut_down() && !was_shut_down;
    if shut_down || side.machine.is_finished() {
        // A transport that is dropped ends as one that is shut down.
        to.end(clock.now());
    }
    shut_down || !written.is_empty()
}

fn read<M: Subject>(side: &mut Side<M>, from: &mut Link, clock: &Clock) -> bool {
    if !side.machine.wants_input() {
        return false;
    }
    match from.arrive(clock.now()) {
        Some(Arrival::Bytes(bytes)) => side.input.fill(&bytes, &mut side.pool),
        Some(Arrival::End) => side.machine.handle_eof(clock.now()),
        None => return false,
    }
    true
}
