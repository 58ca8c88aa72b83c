//! Lockers whose contract says what is hard to write down again: what is found of them reads back as it was sent.

#![expect(clippy::struct_field_names, reason = "a locker's words are those of its contract")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::protocol::{
    Answer, Capability, Doubt, Expected, Outcome, Receipt, Rejection, Seen, Unknown, Version,
};
use proofmark::value::Value;
use serde::{Deserialize, Serialize};

use super::written::{long_reads_back, reads_back};

pub(super) const CONTRACT: &str = "tests/generating/lockers.contract";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bug {
    /// Emptying leaves the note.
    KeepsTheNote,
    /// Emptying leaves one parcel.
    KeepsAParcel,
    /// What is put in first is lost when the second comes.
    LosesTheFirst,
    /// A third parcel is taken.
    TakesAThird,
    /// A parcel is taken whatever it weighs.
    TakesAllWeights,
    /// What is in quotes is shown without them.
    UnquotesTheLabel,
    /// When it was installed is told as a number.
    CountsTheDays,
    /// A locker with parcels is not listed.
    HidesTheFull,
    /// A full load is answered by nobody knows what, and is put in twice.
    StumblesOverFullLoads,
    /// Once somebody has looked, what they saw is shown for ever.
    RemembersTheAnswer,
    /// A retry takes effect again.
    IgnoresKeys,
    /// Nobody looks at the version that is demanded.
    IgnoresVersions,
}

pub(super) const BUGS: [Bug; 12] = [
    Bug::KeepsTheNote,
    Bug::KeepsAParcel,
    Bug::LosesTheFirst,
    Bug::TakesAThird,
    Bug::TakesAllWeights,
    Bug::UnquotesTheLabel,
    Bug::CountsTheDays,
    Bug::HidesTheFull,
    Bug::StumblesOverFullLoads,
    Bug::RemembersTheAnswer,
    Bug::IgnoresKeys,
    Bug::IgnoresVersions,
];

/// Nothing is painted here: that command can't be sent.
#[derive(Deserialize)]
pub(super) enum Do {
    Install { owner: String, version: String, note: Option<String> },
    Put { code: String, weight: u64 },
    Empty,
}

#[derive(Deserialize)]
pub(super) enum Show {
    GetLocker,
    Lockers { owner: String },
}

#[derive(Clone, Serialize)]
struct Parcel {
    code: String,
    weight: u64,
}

#[derive(Clone, Serialize)]
struct Locker {
    locker: String,
    owner: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    label: &'static str,
    words: Vec<&'static str>,
    parcels: Vec<Parcel>,
    held: usize,
    installed_at: Installed,
    #[serde(skip)]
    changes: u64,
}

#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Installed {
    At(&'static str),
    Day(u64),
}

#[derive(Serialize)]
struct Row {
    locker: String,
    note: Option<String>,
    held: usize,
}

#[derive(Default)]
pub(super) struct Hall {
    lockers: BTreeMap<String, Locker>,
    remembered: BTreeMap<String, Value>,
    outcomes: BTreeMap<Arc<str>, Outcome>,
}

impl Hall {
    fn handle(&mut self, bug: Option<Bug>, on: &str, expected: &Expected, command: Do) -> Outcome {
        let rejected = |code: &str| Outcome::Rejected(Rejection::named(code));
        let known = self.lockers.get_mut(on);
        let now = known.as_ref().map_or(0, |known| known.changes);
        if bug != Some(Bug::IgnoresVersions)
            && !matches!(expected, Expected::Any)
            && *expected != Expected::Exactly(Version::Number(now))
        {
            return rejected("ConcurrencyConflict");
        }
        let mut unknown = false;
        match (command, known) {
            (Do::Put { weight: 0, .. }, _) => return rejected("Malformed"),
            (Do::Install { .. }, Some(_)) => return rejected("LockerExists"),
            (Do::Install { owner, version, note }, None) => {
                let label = match bug {
                    Some(Bug::UnquotesTheLabel) => "big ☂ $5\\",
                    _ => "\"big\" ☂ $5\\",
                };
                let installed_at = match bug {
                    Some(Bug::CountsTheDays) => Installed::Day(7),
                    _ => Installed::At("2026-01-02T03:04:05Z"),
                };
                let (words, parcels) = (Vec::new(), Vec::new());
                let locker = on.to_owned();
                let locker = Locker {
                    locker,
                    owner,
                    version,
                    note,
                    label,
                    words,
                    parcels,
                    held: 0,
                    installed_at,
                    changes: 0,
                };
                self.lockers.insert(on.to_owned(), locker);
            }
            (Do::Put { .. } | Do::Empty, None) => return rejected("LockerMissing"),
            (Do::Put { code, weight }, Some(known)) => {
                if known.parcels.len() >= 2 && bug != Some(Bug::TakesAThird) {
                    return rejected("LockerFull");
                }
                if weight > 20 && bug != Some(Bug::TakesAllWeights) {
                    return rejected("TooHeavy");
                }
                known.words = vec!["$key1", "a \"b\" 🔑"];
                if bug == Some(Bug::LosesTheFirst) {
                    known.parcels.clear();
                }
                // The last one in front: the order says nothing.
                known.parcels.insert(0, Parcel { code, weight });
                if weight == 20 && bug == Some(Bug::StumblesOverFullLoads) {
                    known.parcels.push(known.parcels[0].clone());
                    unknown = true;
                }
            }
            (Do::Empty, Some(known)) => {
                known.parcels.truncate(usize::from(bug == Some(Bug::KeepsAParcel)));
                known.words.clear();
                if bug != Some(Bug::KeepsTheNote) {
                    known.note = None;
                }
            }
        }
        let Some(known) = self.lockers.get_mut(on) else { return rejected("LockerMissing") };
        known.held = known.parcels.len();
        known.changes += 1;
        if unknown {
            return Outcome::Unknown(Unknown {
                doubt: Doubt::ServerError,
                status: None,
                detail: "it stumbled over\na load".into(),
            });
        }
        Outcome::Accepted(Receipt { version: Some(Version::Number(known.changes)), ..Receipt::default() })
    }

