//! Instants as RFC 3339 writes them, read and shown in the form that a service likes. Written anew here: a mistake that judge
//! and judged had in common would hide itself.

/// A moment, to any digit of its second.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Instant {
    /// Minutes since 1970 in UTC.
    minutes: i64,
    second: u8,
    /// Digits behind the point of the second, none of them a zero at the end.
    digits: String,
}

impl Instant {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (date, rest) = (text.get(..10)?, text.get(11..)?);
        if !matches!(text.get(10..11)?, "T" | "t" | " ") {
            return None;
        }
        let [year, month, day] = numbers(date, '-', &[4, 2, 2])?;
        let at = rest.find(['Z', 'z', '+', '-'])?;
        let (time, zone) = rest.split_at(at);
        let (time, digits) = match time.split_once('.') {
            Some((_, "")) => return None,
            Some((time, digits)) => (time, digits),
            None => (time, ""),
        };
        let [hour, minute, second] = numbers(time, ':', &[2, 2, 2])?;
        let zone = match zone {
            "Z" | "z" => 0,
            _ => {
                let [hours, minutes] = numbers(&zone[1..], ':', &[2, 2])?;
                let sign = if zone.starts_with('-') { -1 } else { 1 };
                (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))?
            }
        };
        let sound = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        if !sound || hour > 23 || minute > 59 || second > 59 || !digits.bytes().all(|d| d.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            minutes: days_since_1970(year, month, day) * 1440 + hour * 60 + minute - zone,
            second: u8::try_from(second).ok()?,
            digits: digits.trim_end_matches('0').to_owned(),
        })
    }

    /// The beginning of its day in UTC.
    pub(super) fn day(&self) -> Self {
        Self { minutes: self.minutes.div_euclid(1440) * 1440, second: 0, digits: String::new() }
    }

    /// So many minutes east of Greenwich, which are then called like that, with this many digits of a second at least.
    pub(super) fn shown(&self, east: i64, zone: &str, digits: usize) -> String {
        let minutes = self.minutes + east;
        let (year, month, day) = date(minutes.div_euclid(1440));
        let (hour, minute) = (minutes.rem_euclid(1440) / 60, minutes.rem_euclid(60));
        let digits = format!("{:0<digits$}", self.digits);
        let point = if digits.is_empty() { "" } else { "." };
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}{point}{digits}{zone}", self.second)
    }
}

/// Numbers of exactly so many digits.
fn numbers<const N: usize>(text: &str, between: char, digits: &[usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let sound = part.len() == *digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = sound.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// By Howard Hinnant's `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// By Howard Hinnant's `civil_from_days`.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[test]
fn instants_are_read_and_shown() {
    let read = |text: &str| Instant::read(text).expect("an instant");
    let noon = read("2026-03-01T00:30:00.250+01:00");
    assert_eq!(noon, read("2026-02-28T23:30:00.25Z"));
    assert_eq!(noon.shown(0, "Z", 0), "2026-02-28T23:30:00.25Z");
    assert_eq!(noon.day().shown(0, "Z", 0), "2026-02-28T00:00:00Z");
    assert_eq!(noon.shown(330, "+05:30", 3), "2026-03-01T05:00:00.250+05:30");
    for none in ["2026-03-01", "2026-02-29T00:00:00Z", "2026-03-01T00:00:00", "2026-03-01T00:00:00.Z", "x"] {
        assert_eq!(Instant::read(none), None, "{none}");
    }
}
