//! The fields of a line, as a reader asks for them.

use std::sync::Arc;
use std::time::Duration;

use crate::protocol::{Doubt, Verdict};
use crate::value::{Record, Value};

/// What is wrong with a line.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Fault {
    /// It is no record.
    #[error("a record was expected")]
    NoRecord,
    /// A field is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field has another form.
    #[error("`{0}` has another form than it must have")]
    Form(&'static str),
    /// A word is none of those that are known.
    #[error("`{0}` is none that this version of Proofmark knows: a newer one may have written it")]
    Unknown(&'static str),
    /// It ends what never began.
    #[error("it ends operation {0}, which has not begun or has ended")]
    NotBegun(u64),
}

/// A record whose fields are asked for by name.
pub(super) struct Fields<'a>(&'a Record);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, Fault> {
        value.as_record().map(Self).ok_or(Fault::NoRecord)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    fn must(&self, name: &'static str) -> Result<&'a Value, Fault> {
        self.0.get(name).ok_or(Fault::Missing(name))
    }

    pub(super) fn value(&self, name: &'static str) -> Result<Value, Fault> {
        self.must(name).cloned()
    }

    pub(super) fn text(&self, name: &'static str) -> Result<Arc<str>, Fault> {
        match self.must(name)? {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(Fault::Form(name)),
        }
    }

    pub(super) fn text_if(&self, name: &'static str) -> Result<Option<Arc<str>>, Fault> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Fault::Form(name)),
        }
    }

    pub(super) fn number(&self, name: &'static str) -> Result<u64, Fault> {
        whole(self.must(name)?).ok_or(Fault::Form(name))
    }

    pub(super) fn number_if(&self, name: &'static str) -> Result<Option<u64>, Fault> {
        self.get(name).map(|value| whole(value).ok_or(Fault::Form(name))).transpose()
    }

    pub(super) fn time(&self, name: &'static str) -> Result<Duration, Fault> {
        self.number(name).map(Duration::from_nanos)
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Fault> {
        self.must(name)?.as_bool().ok_or(Fault::Form(name))
    }

    pub(super) fn list(&self, name: &'static str) -> Result<&'a [Value], Fault> {
        self.must(name)?.as_list().ok_or(Fault::Form(name))
    }

    pub(super) fn record(&self, name: &'static str) -> Result<Fields<'a>, Fault> {
        self.must(name)?.as_record().map(Fields).ok_or(Fault::Form(name))
    }

    /// A record that is left out where it is empty.
    pub(super) fn body(&self, name: &'static str) -> Result<Record, Fault> {
        match self.get(name) {
            None => Ok(Record::new()),
            Some(Value::Record(record)) => Ok(record.clone()),
            Some(_) => Err(Fault::Form(name)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter()
    }

    pub(super) fn doubt(&self) -> Result<Doubt, Fault> {
        Doubt::of_word(&self.text("err")?).ok_or(Fault::Unknown("err"))
    }

    pub(super) fn verdict_if(&self) -> Result<Option<Verdict>, Fault> {
        let Some(word) = self.text_if("verdict")? else { return Ok(None) };
        Verdict::of_word(&word).map(Some).ok_or(Fault::Unknown("verdict"))
    }
}

/// A whole number that is not negative.
fn whole(value: &Value) -> Option<u64> {
    value.as_number()?.to_u64()
}
