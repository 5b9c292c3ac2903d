//! What a room answers.

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
