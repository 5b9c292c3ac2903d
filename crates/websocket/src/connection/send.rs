//! The sending half: from messages to frames in the outbox.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use sansocket_core::{Outbox, SendError, TextCheck};

#[cfg(feature = "deflate")]
use crate::Options;
use crate::counters::Flows;
#[cfg(feature = "deflate")]
use crate::deflate::{DeflateParams, Deflater, Part};
use crate::frame::{self, FIN, MAX_CONTROL, MAX_HEADER, Opcode};
use crate::mask::{self, MaskKeys};
use crate::{CloseCode, CloseFrame, Kind, StreamError};

use super::controls::Controls;
#[cfg(feature = "deflate")]
use super::deflate_options;

/// From here on payloads are queued by reference: copying 4 KiB costs what the book-keeping does.
pub(super) const GATHER: usize = 4 * 1024;

/// What the sending half keeps beside the outbox.
pub(super) struct Sending {
    /// A client's masking keys; a server has none.
    pub(super) keys: Option<MaskKeys>,
    pub(super) controls: Controls,
    pub(super) pieces: Option<Box<Pieces>>,
    /// Frames of messages are cut to this size, unless it is [`WHOLE`].
    pub(super) fragment: u32,
    #[cfg(feature = "deflate")]
    pub(super) deflating: Option<Box<Deflating>>,
}

/// No message is cut.
pub(super) const WHOLE: u32 = u32::MAX;

#[cfg(feature = "deflate")]
pub(super) struct Deflating {
    pub(super) agreed: DeflateParams,
    deflater: Deflater,
    /// Messages smaller than this are not worth it.
    threshold: usize,
}

#[cfg(feature = "deflate")]
impl Deflating {
    pub(super) fn new(options: &Options, agreed: DeflateParams) -> Deflating {
        let threshold = options.deflate.as_ref().map_or(usize::MAX, |deflate| deflate.threshold);
        let deflater = Deflater::new(&deflate_options(options), agreed.ours);
        Deflating { agreed, deflater, threshold }
    }
}

/// What of messages was sent in pieces; mostly nothing, and no memory for it.
#[derive(Default)]
pub(super) struct Pieces {
    stream: Option<Stream>,
    /// Frames so far that were not a whole message.
    fragments: u64,
}

/// A message that is being sent in pieces.
struct Stream {
    kind: Kind,
    /// The first frame is out.
    begun: bool,
    check: TextCheck,
}

/// A payload on its way into frames.
pub(super) enum Content<'a> {
    /// To be copied.
    Lent(&'a [u8]),
    /// May be queued by reference.
    Shared(Bytes),
}

impl Content<'_> {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Content::Lent(bytes) => bytes,
            Content::Shared(bytes) => bytes,
        }
    }

    fn slice(&self, range: Range<usize>) -> Content<'_> {
        match self {
            Content::Lent(bytes) => Content::Lent(&bytes[range]),
            Content::Shared(bytes) => Content::Shared(bytes.slice(range)),
        }
    }

    fn into_shared(self) -> Bytes {
        match self {
            Content::Lent(bytes) => Bytes::copy_from_slice(bytes),
            Content::Shared(bytes) => bytes,
        }
    }
}

/// Whole messages.
impl Sending {
    /// Queues a whole message, deflated if that was agreed on and is worth it.
    pub(super) fn message(
        &mut self,
        out: &mut Outbox,
        counters: &mut Flows,
        opcode: Opcode,
        content: Content<'_>,
    ) {
        counters.sent.messages += 1;
        counters.sent.payload += content.as_bytes().len() as u64;
        #[cfg(feature = "deflate")]
        if let Some(Deflating { deflater, threshold, .. }) = self.deflating.as_deref_mut()
            && content.as_bytes().len() >= *threshold
        {
            let mut deflated = Vec::new();
            deflater.deflate(content.as_bytes(), Part::Last, &mut deflated);
            // What does not become smaller goes as it is (RFC 7692 §6.1 leaves that to us), unless the deflater counts on
            // the peer's window to hold it now.
            if deflater.keeps_window() || deflated.len() < content.as_bytes().len() {
                let content = match deflated.len() {
                    // To be copied: no book about it is needed.
                    ..GATHER => Content::Lent(&deflated),
                    _ => Content::Shared(deflated.into()),
                };
                return self.frames(out, counters, opcode.compressed(), content);
            }
        }
        self.frames(out, counters, opcode as u8, content);
    }

    /// Cuts a message into frames; `first` is the first byte of its first one, without FIN.
    pub(super) fn frames(&mut self, out: &mut Outbox, counters: &mut Flows, first: u8, content: Content<'_>) {
        let len = content.as_bytes().len();
        let most = self.fragment();
        if len <= most {
            return self.frame(out, counters, FIN | first, content);
        }
        for start in (0..len).step_by(most) {
            let end = len.min(start + most);
            // RFC 6455 §5.4: the rest are continuations; RFC 7692 §6.1: they bear no RSV1.
            let opcode = if start == 0 { first } else { Opcode::Continuation as u8 };
            let fin = if end == len { FIN } else { 0 };
            self.pieces().fragments += 1;
            self.frame(out, counters, fin | opcode, content.slice(start..end));
        }
    }

