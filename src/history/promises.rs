use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::fields::{Fault, Fields};
use crate::protocol::{Deviation, Does, Effect, IdForm, Promises, VersionKind};
use crate::value::{Demand, Number, Precision, Precisions, Record, Tolerances, Value};

/// What a target promises, as the header has it. Bounds are in nanoseconds, as times are.
pub(super) fn record(promises: &Promises) -> Record {
    let Promises {
        bound,
        bounds,
        tolerances,
        sent,
        events,
        deviations,
        ignores,
        paged,
        versions,
        private,
        ids,
        keys,
        demands,
        creations,
    } = promises;
    let texts = |all: &BTreeSet<Arc<str>>| all.iter().map(|one| Value::from(&**one)).collect::<Value>();
    let bounds: Record = bounds.iter().map(|(query, bound)| (query.clone(), nanoseconds(*bound))).collect();
    let tolerances: Record = tolerances
        .iter()
        .map(|(query, off)| {
            let fields = off.iter().map(|(field, by)| (field, Value::Number(by.clone())));
            (query.clone(), Value::Record(fields.collect()))
        })
        .collect();
    let shown: BTreeMap<_, _> =
        promises.tolerances.iter().map(|(query, off)| (query.clone(), off.moments().clone())).collect();
    let demands: Record = demands.iter().map(|(field, demand)| (field.clone(), demanded(demand))).collect();
    Record::from([
        ("bound_ns", nanoseconds(*bound)),
        ("bounds_ns", bounds.into()),
        ("tolerances", tolerances.into()),
        ("sent_to", precise(sent).into()),
        ("shown_to", precise(&shown).into()),
        ("fed_to", precise(events).into()),
        ("deviations", deviations.iter().map(deviating).collect()),
        (
            "ignores",
            ignores.iter().map(|(query, fields)| (query.clone(), texts(fields))).collect::<Record>().into(),
        ),
        ("paged", texts(paged)),
        ("versions", version_kind(*versions).into()),
        ("private", texts(private)),
        ("ids", id_form(*ids).into()),
        ("keys", id_form(*keys).into()),
        ("generate", demands.into()),
        ("creations", texts(creations)),
    ])
}

/// The promises that a header has.
pub(super) fn read(fields: &Fields<'_>) -> Result<Promises, Fault> {
    let mut promises = Promises { bound: fields.time("bound_ns")?, ..Promises::default() };
    for (query, bound) in fields.record("bounds_ns")?.iter() {
        promises.bounds.insert(query.into(), time(bound).ok_or(Fault::Form("bounds_ns"))?);
    }
    for (query, off) in fields.record("tolerances")?.iter() {
        let mut tolerances = Tolerances::default();
        for (path, by) in Fields::of(off)?.iter() {
            let by = by.as_number().ok_or(Fault::Form("tolerances"))?;
            tolerances.allow(path.split('.').map(Arc::from), by.clone());
        }
        promises.tolerances.insert(query.into(), tolerances);
    }
    promises.sent = read_precise(fields, "sent_to")?;
    promises.events = read_precise(fields, "fed_to")?;
    for (query, moments) in read_precise(fields, "shown_to")? {
        promises.tolerances.entry(query).or_default().tell_moments(moments);
    }
    for deviation in fields.list("deviations")? {
        promises.deviations.push(read_deviation(&Fields::of(deviation)?)?);
    }
    for (query, left_out) in fields.record("ignores")?.iter() {
        let left_out = left_out.as_list().ok_or(Fault::Form("ignores"))?;
        promises.ignores.insert(query.into(), read_texts(left_out, "ignores")?);
    }
    promises.paged = read_texts(fields.list("paged")?, "paged")?;
    let kind = fields.text("versions")?;
    let kinds = [VersionKind::Number, VersionKind::Opaque];
    let kind = kinds.into_iter().find(|one| version_kind(*one) == &*kind);
    promises.versions = kind.ok_or(Fault::Unknown("versions"))?;
    promises.private = read_texts(fields.list("private")?, "private")?;
    promises.ids = read_id_form(fields, "ids")?;
    promises.keys = read_id_form(fields, "keys")?;
    for (field, demand) in fields.record("generate")?.iter() {
        promises.demands.insert(field.into(), read_demand(&Fields::of(demand)?)?);
    }
    promises.creations = read_texts(fields.list("creations")?, "creations")?;
    Ok(promises)
}

/// How finely moments are told, message by message and field by field.
fn precise(all: &BTreeMap<Arc<str>, Precisions>) -> Record {
    let told = all.iter().filter(|(_, precisions)| !precisions.is_empty()).map(|(message, precisions)| {
        let fields =
            precisions.iter().map(|(field, precision)| (Arc::from(field), Value::from(precision.word())));
        (message.clone(), Value::Record(fields.collect()))
    });
    told.collect()
}

