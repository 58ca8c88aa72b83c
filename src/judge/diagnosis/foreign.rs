//! What is shown belongs to something else.

use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::ClauseId;
use crate::value::Value;

/// Texts that are shorter than this may be alike by chance.
const TELLING: usize = 4;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    let Some(on) = &read.query.on else { return Vec::new() };
    let mut shown = mismatch.differences.iter().filter_map(|difference| difference.actual.as_ref());
    let foreign = shown.find_map(|actual| {
        let text = actual.as_text().filter(|text| text.chars().count() >= TELLING)?;
        let of = |own: bool| {
            let sent = course.sent(read.at).iter().filter(move |sent| {
                let here = sent.command.on.as_ref() == Some(on)
                    || sent.command.fields.iter().any(|(_, value)| holds(value, on));
                here == own
            });
            sent.into_iter().find(|sent| sent.command.fields.iter().any(|(_, value)| holds_text(value, text)))
        };
        if of(true).is_some() { None } else { of(false) }
    });
    let Some(sent) = foreign else { return Vec::new() };
    let (query, name) = (&read.query.name, &sent.command.name);
    let says = format!("{query} shows what {name} was told of something else");
    let side = Side::Read(query.clone());
    vec![Cause { assumption: Assumption::Foreign, side, breaks: vec![ClauseId::Ec3], says }]
}

fn holds(value: &Value, part: &Value) -> bool {
    match value {
        Value::List(elements) => elements.iter().any(|element| holds(element, part)),
        Value::Record(record) => record.iter().any(|(_, field)| holds(field, part)),
        value => value == part,
    }
}

fn holds_text(value: &Value, text: &str) -> bool {
    holds(value, &Value::from(text))
}
