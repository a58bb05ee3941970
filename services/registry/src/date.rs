//! A date of the proleptic Gregorian calendar of which only some parts may be known.
//!
//! As text it is ISO 8601 with what is known: "1950", "1950-03", "1950-03-21"; a leading "~" says
//! that it is about right. There is no year 0: -1 is the year before 1 (1 BC).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A date that exists, with or without month and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate {
    year: i16,
    month: u8,
    day: u8,
    approximate: bool,
}

/// Why something is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDate {
    /// It is not written as one.
    #[error("is not a date such as `1950`, `1950-03`, `1950-03-21` or `~1950`")]
    Text,
    /// No such year.
    #[error("has a year that is 0 or not from -9999 to 9999")]
    Year,
    /// No such month.
    #[error("has a month that is not from 1 to 12")]
    Month,
    /// No such day in that month, or a day without a month.
    #[error("has a day that its month does not have")]
    Day,
}

impl PartialDate {
    /// A date; `month` and `day` are 0 when unknown.
    pub fn try_new(year: i32, month: i32, day: i32) -> Result<Self, InvalidDate> {
        let known_year = (-9999..=9999).contains(&year) && year != 0;
        let year = i16::try_from(year).ok().filter(|_| known_year).ok_or(InvalidDate::Year)?;
        let month = u8::try_from(month).ok().filter(|month| *month <= 12);
        let month = month.ok_or(InvalidDate::Month)?;
        let days_max = days_of(year, month);
        let day = u8::try_from(day).ok().filter(|day| *day <= days_max).ok_or(InvalidDate::Day)?;
        Ok(Self { year, month, day, approximate: false })
    }

    /// The same date, about right.
    #[must_use]
    pub fn approximately(self) -> Self {
        Self { approximate: true, ..self }
    }

    /// -9999 to 9999, never 0.
    #[must_use]
    pub fn year(self) -> i32 {
        self.year.into()
    }

    /// 1 to 12, or 0 when unknown.
    #[must_use]
    pub fn month(self) -> i32 {
        self.month.into()
    }

    /// 1 to 31, or 0 when unknown.
    #[must_use]
    pub fn day(self) -> i32 {
        self.day.into()
    }

    /// Whether it is only about right.
    #[must_use]
    pub fn is_approximate(self) -> bool {
        self.approximate
    }
}

/// How many days a month has; an unknown month has none that could be named.
fn days_of(year: i16, month: u8) -> u8 {
    // The year before 1 is -1 here and 0 to the astronomers, who count the leap years.
    let astronomical = if year < 0 { year + 1 } else { year };
    let leap = astronomical % 4 == 0 && (astronomical % 100 != 0 || astronomical % 400 == 0);
    match month {
        0 => 0,
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for PartialDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let (exact, approximate) =
            text.strip_prefix('~').map_or((text, false), |rest| (rest, true));
        let (digits, sign) = exact.strip_prefix('-').map_or((exact, 1), |rest| (rest, -1));
        let mut parts = digits.splitn(3, '-');
        let year = number(parts.next(), 1..=4)?.ok_or(InvalidDate::Text)?;
        // A part that is written is meant: "1950-00" is a mistake, not an unknown month.
        let month = number(parts.next(), 2..=2)?;
        let day = number(parts.next(), 2..=2)?;
        if month == Some(0) {
            return Err(InvalidDate::Month);
        }
        if day == Some(0) {
            return Err(InvalidDate::Day);
        }
        let date = Self::try_new(sign * year, month.unwrap_or(0), day.unwrap_or(0))?;
        Ok(Self { approximate, ..date })
    }
}

fn number(
    part: Option<&str>,
    digits: std::ops::RangeInclusive<usize>,
) -> Result<Option<i32>, InvalidDate> {
    let Some(part) = part else { return Ok(None) };
    let plain = digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = part.parse().ok().filter(|_| plain);
    number.map(Some).ok_or(InvalidDate::Text)
}

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.approximate { "~" } else { "" };
        let sign = if self.year < 0 { "-" } else { "" };
        write!(formatter, "{about}{sign}{:04}", self.year.unsigned_abs())?;
        if self.month > 0 {
            write!(formatter, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(formatter, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for PartialDate {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, InvalidDate> {
        text.parse::<PartialDate>().map(|date| date.to_string())
    }

    #[test]
    fn a_date_is_written_as_it_was_read() {
        for text in ["1950", "1950-03", "1950-03-21", "~1950", "~0570-04", "-0044-03-15", "9999"] {
            assert_eq!(read(text), Ok(text.to_owned()));
        }
        assert_eq!(read("570"), Ok("0570".to_owned()));
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        for text in ["1950-02-29", "1900-02-29", "1950-04-31", "1950-01-32", "1950-01-00"] {
            assert_eq!(read(text), Err(InvalidDate::Day), "{text}");
        }
        // 1 BC is a leap year of the proleptic calendar.
        for text in ["2000-02-29", "1952-02-29", "-0001-02-29"] {
            assert!(read(text).is_ok(), "{text}");
        }
        assert_eq!(PartialDate::try_new(1950, 0, 3), Err(InvalidDate::Day));
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_part() {
        assert_eq!(read("0"), Err(InvalidDate::Year));
        assert_eq!(read("1950-13"), Err(InvalidDate::Month));
        assert_eq!(read("1950-00"), Err(InvalidDate::Month));
        for text in ["", "~", "-", "19500", "1950-3", "1950-03-21-1", "+950", "c. 1950", "１９５０"]
        {
            assert_eq!(read(text), Err(InvalidDate::Text), "{text}");
        }
    }
}
