//! A client, a server that says everything back, and the streams between them.

use std::time::Duration;

use sansocket_core::{Input, Instant, Machine, Message, OUTBOX_SLICES, Pool, Transmit};
use sansocket_engineio::client::{ClientOptions as SessionOptions, Event};
use sansocket_engineio::server::{Event as Told, Server, ServerOptions};
use sansocket_engineio::{Reason, Transport};
use sansocket_stack::client::{Client, ClientOptions, Line, LineEvent, LineId};
use sansocket_testkit::Clock;

use super::host::Host;

/// What the server is like.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) persistence: Persistence,
    pub(crate) websockets: Welcome,
    /// Bytes that arrive at once, on both sides.
    pub(crate) chunk: usize,
}

/// What becomes of a stream after an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Persistence {
    Keep,
    Close,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Welcome {
    Yes,
    No,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits { persistence: Persistence::Keep, websockets: Welcome::Yes, chunk: usize::MAX }
    }
}

#[derive(Debug)]
pub(crate) struct Meeting {
    pub(crate) client: Client,
    pub(crate) hub: Server,
    pub(crate) clock: Clock,
    pub(crate) habits: Habits,
    pub(crate) streams: Vec<Stream>,
    /// How many streams there were.
    pub(crate) dialled: usize,
    /// What the client's user heard.
    pub(crate) told: Vec<Message>,
    pub(crate) upgraded: Option<Transport>,
    pub(crate) closed: Option<Reason>,
    /// All that the client wrote.
    pub(crate) wrote: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: LineId,
    line: Line,
    input: Input,
    pool: Pool,
    host: Host,
    /// Something was asked and not answered.
    waits: bool,
}

impl Meeting {
    /// Of a client with these options and a server with the default ones.
    pub(crate) fn new(session: SessionOptions, habits: Habits) -> Meeting {
        Meeting::at("http://example.org", ClientOptions { session, ..ClientOptions::default() }, habits)
    }

    pub(crate) fn at(url: &str, options: ClientOptions, habits: Habits) -> Meeting {
        let clock = Clock::default();
        let client = Client::new(&url.parse().unwrap(), options, [7; 32], clock.now());
        Meeting {
            client,
            hub: Server::new(ServerOptions { allow_eio3: true, ..ServerOptions::default() }, [3; 32]),
            clock,
            habits,
            streams: Vec::new(),
            dialled: 0,
            told: Vec::new(),
            upgraded: None,
            closed: None,
            wrote: Vec::new(),
        }
    }

    /// Lets everything happen that can happen now.
    pub(crate) fn drive(&mut self) -> &mut Meeting {
        for _ in 0..10_000 {
            if !self.turn() {
                return self;
            }
        }
        panic!("it does not come to rest: {self:?}");
    }

    /// Time passes, deadline by deadline.
    pub(crate) fn wait(&mut self, time: Duration) -> &mut Meeting {
        let end = self.clock.now() + time;
        self.drive();
        while let Some(next) = self.next_deadline().filter(|next| *next <= end) {
            self.clock.reach(next);
            let now = self.clock.now();
            self.client.handle_timeout(now);
            self.hub.handle_timeout(now);
            self.streams.iter_mut().for_each(|stream| stream.line.handle_timeout(now));
            self.drive();
        }
        self.clock.reach(end);
        self.drive()
    }

    pub(crate) fn send(&mut self, message: impl Into<Message>) -> &mut Meeting {
        self.client.send(message.into()).expect("there is room");
        self
    }

    /// A few things happen, not all that can.
    pub(crate) fn turn_a_little(&mut self) {
        for _ in 0..2 {
            self.turn();
        }
    }

    /// The client says what it has to say over the streams that there are, and nobody hears it yet.
    pub(crate) fn feed(&mut self) {
        let now = self.clock.now();
        for stream in &mut self.streams {
            self.client.feed(stream.id, &mut stream.line, now);
            let (said, _) = write(&mut stream.line);
            stream.waits |= !said.is_empty();
            self.wrote.extend(said);
        }
    }

    /// Streams over which something was asked that is not answered.
    pub(crate) fn streams_that_wait(&self) -> Vec<LineId> {
        self.streams.iter().filter(|stream| stream.waits).map(|stream| stream.id).collect()
    }

    /// This stream breaks, and the server knew nothing of what was asked last.
    pub(crate) fn lose(&mut self, id: LineId) {
        let now = self.clock.now();
        let stream = self.streams.iter_mut().find(|stream| stream.id == id).expect("it is there");
        if let Host::WebSocket(_, connection) = std::mem::replace(&mut stream.host, Host::Gone) {
            self.hub.handle_close(connection, Reason::TransportClose);
        }
        stream.line.handle_eof(now);
    }

    /// The stream over which nothing is asked.
    pub(crate) fn lose_idle(&mut self) {
        let idle = self.streams.iter().find(|stream| !stream.waits).expect("there is one").id;
        self.lose(idle);
    }

