//! What the feed's events add up to by the contract's rules: held against the read models, and against what is told of
//! earlier versions.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::stream::{FeedTrouble, Stream, told};
use crate::adapter::{AnyWorld as _, Unreachable};
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::contract::rules::{Expected, Model as _, ModelError, Shown, World};
use crate::protocol::{Answer, Capability, ClauseId, Event, Outcome, Query, Seen, Version};
use crate::value::{Record, Value};

/// Experiments, each with an aggregate or two; somewhat more than the least that clauses ask for.
const CASES: u64 = 36;
/// Experiments at the same time.
const LANES: usize = 8;
/// Commands of one experiment.
const LENGTH: usize = 4;
/// Versions of one experiment that are asked about.
const VERSIONS: u64 = 2;
/// How long one look back may take.
const LOOK: Duration = Duration::from_secs(30);

/// How things stood behind an event on an aggregate.
struct Stood {
    on: Value,
    version: Version,
    world: World<Record>,
}

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let mut running = JoinSet::new();
    let mut number = 0;
    loop {
        while number < CASES && running.len() < LANES && !lab.over() {
            let lab = lab.clone();
            running.spawn(async move { case(&lab, number).await });
            number += 1;
        }
        match running.join_next().await {
            None => return Ok(()),
            Some(Ok(done)) => done?,
            Some(Err(_)) => lab.ledger.doubt(ClauseId::Cv2, "an experiment broke down"),
        }
    }
}

async fn case(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let graph = lab.graph(number);
    let mut case = Case::open(lab, "fold", number).await?;
    let mut turn = usize::try_from(number).unwrap_or(0);
    let mut stood = Vec::new();
    for _ in 0..LENGTH {
        let Some(command) = case.next(graph, turn) else { break };
        turn = turn / 2 + 1;
        let Outcome::Accepted(receipt) = case.send(0, &command).await else { return Ok(()) };
        if let (Some(on), Some(version)) = (command.on, receipt.version) {
            stood.push(Stood { on, version, world: case.world.clone() });
        }
    }
    if !case.settle().await {
        lab.ledger.doubt(ClauseId::Cv2, "the target does not catch up");
        return Ok(());
    }
    if lab.claims(Capability::EventFeed) {
        match fold(&mut case).await {
            Ok((events, folded)) => {
                let last = folded.last().map_or_else(World::new, |stood| stood.world.clone());
                if lab.wants(ClauseId::Cv2) {
                    compare(&mut case, &events, &last).await;
                }
                stood = folded;
            }
            Err(why) => lab.ledger.doubt(ClauseId::Cv2, why),
        }
    }
    if lab.wants(ClauseId::Ev7) {
        look_back(&mut case, &stood, number).await;
    }
    Ok(())
}

