//! Limits: bare epoll, one thread, one room to read into, a read and a write for each time a socket is ready. The ideal
//! one parses frames strictly and turns them into answers where they lie; a broadcast is encoded once. Written to show
//! what is possible, not to be used.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::codec::frames::Key;
use crate::codec::opening::answer;
use crate::echo::poller::{Interest, Poller, Ready};

pub(super) fn raw(listener: TcpListener) {
    serve(listener, Mode::Raw).expect("a listener");
}

pub(super) fn ideal(listener: TcpListener) {
    serve(listener, Mode::Echo).expect("a listener");
}

pub(super) fn to_all(listener: TcpListener) {
    serve(listener, Mode::Broadcast).expect("a listener");
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Raw,
    Echo,
    Broadcast,
}

/// What is read at once; a longer frame has room of its own.
const ROOM: usize = 256 * 1024;
/// Rooms of long frames that are kept: new ones cost a page fault every 4 KiB.
const SPARE: usize = 8;
/// Longer frames are refused.
const LONGEST: usize = 64 << 20;
/// The listener, among the ids of connections.
const LISTENER: usize = usize::MAX;

struct Connection {
    id: usize,
    stream: TcpStream,
    is_open: bool,
    /// Input that ends in no whole frame.
    rest: Vec<u8>,
    /// Or room for a long one, and how much of it has come.
    long: Option<(Vec<u8>, usize)>,
    /// Output that the socket did not take, from `out_start` on.
    out: Vec<u8>,
    out_start: usize,
}

struct Server {
    mode: Mode,
    poller: Poller,
    /// Ids are not given twice.
    connections: Vec<Option<Connection>>,
    spare: Vec<Vec<u8>>,
}

fn serve(listener: TcpListener, mode: Mode) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut server = Server { mode, poller: Poller::new()?, connections: Vec::new(), spare: Vec::new() };
    server.poller.add(&listener, LISTENER)?;
    let (mut ready, mut room) = (Vec::new(), vec![0; ROOM]);
    loop {
        server.poller.wait(&mut ready, None)?;
        for event in &ready {
            if event.id == LISTENER {
                while let Ok((stream, _)) = listener.accept() {
                    server.accept(stream)?;
                }
                continue;
            }
            if server.go_on(event, &mut room).is_err() {
                server.connections[event.id] = None;
            }
        }
    }
}

impl Server {
    fn accept(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let (id, is_open) = (self.connections.len(), self.mode == Mode::Raw);
        self.poller.add(&stream, id)?;
        let (rest, out) = (Vec::new(), Vec::new());
        self.connections.push(Some(Connection { id, stream, is_open, rest, long: None, out, out_start: 0 }));
        Ok(())
    }

    fn go_on(&mut self, event: &Ready, room: &mut [u8]) -> io::Result<()> {
        if event.writable {
            self.flush(event.id)?;
        }
        if event.readable {
            self.read(event.id, room)?;
        }
        Ok(())
    }

    fn flush(&mut self, id: usize) -> io::Result<()> {
        let Some(connection) = &mut self.connections[id] else { return Ok(()) };
        connection.out_start += taken(connection.stream.write(&connection.out[connection.out_start..]))?;
        if connection.out_start == connection.out.len() {
            let out = std::mem::take(&mut connection.out);
            connection.out_start = 0;
            self.poller.modify(&connection.stream, id, Interest::Read)?;
            self.keep(out);
        }
        Ok(())
    }

    fn read(&mut self, id: usize, room: &mut [u8]) -> io::Result<()> {
        let Some(connection) = &mut self.connections[id] else { return Ok(()) };
        if let Some((mut long, filled)) = connection.long.take() {
            let filled = filled + connection.read(&mut long[filled..])?;
            if filled < long.len() {
                connection.long = Some((long, filled));
                return Ok(());
            }
            let turned = turn_all(&mut long)?;
            connection.write_long(&self.poller, &mut long, turned)?;
            self.keep(long);
            return Ok(());
        }
        let before = connection.rest.len();
        room[..before].copy_from_slice(&connection.rest);
        let end = before + connection.read(&mut room[before..])?;
        let bytes = &mut room[..end];
        if self.mode == Mode::Raw {
            return connection.write(&self.poller, bytes);
        }
        if !connection.is_open {
            connection.is_open = bytes.ends_with(b"\r\n\r\n");
            connection.rest = if connection.is_open { Vec::new() } else { bytes.to_vec() };
            let said = if connection.is_open { answer() } else { String::new() };
            return connection.write(&self.poller, said.as_bytes());
        }
        let read = match self.mode {
            Mode::Broadcast => self.broadcast(bytes)?,
            Mode::Echo | Mode::Raw => {
                let turned = turn_all(bytes)?;
                connection.write(&self.poller, &bytes[turned.start..turned.end])?;
                turned.read
            }
        };
        self.keep_rest(id, &bytes[read..])
    }

    /// Says every whole message to all, and gives what of `bytes` it has used.
    fn broadcast(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        while let Some(frame) = Frame::parse(&bytes[read..])? {
            let from = read + frame.header + 4;
            turn(bytes, &frame, read, from)?;
            read = from + frame.len;
            let message = &bytes[from - frame.header..read];
            for connection in self.connections.iter_mut().flatten().filter(|connection| connection.is_open) {
                connection.write(&self.poller, message)?;
            }
        }
        Ok(read)
    }

