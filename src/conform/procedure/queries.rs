//! Queries asked many times, beside a twin that nobody asks anything: what both come to has to be the same.

use std::collections::HashMap;
use std::sync::Arc;

use super::choice::{change, graph};
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::rest::Rest;
use crate::contract::explore::Graph;
use crate::protocol::{Capability, ClauseId, Command, Expected, Outcome, Query, Version};

/// Experiments for each group of aggregates.
const CASES: u64 = 2;
/// Commands of one experiment.
const COURSE: u64 = 3;
/// How often each query is asked before the first command and behind each one.
const TIMES: u32 = 10;
/// How often reads are looked at before what they show is what there is: a copy that is behind now and then is no change.
const LOOKS: usize = 3;

const FIRST: &str =
    "look at what the query writes: a row that it makes, a counter, an entity that is saved as it was loaded";

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let mut asked: HashMap<Arc<str>, u32> = HashMap::new();
    let mut kept = true;
    for number in 0..CASES * lab.graphs.len() as u64 {
        if lab.over() {
            break;
        }
        kept &= case(&lab, number, &mut asked).await?;
    }
    let known = lab.contract.queries().filter(|query| lab.engine.target.knows(&query.name));
    let each = known.map(|query| asked.get(&*query.name).copied().unwrap_or(0)).min();
    if kept {
        lab.ledger.count(ClauseId::Qs1, Unit::Queries, each.unwrap_or(0));
    }
    Ok(())
}

/// One experiment and its twin. `false` where a query was seen to change something.
async fn case(lab: &Lab, number: u64, asked: &mut HashMap<Arc<str>, u32>) -> Result<bool, Unreachable> {
    let graph = graph(lab, number);
    let mut twin = Case::open(lab, "unasked", number).await?;
    let mut case = Case::open(lab, "asked", number).await?;
    let mut tally: HashMap<Arc<str>, u32> = HashMap::new();
    if !ask_all(&mut case, graph, &mut tally).await {
        return Ok(true);
    }
    for step in 0..COURSE {
        let Some((command, _)) = change(&case, graph, number + step) else { break };
        let versions = [&twin, &case].map(|case| last_version(case, &command));
        let unasked = send(&mut twin, &command, versions[0].clone()).await;
        let outcome = send(&mut case, &command, versions[1].clone()).await;
        if !matches!(unasked, Outcome::Accepted(_)) {
            return Ok(true);
        }
        if let Some(wrong) = differ(&command, &unasked, &outcome) {
            lab.broken(ClauseId::Qs1, case.example(wrong, FIRST));
            return Ok(false);
        }
        if !matches!(outcome, Outcome::Accepted(_)) {
            return Ok(true);
        }
        twin.follow(&command);
        case.follow(&command);
        let world = [case.world.clone()];
        if case.rest_for(ClauseId::Qs1, &world).await != Rest::Shows(0) {
            return Ok(true);
        }
        let before = events(&mut case, graph).await;
        if !ask_all(&mut case, graph, &mut tally).await {
            return Ok(true);
        }
        if let (Some(before), Some(after)) = (before, events(&mut case, graph).await)
            && before != after
        {
            let wrong = format!("there were {before} events, and {after} after queries were asked");
            lab.broken(ClauseId::Qs1, case.example(wrong, FIRST));
            return Ok(false);
        }
        if changed(&mut case).await {
            let wrong = "reads were as they must be, and after queries were asked they were not any more";
            lab.broken(ClauseId::Qs1, case.example(wrong, FIRST));
            return Ok(false);
        }
    }
    for (name, times) in tally {
        *asked.entry(name).or_default() += times;
    }
    Ok(true)
}

/// Whether reads at rest show something else than the commands did, however often one looks.
async fn changed(case: &mut Case<'_>) -> bool {
    let world = [case.world.clone()];
    for _ in 0..LOOKS {
        if case.rest(&world).await != Rest::Other {
            return false;
        }
    }
    true
}

/// Asks everything many times. `false` where there was no answer.
async fn ask_all(case: &mut Case<'_>, graph: &Graph, tally: &mut HashMap<Arc<str>, u32>) -> bool {
    let contract = case.lab.contract.clone();
    let mut queries: Vec<Query> = case.reads().into_iter().filter(|query| query.on.is_none()).collect();
    for def in contract.queries().filter(|def| case.lab.engine.target.knows(&def.name)) {
        let Some(kind) = &def.aggregate else { continue };
        let own = graph.subjects.iter().filter(|subject| *subject.kind == **kind);
        queries.extend(own.map(|subject| Query {
            name: def.name.clone(),
            on: Some(subject.id.clone()),
            fields: crate::value::Record::new(),
        }));
    }
    for query in queries {
        for _ in 0..TIMES {
            let answer = case.ask(0, &query).await;
            if !crate::conform::rest::is_answer(&answer) {
                return false;
            }
            *tally.entry(query.name.clone()).or_default() += 1;
        }
    }
    true
}

/// How many events the feed tells of our aggregates.
async fn events(case: &mut Case<'_>, graph: &Graph) -> Option<usize> {
    if !case.lab.claims(Capability::EventFeed) {
        return None;
    }
    let ids: Vec<_> = graph
        .subjects
        .iter()
        .filter(|subject| case.world.get(&subject.kind, &subject.id).is_some())
        .filter_map(|subject| subject.id.as_name().cloned())
        .collect();
    let ids: Vec<_> = ids.iter().map(|name| case.value(name)).collect();
    let mut count = 0;
    for id in ids {
        count += case.place.events(Some(&id), None).await.ok()?.len();
    }
    Some(count)
}

/// The version that the last command on the aggregate told; that of nothing where there was none. Nothing is demanded of
/// a target that takes no versions.
fn last_version(case: &Case<'_>, command: &Command) -> Option<Version> {
    if !case.lab.claims(Capability::ExpectedVersion) {
        return None;
    }
    let on = command.on.as_ref()?;
    let last = case.operations.iter().rev().find_map(|operation| match &operation.act {
        crate::history::Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
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

async fn send(case: &mut Case<'_>, command: &Command, version: Option<Version>) -> Outcome {
    let expected = version.map_or(Expected::Any, Expected::Exactly);
    let bound = Command { expected, ..case.bound(command) };
    case.submit(0, Arc::new(bound), 0).await
}

/// How a command came to something else than its twin did.
fn differ(command: &Command, unasked: &Outcome, asked: &Outcome) -> Option<String> {
    let name = &command.name;
    match (unasked, asked) {
        (Outcome::Accepted(_), Outcome::Rejected(_)) => {
            Some(format!("{name} was {asked} after queries were asked, and without them it is accepted"))
        }
        (Outcome::Accepted(one), Outcome::Accepted(other)) => match (&one.version, &other.version) {
            (Some(Version::Number(one)), Some(Version::Number(other))) if one != other => Some(format!(
                "{name} led to version {other} after queries were asked, and without them it is version {one}"
            )),
            _ => None,
        },
        _ => None,
    }
}
