//! A body that is gathered.

use alloc::vec::Vec;

use bytes::Bytes;

/// A body, from its first byte to its last; of one that is larger than it may be, nothing.
#[derive(Debug)]
pub(super) struct Body {
    bytes: Vec<u8>,
    most: usize,
    pub(super) stage: Stage,
}

/// How far a body has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    Coming,
    Whole,
    TooLarge,
}

impl Body {
    /// Of `most` bytes at most.
    pub(super) fn new(most: usize) -> Body {
        Body { bytes: Vec::new(), most, stage: Stage::Coming }
    }

    /// So many bytes are announced. No memory is taken for that: announcing costs nothing.
    pub(super) fn expect(&mut self, length: u64) {
        if length > self.most as u64 {
            self.stage = Stage::TooLarge;
        }
    }

    pub(super) fn add(&mut self, piece: &[u8]) {
        if self.stage != Stage::Coming {
            return;
        }
        let length = self.bytes.len() + piece.len();
        if length > self.most {
            (self.bytes, self.stage) = (Vec::new(), Stage::TooLarge);
            return;
        }
        if length > self.bytes.capacity() {
            // Twice as much, as a vector does by itself, but never more than is allowed.
            let room = (2 * self.bytes.capacity()).clamp(length, self.most);
            self.bytes.reserve_exact(room - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
    }

    /// No more of it comes.
    pub(super) fn end(&mut self) {
        if self.stage == Stage::Coming {
            self.stage = Stage::Whole;
        }
    }

    pub(super) fn take(&mut self) -> Bytes {
        Bytes::from(core::mem::take(&mut self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_its_limit_and_not_beyond() {
        let mut body = Body::new(100);
        for _ in 0..10 {
            body.add(&[7; 10]);
            assert!(body.bytes.capacity() <= 100);
        }
        assert_eq!((body.stage, body.bytes.len()), (Stage::Coming, 100));
        body.add(&[7]);
        assert_eq!((body.stage, body.bytes.capacity()), (Stage::TooLarge, 0));
        body.end();
        assert_eq!((body.stage, body.take().len()), (Stage::TooLarge, 0));
    }

    #[test]
    fn announcing_costs_nothing() {
        let mut body = Body::new(100);
        body.expect(100);
        assert_eq!((body.stage, body.bytes.capacity()), (Stage::Coming, 0));
        body.expect(u64::MAX);
        assert_eq!(body.stage, Stage::TooLarge);
    }
}
