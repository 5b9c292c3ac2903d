//! The load: one thread, sockets that do not block, frames that were masked beforehand. It looks at the header and the
//! length of every answer, and at every byte of the first on each connection.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::child::Child;
use super::histogram::Histogram;
use super::poller::{Interest, Poller};
use super::script::{PING, Script};
use super::shape::Shape;

/// What a load met with.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Messages a second.
    pub rate: f64,
    /// Microseconds from question to answer, half of the time and at worst but for 1 %.
    pub p50: f64,
    /// See `p50`.
    pub p99: f64,
    /// Microseconds of the server's processor for a message.
    pub cpu: f64,
}

/// Loads a server for so long, after some time to warm up.
pub fn load(child: &Child, shape: Shape, time: Duration) -> io::Result<Outcome> {
    load_with(child, &Script::new(child.server.speech, shape), shape.connections, time)
}

/// The same with something else to say.
pub fn load_with(child: &Child, script: &Script, connections: usize, time: Duration) -> io::Result<Outcome> {
    let mut crowd = Crowd::open(child, script, connections)?;
    let start = Instant::now();
    let warm = time.mul_f64(0.15) + Duration::from_millis(50);
    crowd.ask_all(start)?;
    crowd.run(start, warm)?;
    let (before, begun) = (child.cpu()?, Instant::now());
    crowd.count = Some(Count::default());
    crowd.run(start, warm + time)?;
    let (took, cpu) = (begun.elapsed(), child.cpu()? - before);
    let Count { messages, times } = crowd.count.take().unwrap_or_default();
    Ok(Outcome {
        rate: messages as f64 / took.as_secs_f64(),
        p50: times.quantile(0.5) / 1e3,
        p99: times.quantile(0.99) / 1e3,
        cpu: cpu.as_secs_f64() * 1e6 / messages.max(1) as f64,
    })
}

/// All connections.
struct Crowd<'a> {
    script: &'a Script,
    poller: Poller,
    talks: Vec<Talk>,
    room: Vec<u8>,
    /// From when on it counts.
    count: Option<Count>,
}

#[derive(Default)]
struct Count {
    messages: u64,
    times: Histogram,
}

impl<'a> Crowd<'a> {
    fn open(child: &Child, script: &'a Script, connections: usize) -> io::Result<Crowd<'a>> {
        let poller = Poller::new()?;
        let mut talks = Vec::with_capacity(connections);
        for id in 0..connections {
            let stream = script.open(child.address)?;
            script.prove(&stream)?;
            stream.set_nonblocking(true)?;
            poller.add(&stream, id)?;
            talks.push(Talk::new(stream));
        }
        Ok(Crowd { script, poller, talks, room: vec![0; 1 << 20], count: None })
    }

    fn ask_all(&mut self, start: Instant) -> io::Result<()> {
        let window = self.script.asked.len() / self.script.ask_len;
        for (id, talk) in self.talks.iter_mut().enumerate() {
            talk.ask(window, self.script, start);
            talk.write(self.script, &self.poller, id)?;
        }
        Ok(())
    }

    /// Until `end` after `start`.
    fn run(&mut self, start: Instant, end: Duration) -> io::Result<()> {
        let mut ready = Vec::new();
        while start.elapsed() < end {
            self.poller.wait(&mut ready, Some(Duration::from_millis(200)))?;
            for event in &ready {
                let talk = &mut self.talks[event.id];
                if event.writable {
                    talk.write(self.script, &self.poller, event.id)?;
                }
                if event.readable {
                    let answers = talk.read(self.script, &mut self.room)?;
                    if answers > 0 {
                        talk.answered(answers, start, self.count.as_mut());
                        talk.ask(answers, self.script, start);
                        talk.write(self.script, &self.poller, event.id)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// One connection.
struct Talk {
    stream: TcpStream,
    /// Bytes of the endless script that may be said, and that were.
    allowed: u64,
    written: u64,
    /// Bytes of answers.
    heard: u64,
    /// Bytes of a ping that are still to come.
    ping: usize,
    /// When how many were asked that are not answered.
    asked: VecDeque<(Duration, usize)>,
    interest: Interest,
}

impl Talk {
    fn new(stream: TcpStream) -> Talk {
        let asked = VecDeque::new();
        Talk { stream, allowed: 0, written: 0, heard: 0, ping: 0, asked, interest: Interest::Read }
    }

    fn ask(&mut self, count: usize, script: &Script, start: Instant) {
        self.allowed += (count * script.ask_len) as u64;
        self.asked.push_back((start.elapsed(), count));
    }

    fn write(&mut self, script: &Script, poller: &Poller, id: usize) -> io::Result<()> {
        while self.written < self.allowed {
            let at = (self.written % script.asked.len() as u64) as usize;
            let most = (self.allowed - self.written) as usize;
            match self.stream.write(&script.asked[at..script.asked.len().min(at + most)]) {
                Ok(n) => self.written += n as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let interest = if self.written < self.allowed { Interest::ReadAndWrite } else { Interest::Read };
        if interest != self.interest {
            self.interest = interest;
            poller.modify(&self.stream, id, interest)?;
        }
        Ok(())
    }

    /// Reads once, looks at the headers of the answers in it, and says how many were completed.
    fn read(&mut self, script: &Script, room: &mut [u8]) -> io::Result<usize> {
        let mut bytes = match self.stream.read(room) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => &room[..n],
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(0),
            Err(error) => return Err(error),
        };
        let mut within = (self.heard % script.answer_len as u64) as usize;
        let mut answers = 0;
        while !bytes.is_empty() {
            if within == 0 && self.ping == 0 && script.is_ping(bytes) {
                self.ping = PING.len();
            }
            if self.ping > 0 {
                let of_ping = self.ping.min(bytes.len());
                self.ping -= of_ping;
                bytes = &bytes[of_ping..];
                continue;
            }
            if let Some(head) = script.answer_head.get(within..) {
                let seen = head.len().min(bytes.len());
                assert_eq!(bytes[..seen], head[..seen], "the header of an answer");
            }
            let step = (script.answer_len - within).min(bytes.len());
            bytes = &bytes[step..];
            self.heard += step as u64;
            within += step;
            if within == script.answer_len {
                (within, answers) = (0, answers + 1);
            }
        }
        Ok(answers)
    }

    /// Takes the oldest questions off the list.
    fn answered(&mut self, mut answers: usize, start: Instant, mut count: Option<&mut Count>) {
        let now = start.elapsed();
        while answers > 0 {
            let (asked, waiting) = self.asked.front_mut().expect("no answer without a question");
            let n = answers.min(*waiting);
            if let Some(count) = &mut count {
                count.messages += n as u64;
                count.times.add((now - *asked).as_nanos() as u64, n as u64);
            }
            answers -= n;
            *waiting -= n;
            if *waiting == 0 {
                self.asked.pop_front();
            }
        }
    }
}
