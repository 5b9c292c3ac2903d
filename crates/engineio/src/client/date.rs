//! Dates as cookies and servers write them.

/// Seconds since the beginning of 1970, as a date in a header says it (RFC 9110 §5.6.7), or a cookie, which is written
/// in more ways (RFC 6265 §5.1.1); `None` if it is no date.
pub(crate) fn parse(text: &[u8]) -> Option<i64> {
    let mut found = Found::default();
    let is_delimiter = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b':' || *byte >= 0x80);
    for token in text.split(is_delimiter).filter(|token| !token.is_empty()) {
        found.take(token);
    }
    let Found { time: Some(time), day: Some(day), month: Some(month), year: Some(year) } = found else {
        return None;
    };
    let right = (1..=31).contains(&day) && year >= 1601;
    right.then(|| days(year, month, day) * 86_400 + time)
}

#[derive(Default)]
struct Found {
    /// Seconds of the day.
    time: Option<i64>,
    day: Option<i64>,
    /// From 1.
    month: Option<i64>,
    year: Option<i64>,
}

impl Found {
    /// Each token is the first thing that it can be and that is missing (RFC 6265 §5.1.1).
    fn take(&mut self, token: &[u8]) {
        let number = number(token);
        if self.time.is_none() && token.contains(&b':') {
            self.time = time(token);
        } else if self.day.is_none() && token.len() <= 2 && number.is_some() {
            self.day = number;
        } else if self.month.is_none() && month(token).is_some() {
            self.month = month(token);
        } else if self.year.is_none() && (token.len() == 2 || token.len() == 4) {
            self.year = number.map(|year| match year {
                0..=69 => year + 2000,
                70..=99 => year + 1900,
                _ => year,
            });
        }
    }
}

fn number(token: &[u8]) -> Option<i64> {
    let digits = token.iter().all(u8::is_ascii_digit) && (1..=4).contains(&token.len());
    digits.then(|| token.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

fn time(token: &[u8]) -> Option<i64> {
    let mut parts = token.split(|byte| *byte == b':').map(number);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let right = hours < 24 && minutes < 60 && seconds < 61 && parts.next().is_none();
    right.then_some(hours * 3600 + minutes * 60 + seconds)
}

fn month(token: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let name = token.get(..3)?;
    MONTHS.iter().position(|month| name.eq_ignore_ascii_case(month)).map(|at| at as i64 + 1)
}

/// Days from the beginning of 1970 to this one.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the day that comes and goes is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let before_month = (153 * month + 2) / 5;
    let before_year = 365 * year + year / 4 - year / 100 + year / 400;
    // 719,468 days lie between March 1 of the year 0 and the beginning of 1970.
    before_year + before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_their_forms() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Sat, 29 Feb 2020 12:00:00 GMT", Some(1_582_977_600)),
            ("Sat, 21 Nov 2026 21:00:00 GMT", Some(1_795_294_800)),
            ("Thu, 01-Jan-1970 00:00:01 GMT", Some(1)),
            ("Sun, 06 Nov 1994 24:00:00 GMT", None),
            ("Sun, 06 Nov 08:49:37 GMT", None),
            ("0", None),
            ("", None),
        ] {
            assert_eq!(parse(text.as_bytes()), seconds, "{text}");
        }
    }
}
