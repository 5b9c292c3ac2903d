//! The socket of those who need none: an endless stream in memory.

use std::cell::RefCell;
use std::hint::black_box;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::BufMut;
use sansocket_core::Decoded;
use sansocket_websocket::frame::{self, Opcode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::payload::Random;
pub use sansocket_websocket::frame::Header;

/// The most that one read gives, as a busy socket would.
const READ: usize = 64 * 1024;

/// Reading repeats the same bytes for ever: a read copies at most 64 KiB of them and never goes over their end. The
/// copy stands for the one that the system makes; everyone pays it. Written bytes are dropped, unless somebody records
/// them.
#[derive(Clone)]
pub struct Wire {
    bytes: Rc<[u8]>,
    next: usize,
    record: Option<Rc<RefCell<Vec<u8>>>>,
}

impl Wire {
    /// A stream of `bytes`, over and over.
    pub fn repeating(bytes: impl Into<Rc<[u8]>>) -> Wire {
        Wire { bytes: bytes.into(), next: 0, record: None }
    }

    /// The same stream, and what will be written to it.
    pub fn recorded(self) -> (Wire, Rc<RefCell<Vec<u8>>>) {
        let record = Rc::<RefCell<Vec<u8>>>::default();
        (Wire { record: Some(record.clone()), ..self }, record)
    }

    /// One read.
    #[inline]
    pub fn read_into(&mut self, room: &mut [u8]) -> usize {
        let bytes = self.next_bytes(room.len());
        room[..bytes.len()].copy_from_slice(bytes);
        bytes.len()
    }

    /// One vectored write.
    #[inline]
    pub fn write_all<'a>(&mut self, slices: impl IntoIterator<Item = &'a [u8]>) -> usize {
        let mut written = 0;
        for slice in slices {
            written += slice.len();
            black_box(slice.as_ptr());
            if let Some(record) = &self.record {
                record.borrow_mut().extend_from_slice(slice);
            }
        }
        written
    }

    #[inline]
    fn next_bytes(&mut self, most: usize) -> &[u8] {
        let start = self.next;
        let n = most.min(READ).min(self.bytes.len() - start);
        self.next = if start + n == self.bytes.len() { 0 } else { start + n };
        &self.bytes[start..start + n]
    }
}

impl Default for Wire {
    /// A stream that is only written to.
    fn default() -> Wire {
        Wire::repeating([])
    }
}

impl Read for Wire {
    #[inline]
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_into(room))
    }
}

impl Write for Wire {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.write_all([bytes]))
    }

    #[inline]
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(self.write_all(slices.iter().map(|slice| &**slice)))
    }

    #[inline]
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Wire {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        room.put_slice(self.next_bytes(room.remaining()));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    #[inline]
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(bytes))
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Polls a future that never waits, for a [`Wire`] is always ready.
#[inline]
pub fn now<F: Future>(future: F) -> F::Output {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future over memory waited"),
    }
}

/// Appends a frame; with `keys` a client's, masked with the next one.
pub fn put_frame(wire: &mut Vec<u8>, mut header: Header, keys: Option<&mut Random>, payload: &[u8]) {
    header.len = payload.len() as u64;
    header.mask = keys.map(|keys| keys.draw().to_le_bytes());
    frame::encode(&header, wire);
    match header.mask {
        Some(key) => wire.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key)),
        None => wire.put_slice(payload),
    }
}

/// A frame that was written.
#[derive(Debug)]
pub struct Frame {
    /// Its header.
    pub header: Header,
    /// Its payload, unmasked.
    pub payload: Vec<u8>,
}

/// Takes written frames apart, naively.
pub fn frames(mut wire: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !wire.is_empty() {
        let Ok(Decoded::Complete { value: header, len }) = frame::decode(wire) else {
            panic!("frame {} has no proper header", frames.len())
        };
        let (payload, rest) = wire[len..].split_at(header.len as usize);
        let key = header.mask.unwrap_or_default();
        let payload = payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        frames.push(Frame { header, payload });
        wire = rest;
    }
    frames
}

/// A header that [`put_frame`] completes.
pub fn header(opcode: Opcode) -> Header {
    Header { fin: true, rsv: 0, opcode, mask: None, len: 0 }
}
