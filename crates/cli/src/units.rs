//! Numbers as people write them: `20s`, `500ms`, `64k`.

use std::time::Duration;

/// A length of time: `500ms`, `20s`, `2m`, `1h`; a plain number counts milliseconds, as the environment variables do.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let millis = match unit {
        "" | "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("`{unit}` is no unit of time: write ms, s, m or h, as in 20s")),
    };
    let number: u64 = number.parse().map_err(|_| "write a whole number and a unit, as in 20s".to_owned())?;
    number.checked_mul(millis).map(Duration::from_millis).ok_or_else(|| "that is too long".to_owned())
}

/// A length of time that is not zero.
pub(crate) fn interval(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("it must be longer than nothing".to_owned()),
        interval => Ok(interval),
    }
}

/// A number of bytes: `125`, `64k`, `16M`, in powers of 1024.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let (number, unit) = split(text);
    let factor: usize = match unit.to_ascii_lowercase().trim_end_matches("ib").trim_end_matches('b') {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return Err(format!("`{unit}` is no unit of bytes: write k, M or G, as in 16M")),
    };
    let number: usize =
        number.parse().map_err(|_| "write a whole number of bytes, as in 65536 or 64k".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "that is more than this machine can count".to_owned())
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_read_as_people_write_them() {
        assert_eq!(duration("20s"), Ok(Duration::from_secs(20)));
        assert_eq!(duration("25000"), Ok(Duration::from_secs(25)));
        assert_eq!(duration("2 m"), Ok(Duration::from_secs(120)));
        assert_eq!(bytes("64k"), Ok(65_536));
        assert_eq!(bytes("16MiB"), Ok(16 << 20));
        assert_eq!(bytes("0"), Ok(0));
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["", "s", "-1s", "1.5s", "20x", "99999999999999999999s", "18446744073709551615h"] {
            assert!(duration(text).is_err(), "{text}");
        }
        for text in ["", "k", "-1", "1q", "99999999999999999999", "18446744073709551615k"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert!(interval("0").is_err());
    }
}
