//! One pass over JSON, without recursion.

use sansocket_core::plain_end;

use super::string::Written;

/// Goes over JSON from left to right.
#[derive(Clone, Debug)]
pub(crate) struct Scan<'t> {
    text: &'t str,
    at: usize,
}

/// Why a text is not JSON that we take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// It is not JSON: at this byte, another was to be expected.
    Unexpected(usize),
    /// Arrays and objects lie in each other deeper than allowed.
    TooDeep,
}

/// A word of JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Token<'t> {
    /// A bracket, a brace, a comma or a colon.
    Sign(u8),
    /// A string.
    String(Written<'t>),
    /// A number, as it is written.
    Number(&'t str),
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
}

/// What is open around a place in JSON: a bit for each level, so that a peer's brackets cost no memory.
#[derive(Default)]
struct Nest {
    /// A bit that is set is an object, else an array.
    objects: [u64; 4],
    depth: u8,
}

impl Nest {
    fn push(&mut self, bracket: u8) {
        let (word, bit) = (usize::from(self.depth / 64), self.depth % 64);
        self.objects[word] &= !(1 << bit);
        self.objects[word] |= u64::from(bracket == b'{') << bit;
        self.depth += 1;
    }

    /// What closes the innermost one.
    fn closing(&self) -> Option<u8> {
        let last = self.depth.checked_sub(1)?;
        let is_object = self.objects[usize::from(last / 64)] >> (last % 64) & 1 == 1;
        Some(if is_object { b'}' } else { b']' })
    }
}

impl<'t> Scan<'t> {
    /// From the byte `at` on.
    pub(crate) fn new(text: &'t str, at: usize) -> Scan<'t> {
        Scan { text, at }
    }

    /// How far it went.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is no white space, left where it is.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other,
            }
        }
    }

    /// Passes white space and this byte.
    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.eats(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Passes white space, and this byte if it is the next.
    pub(crate) fn eats(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Nothing but white space may be left.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Passes a value, all of it checked. At most `max_depth` arrays and objects may lie in each other.
    pub(crate) fn value(&mut self, max_depth: u8) -> Result<(), Fault> {
        let mut nest = Nest::default();
        loop {
            match self.peek() {
                Some(bracket @ (b'[' | b'{')) => {
                    if nest.depth == max_depth {
                        return Err(Fault::TooDeep);
                    }
                    self.at += 1;
                    nest.push(bracket);
                    // Arrays and objects alike close two behind their opening bracket in ASCII.
                    if self.peek() != Some(bracket + 2) {
                        if bracket == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                }
                Some(b']' | b'}' | b',' | b':') => return Err(self.unexpected()),
                _ => self.token().map(drop)?,
            }
            // A value ended, or is about to.
            loop {
                let Some(closing) = nest.closing() else { return Ok(()) };
                if self.eats(closing) {
                    nest.depth -= 1;
                    continue;
                }
                self.expect(b',')?;
                if closing == b'}' {
                    self.key()?;
                }
                break;
            }
        }
    }

    /// Passes a value of which is known that it is JSON, however deep.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let mut depth = 0_usize;
        loop {
            match self.token()? {
                Token::Sign(b'[' | b'{') => depth += 1,
                Token::Sign(b']' | b'}') if depth > 0 => depth -= 1,
                Token::Sign(b',' | b':') if depth > 0 => {}
                Token::Sign(_) => return Err(self.unexpected()),
                Token::String(_) | Token::Number(_) | Token::Null | Token::Bool(_) => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes the next word of JSON, whatever it is and wherever it stands.
    pub(crate) fn token(&mut self) -> Result<Token<'t>, Fault> {
        Ok(match self.peek() {
            Some(sign @ (b'[' | b']' | b'{' | b'}' | b',' | b':')) => {
                self.at += 1;
                Token::Sign(sign)
            }
            Some(b'"') => Token::String(self.string()?),
            Some(b'n') => self.word("null").map(|()| Token::Null)?,
            Some(b't') => self.word("true").map(|()| Token::Bool(true))?,
            Some(b'f') => self.word("false").map(|()| Token::Bool(false))?,
            _ => Token::Number(self.number()?),
        })
    }

    /// Passes a string.
    pub(crate) fn string(&mut self) -> Result<Written<'t>, Fault> {
        self.expect(b'"')?;
        let start = self.at;
        self.at = plain_end(self.text, start);
        let is_plain = self.byte() == Some(b'"');
        if !is_plain {
            self.pass_escapes()?;
        }
        self.at += 1;
        let inside = &self.text[start..self.at - 1];
        Ok(if is_plain { Written::plain(inside) } else { Written::escaped(inside) })
    }

    /// Goes on to the quote that ends a string. By itself, for most strings have no escape.
    #[inline(never)]
    fn pass_escapes(&mut self) -> Result<(), Fault> {
        loop {
            match self.byte() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                _ => return Err(self.unexpected()),
            }
            self.at = plain_end(self.text, self.at);
        }
    }

    /// Passes a number, and gives it as it is written.
    pub(crate) fn number(&mut self) -> Result<&'t str, Fault> {
        self.peek();
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    /// Passes `null`, `true` or `false`, whichever it is asked for.
    pub(crate) fn word(&mut self, word: &str) -> Result<(), Fault> {
        self.peek();
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    pub(crate) fn unexpected(&self) -> Fault {
        Fault::Unexpected(self.at)
    }

    fn key(&mut self) -> Result<(), Fault> {
        self.string()?;
        self.expect(b':')
    }

    /// Passes a backslash and what belongs to it.
    fn escape(&mut self) -> Result<(), Fault> {
        self.at += 1;
        match self.byte() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
            Some(b'u') => {
                let digits = self.text.as_bytes()[self.at + 1..].first_chunk::<4>();
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return Err(self.unexpected());
                }
                self.at += 4;
            }
            _ => return Err(self.unexpected()),
        }
        self.at += 1;
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.unexpected()) }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests;