fn read_precise(fields: &Fields<'_>, name: &'static str) -> Result<BTreeMap<Arc<str>, Precisions>, Fault> {
    let mut all = BTreeMap::new();
    for (message, told) in fields.record(name)?.iter() {
        let mut precisions = Precisions::default();
        for (path, word) in Fields::of(told)?.iter() {
            let precision = Precision::ALL.into_iter().find(|one| Some(one.word()) == word.as_text());
            precisions.tell(path.split('.').map(Arc::from), precision.ok_or(Fault::Unknown(name))?);
        }
        all.insert(message.into(), precisions);
    }
    Ok(all)
}

fn read_texts(all: &[Value], name: &'static str) -> Result<BTreeSet<Arc<str>>, Fault> {
    all.iter().map(|one| one.as_text().map(Arc::from).ok_or(Fault::Form(name))).collect()
}

fn version_kind(kind: VersionKind) -> &'static str {
    match kind {
        VersionKind::Number => "number",
        VersionKind::Opaque => "opaque",
    }
}

fn id_form(ids: IdForm) -> &'static str {
    match ids {
        IdForm::Uuid => "uuid",
        IdForm::Text => "text",
    }
}

fn read_id_form(fields: &Fields<'_>, name: &'static str) -> Result<IdForm, Fault> {
    let (word, mut forms) = (fields.text(name)?, [IdForm::Uuid, IdForm::Text].into_iter());
    forms.find(|form| id_form(*form) == &*word).ok_or(Fault::Unknown(name))
}

fn nanoseconds(time: Duration) -> Value {
    Value::Number(Number::from(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
}

fn time(value: &Value) -> Option<Duration> {
    value.as_number()?.to_u64().map(Duration::from_nanos)
}

fn does(does: Does) -> &'static str {
    match does {
        Does::Accepts => "accepts",
        Does::Rejects => "rejects",
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "none",
        Effect::Applied => "applied",
    }
}

fn deviating(deviation: &Deviation) -> Value {
    let Deviation { command, rule, because, .. } = deviation;
    let words = [
        ("command", &**command),
        ("rule", rule),
        ("does", does(deviation.does)),
        ("effect", effect(deviation.effect)),
        ("because", because),
    ];
    Value::Record(Record::from(words))
}

fn read_deviation(fields: &Fields<'_>) -> Result<Deviation, Fault> {
    let (says, comes) = (fields.text("does")?, fields.text("effect")?);
    let all = [Does::Accepts, Does::Rejects];
    let effects = [Effect::None, Effect::Applied];
    Ok(Deviation {
        command: fields.text("command")?,
        rule: fields.text("rule")?,
        does: all.into_iter().find(|one| does(*one) == &*says).ok_or(Fault::Unknown("does"))?,
        effect: effects.into_iter().find(|one| effect(*one) == &*comes).ok_or(Fault::Unknown("effect"))?,
        because: fields.text("because")?,
    })
}

/// In the words of `[generate]` of a target profile, with the ends of a range each by itself.
fn demanded(demand: &Demand) -> Value {
    let mut told = Record::new();
    match demand {
        Demand::Uuid => {
            told.insert("as", "uuid");
        }
        Demand::Whole { least, most } => {
            told.insert("as", "int");
            for (name, end) in [("least", least), ("most", most)] {
                if let Some(end) = end {
                    told.insert(name, *end);
                }
            }
        }
        Demand::Text { least, most, alphabet } => {
            told.insert("as", "string");
            told.insert("least", *least);
            if let Some(most) = most {
                told.insert("most", *most);
            }
            if let Some(ranges) = alphabet {
                let range = |(from, to): &(char, char)| Value::from(format!("{from}{to}"));
                told.insert("alphabet", ranges.iter().map(range).collect::<Value>());
            }
        }
    }
    Value::Record(told)
}

fn read_demand(fields: &Fields<'_>) -> Result<Demand, Fault> {
    let end = |name: &'static str| {
        let end = fields.get(name).map(|end| end.as_number().and_then(Number::to_i64));
        end.map(|end| end.ok_or(Fault::Form(name))).transpose()
    };
    match &*fields.text("as")? {
        "uuid" => Ok(Demand::Uuid),
        "int" => Ok(Demand::Whole { least: end("least")?, most: end("most")? }),
        "string" => {
            let ranges = fields.get("alphabet").map(|_| fields.list("alphabet")).transpose()?;
            let range = |range: &Value| {
                let mut ends = range.as_text()?.chars();
                Some((ends.next()?, ends.next()?))
            };
            let alphabet = ranges.map(|ranges| ranges.iter().map(range).collect::<Option<Vec<_>>>());
            let alphabet = alphabet.map(|ranges| ranges.ok_or(Fault::Form("alphabet"))).transpose()?;
            let (least, most) = (fields.number("least")?, fields.number_if("most")?);
            Ok(Demand::Text { least, most, alphabet: alphabet.map(Arc::from) })
        }
        _ => Err(Fault::Unknown("as")),
    }
}
