//! The contract as the oracle: rules evaluated, and held against a system that keeps them.

mod awkward;
mod bank;
mod laws;
#[cfg(feature = "reference")]
mod native;
#[cfg(feature = "reference")]
mod orders;
mod stock;
mod views;

use proofmark::contract::rules::Interpreted;
use proofmark::protocol::{Answer, Command, Expected, Query, Seen};
use proofmark::text::Source;
use proofmark::value::{Limits, Record, Value};

/// The model of a contract that ships.
pub(crate) fn shipped(path: &str) -> Interpreted {
    Interpreted::read(&Source::read(path).expect("a file")).expect("a contract without mistakes")
}

/// The model of a contract written out.
pub(crate) fn written(text: &str) -> Interpreted {
    Interpreted::read(&Source::new("test.contract", text)).expect("a contract without mistakes")
}

pub(crate) fn json(text: &str) -> Value {
    Value::from_json(text, &Limits::default()).expect("JSON")
}

fn record(text: &str) -> Record {
    json(text).as_record().expect("a record").clone()
}

pub(crate) fn command(name: &str, on: &str, fields: &str) -> Command {
    Command {
        name: name.into(),
        on: Some(on.into()),
        fields: record(fields),
        key: None,
        expected: Expected::Any,
        id: "command".into(),
    }
}

pub(crate) fn query(name: &str, on: Option<&str>, fields: &str) -> Query {
    Query { name: name.into(), on: on.map(Value::from), fields: record(fields) }
}

pub(crate) fn found(text: &str) -> Answer {
    Answer::new(Seen::Found(json(text)))
}
