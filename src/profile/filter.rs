use uuid::Uuid;

use super::instant::{FORMS, InstantForm};
use crate::text::{Code, Diagnostic, Span, did_you_mean};
use crate::value::{Limits, Number, Value};

/// The filters there are.
pub(super) const FILTERS: &[&str] =
    &["string", "number", "decimal", "cents", "lower", "upper", "map", "uuid5", "count", "json"];

/// Hundredths.
const CENTS: i64 = 100;

/// A change of a value's form on its way out or in.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Filter {
    /// A scalar as text.
    String,
    /// Text that is a number in JSON's syntax, as that number.
    Number,
    /// The same, if a decimal holds it exactly.
    Decimal,
    /// Out: a number of units as a whole number of hundredths. In: the other way.
    Cents,
    /// In small letters.
    Lower,
    /// In capital letters.
    Upper,
    /// One word for another; other words stay.
    Map(Vec<(String, String)>),
    /// How many elements a list has.
    Count,
    /// Out: a value as the text of its JSON. In: such a text as its value; what is no text is a value already.
    Json,
    /// An instant in one form or another.
    Instant(InstantForm),
    /// The UUID of version 5 (RFC 9562, section 5.5) of a text in a name space.
    Uuid5(Uuid),
}

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// From us to the service.
    Out,
    /// From the service to us.
    In,
}

/// Why a value can't change its form. Holds the value, cut short.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum FormError {
    /// Neither a number nor a text that is one.
    #[error("{0} is no number")]
    NoNumber(String),
    /// A number, and no text that is one.
    #[error("{0} is no number written as text")]
    NoNumberAsText(String),
    /// No decimal holds it exactly.
    #[error("{0} has too many digits for a decimal")]
    TooManyDigits(String),
    /// Part of a hundredth is left over.
    #[error("{0} is no whole number of hundredths")]
    NoWholeHundredths(String),
    /// No number holds it in the other unit.
    #[error("{0} can't be kept exactly in hundredths")]
    InexactHundredths(String),
    /// A text that is no JSON.
    #[error("{0} is no JSON")]
    NoJson(String),
    /// What has no elements can't be counted.
    #[error("{0} is no list")]
    NoList(String),
}

/// As much of a value as an error holds.
pub(super) fn shown(value: &Value) -> String {
    value.brief(60)
}

impl Filter {
    /// The value in its new form, or what is wrong with it. Nothing stays nothing.
    pub(crate) fn apply(&self, value: &Value, way: Way) -> Result<Value, FormError> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        match self {
            Self::String => Ok(Value::from(text(value))),
            Self::Number => Ok(Value::Number(number(value)?)),
            Self::Decimal => match number(value)? {
                number if number.decimal().is_some() => Ok(Value::Number(number)),
                _ => Err(FormError::TooManyDigits(shown(value))),
            },
            Self::Cents => cents(value, way),
            Self::Lower => Ok(Value::from(text(value).to_lowercase())),
            Self::Upper => Ok(Value::from(text(value).to_uppercase())),
            Self::Map(pairs) => {
                let word = text(value);
                let mapped = pairs.iter().find(|(from, _)| *from == word);
                Ok(mapped.map_or_else(|| value.clone(), |(_, to)| Value::from(to.as_str())))
            }
            Self::Count => match value {
                Value::List(elements) => Ok(Value::from(elements.len() as u64)),
                other => Err(FormError::NoList(shown(other))),
            },
            Self::Json if way == Way::Out => Ok(Value::from(value.to_json())),
            Self::Json => match value {
                Value::Text(text) => {
                    let limits = Limits { size: text.len(), ..Limits::default() };
                    Value::from_json(text.as_bytes(), &limits).map_err(|_| FormError::NoJson(shown(value)))
                }
                value => Ok(value.clone()),
            },
            Self::Instant(form) => Ok(form.apply(value, way)),
            Self::Uuid5(space) => {
                Ok(Value::from(Uuid::new_v5(space, text(value).as_bytes()).hyphenated().to_string()))
            }
        }
    }
}

/// All of them, one after the other.
pub(crate) fn apply_all(filters: &[Filter], value: Value, way: Way) -> Result<Value, FormError> {
    filters.iter().try_fold(value, |value, filter| filter.apply(&value, way))
}

/// A value as text: text as it is, everything else as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => other.to_json(),
    }
}

fn number(value: &Value) -> Result<Number, FormError> {
    let number = match value {
        Value::Number(number) => Some(number.clone()),
        Value::Text(text) => Number::parse(text),
        _ => None,
    };
    number.ok_or_else(|| FormError::NoNumber(shown(value)))
}

pub(super) fn cents(value: &Value, way: Way) -> Result<Value, FormError> {
    let number = number(value)?;
    let inexact = |_| FormError::InexactHundredths(shown(value));
    match way {
        Way::Out => {
            let cents = number.mul(&Number::from(CENTS)).map_err(inexact)?;
            match cents.to_i64() {
                Some(cents) => Ok(Value::from(cents)),
                None => Err(FormError::NoWholeHundredths(shown(value))),
            }
        }
        Way::In if number.is_whole() => {
            let hundredth = Number::from(rust_decimal::Decimal::new(1, 2));
            number.mul(&hundredth).map(Value::Number).map_err(inexact)
        }
        Way::In => Err(FormError::NoWholeHundredths(shown(value))),
    }
}

