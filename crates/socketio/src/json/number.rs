//! Numbers of JSON, read and written.

/// What a number says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Number {
    Unsigned(u64),
    /// A whole number below 0.
    Signed(i64),
    /// Any other, as near as there is one. What is too large is infinite, as it is in JavaScript.
    Float(f64),
}

impl Number {
    /// What the number says that is `written` like this. Whole numbers keep all their digits, where JavaScript rounds those
    /// beyond 2^53.
    pub(crate) fn of(written: &str) -> Number {
        if let Ok(number) = written.parse() {
            return Number::Unsigned(number);
        }
        match written.parse() {
            Ok(number @ ..0) => Number::Signed(number),
            // Zero has a sign as a float alone.
            _ => Number::Float(written.parse().unwrap_or(f64::NAN)),
        }
    }
}

/// A number in digits, without memory.
pub(crate) struct Decimal {
    /// As many as the largest `u64` has.
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    /// The digits of `number`.
    pub(crate) fn new(mut number: u64) -> Decimal {
        let (mut digits, mut start) = ([b'0'; 20], 20);
        while number > 0 || start == 20 {
            start -= 1;
            digits[start] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        Decimal { digits, start }
    }

    pub(crate) fn as_str(&self) -> &str {
        // Digits are ASCII.
        core::str::from_utf8(&self.digits[self.start..]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_keep_their_digits() {
        assert_eq!(Number::of("18446744073709551615"), Number::Unsigned(u64::MAX));
        assert_eq!(Number::of("-9223372036854775808"), Number::Signed(i64::MIN));
        assert_eq!(Number::of("18446744073709551616"), Number::Float(18_446_744_073_709_551_616.0));
        assert_eq!(Number::of("1.0"), Number::Float(1.0));
        assert_eq!(Number::of("-1e999"), Number::Float(f64::NEG_INFINITY));
        assert!(matches!(Number::of("-0"), Number::Float(zero) if zero.is_sign_negative()));
    }

    #[test]
    fn digits_are_those_of_the_number() {
        for number in [0, 1, 9, 10, 1 << 53, u64::MAX] {
            assert_eq!(Decimal::new(number).as_str(), alloc::format!("{number}"));
        }
    }
}
