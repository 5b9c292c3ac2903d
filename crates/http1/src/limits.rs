//! How much a peer may say.

/// Limits of a head. Each acts when the byte that passes it arrives.
///
/// | what | default | a peer that passes it gets |
/// |---|---|---|
/// | [`head`](Limits::head), in bytes | 16 KiB | 431 |
/// | [`headers`](Limits::headers) | 100 | 431 |
/// | [`line`](Limits::line), in bytes | 8 KiB | 414 in the request line, 431 behind it |
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of a whole head, line ends included.
    pub head: usize,
    /// Header fields.
    pub headers: usize,
    /// Bytes of one line, its end included.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        // What browsers send is below 2 KiB, cookies aside; servers in the wild take 8 to 32 KiB.
        Limits { head: 16 << 10, headers: 100, line: 8 << 10 }
    }
}

/// Limits of a body.
///
/// | what | default | a peer that passes it gets |
/// |---|---|---|
/// | [`body`](BodyLimits::body), in bytes | 1,000,000 | 413 |
/// | [`chunk`](BodyLimits::chunk), in bytes | none | 413 |
/// | [`overhead`](BodyLimits::overhead), in bytes | 16 KiB | 400 |
/// | [`trailers`](BodyLimits::trailers) | 100 | 400 |
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BodyLimits {
    /// Bytes of the body. `None`: any number, for those who throw away what they do not want.
    pub body: Option<u64>,
    /// Bytes of one chunk, which is refused at its size. `None`: what is left of the body's. For those who count the body
    /// themselves, and need not wait for what is announced.
    pub chunk: Option<u64>,
    /// Bytes of chunk extensions and trailers together: what a chunked body may carry beside its content.
    pub overhead: usize,
    /// Trailer fields.
    pub trailers: usize,
}

impl Default for BodyLimits {
    fn default() -> BodyLimits {
        BodyLimits { body: Some(1_000_000), chunk: None, overhead: 16 << 10, trailers: 100 }
    }
}
