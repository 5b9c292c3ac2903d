//! What the user of a connection can tell it to do.

use bytes::Bytes;
use sansocket_core::{Endpoint, Instant, Message, SendError};

use crate::frame::{FIN, MAX_CONTROL, MAX_HEADER, Opcode};
use crate::{CloseFrame, Closed, ControlError, Kind, Overflow, Prepared, StreamError, mask};

use super::send::{self, Content, Shortcut};
use super::{Phase, WebSocket};

/// Commands. All of them queue, none of them blocks; what is queued leaves by
/// [`poll_transmit`](sansocket_core::Machine::poll_transmit).
impl WebSocket {
    /// Queues a whole message. A large payload is queued by reference; what of it a client may not mask in place, for
    /// somebody else holds it too, it masks as it leaves.
    ///
    /// # Errors
    /// [`SendError`] hands the message back: `Blocked` from [`Options::high_water`](crate::Options::high_water) on,
    /// `Closed` after the close frame, `Unfinished` between [`begin`](WebSocket::begin) and
    /// [`finish`](WebSocket::finish).
    #[inline(always)]
    pub fn send(&mut self, message: Message) -> Result<(), SendError<Message>> {
        let opcode = if message.is_text() { Opcode::Text } else { Opcode::Binary };
        if message.as_bytes().len() >= send::GATHER {
            if self.shortcut != Shortcut::Plain || !self.has_room() {
                return self.queue_shared(opcode, message);
            }
            self.gather(opcode, message.into_bytes());
            return Ok(());
        }
        self.queue(opcode, message.as_bytes()).map_err(|error| error.map(|()| message))
    }

    /// As [`send`](WebSocket::send), for a message that the caller keeps, to send it again: a large one is queued by
    /// reference all the same.
    ///
    /// # Errors
    /// As [`send`](WebSocket::send).
    #[inline(always)]
    pub fn send_shared(&mut self, message: &Message) -> Result<(), SendError<()>> {
        let opcode = if message.is_text() { Opcode::Text } else { Opcode::Binary };
        if message.as_bytes().len() >= send::GATHER {
            if self.shortcut != Shortcut::Plain {
                return self.queue_kept(opcode, message);
            }
            send::room(&self.out, self.high_water as usize, ())?;
            self.gather(opcode, message.share());
            return Ok(());
        }
        self.queue(opcode, message.as_bytes())
    }

    /// Queues a copy of `text` as a whole message.
    ///
    /// # Errors
    /// As [`send`](WebSocket::send).
    #[inline]
    pub fn send_text(&mut self, text: &str) -> Result<(), SendError<()>> {
        self.queue(Opcode::Text, text.as_bytes())
    }

    /// Queues a copy of `bytes` as a whole message.
    ///
    /// # Errors
    /// As [`send`](WebSocket::send).
    #[inline]
    pub fn send_binary(&mut self, bytes: &[u8]) -> Result<(), SendError<()>> {
        self.queue(Opcode::Binary, bytes)
    }

    /// Queues a message that was encoded once for many connections. It passes
    /// [`Options::high_water`](crate::Options::high_water); at [`Options::hard_cap`](crate::Options::hard_cap) the
    /// [policy](crate::Options::overflow) decides, which is no error: one slow peer does not stop a broadcast.
    ///
    /// # Errors
    /// `Closed` and `Unfinished`, as [`send`](WebSocket::send).
    pub fn send_prepared(&mut self, message: &Prepared, now: Instant) -> Result<(), SendError<()>> {
        match self.admit(()) {
            Ok(()) | Err(SendError::Blocked(())) => {}
            Err(error) => return Err(error),
        }
        if self.makes_room(message.frame().len(), now) {
            self.queue_prepared(message);
        }
        Ok(())
    }

    /// Begins a message that is sent in pieces: call [`append`](WebSocket::append) as often as you like, then
    /// [`finish`](WebSocket::finish). Until then no other message can be sent; pings and pongs can.
    ///
    /// # Errors
    /// [`StreamError::Unfinished`] and [`StreamError::Closed`].
    pub fn begin(&mut self, kind: Kind) -> Result<(), StreamError> {
        if self.phase != Phase::Open {
            return Err(StreamError::Closed);
        }
        self.cold.sending.begin(kind)?;
        self.shortcut = Shortcut::None;
        Ok(())
    }

