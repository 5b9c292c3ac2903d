//! The socket of those who need none: an endless stream in memory.

use std::hint::black_box;
use std::sync::{Arc, Mutex};

/// The most that one read gives, as a busy socket would.
pub const READ: usize = 64 * 1024;

/// Reading repeats the same bytes for ever: a read copies at most [`READ`] of them and never goes over their end. The
/// copy stands for the one that the system makes; everyone pays it. Written bytes are dropped, unless somebody records
/// them: the system would copy them from wherever they lie, for everyone alike.
///
/// (It can be sent to other threads because some peers ask for that. Nobody does it.)
#[derive(Clone, Debug)]
pub struct Wire {
    bytes: Arc<[u8]>,
    next: usize,
    record: Option<Arc<Mutex<Vec<u8>>>>,
}

impl Wire {
    /// A stream of `bytes`, over and over.
    pub fn repeating(bytes: impl Into<Arc<[u8]>>) -> Wire {
        Wire { bytes: bytes.into(), next: 0, record: None }
    }

    /// The same stream, and what will be written to it.
    pub fn recorded(self) -> (Wire, Arc<Mutex<Vec<u8>>>) {
        let record = Arc::<Mutex<Vec<u8>>>::default();
        (Wire { record: Some(record.clone()), ..self }, record)
    }

    /// How many bytes it takes until they repeat.
    pub fn period(&self) -> usize {
        self.bytes.len()
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
                record.lock().expect("one thread").extend_from_slice(slice);
            }
        }
        written
    }

    /// One read, to be copied.
    #[inline]
    pub fn next_bytes(&mut self, most: usize) -> &[u8] {
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
