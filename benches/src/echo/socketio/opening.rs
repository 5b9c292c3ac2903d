//! How many come a second: a connection, a WebSocket, a session, a socket in the main namespace, and the next.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use super::{PART, SECTION};
use crate::arguments::Pace;
use crate::codec::opening::KEY;
use crate::echo::broadcast::{self, Outcome};
use crate::echo::child::{Child, Duty};
use crate::echo::poller::Poller;
use crate::echo::script::{CONNECT, SOCKET_IO, say};
use crate::echo::servers::Server;
use crate::echo::turn;
use crate::report::{self, Record, digits};

/// What filters look at.
pub(super) const ROW: &str = "sockets opened";
/// So many are on their way in at a time.
const COMING: usize = 32;

pub(super) fn run(servers: &[&'static Server], pace: Pace) -> io::Result<Vec<Record>> {
    let (rounds, time) = match pace {
        Pace::Full => (5, Duration::from_millis(500)),
        Pace::Quick => (1, Duration::from_millis(300)),
    };
    println!("\n### Sockets opened, {COMING} at a time\n");
    println!("{}", report::head(&["", "sockets/s", "CPU µs", "÷ best other"]));
    let mut turns: Vec<Vec<_>> = servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (server, turns) in servers.iter().zip(&mut turns) {
            turns.push(turn(pace, server, Duty::Echo, |child| measure(child, time))?);
        }
    }
    let record = |(server, turns): (&&'static Server, _)| {
        broadcast::record(Record::new(PART, SECTION, ROW.into(), server.name, 0.0), turns)
    };
    let records: Vec<_> = servers.iter().zip(turns).map(record).collect();
    let others = records.iter().filter(|record| record.is_other()).map(|record| record.value);
    let best = others.max_by(f64::total_cmp);
    for record in &records {
        let cpu = record.detail("cpu_us").map_or("–".into(), digits);
        let ratio = best.map_or("–".into(), |best| digits(record.value / best));
        println!("| {} | {} | {cpu} | {ratio} |", record.who, digits(record.value));
    }
    Ok(records)
}

fn measure(child: &Child, time: Duration) -> io::Result<Outcome> {
    let (mut poller, mut ready) = (Poller::new()?, Vec::new());
    let mut coming = Vec::new();
    for id in 0..COMING {
        coming.push(Coming::begin(child, &poller, id)?);
    }
    let mut opened = 0;
    let mut run = |time: Duration| -> io::Result<u32> {
        let begun = Instant::now();
        opened = 0;
        while begun.elapsed() < time {
            poller.wait(&mut ready, Some(Duration::from_millis(200)))?;
            for event in &ready {
                if coming[event.id].go_on()? {
                    opened += 1;
                    coming[event.id] = Coming::begin(child, &poller, event.id)?;
                }
            }
        }
        Ok(opened)
    };
    run(time / 4)?;
    let (begun, before) = (Instant::now(), child.cpu()?);
    let opened = f64::from(run(time)?);
    let cpu = (child.cpu()? - before).as_secs_f64() * 1e6 / opened;
    Ok(Outcome { rate: opened / begun.elapsed().as_secs_f64(), cpu })
}

/// Somebody on his way in. Dropped, he is gone by a reset.
struct Coming {
    stream: TcpStream,
    heard: Vec<u8>,
    /// The session is there, and the namespace was asked for.
    has_asked: bool,
}

impl Coming {
    fn begin(child: &Child, poller: &Poller, id: usize) -> io::Result<Coming> {
        let mut stream = TcpStream::connect(child.address)?;
        stream.set_nodelay(true)?;
        set_socket_linger(&stream, Some(Duration::ZERO))?;
        let request = format!(
            "GET {SOCKET_IO} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n",
            child.address
        );
        stream.write_all(request.as_bytes())?;
        stream.set_nonblocking(true)?;
        poller.add(&stream, id)?;
        Ok(Coming { stream, heard: Vec::new(), has_asked: false })
    }

    /// Reads once. Is he in?
    fn go_on(&mut self) -> io::Result<bool> {
        let mut room = [0; 4096];
        match self.stream.read(&mut room) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => self.heard.extend_from_slice(&room[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
        // Both packets are objects, with none inside. A ping may follow.
        let has_heard = |begin: &[u8]| {
            let at = self.heard.windows(begin.len()).position(|bytes| bytes == begin);
            at.is_some_and(|at| self.heard[at..].contains(&b'}'))
        };
        let (is_open, is_in) = (has_heard(b"0{\"sid\""), has_heard(b"40{\"sid\""));
        if is_open && !self.has_asked {
            self.has_asked = true;
            say(&self.stream, CONNECT)?;
        }
        Ok(is_in)
    }
}
