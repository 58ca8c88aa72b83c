//! Parcels, wrong in ways that only values tell: two fields swapped, a rename that misses a list, cents and times cut off, rules
//! that are off by one at three and at ten or compare a field too many.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::clause::Level;
use proofmark::conform::Stand;
use proofmark::contract::explore::command;
use proofmark::protocol::{Answer, Query, Rejection, Seen, Verdict};
use proofmark::run::{Seed, Trials, tell};
use proofmark::step::{Binding, Draw, Sequence, Step};
use proofmark::value::{Name, Number, Record, Value};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::replayed;
use super::services::tried;
use crate::model::shipped;
use crate::procedures::examined;

const CONTRACT: &str = "tests/generating/parcels.contract";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bug {
    /// The list keeps the label that a parcel was packed with.
    ListKeepsTheLabel,
    /// The parcel keeps the moment that it was packed with.
    KeepsTheFirstDue,
    SwapsSenderAndReceiver,
    /// Fees are shown without their cents.
    CutsCents,
    /// Fees are added up in floats.
    AddsInFloats,
    /// A moment is shown as the beginning of its day.
    CutsTheTime,
    /// A moment is shown in whole seconds.
    CutsMilliseconds,
    /// A moment of another zone is taken for one of UTC.
    LosesTheZone,
    LowersLabels,
    TrimsLabels,
    /// Who has marked a parcel may mark it again in another office.
    ComparesTheOffice,
    /// Two marks are enough.
    SealsWithTwo,
    /// An eleventh mark is taken.
    TakesEleven,
    /// Of ten marks the last is not shown.
    LosesTheTenthMark,
}

const BUGS: [Bug; 14] = [
    Bug::ListKeepsTheLabel,
    Bug::KeepsTheFirstDue,
    Bug::SwapsSenderAndReceiver,
    Bug::CutsCents,
    Bug::AddsInFloats,
    Bug::CutsTheTime,
    Bug::CutsMilliseconds,
    Bug::LosesTheZone,
    Bug::LowersLabels,
    Bug::TrimsLabels,
    Bug::ComparesTheOffice,
    Bug::SealsWithTwo,
    Bug::TakesEleven,
    Bug::LosesTheTenthMark,
];

