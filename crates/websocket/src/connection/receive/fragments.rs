//! Messages in several frames, as long as there is nothing special about them (RFC 6455 §5.4).

use sansocket_core::Input;

use super::{End, Message, Receive, Rules, Whole, kind};
use crate::frame::{FIN, Opcode};
use crate::{Violation, mask};

impl Receive {
    /// Takes fragments that are here as wholes, as long as they come one behind the other, are not compressed, and
    /// have nothing special about them. Leaves the rest to [`Receive::step`]. `true`: the message is complete.
    pub(super) fn fragments(&mut self, input: &mut Input, rules: &mut Rules) -> Result<bool, Violation> {
        let before = rules.fragments;
        let end = mask::widest(Join { receive: self, input: &mut *input, rules: &mut *rules });
        if let Some(message) = &mut self.message
            && rules.fragments > before
        {
            // Once for all of them: nobody can see that the first one was not looked at before the last one came, for
            // no event lies between them.
            message.check(input, rules, end)?;
            self.ended = end == End::Reached;
        }
        Ok(self.ended)
    }

    /// … answers whether the last of them ended the message. Its text is not checked.
    #[inline(always)]
    fn join(&mut self, input: &mut Input, rules: &mut Rules) -> End {
        let (shape, most) = (self.shape(), rules.max_message());
        let mut next = match &self.message {
            Some(message) if message.compressed => return End::Open,
            Some(_) => shape.frame(input, continues),
            // RFC 6455 §5.4: text or binary without FIN begin a message …
            None => shape.frame(input, |first| (first == 0x01) | (first == 0x02)),
        };
        let (mut taken, mut end) = (0, End::Open);
        while let Some(Whole { first, header, len, key }) = next {
            let ends = first & FIN != 0;
            if len == 0 && !ends {
                break;
            }
            let message = self.message.get_or_insert_with(|| Message::new(kind(first)));
            if message.total + len as u64 > most {
                break;
            }
            message.total += len as u64;
            taken += 1;
            input.skip(header);
            mask::unmask_held_within(input, len, if shape.mask == 0 { 0 } else { key });
            if ends {
                end = End::Reached;
                break;
            }
            next = shape.frame(input, continues);
        }
        self.fast &= taken == 0;
        rules.fragments += taken;
        end
    }
}

/// … and opcode 0 goes on with one, which it ends with FIN.
#[inline(always)]
fn continues(first: u8) -> bool {
    first & !FIN == Opcode::Continuation as u8
}

/// [`Receive::join`] for vectors of every width.
struct Join<'a> {
    receive: &'a mut Receive,
    input: &'a mut Input,
    rules: &'a mut Rules,
}

impl mask::Work for Join<'_> {
    type Output = End;

    #[inline(always)]
    fn run(self) -> End {
        self.receive.join(self.input, self.rules)
    }
}
