//! Numbers and moments that tell apart what they become: each one of its own, and none the sum or the double of others.

use rust_decimal::Decimal;

use crate::contract::{Range, Type};
use crate::value::{Demand, Moment, Number, Value};

/// How many amounts there are.
pub const AMOUNTS: u32 = 18;
/// How many decimal places an amount has where nothing says how many there are.
const PLACES: u32 = 2;
/// Amounts that floats don't add up to what they are.
const TENTHS: [i64; 2] = [1, 2];
/// How many others there are.
const THREES: u32 = AMOUNTS - 2;

/// When the first moment is, in milliseconds after 1970: in a morning of March 2026.
const FIRST_MS: i64 = 1_772_355_907_013;
/// From one moment to the next: another day, hour, minute, second and millisecond.
const APART_MS: i64 = 86_400_000 + 25_811_123;
/// How long before the end of a window without a beginning they begin: some two months.
const WINDOW_MS: i64 = 60 * 86_400_000;
/// The zones that moments are told in, in minutes east of UTC.
const ZONES: [i64; 3] = [0, 120, -330];

/// An amount for a field of this type; the first is the plainest. Sums of threes tell a loss from a doubling, and so does an amount
/// with cents one that is cut. Nothing where the type and what is tried of it let no such amount be.
pub fn amount(ty: &Type, tried: Option<&Range>, demand: Option<&Demand>, number: u32) -> Option<Value> {
    let (law, places) = match ty {
        Type::Optional(inner) => return amount(inner, tried, demand, number),
        Type::Int(range) => (range, 0),
        Type::Decimal(range) => (range, places(range, tried)),
        _ => return None,
    };
    let tenth = TENTHS.get(usize::try_from(number).ok()?).filter(|_| places > 0);
    let step = match tenth {
        // Written with all its places, as amounts are.
        Some(tenth) => Decimal::new(tenth * 10_i64.checked_pow(places - 1)?, places),
        None if places > 0 => Decimal::new(3_i64.checked_pow((number - 2) % THREES)?, places),
        None => Decimal::new(3_i64.checked_pow(number % THREES)?, 0),
    };
    let ranges = [Some(law), tried].into_iter().flatten();
    let least = ranges.clone().filter_map(|range| range.min.as_ref()?.decimal()).max();
    // From the least on, unless that is as good as nought.
    let from = least.filter(|least| *least > Decimal::new(1, places)).unwrap_or_default();
    let above = Number::from(from.checked_add(step)?);
    let value = Value::Number(above.clone());
    let inside = ranges.clone().all(|range| {
        range.min.as_ref().is_none_or(|min| above >= *min)
            && range.max.as_ref().is_none_or(|max| above <= *max)
    });
    (inside && demand.is_none_or(|demand| demand.is_met_by(&value))).then_some(value)
}

/// How many places the ends of a range and of what is tried of it are written with.
fn places(law: &Range, tried: Option<&Range>) -> u32 {
    let ends = [Some(law), tried].into_iter().flatten().flat_map(|range| [&range.min, &range.max]);
    let written = ends.flatten().filter_map(|end| Some(end.decimal()?.scale())).max();
    written.filter(|places| *places > 0).unwrap_or(PLACES)
}

/// A moment; each is on another day, at another hour, minute, second and millisecond, and told in one zone or another. A later one
/// has a greater number, up to the end of a window that is to be tried; then they begin anew in it, at other milliseconds.
pub fn moment(tried: Option<&Range>, number: u32) -> Value {
    let ms = within(tried, i64::from(number));
    let zone = ZONES[number as usize % ZONES.len()];
    let there = Moment::from_unix_ms(ms + zone * 60_000).with_places(3);
    let offset = match zone {
        0 => return Value::from(there),
        zone => format!("{}{:02}:{:02}", if zone < 0 { '-' } else { '+' }, zone.abs() / 60, zone.abs() % 60),
    };
    Value::from(format!("{}{offset}", there.trim_end_matches('Z')))
}