/// An amount, digit by digit.
#[derive(Clone)]
struct Money(Number);

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Money;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Money, E> {
                Number::parse(text).map(Money).ok_or_else(|| E::custom("no amount"))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Money, E> {
                Ok(Money(number.into()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Money, E> {
                Ok(Money(number.into()))
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

#[derive(Deserialize)]
enum Do {
    Pack { owner: String, label: String, sender: String, receiver: String, due: String },
    Relabel { label: String },
    Postpone { due: String },
    Charge { amount: Money },
    Stamp { by: String, office: String },
    Seal,
}

#[derive(Deserialize)]
enum Show {
    GetParcel,
    ListParcels { owner: String },
}

struct Parcel {
    sealed: bool,
    owner: String,
    label: String,
    first_label: String,
    sender: String,
    receiver: String,
    due: String,
    fees: Vec<Number>,
    marks: Vec<(String, String)>,
}

type Parcels = Mutex<BTreeMap<String, Parcel>>;

fn parcels(bug: Option<Bug>) -> InProcess<Parcels> {
    InProcess::builder("parcels", |_| Parcels::default())
        .speaks("parcels")
        .ids(IdForm::Text)
        .commands(move |parcels, sent: Sent<Do>| async move {
            handle(bug, &mut parcels.lock().expect("no panic"), sent.on, sent.command)
        })
        .queries(move |parcels, asked: Asked<Show>| async move {
            let parcels = parcels.lock().expect("no panic");
            let value = match asked.query {
                Show::GetParcel => asked.on.and_then(|on| Some(details(bug, &on, parcels.get(&*on)?))),
                Show::ListParcels { owner } => {
                    let own = parcels.iter().filter(|(_, parcel)| parcel.owner == owner);
                    Some(Value::List(own.map(|(id, parcel)| row(bug, id, parcel)).collect()))
                }
            };
            Answer::new(value.map_or(Seen::Absent, Seen::Found))
        })
        .build()
}

fn handle(
    bug: Option<Bug>,
    parcels: &mut BTreeMap<String, Parcel>,
    on: String,
    command: Do,
) -> Result<(), Rejection> {
    let is = |one| bug == Some(one);
    let refused = |code: &str| Err(Rejection::named(code));
    let fits = |text: &str| (1..=60).contains(&text.chars().count());
    let lawful = match &command {
        Do::Pack { label, sender, receiver, due, .. } => {
            fits(label) && fits(sender) && fits(receiver) && is_moment(due)
        }
        Do::Relabel { label } => fits(label),
        Do::Charge { amount } => amount.0 >= Number::parse("0.01").expect("a number"),
        Do::Postpone { due } => is_moment(due),
        Do::Stamp { .. } | Do::Seal => true,
    };
    if !lawful {
        return refused("Malformed");
    }
    let command = match (command, parcels.contains_key(&on)) {
        (Do::Pack { .. }, true) => return refused("ParcelExists"),
        (Do::Pack { owner, label, sender, receiver, due }, false) => {
            let label = kept(bug, label);
            let first_label = label.clone();
            let (fees, marks) = (Vec::new(), Vec::new());
            let parcel =
                Parcel { sealed: false, owner, label, first_label, sender, receiver, due, fees, marks };
            parcels.insert(on, parcel);
            return Ok(());
        }
        (command, _) => command,
    };
    let Some(parcel) = parcels.get_mut(&on).filter(|parcel| !parcel.sealed) else {
        return refused("NotOpen");
    };
    match command {
        Do::Pack { .. } => {}
        Do::Relabel { label } => parcel.label = kept(bug, label),
        Do::Postpone { due } => {
            if !is(Bug::KeepsTheFirstDue) {
                parcel.due = due;
            }
        }
        Do::Charge { amount } => parcel.fees.push(amount.0),
        Do::Stamp { by, office } => {
            let mut known = parcel.marks.iter();
            if known.any(|mark| mark.0 == by && (mark.1 == office || !is(Bug::ComparesTheOffice))) {
                return refused("StampedAlready");
            }
            if parcel.marks.len() >= if is(Bug::TakesEleven) { 11 } else { 10 } {
                return refused("EnoughMarks");
            }
            parcel.marks.push((by, office));
        }
        Do::Seal => {
            if parcel.marks.len() < if is(Bug::SealsWithTwo) { 2 } else { 3 } {
                return refused("TooFewMarks");
            }
            parcel.sealed = true;
        }
    }
    Ok(())
}

/// Whether a text has the looks of a moment.
fn is_moment(text: &str) -> bool {
    text.is_ascii() && text.len() >= 20 && text.as_bytes()[10] == b'T'
}

fn kept(bug: Option<Bug>, label: String) -> String {
    match bug {
        Some(Bug::LowersLabels) => label.to_lowercase(),
        Some(Bug::TrimsLabels) => label.trim().to_owned(),
        _ => label,
    }
}

fn fee(bug: Option<Bug>, parcel: &Parcel) -> Value {
    if bug == Some(Bug::AddsInFloats) {
        let sum = parcel.fees.iter().filter_map(|fee| fee.to_string().parse::<f64>().ok()).sum::<f64>();
        return Value::Number(Number::parse(&sum.to_string()).expect("a number"));
    }
    let sum = parcel.fees.iter().fold(Number::from(0), |sum, fee| sum.add(fee).expect("exact"));
    let cents = sum.decimal().expect("small").trunc();
    Value::Number(if bug == Some(Bug::CutsCents) { cents.into() } else { sum })
}

fn due(bug: Option<Bug>, parcel: &Parcel) -> Value {
    let due = &*parcel.due;
    let zone = due.rfind(['Z', '+', '-']).filter(|at| *at > 10).unwrap_or(due.len());
    let seconds = due.find('.').unwrap_or(zone);
    Value::from(match bug {
        Some(Bug::CutsTheTime) => format!("{}T00:00:00{}", &due[..10], &due[zone..]),
        Some(Bug::CutsMilliseconds) => format!("{}{}", &due[..seconds], &due[zone..]),
        Some(Bug::LosesTheZone) => format!("{}Z", &due[..zone]),
        _ => due.to_owned(),
    })
}

fn details(bug: Option<Bug>, id: &str, parcel: &Parcel) -> Value {
    let text = |text: &str| Value::from(text);
    let (mut sender, mut receiver) = (&parcel.sender, &parcel.receiver);
    if bug == Some(Bug::SwapsSenderAndReceiver) {
        std::mem::swap(&mut sender, &mut receiver);
    }
    let shown = if bug == Some(Bug::LosesTheTenthMark) { 9 } else { parcel.marks.len() };
    let marks = parcel.marks.iter().take(shown);
    let marks = marks.map(|(by, office)| Record::from([("by", text(by)), ("office", text(office))]).into());
    Value::Record(Record::from([
        ("parcel", text(id)),
        ("status", text(if parcel.sealed { "sealed" } else { "open" })),
        ("owner", text(&parcel.owner)),
        ("label", text(&parcel.label)),
        ("sender", text(sender)),
        ("receiver", text(receiver)),
        ("due", due(bug, parcel)),
        ("fee", fee(bug, parcel)),
        ("marks", Value::List(marks.collect())),
    ]))
}

fn row(bug: Option<Bug>, id: &str, parcel: &Parcel) -> Value {
    let keeps = bug == Some(Bug::ListKeepsTheLabel);
    let label = if keeps { &parcel.first_label } else { &parcel.label };
    let fields = [("parcel", id.into()), ("label", Value::from(&**label)), ("fee", fee(bug, parcel))];
    Value::Record(Record::from(fields))
}

#[test]
fn sound_parcels_pass() {
    for seed in 1..=3 {
        let summary = tried(parcels(None), CONTRACT, seed, 100);
        assert_eq!(summary.verdict(), Verdict::Pass, "{:#?}", summary.failures);
        let found = examined(parcels(None), shipped(CONTRACT), &[], seed);
        for result in found.clauses.iter().filter(|result| result.clause.level == Level::Must) {
            assert_ne!(result.stand, Stand::Fail, "seed {seed}: {result:#?}");
        }
    }
}

/// A label that was changed when nobody looked any more: that is told, and no evidence of anything.
#[test]
fn what_nobody_saw_change_is_told() {
    let unseen = |looks_again: bool, lists_again: bool| {
        let (parcel, model) = (Value::Name(Name::new("parcel1")), Arc::new(shipped(CONTRACT)));
        let fields = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| (Arc::from(*name), Value::from(*value))).collect::<Record>()
        };
        let packed = [("owner", "o"), ("label", "l"), ("sender", "s"), ("receiver", "r")];
        let packed = [&packed[..], &[("due", "2026-01-01T00:00:00Z")]].concat();
        let look =
            Step::Ask(Query { name: "GetParcel".into(), on: Some(parcel.clone()), fields: Record::new() });
        let list = Step::Ask(Query {
            name: "ListParcels".into(),
            on: None,
            fields: Record::from([("owner", Value::from("o"))]),
        });
        let mut steps = vec![
            command("Pack", &parcel, fields(&packed)).into(),
            look.clone(),
            list.clone(),
            command("Relabel", &parcel, fields(&[("label", "other")])).into(),
        ];
        steps.extend(looks_again.then_some(look));
        steps.extend(lists_again.then_some(list));
        let names = vec![Binding { name: Name::new("parcel1"), draw: Draw::New("Parcel".into()) }];
        let trials = Trials::new(parcels(None), super::read(CONTRACT), model).seed(Seed(1));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let all = std::iter::once(Sequence { names, steps });
        let summary = runtime.block_on(trials.run(all, |_| ())).expect("trials");
        assert_eq!(summary.passed, 1);
        summary.unseen.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let (by_query, by_list) = ("GetParcel.label by Relabel", "ListParcels.label by Relabel");
    assert_eq!(unseen(false, false), [by_query, by_list]);
    assert_eq!(unseen(true, false), [by_list]);
    assert_eq!(unseen(false, true), [by_query]);
    assert_eq!(unseen(true, true), [""; 0]);
}

#[test]
fn what_only_values_tell_is_found_by_an_examination() {
    for (bug, seed) in BUGS.into_iter().zip(1..) {
        let found = examined(parcels(Some(bug)), shipped(CONTRACT), &["BR-6", "EC-1", "EC-3"], seed);
        let broken = found.clauses.iter().any(|result| result.stand == Stand::Fail);
        assert!(broken, "{bug:?} was not found with seed {seed}");
    }
}

#[test]
fn what_only_values_tell_is_found_by_chance_and_can_be_run_again() {
    for (bug, seed) in BUGS.into_iter().zip(1..) {
        // Ten marks in a row are for walks to find, not for chance.
        if matches!(bug, Bug::TakesEleven | Bug::LosesTheTenthMark) {
            continue;
        }
        let summary = tried(parcels(Some(bug)), CONTRACT, seed, 400);
        assert_eq!(summary.verdict(), Verdict::Fail, "{bug:?} was not found with seed {seed}");
        let told = tell(&super::read(CONTRACT), &summary.failures[0], &[]).expect("a failure");
        let verdicts = replayed(&told.scenario, CONTRACT, [parcels(Some(bug)), parcels(None)]);
        assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass], "{bug:?}: {}", told.scenario);
    }
}