/// Why the feed could not be folded by the rules.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
enum Unfolded {
    #[error("the contract does not say which events its commands emit")]
    NoEvents,
    #[error("the contract does not say what comes of {0}")]
    Unsaid(Arc<str>),
    #[error("an event of the feed does not fit the contract: {0}")]
    Misfit(ModelError),
    #[error(transparent)]
    Feed(#[from] FeedTrouble),
}

/// The feed of our aggregates, and how things stood behind each event, all in names.
async fn fold(case: &mut Case<'_>) -> Result<(Vec<Event>, Vec<Stood>), Unfolded> {
    let lab = case.lab;
    if !lab.model.is_told_by_events() {
        return Err(Unfolded::NoEvents);
    }
    let expected = case.world.entries().iter().map(|entry| entry.version).sum();
    let events = Stream::of_each(case.place.clone()).at_rest(lab, &case.ours(), expected).await?;
    let mut world = World::new();
    let mut stood = Vec::new();
    for event in &events {
        let Value::Record(fields) = case.named(&Value::Record(event.fields.clone())) else { continue };
        let event = Event { on: case.named(&event.on), fields, ..event.clone() };
        world = match lab.model.evolve(&world, &event) {
            Ok(Some(behind)) => behind,
            Ok(None) => return Err(Unfolded::Unsaid(event.name.clone())),
            Err(error) => return Err(Unfolded::Misfit(error)),
        };
        // Without a version nobody can ask for it, but what comes behind stands on it.
        let version = event.version.clone().unwrap_or(Version::Opaque("".into()));
        stood.push(Stood { on: event.on, version, world: world.clone() });
    }
    Ok((events, stood))
}

/// Every read model shows what the events add up to.
async fn compare(case: &mut Case<'_>, events: &[Event], folded: &World<Record>) {
    let mut compared = false;
    for query in case.reads() {
        let expected = match case.model().answer(folded, &query) {
            Ok(Expected::Anything) | Err(_) => continue,
            Ok(expected) => expected,
        };
        let answer = case.ask(0, &query).await;
        match answer.seen {
            Seen::Found(_) | Seen::Absent if case.fits(&query, &expected, &answer) => compared = true,
            Seen::Found(_) | Seen::Absent => {
                let wrong = format!("{} does not show what the events add up to", query.name);
                let first = format!(
                    "fold these events by hand, and look at what the read model of {} does with each",
                    query.name
                );
                let mut example = case.example(wrong, &first);
                example.story.extend(told(events).into_iter().map(|event| format!("the feed: {event}")));
                case.lab.broken(ClauseId::Cv2, example);
                return;
            }
            _ => case.lab.ledger.doubt(ClauseId::Cv2, format!("{} was not answered", query.name)),
        }
    }
    if compared {
        case.lab.ledger.count(ClauseId::Cv2, Unit::Comparisons, 1);
    }
}

/// Asks how things stood at some of the versions.
async fn look_back(case: &mut Case<'_>, stood: &[Stood], number: u64) {
    let lab = case.lab;
    let known: Vec<&Stood> =
        stood.iter().filter(|stood| stood.version != Version::Opaque("".into())).collect();
    if known.is_empty() {
        lab.ledger.doubt(ClauseId::Ev7, "neither the feed nor an answer tells a version");
        return;
    }
    for draw in 0..VERSIONS {
        let chance = lab.engine.seed.of_scenario("version", &format!("{number} {draw}")).0;
        let at = usize::try_from(chance % u64::try_from(known.len()).unwrap_or(1)).unwrap_or(0);
        let mut looked = false;
        for query in case.reads().into_iter().filter(|query| query.on.as_ref() == Some(&known[at].on)) {
            match at_version(case, &query, known[at]).await {
                Ok(true) => looked = true,
                Ok(false) => {}
                Err(answer) => {
                    let version = &known[at].version;
                    let wrong = format!(
                        "{} as of version {version} is not what the events up to it add up to",
                        query.name
                    );
                    let first = "look at which events the state of an earlier version is folded from";
                    let mut example = case.example(wrong, first);
                    example.story.push(format!("{} as of version {version} → {:?}", query.name, answer.seen));
                    lab.broken(ClauseId::Ev7, example);
                    return;
                }
            }
        }
        if looked {
            lab.ledger.count(ClauseId::Ev7, Unit::Versions, 1);
        }
    }
}

/// Whether the query can be asked as of the version, and what is wrong with the answer.
async fn at_version(case: &mut Case<'_>, query: &Query, stood: &Stood) -> Result<bool, Answer> {
    let lab = case.lab;
    let expected = match case.model().answer(&stood.world, query) {
        Ok(Expected::Shows(row)) => {
            // What a service finds out by itself need not be known of the past.
            Expected::Shows(row.into_iter().filter(|(_, shown)| !matches!(shown, Shown::Chosen(_))).collect())
        }
        Ok(Expected::Absent) => Expected::Absent,
        _ => return Ok(false),
    };
    let bound = case.asked(query);
    let answer = match lab.within(LOOK, case.place.as_of(&bound, &stood.version)).await {
        Some(Ok(answer)) => answer,
        // Not each query can be asked like that.
        Some(Err(_)) => return Ok(false),
        None => {
            lab.ledger
                .doubt(ClauseId::Ev7, format!("{} was not answered as of an earlier version", query.name));
            return Ok(false);
        }
    };
    match answer.seen {
        Seen::Broken(_) | Seen::NotSent(_) => {
            lab.ledger
                .doubt(ClauseId::Ev7, format!("{} was not answered as of an earlier version", query.name));
            Ok(false)
        }
        _ if case.fits(query, &expected, &answer) => Ok(true),
        _ => Err(answer),
    }
}