    /// Queues the next piece, which the peer may see before the message ends. Text may be cut anywhere.
    ///
    /// # Errors
    /// [`StreamError`]; the piece was not queued, then.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        if self.phase != Phase::Open {
            return Err(StreamError::Closed);
        }
        send::room(&self.out, self.high_water as usize, ()).map_err(|_| StreamError::Blocked)?;
        let cold = &mut *self.cold;
        cold.sending.append(&mut self.out, &mut cold.counters, bytes)
    }

    /// Ends the message in pieces.
    ///
    /// # Errors
    /// [`StreamError::NotBegun`], [`StreamError::Closed`], and [`StreamError::NotUtf8`] if a character is cut: append
    /// its rest, then.
    pub fn finish(&mut self) -> Result<(), StreamError> {
        if self.phase != Phase::Open {
            return Err(StreamError::Closed);
        }
        let cold = &mut *self.cold;
        cold.sending.finish(&mut self.out, &mut cold.counters)?;
        self.shortcut = cold.sending.shortcut();
        Ok(())
    }

    /// Queues a ping, at most 125 bytes, which overtakes messages that were not begun to be written. The answer comes
    /// as [`Event::Pong`](crate::Event::Pong).
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), ControlError> {
        self.queue_control(Opcode::Ping, payload)
    }

    /// Queues a pong that nobody asked for (RFC 6455 §5.5.3: "a unidirectional heartbeat"). Pings are answered without
    /// it.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn pong(&mut self, payload: &[u8]) -> Result<(), ControlError> {
        self.queue_control(Opcode::Pong, payload)
    }

    /// Begins the closing handshake (RFC 6455 §7.1.2): the close frame goes out behind everything queued before.
    /// Messages of the peer still arrive until it answers, or [`close_timeout`](crate::Options::close_timeout) has
    /// passed; then comes [`Event::Closed`](crate::Event::Closed). A second call is a no-op.
    ///
    /// The codes 1005 and 1006, which never stand on the wire, send a close frame without a code.
    pub fn close(&mut self, frame: CloseFrame, now: Instant) {
        self.queue_close(&frame, now);
    }
}

impl WebSocket {
    #[inline(always)]
    fn admit<T>(&self, item: T) -> Result<T, SendError<T>> {
        if self.phase != Phase::Open {
            return Err(SendError::Closed(item));
        }
        if self.cold.sending.is_streaming() {
            return Err(SendError::Unfinished(item));
        }
        send::room(&self.out, self.high_water as usize, item)
    }

    /// A server's large payload, by reference. Inlined down to the outbox: each copy of a `Bytes` that was just written
    /// waits for that to be done.
    #[inline(always)]
    fn gather(&mut self, opcode: Opcode, payload: Bytes) {
        let len = payload.len();
        let wire = send::append_shared(&mut self.out, FIN | opcode as u8, payload, None);
        self.cold.counters.sent.count(len, wire);
    }

