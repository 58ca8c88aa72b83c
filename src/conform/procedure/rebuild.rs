//! Read models built anew: what they show before and behind it, what it leaves alone, and what goes on meanwhile.

mod meanwhile;

use std::sync::Arc;
use std::time::Duration;

use super::bursts::trailing;
use super::stream::{Stream, key, sentence};
use crate::adapter::{AnyWorld, ControlError, Unreachable, WorldSeed};
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::telling::is_ours;
use crate::contract::rules::{Expected, Model as _};
use crate::judge::MismatchKind;
use crate::protocol::{Answer, Capability, ClauseId, Event, Outcome, Query, Seen, Version};
use crate::value::{Record, Value};

/// Experiments whose aggregates the read models are built from; somewhat more than the least that is to be compared.
const CASES: u64 = 24;
/// Commands of one experiment.
const LENGTH: usize = 3;
/// How long one rebuild may take.
const REBUILD: Duration = Duration::from_secs(60);
/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 300;

/// One answer at rest.
struct Shot {
    case: usize,
    query: Query,
    shown: Value,
    version: Option<Version>,
}

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let seed = lab.engine.seed.of_scenario("rebuild", "");
    let place = crate::run::world(&*lab.engine.target, WorldSeed(seed.0), &*lab.engine.clock).await?;
    let names: Vec<String> = lab
        .contract
        .queries()
        .filter(|def| lab.engine.target.knows(&def.name))
        .map(|def| def.name.to_string())
        .collect();
    let mut sent = Vec::new();
    for number in 0..CASES {
        let mut case = Case::within(&lab, "rebuild", number, place.clone()).await?;
        let mut turn = usize::try_from(number).unwrap_or(0);
        let mut sound = true;
        for _ in 0..LENGTH {
            let Some(command) = case.next(lab.graph(number), turn) else { break };
            turn = turn / 2 + 1;
            sound &= matches!(case.send(0, &command).await, Outcome::Accepted(_));
        }
        // Where it is unknown what has become of a command, nothing can be compared.
        if sound {
            sent.push(case);
        }
    }
    let mut cases = Vec::new();
    for mut case in sent {
        if case.settle().await && case.judged().await.mismatches.is_empty() {
            cases.push(case);
        }
    }
    if lab.over() {
        return Ok(());
    }
    if let Err(why) = in_peace(&lab, &place, &names, &mut cases).await {
        for id in [ClauseId::Rb1, ClauseId::Rb2, ClauseId::Rb3, ClauseId::Rb4] {
            lab.ledger.doubt(id, why.clone());
        }
        return Ok(());
    }
    meanwhile::gather(&lab, &place, &names, &mut cases).await
}

/// Why a rebuild proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum RebuildTrouble {
    #[error("the read model of {name} could not be rebuilt: {why}")]
    NotDone { name: String, why: ControlError },
    #[error("the read model of {name} was not rebuilt within {REBUILD:?}")]
    Slow { name: String },
    #[error("the target does not catch up behind a rebuild")]
    Restless,
    #[error("a rebuild broke down")]
    BrokeDown,
}

