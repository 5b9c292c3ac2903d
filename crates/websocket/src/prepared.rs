//! Messages that are encoded once and sent to many.

use alloc::sync::Arc;

use bytes::Bytes;
use sansocket_core::Message;

#[cfg(feature = "deflate")]
use crate::deflate::{self, DeflateParams, WindowBits};
use crate::frame::{self, Opcode};
use crate::{Kind, Options};

/// A message that was encoded once, to be sent to many connections by reference count:
/// [`WebSocket::send_prepared`](crate::WebSocket::send_prepared).
///
/// If the options it is prepared for have permessage-deflate, it is deflated once too, and every connection takes the
/// form that fits what it negotiated. A client has to mask, and so encodes it anew.
#[derive(Clone, Debug)]
pub struct Prepared(Arc<Forms>);

#[derive(Debug)]
struct Forms {
    kind: Kind,
    payload: Bytes,
    /// A server's frame around `payload`.
    frame: Bytes,
    #[cfg(feature = "deflate")]
    deflated: Option<Deflated>,
}

#[cfg(feature = "deflate")]
#[derive(Debug)]
struct Deflated {
    window: WindowBits,
    payload: Bytes,
    frame: Bytes,
}

impl Prepared {
    /// Encodes `message` for connections with these options.
    pub fn new(message: impl Into<Message>, options: &Options) -> Prepared {
        let message = message.into();
        let kind = if message.is_text() { Kind::Text } else { Kind::Binary };
        let payload = message.into_bytes();
        let frame = frame::plain(kind.opcode() as u8, &payload);
        #[cfg(feature = "deflate")]
        let deflated = options.deflate.as_ref().and_then(|deflate| {
            let deflated = (payload.len() >= deflate.threshold)
                .then(|| Bytes::from(deflate::compress(deflate, deflate.our_window, &payload)))
                .filter(|deflated| deflated.len() < payload.len())?;
            let frame = frame::plain(frame::RSV1 | kind.opcode() as u8, &deflated);
            Some(Deflated { window: deflate.our_window, payload: deflated, frame })
        });
        #[cfg(not(feature = "deflate"))]
        let _ = options;
        Prepared(Arc::new(Forms {
            kind,
            payload,
            frame,
            #[cfg(feature = "deflate")]
            deflated,
        }))
    }

    /// Text or binary.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The payload, not deflated.
    pub fn payload(&self) -> &Bytes {
        &self.0.payload
    }

    pub(crate) fn opcode(&self) -> Opcode {
        self.0.kind.opcode()
    }

    pub(crate) fn frame(&self) -> &Bytes {
        &self.0.frame
    }

    /// Payload and server's frame, deflated, if the connection can take that.
    #[cfg(feature = "deflate")]
    pub(crate) fn deflated(&self, agreed: &DeflateParams) -> Option<(&Bytes, &Bytes)> {
        let deflated = self.0.deflated.as_ref()?;
        deflate::takes_prepared(agreed, deflated.window).then_some((&deflated.payload, &deflated.frame))
    }
}
