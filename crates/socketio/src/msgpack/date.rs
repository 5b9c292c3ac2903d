//! Dates as JavaScript writes them into JSON.

use alloc::format;
use alloc::string::String;

const MILLIS_OF_A_DAY: i64 = 24 * 60 * 60 * 1000;
/// JavaScript's dates end here, 100 million days before and after 1970.
const LAST: i64 = 100_000_000 * MILLIS_OF_A_DAY;

/// The text of the time so many milliseconds after 1970, if there is such a date.
pub(super) fn text(millis: i64) -> Option<String> {
    if !(-LAST..=LAST).contains(&millis) {
        return None;
    }
    let (days, millis) = (millis.div_euclid(MILLIS_OF_A_DAY), millis.rem_euclid(MILLIS_OF_A_DAY));
    let Date { year, month, day } = Date::of(days);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        // ECMAScript, "Expanded Years": a sign and six digits.
        _ => format!("{year:+07}"),
    };
    let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
    let (second, millis) = (millis / 1000 % 60, millis % 1000);
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"))
}

struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The day so many days after 1970-01-01, in the calendar of Gregory.
    ///
    /// A year that begins in March ends with the leap day, so that months have a pattern: 153 days are five of them.
    fn of(days: i64) -> Date {
        const DAYS_OF_400_YEARS: i64 = 146_097;
        // From 0000-03-01 on.
        let days = days + 719_468;
        let (era, day_of_era) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
        let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_based = (5 * day_of_year + 2) / 153;
        let month = if march_based < 10 { march_based + 3 } else { march_based - 9 };
        let year = 400 * era + year_of_era + i64::from(month <= 2);
        Date { year, month, day: day_of_year - (153 * march_based + 2) / 5 + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A calendar that counts on its fingers.
    fn next_day(date: &mut Date) {
        let leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
        let len = match date.month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        date.day += 1;
        if date.day > len {
            (date.day, date.month) = (1, date.month + 1);
        }
        if date.month > 12 {
            (date.month, date.year) = (1, date.year + 1);
        }
    }

    #[test]
    fn every_day_of_eight_centuries_has_its_date() {
        let mut wanted = Date { year: 1600, month: 1, day: 1 };
        // 370 years with 90 leap days lie before 1970.
        for days in -135_140..160_000 {
            let date = Date::of(days);
            assert_eq!(
                (date.year, date.month, date.day),
                (wanted.year, wanted.month, wanted.day),
                "day {days}"
            );
            next_day(&mut wanted);
        }
    }

    #[test]
    fn dates_are_written_as_javascript_writes_them() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_709_210_096_789, "2024-02-29T12:34:56.789Z"),
            (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
            (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
        ];
        for (millis, wanted) in cases {
            assert_eq!(text(millis).as_deref(), Some(wanted));
        }
        assert_eq!(text(8_640_000_000_000_001), None);
        assert_eq!(text(i64::MIN), None);
    }
}
