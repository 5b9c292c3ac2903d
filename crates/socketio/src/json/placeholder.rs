//! What stands in the text where binary data is: `{"_placeholder":true,"num":0}`.

use alloc::borrow::Cow;

use memchr::memchr2;

use super::Scan;

/// The key that makes an object a placeholder.
pub(crate) const MARK: &str = "_placeholder";
const NUMBER: &str = "num";
/// How everybody writes it, up to its number.
pub(super) const OPENING: &str = r#"{"_placeholder":true,"num":"#;

/// What an object of JSON is, where there is binary data beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Placeholder {
    /// It is one, for the attachment of this number; it ends before the byte `end`.
    Of { number: usize, end: usize },
    /// It says that it is one, but it is not as everybody writes them.
    Malformed,
    /// It is an object.
    Object,
}

/// What says that it is a placeholder is not one that everybody writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Misfit;

impl Placeholder {
    /// What the object is that begins at the byte `at` of `text`.
    ///
    /// It is a placeholder if its keys are `_placeholder`, which is `true`, and `num`, in any order. To look at no more
    /// than its first two keys keeps this cheap, wherever it is asked; no encoder writes others.
    pub(crate) fn at(text: &str, at: usize) -> Placeholder {
        let mut scan = Scan::new(text, at + 1);
        let whole = if text[at..].starts_with(OPENING) {
            scan = Scan::new(text, at + OPENING.len());
            scan.number().ok()
        } else {
            match Mark::pass(&mut scan) {
                Mark::Nowhere => return Placeholder::Object,
                Mark::First => number_behind(&mut scan),
                Mark::Behind(number) => Some(number),
            }
        };
        let number = whole.filter(|_| scan.eats(b'}')).and_then(|number| number.parse().ok());
        number.map_or(Placeholder::Malformed, |number| Placeholder::Of { number, end: scan.at() })
    }
}

/// Where an object has the mark.
enum Mark<'t> {
    /// It has none.
    Nowhere,
    /// The number is to follow.
    First,
    /// The number stood before it.
    Behind(&'t str),
}

impl<'t> Mark<'t> {
    /// Passes the members of an object up to the mark, if it has one.
    fn pass(scan: &mut Scan<'t>) -> Mark<'t> {
        let mut found = || {
            let first = key(scan)?;
            let mark = if first == NUMBER {
                let number = scalar(scan)?;
                (scan.eats(b',') && key(scan)? == MARK).then_some(Mark::Behind(number))?
            } else {
                (first == MARK).then_some(Mark::First)?
            };
            scan.word("true").ok()?;
            Some(mark)
        };
        found().unwrap_or(Mark::Nowhere)
    }
}

/// Passes the number behind the mark.
fn number_behind<'t>(scan: &mut Scan<'t>) -> Option<&'t str> {
    (scan.eats(b',') && key(scan)? == NUMBER).then_some(())?;
    scan.number().ok()
}

/// Passes a value that is neither array nor object, as it is written.
fn scalar<'t>(scan: &mut Scan<'t>) -> Option<&'t str> {
    match scan.peek()? {
        b'[' | b'{' => None,
        b'-' | b'0'..=b'9' => scan.number().ok(),
        // Anything else is no number; which of them makes no difference.
        _ => scan.skip().ok().map(|()| "null"),
    }
}

/// Passes a key and its colon, and gives what it says.
fn key<'t>(scan: &mut Scan<'t>) -> Option<Cow<'t, str>> {
    let key = scan.string().ok()?;
    scan.eats(b':').then(|| key.unescape())
}

/// So many attachments are needed for the placeholders in `text`, which is known to be JSON.
pub(crate) fn attachments_needed(text: &str) -> Result<usize, Misfit> {
    let (mut at, mut needed) = (0, 0);
    while let Some(found) = memchr2(b'"', b'{', &text.as_bytes()[at..]) {
        at += found;
        if text.as_bytes()[at] == b'{' {
            at = match Placeholder::at(text, at) {
                Placeholder::Of { number, end } => {
                    needed = needed.max(number.saturating_add(1));
                    end
                }
                Placeholder::Object => at + 1,
                Placeholder::Malformed => return Err(Misfit),
            };
        } else {
            let mut scan = Scan::new(text, at);
            scan.string().map_err(|_| Misfit)?;
            at = scan.at();
        }
    }
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str) -> Placeholder {
        Placeholder::at(text, 0)
    }

    #[test]
    fn a_placeholder_is_known_however_it_is_written() {
        let number = |text: &str| match is(text) {
            Placeholder::Of { number, end } => {
                assert_eq!(end, text.len());
                Some(number)
            }
            _ => None,
        };
        assert_eq!(number(r#"{"_placeholder":true,"num":0}"#), Some(0));
        assert_eq!(number(r#"{"num":12,"_placeholder":true}"#), Some(12));
        assert_eq!(number("{ \"_placeholder\" : true ,\n\"num\":\t3 }"), Some(3));
        assert_eq!(number(r#"{"\u005fplaceholder":true,"n\u0075m":1}"#), Some(1));
    }

    #[test]
    fn a_placeholder_without_a_number_of_its_own_is_malformed() {
        for number in ["-1", "0.5", r#""splice""#, r#""0""#, "null", "true", "1e0", "99999999999999999999"] {
            let text = alloc::format!(r#"{{"_placeholder":true,"num":{number}}}"#);
            assert_eq!(is(&text), Placeholder::Malformed, "{text}");
        }
        for text in [
            r#"{"_placeholder":true}"#,
            r#"{"_placeholder":true,"num":0,"x":1}"#,
            r#"{"_placeholder":true,"x":1,"num":0}"#,
            r#"{"num":null,"_placeholder":true}"#,
            r#"{"num":"0","_placeholder":true}"#,
            r#"{"num":0,"_placeholder":true,"x":1}"#,
            r#"{"_placeholder":true,"num":[0]}"#,
        ] {
            assert_eq!(is(text), Placeholder::Malformed, "{text}");
        }
    }

    #[test]
    fn other_objects_are_objects() {
        for text in [
            "{}",
            r#"{"_placeholder":"true","num":0}"#,
            r#"{"_placeholder":false,"num":0}"#,
            r#"{"num":0}"#,
            r#"{"num":{"_placeholder":true},"_placeholder":true}"#,
            r#"{"a":1,"_placeholder":true,"num":0}"#,
        ] {
            assert_eq!(is(text), Placeholder::Object, "{text}");
        }
    }

    #[test]
    fn all_of_a_text_is_looked_at_but_its_strings() {
        let text = r#"["{\"_placeholder\":true}",[{"a":{"_placeholder":true,"num":1}}]]"#;
        assert_eq!(attachments_needed(text), Ok(2));
        assert_eq!(attachments_needed(r#"[{"_placeholder":true}]"#), Err(Misfit));
    }
}
