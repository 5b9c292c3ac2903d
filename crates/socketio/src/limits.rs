//! What a peer may ask of us.

/// What a peer may ask of us. Whoever passes one of these is heard no longer: it is a [`PacketError`](crate::PacketError).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Attachments of one packet: 10, which is also what the JavaScript implementation accepts. MessagePack has none; there
    /// binary data is part of the message, and whoever bounds that bounds it.
    pub max_attachments: usize,
    /// Bytes of a packet's attachments, all together: 4 MiB.
    pub max_attachment_bytes: usize,
    /// How deep arrays and objects may lie in each other, the packet's own array included: 128, as in most readers of
    /// JSON. Types that are read from it are read by recursion, and this bounds it.
    pub max_depth: u8,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_attachments: 10, max_attachment_bytes: 4 << 20, max_depth: 128 }
    }
}