/// Reads `name` or `name(arguments)`.
pub(super) fn parse(written: &str, span: Span, out: &mut Vec<Diagnostic>) -> Option<Filter> {
    let (name, arguments) = match written.split_once('(') {
        Some((name, rest)) => (name.trim(), rest.trim_end().strip_suffix(')')),
        None => (written, None),
    };
    let wrong = match (name, arguments) {
        (name, None) if written.contains('(') => format!("the brackets of `{name}` are not closed"),
        ("string", None) => return Some(Filter::String),
        ("number", None) => return Some(Filter::Number),
        ("decimal", None) => return Some(Filter::Decimal),
        ("cents", None) => return Some(Filter::Cents),
        ("lower", None) => return Some(Filter::Lower),
        ("upper", None) => return Some(Filter::Upper),
        ("count", None) => return Some(Filter::Count),
        ("json", None) => return Some(Filter::Json),
        (name, None) if InstantForm::named(name).is_some() => {
            return InstantForm::named(name).map(Filter::Instant);
        }
        ("uuid5", None) => return Some(Filter::Uuid5(Uuid::NAMESPACE_URL)),
        ("uuid5", Some(space)) => match Uuid::parse_str(space.trim()) {
            Ok(space) => return Some(Filter::Uuid5(space)),
            Err(_) => "`uuid5` takes the UUID of a name space, or nothing".into(),
        },
        ("map", pairs) => match pairs.and_then(map) {
            Some(filter) => return Some(filter),
            None => "`map` needs pairs: `map(open=pending, done=confirmed)`".into(),
        },
        (name, _) if FILTERS.contains(&name) || InstantForm::named(name).is_some() => {
            format!("`{name}` takes nothing in brackets")
        }
        (name, _) => {
            let unknown =
                Diagnostic::error(Code::UNKNOWN_FILTER, span, format!("there is no filter `{name}`"));
            let all: Vec<&str> = FILTERS.iter().copied().chain(FORMS.map(|(form, _)| form)).collect();
            out.push(match did_you_mean(name, all.iter().copied()) {
                Some(near) => unknown.advise(format!("did you mean `{near}`?")),
                None => unknown.advise(format!("there are {}", all.join(", "))),
            });
            return None;
        }
    };
    out.push(Diagnostic::error(Code::BAD_FILTER, span, wrong));
    None
}

fn map(pairs: &str) -> Option<Filter> {
    let pairs = pairs.split(',').map(|pair| {
        let (from, to) = pair.split_once('=')?;
        Some((from.trim().to_owned(), to.trim().to_owned()))
    });
    pairs.collect::<Option<_>>().map(Filter::Map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(filter: &str, way: Way, json: &str, expected: &str) {
        let filter = parse(filter, Span::default(), &mut Vec::new()).expect("a filter");
        let value = Value::from_json(json, &crate::value::Limits::default()).expect("JSON");
        let got = filter.apply(&value, way).map_or_else(|error| error.to_string(), |value| value.to_json());
        assert_eq!(got, expected, "{filter:?} {json}");
    }

    #[test]
    fn values_change_form_exactly() {
        check("string", Way::Out, "0.10", "\"0.10\"");
        check("number", Way::In, "\"12345678901234.1234\"", "12345678901234.1234");
        check("decimal", Way::In, "\"0.10\"", "0.10");
        check("decimal", Way::In, "\"1e400\"", "\"1e400\" has too many digits for a decimal");
        check("decimal", Way::In, "\"x\"", "\"x\" is no number");
        check("cents", Way::Out, "4.50", "450");
        check("cents", Way::Out, "0.001", "0.001 is no whole number of hundredths");
        check("cents", Way::In, "450", "4.50");
        check("cents", Way::In, "4.5", "4.5 is no whole number of hundredths");
        check("lower", Way::In, "\"PENDING\"", "\"pending\"");
        check("map(OPEN=pending, DONE = confirmed)", Way::In, "\"DONE\"", "\"confirmed\"");
        check("map(OPEN=pending)", Way::In, "\"ELSE\"", "\"ELSE\"");
        check("count", Way::In, "[1, [2, 3]]", "2");
        check("count", Way::In, "3", "3 is no list");
        check("json", Way::In, r#""[{\"price\": 0.10}]""#, r#"[{"price":0.10}]"#);
        check("json", Way::In, "[1]", "[1]");
        check("json", Way::In, "\"[1\"", "\"[1\" is no JSON");
        check("json", Way::Out, "[1]", "\"[1]\"");
        check("string", Way::In, "null", "null");
        // The example of RFC 9562, appendix A.4.
        check(
            "uuid5(6ba7b810-9dad-11d1-80b4-00c04fd430c8)",
            Way::Out,
            "\"www.example.com\"",
            "\"2ed6657d-e927-568b-95e1-2665a8aea6a2\"",
        );
    }
}
