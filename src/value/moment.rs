//! Moments, as RFC 3339 writes them.

use std::fmt;
use std::ops::Range;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Number, Value};

/// Digits of a second's fraction that are kept.
const PLACES: usize = 18;
/// A second in the unit of [`Moment`].
const SECOND: i128 = 1_000_000_000_000_000_000;
/// The years that RFC 3339 has, 0000 to 9999, in seconds after 1970.
const YEARS: Range<i128> = -62_167_219_200..253_402_300_800;

/// A moment in time, whatever zone it is told in. Compares and orders as moments do.
///
/// ```
/// use proofmark::value::Moment;
///
/// let utc = Moment::parse("2026-03-01T23:30:00Z").unwrap();
/// assert_eq!(Moment::parse("2026-03-02T01:30:00.000+02:00"), Some(utc));
/// assert_eq!(utc.to_string(), "2026-03-01T23:30:00Z");
/// assert_eq!(Moment::parse("2026-03-01"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment {
    /// Attoseconds since 1970 in UTC.
    at: i128,
}

impl Moment {
    /// Reads a date and time with a zone (RFC 3339, section 5.6); nothing for any other text, for a day that no calendar has, and
    /// for more than 18 digits of a second. A leap second is the first one of the next minute.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        // Most texts are none, and are told by their first bytes.
        if bytes.len() < 20 || bytes[4] != b'-' || bytes[7] != b'-' || bytes[13] != b':' || bytes[16] != b':'
        {
            return None;
        }
        let number = |from: usize, to: usize| digits(bytes.get(from..to)?);
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let separated = matches!(bytes[10], b'T' | b't' | b' ');
        if !separated || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        if day < 1 || day > days_of(year, month) {
            return None;
        }
        let (fraction, zone) = match bytes[19] {
            b'.' => {
                let end = bytes[20..].iter().position(|byte| !byte.is_ascii_digit())? + 20;
                (&bytes[20..end], &bytes[end..])
            }
            _ => (&bytes[..0], &bytes[19..]),
        };
        if bytes[19] == b'.' && (fraction.is_empty() || fraction.len() > PLACES) {
            return None;
        }
        let offset = offset(zone)?;
        let seconds =
            days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
        let mut parts = i128::from(digits(fraction).unwrap_or_default());
        for _ in fraction.len()..PLACES {
            parts *= 10;
        }
        Some(Self { at: i128::from(seconds) * SECOND + parts })
    }

    /// The moment so many milliseconds after 1970 began in UTC.
    pub fn from_unix_ms(ms: i64) -> Self {
        Self { at: i128::from(ms) * (SECOND / 1_000) }
    }

    /// How many whole milliseconds after 1970 it is, rounded down; nothing where no `i64` holds them.
    pub fn unix_ms(self) -> Option<i64> {
        i64::try_from(self.at.div_euclid(SECOND / 1_000)).ok()
    }

    /// The moment with so many digits of its second, the rest cut off.
    #[must_use]
    pub fn cut_to(self, places: u32) -> Self {
        let unit = 10_i128.pow(u32::try_from(PLACES).unwrap_or(18).saturating_sub(places));
        Self { at: self.at.div_euclid(unit) * unit }
    }

    /// The nearest moment with so many digits of its second; half of one goes up.
    pub(crate) fn rounded_to(self, places: u32) -> Self {
        let unit = 10_i128.pow(u32::try_from(PLACES).unwrap_or(18).saturating_sub(places));
        Self { at: self.at + unit / 2 }.cut_to(places)
    }

    /// The beginning of its day in UTC.
    pub(crate) fn day(self) -> Self {
        let day = 86_400 * SECOND;
        Self { at: self.at.div_euclid(day) * day }
    }

    /// The moment so many units after 1970 began in UTC, of which a second has ten to the power of `places`; nothing where RFC 3339 has
    /// no year for it.
    pub fn from_epoch(units: &Number, places: u32) -> Option<Self> {
        let units = units.decimal()?;
        let unit = 10_i128.pow(u32::try_from(PLACES).unwrap_or(18).saturating_sub(places));
        let whole = units.floor();
        // What a moment has no room for is cut off.
        let parts = (units - whole).checked_mul(Decimal::from_i128_with_scale(unit, 0))?.to_i128()?;
        let at = whole.to_i128()?.checked_mul(unit)?.checked_add(parts)?;
        YEARS.contains(&at.div_euclid(SECOND)).then_some(Self { at })
    }

    /// The moment so many units later, of which a second has ten to the power of `places`; nothing where RFC 3339 has no year for it.
    pub(crate) fn later(self, units: i64, places: u32) -> Option<Self> {
        let unit = 10_i128.pow(u32::try_from(PLACES).unwrap_or(18).saturating_sub(places));
        let at = self.at.checked_add(i128::from(units) * unit)?;
        YEARS.contains(&at.div_euclid(SECOND)).then_some(Self { at })
    }

    /// How many units after 1970 it is, rounded down.
    pub fn epoch(self, places: u32) -> Option<i64> {
        let unit = 10_i128.pow(u32::try_from(PLACES).unwrap_or(18).saturating_sub(places));
        i64::try_from(self.at.div_euclid(unit)).ok()
    }

    /// The day that a text such as `2026-03-01` names, from its beginning in UTC.
    pub fn parse_day(text: &str) -> Option<Self> {
        (text.len() == 10).then(|| Self::parse(&format!("{text}T00:00:00Z")))?
    }

    /// It in RFC 3339, in UTC, with just so many digits of its second.
    pub fn with_places(self, places: usize) -> String {
        let seconds = self.at.div_euclid(SECOND);
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date(i64::try_from(days).unwrap_or_default());
        let time = format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
        let fraction = format!("{:018}", self.at.rem_euclid(SECOND));
        let fraction = &fraction[..places.min(PLACES)];
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{year:04}-{month:02}-{day:02}T{time}{point}{fraction}Z")
    }
}