    fn frame(&mut self, out: &mut Outbox, counters: &mut Flows, first: u8, content: Content<'_>) {
        let len = content.as_bytes().len();
        let key = self.keys.as_mut().map(MaskKeys::next);
        let wire = match (key, &content) {
            (_, content) if len < GATHER => append_frame(out, first, content.as_bytes(), key),
            (Some(key), _) => large_masked(out, first, content, key),
            (None, Content::Lent(payload)) if len <= BESIDE => append_frame(out, first, payload, None),
            (None, _) => append_shared(out, first, content.into_shared(), None),
        };
        counters.sent.wire += wire as u64;
    }
}

/// Control frames.
impl Sending {
    /// Encodes a control frame.
    pub(super) fn control(&mut self, opcode: Opcode, payload: &[u8]) -> Control {
        let mut control = Control { bytes: [0; MAX_HEADER + MAX_CONTROL], len: 0 };
        let key = self.keys.as_mut().map(MaskKeys::next);
        control.len = write_frame(&mut control.bytes, FIN | opcode as u8, payload, key);
        control
    }

    /// Queues a close frame behind everything else.
    pub(super) fn close(&mut self, out: &mut Outbox, counters: &mut Flows, frame: &CloseFrame) {
        self.controls.flush_all(out);
        let mut payload = Vec::new();
        if !matches!(frame.code(), CloseCode::NO_STATUS | CloseCode::ABNORMAL) {
            // RFC 6455 §7.1.5, §7.4.1: 1005 and 1006 stand for the absence of a code.
            payload.extend(frame.code().get().to_be_bytes());
            payload.extend(frame.reason().as_bytes());
        }
        let control = self.control(Opcode::Close, &payload);
        out.extend(control.as_bytes());
        counters.sent.wire += control.as_bytes().len() as u64;
    }
}

/// A control frame on its way.
pub(super) struct Control {
    bytes: [u8; MAX_HEADER + MAX_CONTROL],
    len: usize,
}

impl Control {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// A message in pieces.
impl Sending {
    pub(super) fn begin(&mut self, kind: Kind) -> Result<(), StreamError> {
        if self.is_streaming() {
            return Err(StreamError::Unfinished);
        }
        self.pieces().stream = Some(Stream { kind, begun: false, check: TextCheck::default() });
        Ok(())
    }

    pub(super) fn append(
        &mut self,
        out: &mut Outbox,
        counters: &mut Flows,
        bytes: &[u8],
    ) -> Result<(), StreamError> {
        let stream = self.stream().ok_or(StreamError::NotBegun)?;
        if stream.kind == Kind::Text {
            stream.check.push(bytes).map_err(|_| StreamError::NotUtf8)?;
        }
        if bytes.is_empty() {
            return Ok(());
        }
        counters.sent.payload += bytes.len() as u64;
        let first = stream.next_opcode();
        #[cfg(feature = "deflate")]
        if let Some(Deflating { deflater, .. }) = self.deflating.as_deref_mut() {
            let mut deflated = Vec::new();
            deflater.deflate(bytes, Part::More, &mut deflated);
            self.piece(out, counters, first.compressed(), &deflated);
            return Ok(());
        }
        self.piece(out, counters, first as u8, bytes);
        Ok(())
    }

    pub(super) fn finish(&mut self, out: &mut Outbox, counters: &mut Flows) -> Result<(), StreamError> {
        let stream = self.stream().ok_or(StreamError::NotBegun)?;
        if !stream.check.is_whole() {
            return Err(StreamError::NotUtf8);
        }
        let first = stream.next_opcode();
        self.end_stream();
        counters.sent.messages += 1;
        self.pieces().fragments += 1;
        #[cfg(feature = "deflate")]
        if let Some(Deflating { deflater, .. }) = self.deflating.as_deref_mut() {
            let mut deflated = Vec::new();
            deflater.deflate(&[], Part::Last, &mut deflated);
            self.frame(out, counters, FIN | first.compressed(), Content::Lent(&deflated));
            return Ok(());
        }
        self.frame(out, counters, FIN | first as u8, Content::Lent(&[]));
        Ok(())
    }

    /// Is there a message that was not finished?
    pub(super) fn is_streaming(&self) -> bool {
        self.pieces.as_ref().is_some_and(|pieces| pieces.stream.is_some())
    }

    /// Nothing more comes of it.
    pub(super) fn end_stream(&mut self) {
        if let Some(pieces) = &mut self.pieces {
            pieces.stream = None;
        }
    }

