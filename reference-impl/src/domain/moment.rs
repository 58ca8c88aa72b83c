//! Moments as clients tell them: with an offset from UTC.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::clock::{DAY_MS, Timestamp, day_of};

const MINUTE_MS: i64 = 60_000;

/// A moment, and the offset from UTC at which it was told: a date and time of RFC 3339 (section 5.6), kept to the millisecond. What
/// is finer is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OffsetDateTime {
    moment: Timestamp,
    offset_minutes: i64,
}

/// The text is no date and time of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a date and time with an offset (RFC 3339), such as 2026-03-01T09:05:07.013+01:00")]
pub struct NoDateTime;

impl OffsetDateTime {
    /// That moment, told so many minutes ahead of UTC.
    pub const fn new(moment: Timestamp, offset_minutes: i64) -> Self {
        Self { moment, offset_minutes }
    }

    /// The moment, wherever it was told.
    pub const fn moment(self) -> Timestamp {
        self.moment
    }

    /// What a clock on the wall shows there, as if the offset were none.
    pub const fn wall_clock(self) -> Timestamp {
        Timestamp::from_unix_millis(self.moment.as_unix_millis() + self.offset_minutes * MINUTE_MS)
    }
}

impl FromStr for OffsetDateTime {
    type Err = NoDateTime;

    fn from_str(text: &str) -> Result<Self, NoDateTime> {
        parse(text).ok_or(NoDateTime)
    }
}

/// With its offset: `2026-03-02T01:30:07.013+02:00`.
impl fmt::Display for OffsetDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (there, minutes) = (self.wall_clock().to_string(), self.offset_minutes.abs());
        let there = there.trim_end_matches('Z');
        match self.offset_minutes {
            0 => write!(f, "{there}Z"),
            offset => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{there}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl Serialize for OffsetDateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OffsetDateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// `2026-03-01T09:05:07.013+01:00`; the fraction may be missing, or have any number of digits. A leap second is the first one of
/// the next minute.
fn parse(text: &str) -> Option<OffsetDateTime> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, rest) = (rest.get(..8)?, rest.get(8..)?);
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (millis, offset) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            (millis(rest.get(..end)?)?, rest.get(end..)?)
        }
        None => (0, rest),
    };
    let offset_minutes = offset_of(offset)?;
    let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + millis;
    let moment = day_of(year, month, day) * DAY_MS + of_day - offset_minutes * MINUTE_MS;
    // Told in UTC, it has to have a year of four digits as well.
    let years = day_of(0, 1, 1) * DAY_MS..day_of(10_000, 1, 1) * DAY_MS;
    years
        .contains(&moment)
        .then_some(OffsetDateTime { moment: Timestamp::from_unix_millis(moment), offset_minutes })
}

/// The first three digits of a fraction of a second.
fn millis(fraction: &str) -> Option<i64> {
    (!fraction.is_empty()).then_some(())?;
    format!("{:0<3}", fraction.get(..3).unwrap_or(fraction)).parse().ok()
}

/// Minutes ahead of UTC: `Z`, `+05:30`, `-03:00`.
fn offset_of(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return None,
    };
    let [hours, minutes] = numbers(rest, ':', [2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

/// Numbers of so many digits each, and nothing else.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut found = [0; N];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn days_of(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    day_of(next_year, next, 1) - day_of(year, month, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let read: OffsetDateTime = text.parse().ok()?;
        Some((read.moment().to_string(), read.to_string()))
    }

    #[test]
    fn moments_are_kept_to_the_millisecond_with_their_offset() {
        for (text, moment, written) in [
            ("2026-03-01T09:05:07Z", "2026-03-01T09:05:07.000Z", "2026-03-01T09:05:07.000Z"),
            ("2026-03-02T01:30:07.0139+02:00", "2026-03-01T23:30:07.013Z", "2026-03-02T01:30:07.013+02:00"),
            ("2026-03-01t18:00:00.5-05:30", "2026-03-01T23:30:00.500Z", "2026-03-01T18:00:00.500-05:30"),
            ("2026-03-01T00:00:00-00:00", "2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"),
            ("2024-02-29T23:59:60z", "2024-03-01T00:00:00.000Z", "2024-03-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z", "9999-12-31T23:59:59.000Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z", "0000-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(read(text), Some((moment.to_owned(), written.to_owned())), "{text}");
            assert_eq!(read(written).map(|(again, _)| again).as_deref(), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "soon",
            "2026-03-01",
            "2026-03-01T09:05:07",
            "2026-03-01 09:05:07Z",
            "2026-3-01T09:05:07Z",
            "2026-02-29T09:05:07Z",
            "2026-13-01T09:05:07Z",
            "2026-03-00T09:05:07Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T09:60:07Z",
            "2026-03-01T09:05:61Z",
            "2026-03-01T09:05:07.Z",
            "2026-03-01T09:05:07.5",
            "2026-03-01T09:05:07+0100",
            "2026-03-01T09:05:07+24:00",
            "2026-03-01T09:05:07+01:60",
            "2026-03-01T09:05:07Z ",
            "+026-03-01T09:05:07Z",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-03-01T09:05:0\u{e9}Z",
            "2026-03-0\u{e9}T09:05:07Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
