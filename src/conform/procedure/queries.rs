//! Queries asked many times, beside a twin that nobody asks anything.

use std::sync::Arc;

use super::choice::{change, graph};
use super::stream::Stream;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::conform::rest::is_answer;
use crate::history::Act;
use crate::protocol::{Answer, Capability, Command, Expected, Outcome, Query, Version};
use crate::value::Record;

/// Commands of one case.
const COURSE: u64 = 3;
/// How often each query is asked before the first command and behind each one.
const TIMES: u32 = 10;
/// How often reads that show something else are looked at: a copy that is behind now and then is no change.
const LOOKS: usize = 3;

/// One behind the other, and before anything else: what others do has no part in it. Two whole cases are enough.
pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "asked",
    cases: 4,
    lanes: 1,
    enough: &[(Unit::Queries, 80)],
    twin: true,
    act: |case, number| Box::pin(asked(case, number)),
    ..PLAIN
}];

/// Commands, and behind each of them everything asked many times; the twin has the commands alone.
async fn asked(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let graph = graph(case.lab, number);
    if !case.is_twin() && !ask_all(case).await {
        return Ok(());
    }
    for step in 0..COURSE {
        let Some((command, _)) = change(case, graph, number + step) else { break };
        let version = last_version(case, &command);
        let expected = version.map_or(Expected::Any, Expected::Exactly);
        let bound = Command { expected, ..case.bound(&command) };
        if !matches!(case.submit(0, Arc::new(bound), 0).await, Outcome::Accepted(_)) {
            return Ok(());
        }
        case.follow(&command);
        if case.is_twin() {
            continue;
        }
        if !case.settle().await {
            return Ok(());
        }
        // Whether something happens when somebody asks shows in the feed, too.
        let feed = case.lab.claims(Capability::EventFeed).then(|| Stream::of_each(case.place.clone()));
        if let Some(stream) = &feed
            && stream.at_rest(case).await.is_err()
        {
            return Ok(());
        }
        if !ask_all(case).await {
            return Ok(());
        }
        if let Some(stream) = &feed {
            let _ = stream.read(case.lab, &case.ours()).await;
        }
        for _ in 0..LOOKS {
            let before = case.operations.len();
            // Behind the last one, whatever they have done has come.
            let rests = if step + 1 == COURSE { case.look().await } else { case.settle().await };
            if !rests {
                return Ok(());
            }
            if is_as_it_must_be(case, before) {
                break;
            }
        }
    }
    Ok(())
}

/// Whether what was read from this operation on shows what the commands did.
fn is_as_it_must_be(case: &Case<'_>, from: usize) -> bool {
    let mut reads = case.operations[from..].iter().filter_map(|operation| match &operation.act {
        Act::Ask { query, answer } => Some((in_names(case, query), answer)),
        _ => None,
    });
    reads.all(|(query, answer): (Query, &Answer)| case.tells(&case.world, &query, answer))
}

fn in_names(case: &Case<'_>, query: &Query) -> Query {
    let fields = query.fields.fields().iter().map(|(name, value)| (name.clone(), case.named(value)));
    Query { on: query.on.as_ref().map(|on| case.named(on)), fields: fields.collect(), ..query.clone() }
}

/// Asks everything many times: first what shows something of what is there. `false` where there was no answer.
async fn ask_all(case: &mut Case<'_>) -> bool {
    let mut queries = case.reads();
    let others = case.lab.queries_in(&case.world).into_iter().chain(of_each_kind(case));
    for query in others {
        if !queries.contains(&query) {
            queries.push(query);
        }
    }
    for query in queries {
        for _ in 0..TIMES {
            let answer = case.ask(0, &query).await;
            if !is_answer(&answer) {
                return false;
            }
        }
    }
    true
}

/// Each query of one aggregate, whether it is there or not.
fn of_each_kind(case: &Case<'_>) -> Vec<Query> {
    let lab = case.lab;
    let known = lab.contract.queries().filter(|def| lab.engine.target.knows(&def.name));
    let of_one = known.filter_map(|def| {
        let on = lab.naming.subject(def.aggregate.as_ref()?, 1).id;
        Some(Query { name: def.name.clone(), on: Some(on), fields: Record::new() })
    });
    of_one.collect()
}

/// The version that the last command on the aggregate told; that of nothing where there was none. Nothing is demanded of
/// a target that takes no versions.
fn last_version(case: &Case<'_>, command: &Command) -> Option<Version> {
    if !case.lab.claims(Capability::ExpectedVersion) {
        return None;
    }
    let on = command.on.as_ref()?;
    let last = case.operations.iter().rev().find_map(|operation| match &operation.act {
        Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
            Some((command.on.clone()?, receipt.version.clone()))
        }
        _ => None,
    });
    match last {
        // Another one's command may have changed this one as well.
        Some((last, version)) => (case.named(&last) == *on).then_some(version)?,
        None => Some(Version::Number(0)),
    }
}