    /// What was told since this was last asked.
    pub(crate) fn heard(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.told)
    }

    /// What the client wrote since this was last asked.
    pub(crate) fn written(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.wrote)).into_owned()
    }

    pub(crate) fn transport(&self) -> Transport {
        self.client.session().transport()
    }

    /// It ended for this reason, and nothing is left.
    pub(crate) fn assert_over(&mut self, reason: Reason) {
        assert_eq!(self.closed, Some(reason), "{self:?}");
        self.wait(Duration::from_secs(60));
        assert!(self.client.is_finished() && self.streams.is_empty(), "{self:?}");
        assert!(self.hub.is_empty(), "{:?}", self.hub);
    }

    fn next_deadline(&self) -> Option<Instant> {
        let lines = self.streams.iter().filter_map(|stream| stream.line.poll_timeout());
        lines.chain(self.client.poll_timeout()).chain(self.hub.poll_timeout()).min()
    }

    fn turn(&mut self) -> bool {
        let now = self.clock.now();
        let mut busy = self.talk(now);
        busy |= self.carry(now);
        busy |= self.look(now);
        while let Some(id) = self.client.poll_dial(now) {
            self.dialled += 1;
            busy = true;
            let Some(line) = self.client.handle_stream(id, now) else { continue };
            let (input, pool) = (Input::default(), Pool::default());
            self.streams.push(Stream { id, line, input, pool, host: Host::new(now), waits: false });
        }
        busy
    }

    /// What the server says back.
    fn talk(&mut self, now: Instant) -> bool {
        let mut busy = false;
        while let Some(session) = self.hub.poll_ready() {
            let mut echo = Vec::new();
            while let Some(event) = self.hub.poll_event(session, now) {
                if let Told::Message(message) = event {
                    echo.push(message.into_owned());
                }
            }
            for message in echo {
                self.hub.send(session, message).expect("there is room");
            }
            busy = true;
        }
        while let Some(answer) = self.hub.poll_response() {
            let mut streams = self.streams.iter_mut();
            let found = streams
                .any(|stream| stream.host.respond(answer.exchange, &answer.response, &self.habits, now));
            busy |= found;
        }
        busy
    }

    /// Bytes in both directions, and what comes of them.
    fn carry(&mut self, now: Instant) -> bool {
        let mut busy = false;
        let Meeting { client, hub, habits, streams, wrote, told, .. } = self;
        streams.retain_mut(|stream| {
            client.feed(stream.id, &mut stream.line, now);
            let (there, ends) = write(&mut stream.line);
            busy |= !there.is_empty() || ends;
            stream.waits |= !there.is_empty();
            wrote.extend_from_slice(&there);
            for bytes in there.chunks(habits.chunk) {
                stream.host.read(bytes, hub, habits, now);
            }
            if ends {
                stream.host.hang_up(hub, habits, now);
            }
            let (back, ends) = stream.host.write(hub, now);
            busy |= !back.is_empty();
            stream.waits &= back.is_empty();
            for bytes in back.chunks(habits.chunk) {
                stream.input.fill(bytes, &mut stream.pool);
                busy |= stream.listen(client, told, now);
            }
            if ends {
                stream.line.handle_eof(now);
            }
            busy |= stream.listen(client, told, now);
            let over = stream.line.is_finished();
            if over {
                client.handle_loss(stream.id, now);
                stream.host.hang_up(hub, habits, now);
            }
            busy |= over;
            !over
        });
        busy
    }

    /// What the client's user hears.
    fn look(&mut self, now: Instant) -> bool {
        let mut busy = false;
        while let Some(event) = self.client.poll_event(now) {
            busy = true;
            match event {
                Event::Message(message) => self.told.push(message.into_owned()),
                Event::Upgraded(transport) => self.upgraded = Some(transport),
                Event::Closed(reason) => self.closed = Some(reason),
                Event::Opened | Event::Room | Event::Housekeeping => {}
            }
        }
        busy
    }
}

impl Stream {
    fn listen(&mut self, client: &mut Client, told: &mut Vec<Message>, now: Instant) -> bool {
        let mut busy = false;
        while let Some(event) = self.line.poll_event(&mut self.input, now) {
            busy |= event != LineEvent::Housekeeping;
            if let Some(Event::Message(message)) = client.handle(self.id, event, now) {
                told.push(message.into_owned());
            }
            client.feed(self.id, &mut self.line, now);
        }
        self.input.release(&mut self.pool);
        busy
    }
}

/// All that the line wants written, and whether its stream ends there.
fn write(line: &mut Line) -> (Vec<u8>, bool) {
    let mut written = Vec::new();
    loop {
        match line.poll_transmit() {
            None => return (written, false),
            Some(Transmit::Shutdown) => return (written, true),
            Some(Transmit::Bytes(out)) => {
                let mut slices = [&[][..]; OUTBOX_SLICES];
                let filled = out.slices(&mut slices);
                let gathered = slices[..filled].concat();
                out.written(gathered.len());
                written.extend(gathered);
            }
        }
    }
}
