//! The event feed: read whole, read again, read on from anywhere, and followed while others write.

mod scan;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::stream::{FeedTrouble, Stream, key, sentence, told};
use crate::adapter::{AnyWorld, Unreachable, WorldSeed};
use crate::clause::Unit;
use crate::conform::Counterexample;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::protocol::{Capability, ClauseId, Command, Event, Expected, Outcome, Version};
use crate::value::Value;

/// Clients that write at the same time.
const WRITERS: u64 = 8;
/// Events that each of them brings about, at least; together somewhat more than the least that clauses ask for.
const EVENTS: u64 = 24;
/// Commands on the aggregates of one experiment, and experiments of one writer, at most.
const LENGTH: usize = 8;
const CASES: u64 = 24;
/// Experiments that are begun before the load and go on behind it.
const LASTING: u64 = 3;
/// Cursors that the feed is resumed from.
const CURSORS: usize = 16;
/// Between two polls of each follower.
const PAUSES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(4)];

/// What was done: on which aggregates, by which commands, and how many events must have come of it.
#[derive(Default)]
struct Work {
    ours: Vec<Value>,
    sent: Vec<Sent>,
    events: u64,
}

/// A command that was accepted.
struct Sent {
    command: Arc<Command>,
    version: Option<Version>,
}

impl Work {
    fn add(&mut self, case: &Case<'_>) {
        self.ours.extend(case.ours());
        self.events += events_of(case);
        for operation in &case.operations {
            if let crate::history::Act::Submit { command, outcome, .. } = &operation.act {
                let version = match outcome {
                    Outcome::Accepted(receipt) => receipt.version.clone(),
                    _ => None,
                };
                self.sent.push(Sent { command: command.clone(), version });
            }
        }
    }

    fn join(&mut self, other: Self) {
        self.ours.extend(other.ours);
        self.sent.extend(other.sent);
        self.events += other.events;
    }
}

/// How many events the rules say there are on the aggregates of an experiment; none where they don't count events.
fn events_of(case: &Case<'_>) -> u64 {
    case.world.entries().iter().map(|entry| entry.version).sum()
}

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let seed = lab.engine.seed.of_scenario("feed", "");
    let place = crate::run::world(&*lab.engine.target, WorldSeed(seed.0), &*lab.engine.clock).await?;
    let stream = Stream::open(&lab, place.clone()).await;
    if let Err(why) = examine(&lab, &place, &stream).await? {
        for id in [ClauseId::Ev1, ClauseId::Ev2, ClauseId::Ev3, ClauseId::Ev4, ClauseId::Ev5, ClauseId::Ev6] {
            lab.ledger.doubt(id, why.clone());
        }
    }
    Ok(())
}

/// All of it; an error where the feed can't be read.
async fn examine(
    lab: &Arc<Lab>,
    place: &Arc<dyn AnyWorld>,
    stream: &Stream,
) -> Result<Result<(), FeedTrouble>, Unreachable> {
    let mut lasting = Vec::new();
    for number in 0..LASTING {
        let mut case = Case::within(lab, "feed-lasting", number, place.clone()).await?;
        work(&mut case, number, 2).await;
        lasting.push(case);
    }
    let (mut done, followed) = load(lab, place, stream).await?;
    let quiet = |done: &Work, lasting: &[Case<'_>]| {
        let mut ours = done.ours.clone();
        ours.extend(lasting.iter().flat_map(Case::ours));
        (ours, done.events + lasting.iter().map(events_of).sum::<u64>())
    };
    let (ours, expected) = quiet(&done, &lasting);
    let first = match stream.at_rest(lab, &ours, expected).await {
        Ok(events) => events,
        Err(why) => return Ok(Err(why)),
    };
    let second = match stream.read(lab, &ours).await {
        Ok(events) => events,
        Err(why) => return Ok(Err(why)),
    };
    order(lab, &first, &second);
    match followed {
        Ok(delivered) => delivered.iter().for_each(|delivered| passed(lab, delivered, &first, &done.ours)),
        Err(why) => lab.ledger.doubt(ClauseId::Ev5, why),
    }
    for (number, case) in (0..).zip(&mut lasting) {
        rewrite(case, number).await;
        work(case, number + 1, 3).await;
    }
    let mut later = Case::within(lab, "feed-later", 0, place.clone()).await?;
    work(&mut later, 0, 3).await;
    lasting.push(later);
    let (ours, expected) = quiet(&done, &lasting);
    let last = match stream.at_rest(lab, &ours, expected).await {
        Ok(events) => events,
        Err(why) => return Ok(Err(why)),
    };
    past(lab, &first, &last);
    for case in &lasting {
        done.add(case);
    }
    scan::versions(lab, &last);
    scan::ids(lab, &last, &done.sent);
    Ok(resume(lab, stream, &last, &ours).await)
}

