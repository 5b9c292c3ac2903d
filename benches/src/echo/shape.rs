//! How the load looks.

/// Connections, and what goes on in each.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Connections.
    pub connections: usize,
    /// Messages under way on each.
    pub window: usize,
    /// Bytes of a message.
    pub size: usize,
}

impl Shape {
    /// So many connections, so many messages under way on each, of so many bytes.
    pub const fn new(connections: usize, window: usize, size: usize) -> Shape {
        Shape { connections, window, size }
    }

    /// `100 x 16, 125 B`, say: what filters look at.
    pub fn name(&self) -> String {
        let size = match self.size {
            size @ ..1024 => format!("{size} B"),
            size @ ..0x10_0000 => format!("{} KiB", size >> 10),
            size => format!("{} MiB", size >> 20),
        };
        format!("{} x {}, {size}", self.connections, self.window)
    }
}

/// From question and answer to bursts, from small to large.
pub const ALL: [Shape; 9] = [
    Shape::new(1, 1, 64),
    Shape::new(100, 1, 64),
    Shape::new(1000, 1, 512),
    Shape::new(100, 16, 16),
    Shape::new(100, 64, 125),
    Shape::new(10, 1024, 16),
    Shape::new(50, 8, 1024),
    Shape::new(50, 1, 16 << 10),
    Shape::new(4, 1, 1 << 20),
];
