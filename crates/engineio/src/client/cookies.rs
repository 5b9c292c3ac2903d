//! A client's cookies.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use sansocket_core::{Instant, Response};

use super::date;

/// Cookies that are kept, and bytes that one may have (RFC 6265 §6.1 asks for no more).
const COOKIES: usize = 50;
const BYTES: usize = 4096;
/// No clock is behind the beginning of 2026, when this was written: what expired before that has expired. For servers
/// that do not tell the time.
const BEGINNING: i64 = 1_767_225_600;

/// Cookies by name. A client talks with one server, so there are no domains and no paths.
#[derive(Default, Debug)]
pub(crate) struct Cookies(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    expires: Option<Instant>,
}

/// How long a cookie lives.
#[derive(Clone, Copy)]
enum Lifetime {
    /// As long as the client.
    Open,
    Until(Instant),
    Over,
}

impl Cookies {
    /// Keeps what a response sets, and forgets what it takes back.
    pub(crate) fn keep(&mut self, response: &Response, now: Instant) {
        let date = response.headers.get("date").and_then(date::parse);
        for field in response.headers.get_all("set-cookie") {
            let Some(field) = core::str::from_utf8(field).ok().filter(|field| field.len() <= BYTES) else {
                continue;
            };
            let (pair, attributes) = field.split_once(';').unwrap_or((field, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            self.set(name.trim(), value.trim(), lifetime(attributes, date, now));
        }
    }

    /// What a request says.
    pub(crate) fn header(&self, now: Instant) -> Option<String> {
        let mut header = String::new();
        for cookie in self.0.iter().filter(|cookie| cookie.expires.is_none_or(|at| at > now)) {
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.push_str(&cookie.name);
            header.push('=');
            header.push_str(&cookie.value);
        }
        (!header.is_empty()).then_some(header)
    }

    fn set(&mut self, name: &str, value: &str, lifetime: Lifetime) {
        let place = self.0.iter().position(|cookie| cookie.name == name);
        let expires = match lifetime {
            Lifetime::Over => {
                place.map(|place| self.0.remove(place));
                return;
            }
            Lifetime::Open => None,
            Lifetime::Until(at) => Some(at),
        };
        let cookie = Cookie { name: name.to_string(), value: value.to_string(), expires };
        match place {
            Some(place) => self.0[place] = cookie,
            None if self.0.len() < COOKIES && !name.is_empty() => self.0.push(cookie),
            None => {}
        }
    }
}

/// RFC 6265 §5.2: the last of each attribute counts, and `Max-Age` more than `Expires`.
fn lifetime(attributes: &str, date: Option<i64>, now: Instant) -> Lifetime {
    let (mut max_age, mut expires) = (None, None);
    for attribute in attributes.split(';') {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        if name.trim().eq_ignore_ascii_case("max-age") {
            max_age = value.trim().parse::<i64>().ok().or(max_age);
        } else if name.trim().eq_ignore_ascii_case("expires") {
            // The server's clock is the one that it meant.
            let left = |at| match date {
                Some(date) => Some(at - date),
                None => (at < BEGINNING).then_some(0),
            };
            expires = date::parse(value.as_bytes()).map(left).or(expires);
        }
    }
    match max_age.or(expires.flatten()) {
        None => Lifetime::Open,
        Some(seconds) => match u64::try_from(seconds) {
            Ok(seconds) if seconds > 0 => Lifetime::Until(now + Duration::from_secs(seconds)),
            _ => Lifetime::Over,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1_000_000);

    fn cookies(fields: &[(&'static str, &'static str)]) -> Cookies {
        let mut cookies = Cookies::default();
        for (date, field) in fields {
            let response = Response::new(200).with_header("Set-Cookie", *field);
            let response = if date.is_empty() { response } else { response.with_header("Date", *date) };
            cookies.keep(&response, NOW);
        }
        cookies
    }

    #[test]
    fn cookies_are_sent_back() {
        let kept = cookies(&[("", "a=1; Path=/; HttpOnly"), ("", "b = x=y ;secure"), ("", "c"), ("", "a=2")]);
        assert_eq!(kept.header(NOW).as_deref(), Some("a=2; b=x=y"));
        assert_eq!(Cookies::default().header(NOW), None);
    }

    #[test]
    fn cookies_expire() {
        let date = "Sat, 21 Nov 2026 21:00:00 GMT";
        let expires = "a=1; EXPIRES=Sat, 21-Nov-2026 21:00:05 GMT";
        let later = NOW + Duration::from_secs(5);
        assert!(cookies(&[(date, expires)]).header(NOW).is_some());
        assert_eq!(cookies(&[(date, expires)]).header(later), None);
        assert_eq!(cookies(&[("", "a=1; max-age=5; Expires=never")]).header(later), None);
        for gone in ["a=; Max-Age=0", "a=; max-AGE=-7", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert_eq!(cookies(&[("", "a=1"), ("", gone)]).header(NOW), None, "{gone}");
        }
    }

    #[test]
    fn a_server_cannot_fill_the_memory() {
        let mut kept = Cookies::default();
        for n in 0..1000 {
            let field = alloc::format!("{n}=x");
            kept.keep(&Response::new(200).with_header("Set-Cookie", field), NOW);
        }
        kept.keep(&Response::new(200).with_header("Set-Cookie", "0=".to_string() + &"x".repeat(9999)), NOW);
        assert_eq!(kept.0.len(), COOKIES);
        assert!(kept.header(NOW).is_some_and(|header| header.len() < 500));
    }
}