/// Sends commands that are accepted, each of another kind than the one before where that can be.
async fn work(case: &mut Case<'_>, number: u64, length: usize) {
    let graph = case.lab.graph(number);
    let mut turn = usize::try_from(number).unwrap_or(0);
    for _ in 0..length {
        let Some(command) = case.next(graph, turn) else { return };
        turn = turn / 2 + 1;
        if case.lab.over() || !matches!(case.send(0, &command).await, Outcome::Accepted(_)) {
            return;
        }
    }
}

/// Sends a command for a version that is not the last one any more: what comes of it must not come in the place of an
/// event that was told already. Whether it is refused is for others to judge.
async fn rewrite(case: &mut Case<'_>, number: u64) {
    if !case.lab.claims(Capability::ExpectedVersion) {
        return;
    }
    let first = case.operations.iter().find_map(|operation| match &operation.act {
        crate::history::Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
            Some((case.named(command.on.as_ref()?), receipt.version.clone()?))
        }
        _ => None,
    });
    let Some((on, version)) = first else { return };
    let options = case.options(case.lab.graph(number));
    let own =
        options.accepted.iter().map(|(command, _)| command).find(|command| command.on.as_ref() == Some(&on));
    if let Some(command) = own {
        let stale = Command { expected: Expected::Exactly(version), ..case.bound(command) };
        case.submit(0, Arc::new(stale), 0).await;
    }
}

type Followed = Result<Vec<Vec<Event>>, FeedTrouble>;

/// Several clients write, and others follow the feed meanwhile.
async fn load(
    lab: &Arc<Lab>,
    place: &Arc<dyn AnyWorld>,
    stream: &Stream,
) -> Result<(Work, Followed), Unreachable> {
    let over = Arc::new(AtomicBool::new(false));
    let mut followers = JoinSet::new();
    for pause in PAUSES.into_iter().filter(|_| !stream.of_one) {
        let (lab, stream, over) = (lab.clone(), stream.clone(), over.clone());
        followers.spawn(async move { follow(&lab, &stream, &over, pause).await });
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (lab, place) = (lab.clone(), place.clone());
        writers.spawn(async move { write(&lab, &place, writer).await });
    }
    let mut done = Work::default();
    while let Some(ended) = writers.join_next().await {
        match ended {
            Ok(work) => done.join(work?),
            Err(_) => lab.ledger.doubt(ClauseId::Ev5, "a writer broke down"),
        }
    }
    // What the followers have to be told of as well.
    let rest = stream.at_rest(lab, &done.ours, done.events).await;
    over.store(true, Ordering::Release);
    let mut followed: Followed = match (stream.of_one, rest) {
        (true, _) => Err(FeedTrouble::OfOne),
        (false, rest) => rest.map(|_| Vec::new()),
    };
    while let Some(ended) = followers.join_next().await {
        let delivered = ended.unwrap_or_else(|_| Err(FeedTrouble::BrokeDown));
        followed = followed.and_then(|mut all| {
            all.push(delivered?);
            Ok(all)
        });
    }
    Ok((done, followed))
}

