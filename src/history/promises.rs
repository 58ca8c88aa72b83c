use std::time::Duration;

use crate::protocol::{Deviation, Does, Effect, IdForm, Promises};
use crate::value::{Demand, Number, Record, Value};

/// What a target promises, as the header has it. Bounds are in nanoseconds, as times are.
pub(super) fn record(promises: &Promises) -> Record {
    let Promises { bound, bounds, tolerances, deviations, private, ids, demands } = promises;
    let bounds: Record = bounds.iter().map(|(query, bound)| (query.clone(), nanoseconds(*bound))).collect();
    let tolerances: Record = tolerances
        .iter()
        .map(|(query, off)| {
            let fields = off.iter().map(|(field, by)| (field, Value::Number(by.clone())));
            (query.clone(), Value::Record(fields.collect()))
        })
        .collect();
    let demands: Record = demands.iter().map(|(field, demand)| (field.clone(), demanded(demand))).collect();
    let ids = match ids {
        IdForm::Uuid => "uuid",
        IdForm::Text => "text",
    };
    Record::from([
        ("bound_ns", nanoseconds(*bound)),
        ("bounds_ns", bounds.into()),
        ("tolerances", tolerances.into()),
        ("deviations", deviations.iter().map(deviating).collect()),
        ("private", private.iter().map(|query| Value::from(&**query)).collect()),
        ("ids", ids.into()),
        ("generate", demands.into()),
    ])
}

fn nanoseconds(time: Duration) -> Value {
    Value::Number(Number::from(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
}

fn deviating(deviation: &Deviation) -> Value {
    let Deviation { command, rule, does, effect, because } = deviation;
    let does = match does {
        Does::Accepts => "accepts",
        Does::Rejects => "rejects",
    };
    let effect = match effect {
        Effect::None => "none",
        Effect::Applied => "applied",
    };
    let words =
        [("command", &**command), ("rule", rule), ("does", does), ("effect", effect), ("because", because)];
    Value::Record(Record::from(words))
}

/// In the words of `[generate]` of a target profile.
fn demanded(demand: &Demand) -> Value {
    let range = |least: Option<String>, most: Option<String>| {
        Value::from(format!("{}..{}", least.unwrap_or_default(), most.unwrap_or_default()))
    };
    let all = match demand {
        Demand::Uuid => vec![("as", Value::from("uuid"))],
        Demand::Whole { least, most } => {
            vec![
                ("as", "int".into()),
                ("range", range(least.map(|n| n.to_string()), most.map(|n| n.to_string()))),
            ]
        }
        Demand::Text { least, most, alphabet } => {
            let length = range(Some(least.to_string()), most.map(|n| n.to_string()));
            let letters = alphabet.as_ref().map(|ranges| {
                let ranges = ranges.iter().flat_map(|(from, to)| [*from, '-', *to]);
                Value::from(ranges.collect::<String>())
            });
            let text = [("as", Value::from("string")), ("length", length)].into_iter();
            text.chain(letters.map(|letters| ("alphabet", letters))).collect()
        }
    };
    Value::Record(all.into_iter().collect())
}