/// Builds every read model anew while nothing else is done.
async fn in_peace(
    lab: &Lab,
    place: &Arc<dyn AnyWorld>,
    names: &[String],
    cases: &mut [Case<'_>],
) -> Result<(), RebuildTrouble> {
    let before = shots(cases).await;
    let history = history(lab, place, cases).await;
    for name in names {
        rebuild(lab, place, name).await?;
    }
    for case in cases.iter_mut() {
        if !case.settle().await {
            return Err(RebuildTrouble::Restless);
        }
    }
    let rebuilds = u32::try_from(names.len()).unwrap_or(u32::MAX);
    same(lab, cases, &before).await;
    lab.ledger.count(ClauseId::Rb1, Unit::Rebuilds, rebuilds);
    let mut kept = quiet(lab, history.as_ref(), self::history(lab, place, cases).await.as_ref());
    for (number, case) in (0..).zip(cases.iter_mut()) {
        kept &= decides(case, number).await;
    }
    if kept {
        lab.ledger.count(ClauseId::Rb2, Unit::Rebuilds, rebuilds);
    }
    Ok(())
}

async fn rebuild(lab: &Lab, place: &Arc<dyn AnyWorld>, name: &str) -> Result<(), RebuildTrouble> {
    match lab.within(REBUILD * 2, place.rebuild(name, REBUILD)).await {
        Some(done) => done.map_err(|why| RebuildTrouble::NotDone { name: name.to_owned(), why }),
        None => Err(RebuildTrouble::Slow { name: name.to_owned() }),
    }
}

/// What all read models show of our aggregates.
async fn shots(cases: &mut [Case<'_>]) -> Vec<Shot> {
    let mut shots = Vec::new();
    for (at, case) in cases.iter_mut().enumerate() {
        let exclusive = case.lab.claims(Capability::Exclusive);
        for query in case.reads() {
            // A list that anybody's rows may come into has no pages of ours.
            if query.on.is_none() && !exclusive && !is_ours(&Value::Record(query.fields.clone())) {
                continue;
            }
            let answer = case.ask(0, &query).await;
            if let Some(shown) = shown(case, &query, &answer) {
                shots.push(Shot { case: at, query, shown, version: answer.version });
            }
        }
    }
    shots
}

/// What an answer shows of what the contract declares, in names; nothing where it was none.
fn shown(case: &Case<'_>, query: &Query, answer: &Answer) -> Option<Value> {
    let def = case.lab.contract.query(&query.name)?;
    let declared = |name: &str| def.shows.as_ref().is_none_or(|shows| shows.iter().any(|s| *s.name == *name));
    let part = |value: &Value| match case.named(value) {
        Value::Record(record) => {
            let own: Record = record.fields().iter().filter(|(name, _)| declared(name)).cloned().collect();
            Value::Record(own)
        }
        other => other,
    };
    match &answer.seen {
        Seen::Absent => Some(Value::Null),
        Seen::Found(Value::List(rows)) => {
            let mut rows: Vec<Value> = rows.iter().map(part).filter(is_ours).collect();
            if let Ok(Expected::Rows(must)) = case.model().answer(&case.world, query)
                && must.unordered
            {
                rows.sort_by_key(ToString::to_string);
            }
            Some(Value::List(rows))
        }
        Seen::Found(value) => Some(part(value)),
        _ => None,
    }
}

/// Every read model shows what it showed before.
async fn same(lab: &Lab, cases: &mut [Case<'_>], before: &[Shot]) {
    let mut compared = 0;
    for shot in before {
        let case = &mut cases[shot.case];
        let answer = case.ask(0, &shot.query).await;
        let Some(now) = shown(case, &shot.query, &answer) else {
            lab.ledger.doubt(ClauseId::Rb1, format!("{} was not answered behind a rebuild", shot.query.name));
            continue;
        };
        let tolerances = lab.engine.target.describe().promises.tolerances_of(&shot.query.name);
        if !tolerances.equal(&now, &shot.shown) {
            let wrong =
                format!("{} shows something else since its read model was built anew", shot.query.name);
            let first = "look at which events a rebuild reads, and whether it computes from them what the read model \
                         did when they came in one by one";
            let mut example = case.example(wrong, first);
            example.story.push(format!("before the rebuild: {}", shot.shown.brief(SHOWN)));
            example.story.push(format!("behind it: {}", now.brief(SHOWN)));
            lab.broken(ClauseId::Rb1, example);
        } else if now != Value::Null && answer.version != shot.version {
            let wrong =
                format!("{} tells another version since its read model was built anew", shot.query.name);
            // A lower one lacks what was there; a higher one has come to what was not.
            let (id, first) = match (&shot.version, &answer.version) {
                (Some(Version::Number(before)), Some(Version::Number(now))) if now < before => {
                    (ClauseId::Rb1, "look at which events a rebuild reads")
                }
                _ => (ClauseId::Rb2, "look at whether a rebuild counts events that it reads again"),
            };
            lab.broken(id, case.example(wrong, first));
        } else {
            compared += 1;
        }
    }
    lab.ledger.count(ClauseId::Rb1, Unit::Comparisons, compared);
}

/// What the feed tells of our aggregates; of all where nobody else writes. Nothing where there is no feed.
async fn history(lab: &Lab, place: &Arc<dyn AnyWorld>, cases: &mut [Case<'_>]) -> Option<Vec<Event>> {
    if !lab.claims(Capability::EventFeed) {
        return None;
    }
    let ours: Vec<Value> = cases.iter().flat_map(Case::ours).collect();
    let expected = cases.iter().flat_map(|case| case.world.entries()).map(|entry| entry.version).sum();
    if lab.claims(Capability::Exclusive) {
        let stream = Stream::of_each(place.clone());
        if let Ok(events) = stream.behind(lab, None, None).await {
            return Some(events);
        }
    }
    match Stream::of_each(place.clone()).at_rest(lab, &ours, expected).await {
        Ok(events) => Some(events),
        Err(why) => {
            lab.ledger.doubt(ClauseId::Rb2, why);
            None
        }
    }
}

/// Nothing has happened by the rebuild. Whether that is so as far as can be seen.
fn quiet(lab: &Lab, before: Option<&Vec<Event>>, behind: Option<&Vec<Event>>) -> bool {
    let (Some(before), Some(behind)) = (before, behind) else { return true };
    let fresh = behind.iter().find(|event| !before.iter().any(|other| key(other) == key(event)));
    let gone = before.iter().find(|event| !behind.iter().any(|other| key(other) == key(event)));
    let (wrong, event) = match (fresh, gone) {
        (Some(event), _) => ("a rebuild has emitted an event", event),
        (None, Some(event)) => ("since a rebuild, an event is gone from the feed", event),
        (None, None) if before.len() == behind.len() => return true,
        (None, None) => match behind.last() {
            Some(event) => ("since a rebuild, the feed tells events twice", event),
            None => return true,
        },
    };
    let example = crate::conform::Counterexample {
        wrong: wrong.into(),
        story: vec![
            format!(
                "before the rebuild, {} events of our aggregates; behind it, {}",
                before.len(),
                behind.len()
            ),
            sentence(event),
        ],
        first: "look at what handles events when they are read again: only projections may".into(),
        ..crate::conform::Counterexample::default()
    };
    lab.broken(ClauseId::Rb2, example);
    false
}

/// Whether commands are decided on as before.
async fn decides(case: &mut Case<'_>, number: u64) -> bool {
    trailing(case, case.lab.graph(number), number).await;
    let judged = case.judged().await;
    match judged.mismatches.iter().find(|mismatch| mismatch.kind == MismatchKind::Outcome) {
        None => true,
        // Where commands come to something else than they must without a rebuild, too, it is no rebuild's doing.
        Some(_) if [ClauseId::Br6, ClauseId::Ch1].into_iter().any(|id| case.lab.ledger.of(id).broken > 0) => {
            case.lab.ledger.doubt(
                ClauseId::Rb2,
                "commands are decided otherwise than they must be before a rebuild, too",
            );
            false
        }
        Some(mismatch) => {
            let wrong = format!("since a rebuild: {mismatch}");
            let first = format!(
                "look at which state {} is decided on, and what a rebuild does to it",
                mismatch.message
            );
            case.lab.broken(ClauseId::Rb2, case.example(wrong, &first));
            false
        }
    }
}
