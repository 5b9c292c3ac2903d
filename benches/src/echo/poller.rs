//! epoll, as the load and the barest servers use it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

/// What sockets are watched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interest {
    /// Input.
    Read,
    /// Input, and room for output.
    ReadAndWrite,
}

/// A socket that has something to do.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// Which.
    pub id: usize,
    /// It takes output.
    pub writable: bool,
    /// It has input, or has ended.
    pub readable: bool,
}

/// Watches sockets.
pub struct Poller {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
}

impl Poller {
    /// One that watches none.
    pub fn new() -> io::Result<Poller> {
        Ok(Poller { epoll: epoll::create(CreateFlags::CLOEXEC)?, events: Vec::with_capacity(1024) })
    }

    /// Watches a socket for input.
    pub fn add(&self, source: impl AsFd, id: usize) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, source, EventData::new_u64(id as u64), Interest::Read.flags())?)
    }

    /// Watches it for something else.
    pub fn modify(&self, source: impl AsFd, id: usize, interest: Interest) -> io::Result<()> {
        Ok(epoll::modify(&self.epoll, source, EventData::new_u64(id as u64), interest.flags())?)
    }

    /// Waits until something is to be done, and puts it into `ready`.
    pub fn wait(&mut self, ready: &mut Vec<Ready>, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(|time| time.try_into().expect("a short time"));
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        ready.clear();
        ready.extend(self.events.drain(..).map(|event| {
            let flags = event.flags; // the struct is packed
            Ready {
                id: event.data.u64() as usize,
                writable: flags.contains(EventFlags::OUT),
                readable: flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR),
            }
        }));
        Ok(())
    }
}

impl Interest {
    fn flags(self) -> EventFlags {
        match self {
            Interest::Read => EventFlags::IN,
            Interest::ReadAndWrite => EventFlags::IN | EventFlags::OUT,
        }
    }
}