async fn write(lab: &Lab, place: &Arc<dyn AnyWorld>, writer: u64) -> Result<Work, Unreachable> {
    let mut done = Work::default();
    for number in 0..CASES {
        if done.events >= EVENTS || lab.over() {
            break;
        }
        let number = writer * CASES + number;
        let mut case = Case::within(lab, "feed", number, place.clone()).await?;
        work(&mut case, number, LENGTH).await;
        done.add(&case);
    }
    Ok(done)
}

/// Reads on from the last position that was delivered, until `over`.
async fn follow(
    lab: &Lab,
    stream: &Stream,
    over: &AtomicBool,
    pause: Duration,
) -> Result<Vec<Event>, FeedTrouble> {
    let mut delivered: Vec<Event> = Vec::new();
    let mut cursor = stream.base();
    loop {
        let last = over.load(Ordering::Acquire);
        let batch = stream.behind(lab, None, cursor).await?;
        if batch.iter().any(|event| event.position.is_none()) {
            return Err(FeedTrouble::NoPositions);
        }
        cursor = batch.iter().filter_map(|event| event.position).max().max(cursor);
        delivered.extend(batch);
        if last {
            return Ok(delivered);
        }
        lab.engine.clock.until(lab.engine.clock.now() + pause).await;
    }
}

/// Positions strictly rise, and both readings have the same order.
fn order(lab: &Lab, first: &[Event], second: &[Event]) {
    let id = ClauseId::Ev2;
    if first.iter().any(|event| event.position.is_none()) {
        lab.ledger.doubt(id, "the feed tells no positions");
        return;
    }
    if let Some(pair) = first.windows(2).find(|pair| pair[0].position >= pair[1].position) {
        let wrong = "a position in the feed is not higher than the one before";
        let first = "look at what numbers the events, and what orders them when they are read";
        lab.broken(id, example(wrong, told(pair), first));
        return;
    }
    let same = |(one, other): &(&Event, &Event)| key(one) == key(other);
    match first.iter().zip(second).find(|pair| !same(pair)) {
        Some((one, other)) => {
            let story = vec![
                format!("first reading: {}", sentence(one)),
                format!("second reading, at the same place: {}", sentence(other)),
            ];
            let first = "look at what orders the events when they are read";
            lab.broken(id, example("two readings of the feed have another order", story, first));
        }
        None if first.len() > second.len() => {
            let story = told(&first[second.len()..]);
            let first = "look at what the feed is read from: another copy may lag";
            lab.broken(
                id,
                example("the second reading of the feed lacks what the first one had", story, first),
            );
        }
        None => lab.ledger.count(id, Unit::Events, count(first.len())),
    }
}

/// Nothing is there now before a position that the follower had got to, and was not delivered to it.
fn passed(lab: &Lab, delivered: &[Event], all: &[Event], ours: &[Value]) {
    let known: std::collections::HashSet<_> = delivered.iter().map(|event| event.position).collect();
    let last = delivered.iter().filter_map(|event| event.position).max();
    let own = || all.iter().filter(|event| ours.contains(&event.on));
    let missing = own().find(|event| !known.contains(&event.position) && event.position <= last);
    match missing {
        Some(event) => {
            let before = delivered.iter().filter(|one| one.position > event.position).take(1);
            let mut story: Vec<String> =
                before.map(|one| format!("delivered to a reader: {}", sentence(one))).collect();
            story.push(format!("there now, and never delivered: {}", sentence(event)));
            let wrong = "an event appeared before a position that was delivered already";
            let first = "look at when an event gets its position, and when it becomes visible: both have to happen in \
                         one order";
            lab.broken(ClauseId::Ev5, example(wrong, story, first));
        }
        None => {
            let delivered = own().filter(|event| known.contains(&event.position)).count();
            lab.ledger.count(ClauseId::Ev5, Unit::Events, count(delivered));
        }
    }
}

