//! What the command line asks for.

use std::path::PathBuf;

/// How this program is called.
pub const USAGE: &str = "\
cargo run --release --manifest-path benches/Cargo.toml -- [options]

    --part NAME     codec, engineio, socketio, echo, engineio-loopback, socketio-loopback, memory, broadcast or scale;
                    may repeat (all)
    --case TEXT     rows whose name contains it; may repeat (all). Also --shape
    --peer NAME     who, in full; may repeat (everyone). Also --server
    --quick         few and short rounds: less than three minutes, and less sure
    --list          names only
    --out DIR       where results.json and the plots go (benches/results, if nothing is left out)
codec only:
    --check         compare every payload and every frame, and take no time
    --strict        which protocol errors does each decoder let pass?
    --once N        do the work N times, for a profiler to look at";

/// The command line, taken apart.
#[derive(Debug, Default)]
pub struct Arguments {
    parts: Vec<String>,
    rows: Vec<String>,
    who: Vec<String>,
    out: Option<PathBuf>,
    /// How long everything takes.
    pub pace: Pace,
    /// Names only.
    pub list: bool,
    /// Compare, and take no time.
    pub check: bool,
    /// What do decoders let pass?
    pub strict: bool,
    /// Bare work, so many times.
    pub once: Option<usize>,
}

/// How much time is spent to be sure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pace {
    /// What it takes.
    #[default]
    Full,
    /// Little.
    Quick,
}

impl Arguments {
    /// Reads the command line.
    ///
    /// # Errors
    /// What was not understood.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
        let mut arguments = Arguments::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} wants a value"));
            match word.as_str() {
                "--part" => arguments.parts.push(value()?),
                "--case" | "--shape" => arguments.rows.push(value()?),
                "--peer" | "--server" => arguments.who.push(value()?),
                "--out" => arguments.out = Some(value()?.into()),
                "--once" => arguments.once = Some(value()?.parse().map_err(|e| format!("--once: {e}"))?),
                "--quick" => arguments.pace = Pace::Quick,
                "--list" => arguments.list = true,
                "--check" => arguments.check = true,
                "--strict" => arguments.strict = true,
                _ => return Err(format!("what is {word}?")),
            }
        }
        Ok(arguments)
    }

    /// Is this part asked for? What only codecs can do asks for no other.
    pub fn wants_part(&self, name: &str) -> bool {
        let is_codec_only = self.check || self.strict || self.once.is_some();
        if is_codec_only { name == crate::codec::PART } else { is_one_of(&self.parts, |part| part == name) }
    }

    /// Is this case, or this shape?
    pub fn wants_row(&self, name: &str) -> bool {
        is_one_of(&self.rows, |row| name.contains(row))
    }

    /// Is this peer, or this server?
    pub fn wants_who(&self, name: &str) -> bool {
        is_one_of(&self.who, |who| who == name)
    }

    /// Is everything measured?
    pub fn is_whole(&self) -> bool {
        let is_codec_only = self.check || self.strict || self.once.is_some();
        let is_filtered = [&self.parts, &self.rows, &self.who].into_iter().any(|filter| !filter.is_empty());
        !is_codec_only && !is_filtered && !self.list
    }

    /// Where the results go. By itself a run goes to where they are kept only if nothing is left out.
    pub fn out(&self) -> Option<PathBuf> {
        let kept = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/results"));
        self.out.clone().or_else(|| (self.is_whole() && self.pace == Pace::Full).then(kept))
    }
}

fn is_one_of(asked: &[String], is: impl Fn(&str) -> bool) -> bool {
    asked.is_empty() || asked.iter().any(|asked| is(asked))
}