/// The milliseconds since 1970 of the moment with this number, in a window of such.
fn within(tried: Option<&Range>, number: i64) -> i64 {
    let end = |end: &Option<Number>| end.as_ref().and_then(Number::to_i64);
    let (from, to) = tried.map_or((None, None), |window| (end(&window.min), end(&window.max)));
    let inside = |ms: i64| from.is_none_or(|from| ms >= from) && to.is_none_or(|to| ms <= to);
    let first = match (from, to) {
        _ if inside(FIRST_MS) => FIRST_MS,
        (Some(from), _) => from,
        (None, to) => to.unwrap_or(FIRST_MS).saturating_sub(WINDOW_MS),
    };
    let apart = number.saturating_mul(APART_MS);
    let Some(room) = to.map(|to| to.saturating_sub(first).max(0)) else { return first.saturating_add(apart) };
    first.saturating_add(apart.checked_rem(room.saturating_add(1)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn range(min: &str, max: &str) -> Range {
        let end = |text: &str| Number::parse(text);
        Range { min: end(min), max: end(max) }
    }

    #[test]
    fn amounts_have_the_digits_that_are_written_and_lie_within() {
        let shown = |ty: &Type, tried: Option<Range>, numbers: [u32; 4]| {
            numbers
                .map(|number| amount(ty, tried.as_ref(), None, number).map_or("none".into(), |v| v.to_json()))
        };
        let any = Range::default();
        assert_eq!(shown(&Type::Int(any.clone()), None, [0, 1, 2, 3]), ["1", "3", "9", "27"]);
        let decimal = Type::Decimal(any);
        assert_eq!(shown(&decimal, None, [0, 1, 2, 3]), ["0.10", "0.20", "0.01", "0.03"]);
        let tried = Some(range("0.000", "0.1"));
        assert_eq!(shown(&decimal, tried, [0, 1, 2, 8]), ["0.100", "none", "0.001", "none"]);
        assert_eq!(
            shown(&Type::Decimal(range("5", "")), None, [0, 1, 2, 3]),
            ["5.10", "5.20", "5.01", "5.03"]
        );
        assert_eq!(shown(&Type::Int(range("2", "9")), None, [0, 1, 2, 3]), ["3", "5", "none", "none"]);
        let demand = Demand::Whole { least: None, most: None };
        assert_eq!(amount(&decimal, None, Some(&demand), 0), None);
    }

    #[test]
    fn moments_lie_in_the_window_that_is_tried() {
        let ms = |text: &str| Moment::parse(text).and_then(Moment::unix_ms).map(Number::from);
        let check = |from: &str, to: &str, different: usize| {
            let window = Range { min: ms(from), max: ms(to) };
            let inside = |ms: &Number| {
                window.min.as_ref().is_none_or(|min| ms >= min)
                    && window.max.as_ref().is_none_or(|max| ms <= max)
            };
            let moments = (0..60).map(|number| moment(Some(&window), number).as_moment().expect("a moment"));
            let moments: BTreeSet<Number> =
                moments.filter_map(|moment| moment.unix_ms().map(Number::from)).filter(inside).collect();
            assert_eq!(moments.len(), different, "{from} {to}");
        };
        check("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", 60);
        check("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z", 60);
        check("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z", 1);
        check("2030-01-01T00:00:00Z", "", 60);
        check("", "1999-01-01T00:00:00Z", 60);
        check("", "2026-03-01T09:05:08Z", 60);
    }

    #[test]
    fn moments_differ_in_all_that_may_be_cut_and_go_on() {
        let moments: Vec<Value> = (0..60).map(|number| moment(None, number)).collect();
        let parsed: Vec<Moment> = moments.iter().map(|value| value.as_moment().expect("a moment")).collect();
        assert!(parsed.is_sorted(), "{moments:?}");
        for cut in [10, 19] {
            let texts: BTreeSet<String> =
                parsed.iter().map(|moment| moment.to_string()[..cut].to_owned()).collect();
            assert_eq!(texts.len(), 60, "{cut}");
        }
        let texts: Vec<&str> = moments.iter().filter_map(Value::as_text).collect();
        assert!(
            texts[0].ends_with('Z') && texts[1].ends_with("+02:00") && texts[2].ends_with("-05:30"),
            "{texts:?}"
        );
    }
}
