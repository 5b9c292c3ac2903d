//! The peer's faults.

/// What is wrong with a head: a typed reason that knows which HTTP status says so.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum HeadError {
    /// More than two empty lines before a request.
    #[error("more than two empty lines before the request line")]
    EmptyLines,
    /// The method is empty, or has a byte that no token has.
    #[error("the method is not a token")]
    Method,
    /// The request target is empty, has a byte that cannot stand there, or a form that does not go with the method.
    #[error("the request target is malformed")]
    Target,
    /// There is no `HTTP/` and digits where the version stands.
    #[error("the HTTP version is malformed")]
    Version,
    /// It is HTTP, but neither 1.0 nor 1.1.
    #[error("the HTTP version is not supported")]
    VersionNotSupported,
    /// The status code has not three digits.
    #[error("the status code is malformed")]
    Status,
    /// The reason phrase has a control byte.
    #[error("the reason phrase has an illegal byte")]
    ReasonPhrase,
    /// A line ends in LF alone.
    #[error("a line ends in LF without CR")]
    BareLf,
    /// A CR without the LF.
    #[error("a CR without LF")]
    BareCr,
    /// A field goes on in the next line.
    #[error("a folded header field")]
    Folded,
    /// A field's name is empty, or has a byte that no token has; spaces before the colon are such.
    #[error("the name of a header field is not a token")]
    Name,
    /// A field's value has a control byte.
    #[error("the value of a header field has an illegal byte")]
    Value,
    /// An HTTP/1.1 request without `Host`.
    #[error("the Host header field is missing")]
    HostMissing,
    /// More than one `Host`.
    #[error("more than one Host header field")]
    HostRepeated,
    /// `Host` holds what no host and port can be.
    #[error("the Host header field is malformed")]
    Host,
    /// The request line is longer than [`Limits::line`](crate::Limits::line).
    #[error("the request line is longer than the limit")]
    TargetTooLong,
    /// A field is longer than [`Limits::line`](crate::Limits::line).
    #[error("a header line is longer than the limit")]
    LineTooLong,
    /// More fields than [`Limits::headers`](crate::Limits::headers).
    #[error("more header fields than the limit")]
    TooManyHeaders,
    /// More bytes than [`Limits::head`](crate::Limits::head).
    #[error("the head is larger than the limit")]
    TooLarge,
}

impl HeadError {
    /// The status that a server answers with.
    pub const fn status(self) -> u16 {
        match self {
            HeadError::TargetTooLong => 414,
            HeadError::LineTooLong | HeadError::TooManyHeaders | HeadError::TooLarge => 431,
            HeadError::VersionNotSupported => 505,
            _ => 400,
        }
    }

    /// The section that forbids it; for limits of ours, the one that allows them.
    pub const fn section(self) -> &'static str {
        match self {
            HeadError::EmptyLines | HeadError::BareLf | HeadError::BareCr => "RFC 9112 §2.2",
            HeadError::Method => "RFC 9112 §3.1",
            HeadError::Target | HeadError::HostMissing | HeadError::HostRepeated | HeadError::Host => {
                "RFC 9112 §3.2"
            }
            HeadError::Version | HeadError::VersionNotSupported => "RFC 9112 §2.3",
            HeadError::Status | HeadError::ReasonPhrase => "RFC 9112 §4",
            HeadError::Folded => "RFC 9112 §5.2",
            HeadError::Name => "RFC 9112 §5.1",
            HeadError::Value => "RFC 9110 §5.5",
            HeadError::TargetTooLong => "RFC 9110 §15.5.15",
            HeadError::LineTooLong | HeadError::TooManyHeaders | HeadError::TooLarge => "RFC 6585 §5",
        }
    }
}

/// What is wrong with a body or with how its end is announced. Nothing that follows can be trusted: the connection
/// ends after it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum BodyError {
    /// `Content-Length` is not one number below 2⁶⁴.
    #[error("Content-Length is not a number")]
    ContentLength,
    /// More than one `Content-Length`.
    #[error("more than one Content-Length")]
    ContentLengthRepeated,
    /// Both `Content-Length` and `Transfer-Encoding`: the way to smuggle requests.
    #[error("both Content-Length and Transfer-Encoding")]
    TwoLengths,
    /// A `Transfer-Encoding` that is not `chunked` and that alone, or that came by HTTP/1.0.
    #[error("the Transfer-Encoding is not understood")]
    TransferEncoding,
    /// A chunk does not begin with its size in hexadecimal digits.
    #[error("the size of a chunk is malformed")]
    ChunkSize,
    /// A chunk extension is malformed.
    #[error("a chunk extension is malformed")]
    ChunkExtension,
    /// A chunk does not end in CR LF where its size said.
    #[error("a chunk does not end where its size says")]
    ChunkEnd,
    /// A trailer field is malformed.
    #[error("a trailer field is malformed")]
    Trailer,
    /// Chunk extensions and trailers pass [`BodyLimits::overhead`](crate::BodyLimits::overhead) or
    /// [`BodyLimits::trailers`](crate::BodyLimits::trailers).
    #[error("chunk extensions and trailers pass the limit")]
    TooMuchOverhead,
    /// The body passes [`BodyLimits::body`](crate::BodyLimits::body).
    #[error("the body is larger than the limit")]
    TooLarge,
    /// The stream ended before the body did.
    #[error("the stream ended before the body did")]
    Truncated,
}

impl BodyError {
    /// The status that a server answers with.
    pub const fn status(self) -> u16 {
        match self {
            BodyError::TooLarge => 413,
            // RFC 9112 §6.1: a server that does not understand a transfer coding should respond with 501.
            BodyError::TransferEncoding => 501,
            _ => 400,
        }
    }
}