    /// Frames so far that were not a whole message.
    pub(super) fn fragments(&self) -> u64 {
        self.pieces.as_ref().map_or(0, |pieces| pieces.fragments)
    }

    fn stream(&mut self) -> Option<&mut Stream> {
        self.pieces.as_mut()?.stream.as_mut()
    }

    fn pieces(&mut self) -> &mut Pieces {
        self.pieces.get_or_insert_default()
    }

    /// The most bytes of a frame.
    fn fragment(&self) -> usize {
        if self.fragment == WHOLE { usize::MAX } else { self.fragment as usize }
    }

    /// Frames a piece, in several if it is large.
    fn piece(&mut self, out: &mut Outbox, counters: &mut Flows, mut first: u8, bytes: &[u8]) {
        for part in bytes.chunks(self.fragment()) {
            self.pieces().fragments += 1;
            self.frame(out, counters, first, Content::Lent(part));
            first = Opcode::Continuation as u8;
        }
    }
}

impl Opcode {
    /// The first byte of a frame of a compressed message, without FIN: RFC 7692 §6.1 sets RSV1 on the first frame only.
    #[cfg(feature = "deflate")]
    const fn compressed(self) -> u8 {
        match self {
            Opcode::Continuation => self as u8,
            _ => frame::RSV1 | self as u8,
        }
    }
}

impl Stream {
    fn next_opcode(&mut self) -> Opcode {
        match (core::mem::replace(&mut self.begun, true), self.kind) {
            (true, _) => Opcode::Continuation,
            (false, Kind::Text) => Opcode::Text,
            (false, Kind::Binary) => Opcode::Binary,
        }
    }
}

/// Writes a frame, header and payload side by side, and answers its length; with a key it is a client's.
#[inline(always)]
pub(super) fn write_frame(to: &mut [u8], first: u8, payload: &[u8], key: Option<u32>) -> usize {
    let start = frame::write(to, first, key, payload.len() as u64);
    let to = &mut to[start..start + payload.len()];
    match key {
        Some(key) => mask::mask_into(to, payload, key),
        None => to.copy_from_slice(payload),
    }
    start + payload.len()
}

/// Queues a frame that is copied, whatever that takes, and answers its length.
fn append_frame(out: &mut Outbox, first: u8, payload: &[u8], key: Option<u32>) -> usize {
    out.append(MAX_HEADER + payload.len(), |room| write_frame(room, first, payload, key))
}

/// Queues a frame around a payload by reference, masked already if there is a key, and answers its length.
#[inline(always)]
pub(super) fn append_shared(out: &mut Outbox, first: u8, payload: Bytes, key: Option<u32>) -> usize {
    let len = payload.len();
    let header = out.append(MAX_HEADER, |room| frame::write(room, first, key, len as u64));
    out.share(payload);
    header + len
}

/// A payload that has to be copied goes into the outbox up to this size, which is what a socket takes at once.
pub(super) const BESIDE: usize = 64 * 1024;

/// Queues a large payload masked: in place if nobody else holds it, else in a copy, which is masked on the way. A very
/// large one is masked a window at a time, as it leaves.
fn large_masked(out: &mut Outbox, first: u8, content: Content<'_>, key: u32) -> usize {
    let len = content.as_bytes().len();
    if len > BESIDE {
        let header = out.append(MAX_HEADER, |room| frame::write(room, first, Some(key), len as u64));
        out.share_changed(content.into_shared(), key, mask::mask_part);
        return header + len;
    }
    let payload = match content {
        Content::Shared(bytes) => bytes.try_into_mut().map_err(Content::Shared),
        lent => Err(lent),
    };
    match payload {
        Ok(mut own) => {
            mask::mask_in_place(&mut own, key);
            append_shared(out, first, own.freeze(), Some(key))
        }
        Err(content) => append_frame(out, first, content.as_bytes(), Some(key)),
    }
}

/// The shortest way out for a whole message that may be sent now.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shortcut {
    /// A server's, without compression or fragmentation.
    Plain,
    /// A client's, likewise.
    Masked,
    /// There is none: it takes the long way, or may not be sent at all.
    None,
}

impl Sending {
    pub(super) fn shortcut(&self) -> Shortcut {
        #[cfg(feature = "deflate")]
        let deflates = self.deflating.is_some();
        #[cfg(not(feature = "deflate"))]
        let deflates = false;
        match &self.keys {
            _ if deflates || self.fragment < WHOLE || self.is_streaming() => Shortcut::None,
            None => Shortcut::Plain,
            Some(_) => Shortcut::Masked,
        }
    }
}

/// Is there room for one more message? An empty queue takes any one.
#[inline(always)]
pub(super) fn room<T>(out: &Outbox, high_water: usize, item: T) -> Result<T, SendError<T>> {
    if out.len() >= high_water { Err(SendError::Blocked(item)) } else { Ok(item) }
}