impl fmt::Display for Moment {
    /// In UTC, with as many digits of its second as it has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:018}", self.at.rem_euclid(SECOND));
        f.pad(&self.with_places(fraction.trim_end_matches('0').len()))
    }
}

impl Value {
    /// The moment that a text tells.
    pub fn as_moment(&self) -> Option<Moment> {
        self.as_text().and_then(Moment::parse)
    }

    /// Whether a text in it tells a moment.
    pub(crate) fn tells_moments(&self) -> bool {
        match self {
            Self::List(elements) => elements.iter().any(Self::tells_moments),
            Self::Record(record) => record.iter().any(|(_, value)| value.tells_moments()),
            other => other.as_moment().is_some(),
        }
    }

    /// Whether two texts tell one moment, each in its own way.
    pub(crate) fn is_moment_of(&self, other: &Self) -> bool {
        self.as_moment().is_some_and(|moment| other.as_moment() == Some(moment))
    }
}

fn digits(of: &[u8]) -> Option<i64> {
    let all = !of.is_empty() && of.iter().all(u8::is_ascii_digit);
    all.then(|| of.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

/// A zone as seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] if rest.len() == 5 && rest[2] == b':' => {
            let (hours, minutes) = (digits(&rest[..2])?, digits(&rest[3..])?);
            let seconds = hours * 3_600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// The other way round: year, month, day.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_many_forms() {
        let utc = Moment::parse("2024-02-29T00:15:00Z").expect("a moment");
        for text in [
            "2024-02-29t00:15:00z",
            "2024-02-29 00:15:00.000Z",
            "2024-02-29T00:15:00+00:00",
            "2024-02-29T00:15:00.000000000000000000-00:00",
            "2024-02-28T18:45:00-05:30",
            "2024-02-29T02:15:00.0+02:00",
            "2024-02-29T00:14:60Z",
        ] {
            assert_eq!(Moment::parse(text), Some(utc), "{text}");
        }
        for text in ["2024-02-29T00:15:00.001Z", "2024-02-29T00:15:01Z", "2024-02-29T00:15:00+01:00"] {
            assert_ne!(Moment::parse(text), Some(utc), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "a",
            "2024-02-29",
            "2024-02-29T00:15:00",
            "2023-02-29T00:15:00Z",
            "2024-13-01T00:15:00Z",
            "2024-00-01T00:15:00Z",
            "2024-04-31T00:15:00Z",
            "2024-02-29T24:00:00Z",
            "2024-02-29T00:60:00Z",
            "2024-02-29T00:15:61Z",
            "2024-02-29T00:15:00.Z",
            "2024-02-29T00:15:00.0000000000000000000Z",
            "2024-02-29T00:15:00.5",
            "2024-02-29T00:15:00+0100",
            "2024-02-29T00:15:00+24:00",
            "2024-02-29T00:15:00Z ",
            "+024-02-29T00:15:00Z",
            "2024-02-29T00:15:00é",
            "1709165700000",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_written_as_they_are_read() {
        for text in [
            "0000-03-01T00:00:00Z",
            "1969-12-31T23:59:59.999Z",
            "1970-01-01T00:00:00Z",
            "2000-02-29T12:00:00Z",
            "2026-12-31T23:59:59.000000000000000001Z",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(Moment::parse(text).map(|moment| moment.to_string()).as_deref(), Some(text));
        }
        let moment = Moment::from_unix_ms(-1);
        assert_eq!((moment.to_string(), moment.unix_ms()), ("1969-12-31T23:59:59.999Z".into(), Some(-1)));
        assert_eq!(moment.cut_to(0).with_places(3), "1969-12-31T23:59:59.000Z");
        assert_eq!(moment.cut_to(2).to_string(), "1969-12-31T23:59:59.99Z");
    }

    #[test]
    fn moments_are_numbers_of_units_after_1970() {
        let check = |units: &str, places: u32, expected: Option<&str>| {
            let number = Number::parse(units).expect("a number");
            let moment = Moment::from_epoch(&number, places).map(|moment| moment.to_string());
            assert_eq!(moment.as_deref(), expected, "{units}");
        };
        check("0", 0, Some("1970-01-01T00:00:00Z"));
        check("1772355907.013", 0, Some("2026-03-01T09:05:07.013Z"));
        check("1772355907013", 3, Some("2026-03-01T09:05:07.013Z"));
        check("1772355907013000.5", 6, Some("2026-03-01T09:05:07.0130005Z"));
        check("-0.001", 0, Some("1969-12-31T23:59:59.999Z"));
        check("-62167219200", 0, Some("0000-01-01T00:00:00Z"));
        check("-62167219201", 0, None);
        check("253402300799", 0, Some("9999-12-31T23:59:59Z"));
        // Milliseconds that are taken for seconds.
        check("1772355907013", 0, None);
        check("1e400", 0, None);
        let moment = Moment::parse("2026-03-01T09:05:07.0139Z").expect("a moment");
        assert_eq!(
            [0, 3, 6].map(|places| moment.epoch(places)),
            [Some(1_772_355_907), Some(1_772_355_907_013), Some(1_772_355_907_013_900)]
        );
        assert_eq!(Moment::parse_day("2026-03-01"), Moment::parse("2026-03-01T00:00:00Z"));
        assert_eq!(Moment::parse_day("2026-03-01T00:00:00Z"), None);
    }

    #[test]
    fn moments_order_as_time_goes() {
        let texts = ["2026-01-01T00:30:00+02:00", "2025-12-31T23:00:00Z", "2025-12-31T23:00:00.5Z"];
        let moments = texts.map(|text| Moment::parse(text).expect("a moment"));
        assert!(moments.is_sorted(), "{moments:?}");
    }
}
