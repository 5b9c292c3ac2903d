//! One kind of traffic.

/// One line of the record.
pub struct Case {
    /// As in the tables of the benchmarks: what, by whom, of what, how large.
    pub name: String,
    /// Everything that is not to be counted.
    pub prepare: Box<dyn FnOnce() -> Round + Send>,
}

/// Work that can be done again and again, and leaves everything as it was.
pub struct Round {
    /// How many messages (or connections) a round has.
    pub messages: usize,
    /// Does a round.
    pub work: Box<dyn FnMut()>,
}

impl Case {
    /// A case whose round is made when it is counted.
    pub fn new(name: impl Into<String>, prepare: impl FnOnce() -> Round + Send + 'static) -> Case {
        Case { name: name.into(), prepare: Box::new(prepare) }
    }
}

impl Round {
    /// A round of `messages`.
    pub fn new(messages: usize, work: impl FnMut() + 'static) -> Round {
        Round { messages, work: Box::new(work) }
    }
}
