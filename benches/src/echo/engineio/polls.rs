//! A load that polls: of each session one connection brings bodies, and on another a poll waits, as browsers do it. It
//! looks at every byte that comes back.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::session::{self, Answer};
use crate::codec::content::Content;
use crate::echo::child::Child;
use crate::echo::histogram::Histogram;
use crate::echo::load::Outcome;
use crate::echo::poller::Poller;
use crate::echo::shape::Shape;

/// What separates packets.
const SEPARATOR: u8 = 0x1e;

pub(super) fn load(child: &Child, shape: Shape, time: Duration) -> io::Result<Outcome> {
    let mut crowd = Crowd::open(child, shape)?;
    let start = Instant::now();
    let warm = time.mul_f64(0.15) + Duration::from_millis(50);
    crowd.run(start, warm)?;
    let (before, begun) = (child.cpu()?, Instant::now());
    (crowd.messages, crowd.times) = (0, Histogram::default());
    crowd.run(start, warm + time)?;
    let (took, cpu) = (begun.elapsed(), child.cpu()? - before);
    Ok(Outcome {
        rate: crowd.messages as f64 / took.as_secs_f64(),
        p50: crowd.times.quantile(0.5) / 1e3,
        p99: crowd.times.quantile(0.99) / 1e3,
        cpu: cpu.as_secs_f64() * 1e6 / crowd.messages.max(1) as f64,
    })
}

struct Crowd {
    poller: Poller,
    talks: Vec<Talk>,
    packet: Vec<u8>,
    messages: u64,
    times: Histogram,
}

/// One session.
struct Talk {
    bodies: Line,
    polls: Line,
    /// A body and its answer are on their way.
    posting: bool,
    asked: Instant,
    /// Messages that were said and not heard.
    missing: usize,
    window: usize,
}

struct Line {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Answer,
}

impl Line {
    fn new(stream: TcpStream, request: Vec<u8>) -> Line {
        Line { stream, request, answer: Answer::default() }
    }

    /// Requests are short enough for a socket to hold.
    fn ask(&mut self) -> io::Result<()> {
        self.answer.clear();
        self.stream.write_all(&self.request)
    }
}

impl Crowd {
    fn open(child: &Child, shape: Shape) -> io::Result<Crowd> {
        let text = Content::Ascii.messages(shape.size).swap_remove(0);
        let packet = [b"4", &text[..]].concat();
        let body = vec![&packet[..]; shape.window].join(&SEPARATOR);
        let poller = Poller::new()?;
        let mut talks = Vec::with_capacity(shape.connections);
        for id in 0..shape.connections {
            let (mut bodies, polls) = (session::connect(child.address)?, session::connect(child.address)?);
            let sid = session::open(&mut bodies)?;
            for (line, stream) in [&bodies, &polls].into_iter().enumerate() {
                stream.set_nonblocking(true)?;
                poller.add(stream, 2 * id + line)?;
            }
            let mut talk = Talk {
                bodies: Line::new(bodies, session::post(&sid, &body)),
                polls: Line::new(polls, session::get(&sid)),
                posting: false,
                asked: Instant::now(),
                missing: 0,
                window: shape.window,
            };
            talk.polls.ask()?;
            talk.post()?;
            talks.push(talk);
        }
        Ok(Crowd { poller, talks, packet, messages: 0, times: Histogram::default() })
    }

    /// Until `end` after `start`.
    fn run(&mut self, start: Instant, end: Duration) -> io::Result<()> {
        let mut ready = Vec::new();
        while start.elapsed() < end {
            self.poller.wait(&mut ready, Some(Duration::from_millis(200)))?;
            for event in ready.iter().filter(|event| event.readable) {
                let talk = &mut self.talks[event.id / 2];
                if event.id % 2 == 0 {
                    talk.posting &= !talk.bodies.answer.read(&mut talk.bodies.stream)?;
                } else if talk.polls.answer.read(&mut talk.polls.stream)? {
                    let heard = talk.hear(&self.packet);
                    self.messages += heard as u64;
                    self.times.add(talk.asked.elapsed().as_nanos() as u64, heard as u64);
                    talk.polls.ask()?;
                }
                if !talk.posting && talk.missing == 0 {
                    talk.post()?;
                }
            }
        }
        Ok(())
    }
}

impl Talk {
    fn post(&mut self) -> io::Result<()> {
        (self.posting, self.missing, self.asked) = (true, self.window, Instant::now());
        self.bodies.ask()
    }

    /// How many messages came with this answer. Some servers ping at once; nobody stays so long that the answer would
    /// be missed.
    fn hear(&mut self, packet: &[u8]) -> usize {
        let body = self.polls.answer.body();
        let packets = body.split(|byte| *byte == SEPARATOR).filter(|packet| *packet != b"2");
        let many = packets.inspect(|heard| assert!(*heard == packet, "the message that was said")).count();
        self.missing -= many;
        many
    }
}
