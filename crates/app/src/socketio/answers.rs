//! What those answer who were asked together.

use sansocket_socketio::Args;
use sansocket_socketio::server::{Answer, Outcome, Silent};
use serde::de::DeserializeOwned;

use super::error::AckError;

/// What those answered who were asked together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers<A> {
    /// What they answered, in the order in which it came.
    pub answers: Vec<A>,
    /// Those who did not in time.
    pub silent: Silent,
}

impl<A: DeserializeOwned> Answers<A> {
    pub(super) fn read(outcome: Outcome) -> Result<Answers<A>, AckError> {
        // No other outcome comes of this question.
        let Outcome::Answered { answers, silent, .. } = outcome else { return Err(AckError::Disconnected) };
        let answers = answers.iter().map(|Answer { args, .. }| args.read()).collect::<Result<_, _>>()?;
        Ok(Answers { answers, silent })
    }
}

impl<A> Answers<A> {
    /// Did all of them answer?
    pub fn is_complete(&self) -> bool {
        self.silent.is_empty()
    }
}

/// What the programs on the other servers of a cluster answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replies<A> {
    /// What they answered, in the order in which it came.
    pub replies: Vec<A>,
    /// How many servers did not in time.
    pub missing: usize,
}

impl<A: DeserializeOwned> Replies<A> {
    pub(super) fn read(outcome: Outcome) -> Result<Replies<A>, AckError> {
        // No other outcome comes of this question.
        let Outcome::Replied { replies, missing, .. } = outcome else { return Err(AckError::Disconnected) };
        let replies = replies.iter().map(Args::read).collect::<Result<_, _>>()?;
        Ok(Replies { replies, missing })
    }
}