    fn answer(&mut self, bug: Option<Bug>, on: Option<&str>, query: Show) -> Answer {
        let found = match query {
            Show::GetLocker => match on.and_then(|on| self.lockers.get(on)) {
                Some(known) => {
                    let shown = Value::of(known).expect("exact");
                    let remembered =
                        self.remembered.entry(known.locker.clone()).or_insert_with(|| shown.clone());
                    if bug == Some(Bug::RemembersTheAnswer) { remembered.clone() } else { shown }
                }
                None => return Answer::new(Seen::Absent),
            },
            Show::Lockers { owner } => {
                let shown = self.lockers.values().filter(|known| {
                    known.owner == owner && (bug != Some(Bug::HidesTheFull) || known.parcels.is_empty())
                });
                let row = |known: &Locker| {
                    let (locker, note) = (known.locker.clone(), known.note.clone());
                    Row { locker, note, held: known.held }
                };
                Value::of(&shown.map(row).collect::<Vec<_>>()).expect("exact")
            }
        };
        Answer::new(Seen::Found(found))
    }
}

pub(super) fn lockers(bug: Option<Bug>) -> InProcess<Mutex<Hall>> {
    InProcess::builder("lockers", |_| Mutex::new(Hall::default()))
        .speaks("lockers")
        .ids(IdForm::Text)
        .claims(Capability::Idempotency)
        .claims(Capability::ExpectedVersion)
        .commands(move |hall: Arc<Mutex<Hall>>, sent: Sent<Do>| async move {
            let mut hall = hall.lock().expect("no panic");
            let known = sent.key.as_ref().and_then(|key| hall.outcomes.get(key));
            if let Some(known) = known.filter(|_| bug != Some(Bug::IgnoresKeys)) {
                return known.clone();
            }
            let outcome = hall.handle(bug, &sent.on, &sent.expected, sent.command);
            if let Some(key) = sent.key {
                hall.outcomes.insert(key, outcome.clone());
            }
            outcome
        })
        .queries(move |hall: Arc<Mutex<Hall>>, asked: Asked<Show>| async move {
            hall.lock().expect("no panic").answer(bug, asked.on.as_deref(), asked.query)
        })
        .build()
}

#[test]
fn what_is_found_of_each_bug_reads_back() {
    let mut files = std::collections::BTreeSet::new();
    for bug in BUGS {
        let written = reads_back(|| lockers(Some(bug)), || lockers(None), CONTRACT);
        let holds = match bug {
            Bug::KeepsTheNote => "note: null",
            Bug::KeepsAParcel => "parcels: unordered []",
            Bug::LosesTheFirst => "held: 2",
            Bug::TakesAThird => "rejected LockerFull",
            Bug::TakesAllWeights => "rejected TooHeavy",
            Bug::UnquotesTheLabel => "label: \"\\\"big\\\" ☂ $5\\\\\"",
            Bug::CountsTheDays => "installed_at: ~/",
            Bug::HidesTheFull => "Lockers { owner: $owner1 } shows ",
            Bug::StumblesOverFullLoads => "then  any outcome",
            Bug::RemembersTheAnswer => "GetLocker on $locker1\n",
            Bug::IgnoresKeys => "repeat last",
            Bug::IgnoresVersions => " at version $version_",
        };
        let shown = written.iter().any(|told| told.scenario.contains(holds));
        assert!(shown, "{bug:?}: {:#?}", written.iter().map(|told| &told.scenario).collect::<Vec<_>>());
        let paints = |line: &str| line.starts_with(' ') && line.contains("Paint");
        assert!(!written.iter().any(|told| told.scenario.lines().any(paints)), "{bug:?}");
        files.extend(written.into_iter().map(|told| told.file));
    }
    assert!(files.len() >= BUGS.len(), "each cause has a file of its own: {files:#?}");
}

/// Nothing is painted here, so what was not made smaller has commands that were never sent.
#[test]
fn what_was_never_sent_is_not_written() {
    let long = |seed| long_reads_back(|| lockers(Some(Bug::TakesAThird)), || lockers(None), CONTRACT, seed);
    assert!((1..12).any(long), "all was sent");
}
