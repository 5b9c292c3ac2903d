//! Where received bytes come from.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// The most that one read gives, as a busy socket would.
pub const READ: usize = 64 * 1024;

/// An endless stream: a file, over and over. The system copies out of it, and callgrind counts nothing of what the system
/// does: what is left is ours.
pub struct Source {
    file: File,
    len: u64,
    next: u64,
}

impl Source {
    /// A stream of `bytes`, over and over.
    pub fn repeating(bytes: &[u8]) -> Source {
        let path = std::env::temp_dir().join(format!("sansocket-counts-{}", std::process::id()));
        fs::write(&path, bytes).expect("a temporary file can be written");
        let file = File::open(&path).expect("it was just written");
        fs::remove_file(&path).expect("it is ours");
        Source { file, len: bytes.len() as u64, next: 0 }
    }

    /// One read; it never goes over the end.
    pub fn read(&mut self, room: &mut [u8]) -> usize {
        let most = room.len().min(READ);
        let n = self.file.read_at(&mut room[..most], self.next).expect("a file can be read");
        self.next = (self.next + n as u64) % self.len;
        n
    }
}
