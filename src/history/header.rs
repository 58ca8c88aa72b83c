use std::fmt::Write as _;
use std::sync::Arc;

use super::fields::{Fault, Fields};
use super::promises;
use crate::protocol::{Capabilities, Capability, Promises};
use crate::value::{Record, Value};

/// The version of the format, in every header as `h`.
pub const FORMAT: u64 = 2;

/// The first line of a history: all that judging needs beside what was done and seen.
#[derive(Clone, PartialEq, Debug)]
pub struct Header {
    /// What was done.
    pub job: Job,
    /// The contracts that were spoken.
    pub contracts: Vec<Spoken>,
    /// The queries that were read.
    pub models: Vec<Arc<str>>,
    /// The run's seed.
    pub seed: u64,
    /// The target's name.
    pub target: String,
    /// What it claims.
    pub capabilities: Capabilities,
    /// Whether nobody else does anything where a case is.
    pub alone: bool,
    /// What it promises: by that it was drawn for and judged.
    pub promises: Promises,
    /// What was selected and what was allowed, by the job.
    pub asked: Record,
    /// The version of Proofmark that wrote it.
    pub toolkit: String,
}

/// What a history is of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Job {
    /// Scenarios (`proofmark run`).
    Run,
    /// Sequences that are made up (`proofmark generate`).
    Generate,
    /// The clauses of the catalogue (`proofmark conform`).
    Conform,
}

impl Job {
    /// Its word in a history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Generate => "generate",
            Self::Conform => "conform",
        }
    }
}

/// A contract that was spoken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spoken {
    /// Its name.
    pub name: Arc<str>,
    /// Its text and the file that this stood in, where the job has them.
    pub text: Option<(String, String)>,
}

impl Header {
    /// A header without contracts and queries, by this version of Proofmark.
    pub fn new(job: Job, seed: u64, target: impl Into<String>, promises: Promises) -> Self {
        Self {
            job,
            contracts: Vec::new(),
            models: Vec::new(),
            seed,
            target: target.into(),
            capabilities: Capabilities::default(),
            alone: false,
            promises,
            asked: Record::new(),
            toolkit: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// Appends its line to `out`.
    pub fn write(&self, out: &mut String) {
        let _ = write!(out, "{{\"h\":{FORMAT},\"clock\":\"mono_ns\",\"job\":\"{}\"", self.job.word());
        let contracts: Vec<Value> = self.contracts.iter().map(spoken).collect();
        let models: Vec<Value> = self.models.iter().map(|name| Value::Text(name.clone())).collect();
        let claimed = Capability::ALL.into_iter().filter(|one| self.capabilities.claims(*one));
        let claimed: Vec<Value> = claimed.map(|one| one.name().into()).collect();
        for (name, value) in [
            ("contracts", contracts.into()),
            ("models", models.into()),
            ("seed", Value::from(self.seed)),
            ("target", self.target.as_str().into()),
            ("capabilities", claimed.into()),
            ("alone", self.alone.into()),
            ("promises", promises::record(&self.promises).into()),
            ("asked", self.asked.clone().into()),
            ("toolkit", self.toolkit.as_str().into()),
        ] {
            let _ = write!(out, ",\"{name}\":");
            Value::write_json(&value, out);
        }
        out.push_str("}\n");
    }

    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        let job = fields.text("job")?;
        let job = [Job::Run, Job::Generate, Job::Conform].into_iter().find(|one| one.word() == &*job);
        let contracts = fields.list("contracts")?.iter().map(read_spoken).collect::<Result<_, _>>()?;
        let names = |of| fields.list(of)?.iter().map(text_of).collect::<Result<Vec<Arc<str>>, Fault>>();
        let claims = names("capabilities")?;
        let claims =
            Capability::ALL.into_iter().filter(|one| claims.iter().any(|name| **name == *one.name()));
        Ok(Self {
            job: job.ok_or(Fault::Unknown("job"))?,
            contracts,
            models: names("models")?,
            seed: fields.number("seed")?,
            target: fields.text("target")?.to_string(),
            capabilities: claims.collect(),
            alone: fields.flag("alone")?,
            promises: promises::read(&fields.record("promises")?)?,
            asked: fields.get("asked").and_then(Value::as_record).cloned().unwrap_or_default(),
            toolkit: fields.text("toolkit")?.to_string(),
        })
    }
}

fn spoken(contract: &Spoken) -> Value {
    let mut told = Record::from([("name", Value::Text(contract.name.clone()))]);
    if let Some((file, text)) = &contract.text {
        told.insert("file", file.as_str());
        told.insert("text", text.as_str());
    }
    told.into()
}

fn read_spoken(value: &Value) -> Result<Spoken, Fault> {
    let fields = Fields::of(value)?;
    let text = match fields.get("text") {
        Some(_) => Some((fields.text("file")?.to_string(), fields.text("text")?.to_string())),
        None => None,
    };
    Ok(Spoken { name: fields.text("name")?, text })
}

fn text_of(value: &Value) -> Result<Arc<str>, Fault> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(Fault::Unknown("name")),
    }
}