    #[inline(always)]
    fn queue(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError<()>> {
        if self.shortcut == Shortcut::Plain
            && payload.len() < send::GATHER
            && self.has_room()
            && let Some(room) = self.out.room(MAX_HEADER + payload.len())
        {
            let wire = send::write_frame(room, FIN | opcode as u8, payload, None);
            self.out.appended(wire);
            self.cold.counters.sent.count(payload.len(), wire);
            return Ok(());
        }
        self.queue_masked(opcode, payload)
    }

    /// What is not a server's, plain and short: a client's, perhaps. Without a call in it this saves no registers.
    #[inline(never)]
    fn queue_masked(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError<()>> {
        if payload.len() > mask::LEAF {
            return self.queue_masked_longer(opcode, payload);
        }
        match self.mask_at_once(opcode, payload) {
            Some(()) => Ok(()),
            None => self.queue_copy(opcode, payload),
        }
    }

    #[inline(never)]
    fn queue_masked_longer(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError<()>> {
        if payload.len() < send::GATHER && self.mask_at_once(opcode, payload).is_some() {
            return Ok(());
        }
        self.queue_copy(opcode, payload)
    }

    /// A client's message, masked into the outbox, if nothing has to be got first: no memory, and no keys.
    #[inline(always)]
    fn mask_at_once(&mut self, opcode: Opcode, payload: &[u8]) -> Option<()> {
        if self.shortcut != Shortcut::Masked || !self.has_room() {
            return None;
        }
        let room = self.out.room(MAX_HEADER + payload.len())?;
        let cold = &mut *self.cold;
        let key = cold.sending.keys.as_mut()?.ready()?;
        let wire = send::write_frame(room, FIN | opcode as u8, payload, Some(key));
        self.out.appended(wire);
        cold.counters.sent.count(payload.len(), wire);
        Some(())
    }

    /// What has no short way.
    #[inline(never)]
    fn queue_copy(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError<()>> {
        self.admit(())?;
        let cold = &mut *self.cold;
        cold.sending.message(&mut self.out, &mut cold.counters, opcode, Content::Lent(payload));
        Ok(())
    }

    #[inline(never)]
    fn queue_shared(&mut self, opcode: Opcode, message: Message) -> Result<(), SendError<Message>> {
        let content = Content::Shared(self.admit(message)?.into_bytes());
        let cold = &mut *self.cold;
        cold.sending.message(&mut self.out, &mut cold.counters, opcode, content);
        Ok(())
    }

    #[inline(never)]
    fn queue_kept(&mut self, opcode: Opcode, message: &Message) -> Result<(), SendError<()>> {
        if message.as_bytes().len() <= send::BESIDE {
            return self.queue_copy(opcode, message.as_bytes());
        }
        self.admit(())?;
        let cold = &mut *self.cold;
        cold.sending.message(&mut self.out, &mut cold.counters, opcode, Content::Shared(message.share()));
        Ok(())
    }

    fn queue_control(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), ControlError> {
        if payload.len() > MAX_CONTROL {
            return Err(ControlError::TooLong);
        }
        if self.phase != Phase::Open {
            return Err(ControlError::Closed);
        }
        let cold = &mut *self.cold;
        let frame = cold.sending.control(opcode, payload);
        if !cold.sending.controls.has_room(frame.as_bytes().len(), &self.out) {
            return Err(ControlError::Blocked);
        }
        cold.counters.sent.wire += frame.as_bytes().len() as u64;
        cold.sending.controls.push(frame.as_bytes());
        Ok(())
    }

    /// Makes room for `more` bytes under the hard cap, as the policy says; `false`: the message is not to be queued.
    fn makes_room(&mut self, more: usize, now: Instant) -> bool {
        let hard_cap = self.cold.rules.options.hard_cap;
        let fits = |len: usize| len == 0 || len + more <= hard_cap;
        match self.cold.rules.options.overflow {
            _ if fits(self.out.len()) => return true,
            Overflow::Close => {
                self.cold.ends(Closed::Overflow);
                self.queue_close(&crate::CloseCode::POLICY_VIOLATION.into(), now);
                return false;
            }
            Overflow::DropNewest => {}
            Overflow::DropOldest => {
                while !fits(self.out.len()) && self.out.drop_oldest().is_some() {
                    self.cold.rare().dropped += 1;
                }
            }
        }
        let fits = fits(self.out.len());
        if !fits {
            self.cold.rare().dropped += 1;
        }
        fits
    }

    fn queue_prepared(&mut self, message: &Prepared) {
        let cold = &mut *self.cold;
        #[cfg(feature = "deflate")]
        let deflated =
            cold.sending.deflating.as_ref().and_then(|deflating| message.deflated(&deflating.agreed));
        #[cfg(not(feature = "deflate"))]
        let deflated: Option<(&Bytes, &Bytes)> = None;
        cold.counters.sent.messages += 1;
        cold.counters.sent.payload += message.payload().len() as u64;
        if cold.sending.keys.is_some() {
            let (rsv, payload) =
                deflated.map_or((0, message.payload()), |(payload, _)| (crate::frame::RSV1, payload));
            let (first, content) = (rsv | message.opcode() as u8, Content::Shared(payload.clone()));
            return cold.sending.frames(&mut self.out, &mut cold.counters, first, content);
        }
        let frame = deflated.map_or(message.frame(), |(_, frame)| frame);
        cold.counters.sent.wire += frame.len() as u64;
        // What may be dropped later has to stand by itself; otherwise a small copy is cheaper than a reference.
        if frame.len() < SMALL && cold.rules.options.overflow != Overflow::DropOldest {
            self.out.extend(frame);
        } else {
            self.out.share_item(frame.clone());
        }
    }
}

/// Prepared frames smaller than this are copied.
const SMALL: usize = 512;
