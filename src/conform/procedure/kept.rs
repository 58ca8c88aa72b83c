//! What is made early, shown, and left alone: the final sweep looks at it again.

use std::sync::Arc;

use super::choice::{change, graph};
use crate::adapter::{AnyWorld, Unreachable};
use crate::clause;
use crate::conform::case::Case;
use crate::conform::experiment::place_of;
use crate::conform::lab::Lab;
use crate::contract::rules::Model as _;
use crate::protocol::Query;
use crate::value::Value;

/// The name of its cases in histories. They are no experiment of their own: by itself, nothing happens between two looks.
pub(super) const NAME: &str = "kept";
/// So many are left alone, with up to so many commands each.
const CASES: u64 = 8;
const LENGTH: u64 = 4;

/// Makes them, one by one, unless that was done.
pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    if lab.sweep.has_begun().await {
        return Ok(());
    }
    let place = place_of(&lab, NAME).await?;
    for number in 0..CASES {
        if lab.over() {
            break;
        }
        let (made, is_made) = tokio::sync::oneshot::channel();
        let (own, place) = (lab.clone(), place.clone());
        let kept = async move {
            // Who can't be reached any more is noticed by others.
            let _ = leave(&own, number, place, made).await;
        };
        lab.sweep.begin(kept).await;
        // It says nothing where it ended.
        let _ = is_made.await;
    }
    Ok(())
}

/// Looks at all of them.
pub(super) async fn look(lab: Arc<Lab>) -> Result<(), Unreachable> {
    lab.sweep.look().await;
    Ok(())
}

/// Makes one and looks at it, and again whenever there is a sweep.
async fn leave(
    lab: &Lab,
    number: u64,
    place: Arc<dyn AnyWorld>,
    made: tokio::sync::oneshot::Sender<()>,
) -> Result<(), Unreachable> {
    let mut case = Case::within(lab, NAME, number, place).await?;
    let graph = graph(lab, number);
    for step in 0..=number % LENGTH {
        let Some((command, _)) = change(&case, graph, number / LENGTH + step) else { break };
        if !case.send(0, &command).await.is_accepted() {
            return Ok(());
        }
    }
    let reads = own_reads(&case);
    if reads.is_empty() || !read(&mut case, &reads).await {
        return Ok(());
    }
    case.lasts();
    let mut left = lab.sweep.leave();
    // Nobody may have waited.
    let _ = made.send(());
    while left.again().await && read(&mut case, &reads).await {}
    let bench = lab.bench(true);
    for (id, judged) in clause::judged(NAME, &case.evidence(&bench)) {
        case.takes(id, judged, (&[], None));
    }
    Ok(())
}

/// The reads in which nobody else's aggregates have a part: a list of everybody's may have become too long to be read.
fn own_reads(case: &Case<'_>) -> Vec<Query> {
    let is_ours = |value: &Value| case.values().values().any(|ours| ours == value);
    let own =
        |query: &Query| query.on.is_some() || case.model().is_of_own(&case.bound_query(query), &is_ours);
    case.reads().into_iter().filter(own).collect()
}

/// Reads them at proven rest. `false` where the target does not get there.
async fn read(case: &mut Case<'_>, reads: &[Query]) -> bool {
    if !case.calm().await {
        return false;
    }
    for query in reads {
        case.ask(0, query).await;
    }
    true
}
