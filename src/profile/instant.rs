//! The forms in which services write instants.

use super::filter::Way;
use crate::value::{Moment, Number, Precision, Value};

/// How a service writes an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InstantForm {
    /// As RFC 3339 has it, with just as many digits of the second where that is said.
    Text(Option<Precision>),
    /// How many units have passed since 1970 began in UTC, leap seconds not counted.
    Epoch(Precision),
    /// Its day in UTC, such as `2026-03-01` (RFC 3339, `full-date`).
    Date,
}

/// The forms that there are, as a profile calls them.
pub(super) const FORMS: [(&str, InstantForm); 8] = [
    ("rfc3339", InstantForm::Text(None)),
    ("rfc3339 s", InstantForm::Text(Some(Precision::Second))),
    ("rfc3339 ms", InstantForm::Text(Some(Precision::Millisecond))),
    ("rfc3339 us", InstantForm::Text(Some(Precision::Microsecond))),
    ("epoch s", InstantForm::Epoch(Precision::Second)),
    ("epoch ms", InstantForm::Epoch(Precision::Millisecond)),
    ("epoch us", InstantForm::Epoch(Precision::Microsecond)),
    ("date", InstantForm::Date),
];

impl InstantForm {
    /// The form of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        // One space or several, as TOML writers like it.
        let mut words = name.split_whitespace();
        let (first, second) = (words.next()?, words.next());
        let whole = second.map_or_else(|| first.to_owned(), |second| format!("{first} {second}"));
        let known = FORMS.iter().find(|(known, _)| *known == whole).map(|(_, form)| *form);
        known.filter(|_| words.next().is_none())
    }

    /// How finely it tells moments; nothing where it tells them as they are.
    pub(crate) fn precision(self) -> Option<Precision> {
        match self {
            Self::Text(precision) => precision,
            Self::Epoch(precision) => Some(precision),
            Self::Date => Some(Precision::Day),
        }
    }

    /// An instant in this form, or back from it in RFC 3339; of a list, each element. What is none stays as it is: so what is wrong on
    /// purpose is sent, and what is wrong in an answer can be told from what it should be.
    pub(super) fn apply(self, value: &Value, way: Way) -> Value {
        if let Value::List(elements) = value {
            return elements.iter().map(|element| self.apply(element, way)).collect();
        }
        let reformed = match way {
            Way::Out => value.as_moment().and_then(|moment| self.written(moment, value)),
            Way::In => self.read(value),
        };
        reformed.unwrap_or_else(|| value.clone())
    }

    fn written(self, moment: Moment, text: &Value) -> Option<Value> {
        match self {
            Self::Text(None) => None,
            Self::Text(Some(precision)) => {
                let cut = precision.cut_value(text);
                Some(with_places(cut.as_text()?, precision.places()? as usize))
            }
            Self::Epoch(precision) => Some(Value::from(moment.epoch(precision.places()?)?)),
            Self::Date => Some(Value::from(&moment.day().with_places(0)[..10])),
        }
    }

    fn read(self, value: &Value) -> Option<Value> {
        let moment = match (self, value) {
            (Self::Text(_), _) => return None,
            (Self::Epoch(precision), Value::Number(units)) => Moment::from_epoch(units, precision.places()?),
            (Self::Epoch(precision), Value::Text(text)) => {
                Moment::from_epoch(&Number::parse(text)?, precision.places()?)
            }
            (Self::Date, Value::Text(text)) => Moment::parse_day(text),
            _ => None,
        };
        moment.map(|moment| Value::from(moment.to_string()))
    }
}

/// A date and time with just as many digits of its second, in its own zone.
fn with_places(text: &str, places: usize) -> Value {
    let (whole, rest) = text.split_at("2026-01-01T00:00:00".len());
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let zone = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (fraction, zone) = rest.split_at(zone);
    let point = if places == 0 { "" } else { "." };
    let fraction = &fraction[..fraction.len().min(places)];
    Value::from(format!("{whole}{point}{fraction:0<places$}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Limits;

    #[track_caller]
    fn check(form: &str, way: Way, json: &str, expected: &str) {
        let value = Value::from_json(json, &Limits::default()).expect("JSON");
        let form = InstantForm::named(form).expect("a form");
        assert_eq!(form.apply(&value, way).to_json(), expected, "{form:?} {json}");
    }

    #[test]
    fn instants_go_out_in_their_form_and_keep_their_zone() {
        let moment = r#""2026-03-02T01:30:07.0139+02:00""#;
        check("rfc3339", Way::Out, moment, moment);
        check("rfc3339 s", Way::Out, moment, r#""2026-03-02T01:30:07+02:00""#);
        check("rfc3339  ms", Way::Out, moment, r#""2026-03-02T01:30:07.013+02:00""#);
        check("rfc3339 us", Way::Out, moment, r#""2026-03-02T01:30:07.013900+02:00""#);
        check("rfc3339 ms", Way::Out, r#""2026-03-02T01:30:07Z""#, r#""2026-03-02T01:30:07.000Z""#);
        check("epoch s", Way::Out, moment, "1772407807");
        check("epoch ms", Way::Out, moment, "1772407807013");
        check("epoch us", Way::Out, moment, "1772407807013900");
        check("date", Way::Out, moment, r#""2026-03-01""#);
        check("date", Way::Out, &format!("[{moment}, null, \"soon\"]"), r#"["2026-03-01",null,"soon"]"#);
    }

    #[test]
    fn instants_come_back_as_they_are_told() {
        check("epoch s", Way::In, "1772407807", r#""2026-03-01T23:30:07Z""#);
        check("epoch ms", Way::In, "1772407807013", r#""2026-03-01T23:30:07.013Z""#);
        check("epoch ms", Way::In, r#""1772407807013""#, r#""2026-03-01T23:30:07.013Z""#);
        check("date", Way::In, r#""2026-03-01""#, r#""2026-03-01T00:00:00Z""#);
        for (form, wrong) in [
            ("epoch s", "1772407807013"),
            ("epoch ms", r#""soon""#),
            ("date", r#""2026-02-30""#),
            ("date", "20260301"),
            ("rfc3339 ms", r#""2026-03-01T23:30:07.013""#),
            ("epoch s", "null"),
        ] {
            check(form, Way::In, wrong, wrong);
        }
    }

    #[test]
    fn forms_are_known_by_their_names() {
        for name in ["", "epoch", "epoch ns", "rfc3339 ms z", "date ms", "unix"] {
            assert_eq!(InstantForm::named(name), None, "{name}");
        }
    }
}