    /// Keeps the beginning of a frame, a long one with room for all of it.
    fn keep_rest(&mut self, id: usize, rest: &[u8]) -> io::Result<()> {
        let Some(connection) = &mut self.connections[id] else { return Ok(()) };
        let needed = Frame::read_header(rest)?.map_or(0, |frame| frame.header + 4 + frame.len);
        if needed > ROOM {
            let mut long = self.spare.pop().unwrap_or_default();
            long.resize(needed, 0);
            long[..rest.len()].copy_from_slice(rest);
            connection.long = Some((long, rest.len()));
        }
        if needed > ROOM || rest.is_empty() {
            connection.rest = Vec::new();
        } else {
            connection.rest = rest.to_vec();
        }
        Ok(())
    }

    fn keep(&mut self, room: Vec<u8>) {
        if room.capacity() > ROOM && self.spare.len() < SPARE {
            self.spare.push(room);
        }
    }
}

impl Connection {
    /// Reads at least a byte, if the socket has one.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.stream.read(room) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            read => read,
        }
    }

    /// Writes what waits, and then `bytes`; or lets them wait.
    fn write(&mut self, poller: &Poller, bytes: &[u8]) -> io::Result<()> {
        let taken =
            if self.out.is_empty() && !bytes.is_empty() { taken(self.stream.write(bytes))? } else { 0 };
        if taken < bytes.len() {
            if self.out.is_empty() {
                poller.modify(&self.stream, self.id, Interest::ReadAndWrite)?;
            }
            self.out.extend_from_slice(&bytes[taken..]);
        }
        Ok(())
    }

    /// Writes an answer from where it lies; what the socket does not take waits there.
    fn write_long(&mut self, poller: &Poller, room: &mut Vec<u8>, turned: Turned) -> io::Result<()> {
        if !self.out.is_empty() {
            return self.write(poller, &room[turned.start..turned.end]);
        }
        let taken = taken(self.stream.write(&room[turned.start..turned.end]))?;
        if turned.start + taken < turned.end {
            room.truncate(turned.end);
            self.out = std::mem::take(room);
            self.out_start = turned.start + taken;
            poller.modify(&self.stream, self.id, Interest::ReadAndWrite)?;
        }
        Ok(())
    }
}

fn taken(written: io::Result<usize>) -> io::Result<usize> {
    match written {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        written => written,
    }
}

/// A header, without the key in `header`.
struct Frame {
    header: usize,
    key: Key,
    len: usize,
}

impl Frame {
    /// A whole frame at the beginning of `bytes`.
    fn parse(bytes: &[u8]) -> io::Result<Option<Frame>> {
        let frame = Frame::read_header(bytes)?;
        Ok(frame.filter(|frame| frame.header + 4 + frame.len <= bytes.len()))
    }

    fn read_header(bytes: &[u8]) -> io::Result<Option<Frame>> {
        let [head, length, rest @ ..] = bytes else { return Ok(None) };
        // Whole masked messages only: that is what the load sends.
        if !matches!(head, 0x81 | 0x82) || length & 0x80 == 0 {
            return Err(ErrorKind::InvalidData.into());
        }
        let (header, len) = match length & 0x7f {
            126 => (4, rest.first_chunk().map(|n| u64::from(u16::from_be_bytes(*n)))),
            127 => (10, rest.first_chunk().map(|n| u64::from_be_bytes(*n))),
            n => (2, Some(u64::from(n))),
        };
        let Some(len) = len else { return Ok(None) };
        if len > LONGEST as u64 {
            return Err(ErrorKind::InvalidData.into());
        }
        let key = bytes.get(header..).and_then(|rest| rest.first_chunk()).copied();
        Ok(key.map(|key| Frame { header, key, len: len as usize }))
    }
}

/// Answers, and how much input they answer.
struct Turned {
    start: usize,
    end: usize,
    read: usize,
}

/// Turns all whole frames into answers side by side. The first stays where it is: one alone is never moved.
fn turn_all(bytes: &mut [u8]) -> io::Result<Turned> {
    let mut turned = Turned { start: 0, end: 0, read: 0 };
    while let Some(frame) = Frame::parse(&bytes[turned.read..])? {
        let from = turned.read + frame.header + 4;
        if turned.end == 0 {
            (turned.start, turned.end) = (4, 4);
        }
        let to = turned.end + frame.header;
        turn(bytes, &frame, turned.read, to)?;
        turned.end = to + frame.len;
        turned.read = from + frame.len;
    }
    Ok(turned)
}

/// Turns the frame at `at` into an answer whose payload lies at `to`.
fn turn(bytes: &mut [u8], frame: &Frame, at: usize, to: usize) -> io::Result<()> {
    bytes.copy_within(at..at + frame.header, to - frame.header);
    let answer_head = to - frame.header;
    bytes[answer_head + 1] &= 0x7f;
    unmask(bytes, at + frame.header + 4, to, frame);
    let is_text = bytes[answer_head] == 0x81;
    if is_text && std::str::from_utf8(&bytes[to..to + frame.len]).is_err() {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok(())
}

/// Unmasks a payload on its way from `from` to `to`, which does not lie behind it.
fn unmask(bytes: &mut [u8], mut from: usize, mut to: usize, frame: &Frame) {
    let keys: [u8; 64] = std::array::from_fn(|i| frame.key[i % 4]);
    let mut left = frame.len;
    while let (64.., Some(block)) = (left, bytes[from..].first_chunk::<64>()) {
        let block: [u8; 64] = std::array::from_fn(|i| block[i] ^ keys[i]);
        bytes[to..to + 64].copy_from_slice(&block);
        (from, to, left) = (from + 64, to + 64, left - 64);
    }
    while let (8.., Some(block)) = (left, bytes[from..].first_chunk::<8>()) {
        let block: [u8; 8] = std::array::from_fn(|i| block[i] ^ keys[i]);
        bytes[to..to + 8].copy_from_slice(&block);
        (from, to, left) = (from + 8, to + 8, left - 8);
    }
    for i in 0..left {
        bytes[to + i] = bytes[from + i] ^ keys[i];
    }
}