/// What was read is still there, and is still the same.
fn past(lab: &Lab, before: &[Event], now: &[Event]) {
    let id = ClauseId::Ev3;
    let same = |one: &Event, other: &Event| match (one.position, other.position) {
        (Some(position), Some(other)) => position == other,
        _ => one.on == other.on && one.version == other.version,
    };
    if before.iter().any(|event| event.position.is_none() && event.version.is_none()) {
        lab.ledger.doubt(id, "the feed tells neither positions nor versions");
        return;
    }
    let mut at = 0;
    for event in before {
        // Both are in order, so that the next one is nearly always it.
        let found = now[at..].iter().position(|other| same(event, other)).map(|found| at + found);
        let found = found.or_else(|| now.iter().position(|other| same(event, other)));
        let (wrong, story) = match found.map(|found| (found, &now[found])) {
            Some((found, other)) if other == event => {
                at = found;
                lab.ledger.count(id, Unit::Events, 1);
                continue;
            }
            Some((_, other)) => (
                "an event is not what it was",
                vec![format!("read before: {}", full(event)), format!("read later: {}", full(other))],
            ),
            None => ("an event is gone", vec![format!("read before, not there later: {}", full(event))]),
        };
        let first =
            "look at what writes to events that are stored, and at what changes them when they are read";
        lab.broken(id, example(wrong, story, first));
        return;
    }
}

/// An event with all that it may differ in.
fn full(event: &Event) -> String {
    let part = |what: &str, value: &Option<Arc<str>>| {
        value.as_ref().map(|value| format!(", {what} {value}")).unwrap_or_default()
    };
    format!("{}{}{}", sentence(event), part("id", &event.id), part("caused by", &event.causation))
}

/// From any cursor on, it is exactly the rest.
async fn resume(lab: &Lab, stream: &Stream, all: &[Event], ours: &[Value]) -> Result<(), FeedTrouble> {
    let id = ClauseId::Ev4;
    if all.iter().any(|event| event.position.is_none()) {
        lab.ledger.doubt(id, "the feed tells no positions");
        return Ok(());
    }
    for number in 0..CURSORS {
        let chance = lab.engine.seed.of_scenario("cursor", &number.to_string()).0;
        let Some(at) = usize::try_from(chance % u64::try_from(all.len().max(1)).unwrap_or(1)).ok() else {
            continue;
        };
        let Some(event) = all.get(at) else { return Ok(()) };
        let on = (stream.of_one || number % 2 == 1).then_some(&event.on);
        let mut rest = stream.behind(lab, on, event.position).await?;
        rest.retain(|event| ours.contains(&event.on));
        let mut must = all.iter().filter(|one| one.position > event.position);
        let mut must: Vec<&Event> = must.by_ref().filter(|one| on.is_none_or(|on| one.on == *on)).collect();
        if stream.of_one {
            must.sort_by_key(|event| event.position);
        }
        if must.iter().map(|event| key(event)).eq(rest.iter().map(key)) {
            lab.ledger.count(id, Unit::Cursors, 1);
            continue;
        }
        let mut story = vec![format!("the cursor: {}", sentence(event))];
        let lacking = must.iter().find(|one| !rest.iter().any(|other| key(other) == key(one)));
        story.extend(lacking.map(|event| format!("left out: {}", sentence(event))));
        let foreign = rest.iter().find(|one| !must.iter().any(|other| key(other) == key(one)));
        story.extend(foreign.map(|event| format!("not in the rest: {}", sentence(event))));
        if lacking.is_none() && foreign.is_none() {
            story.push(format!("{} events where {} must be, or in another order", rest.len(), must.len()));
        }
        let first =
            "look at how the cursor is compared: the rest begins behind it, and ends with the last event";
        lab.broken(id, example("going on from a cursor does not bring exactly the rest", story, first));
        return Ok(());
    }
    Ok(())
}

fn example(wrong: &str, story: Vec<String>, first: &str) -> Counterexample {
    Counterexample { wrong: wrong.into(), story, first: first.into(), ..Counterexample::default() }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
