//! Whose delay it is where this machine is held up: commands behind an effect that does not show. What overtakes it had the same machine.

use super::choice::way;
use crate::clause::OVERTAKERS;
use crate::conform::case::Case;
use crate::contract::explore::Graph;
use crate::contract::rules::World;
use crate::protocol::{Command, Query};
use crate::value::Record;

/// Sends commands on aggregates that are new, behind one whose effect a query does not show, and looks for what each does in the same
/// read model. Whether all of them showed in their time, and that one not even then.
pub(super) async fn is_overtaken(
    case: &mut Case<'_>,
    graph: &Graph,
    (before, missing): (&World<Record>, &Query),
) -> bool {
    // What a read model shows that is without that one effect.
    let mut without = before.clone();
    for number in 0..OVERTAKERS {
        let Some((commands, query)) = overtaker(case, graph, missing, number) else { return false };
        for command in commands {
            if !case.send(0, &command).await.is_accepted() {
                return false;
            }
            let Some(apart) = case.model().accepting(&without, &command) else { return false };
            without = apart;
        }
        if !shows_in_time(case, &without, &query).await {
            return false;
        }
    }
    let answer = case.ask(0, missing).await;
    !case.tells(&case.world, missing, &answer)
}

/// Commands on an aggregate that is new, and the query of the same read model that shows what the last of them does.
fn overtaker(
    case: &Case<'_>,
    graph: &Graph,
    missing: &Query,
    number: usize,
) -> Option<(Vec<Command>, Query)> {
    let mut kinds: Vec<_> = graph.subjects.iter().map(|subject| &subject.kind).collect();
    kinds.dedup();
    kinds.into_iter().find_map(|kind| {
        let known = graph.subjects.iter().filter(|subject| subject.kind == *kind).count();
        let subject = case.lab.naming.subject(kind, known + number + 1);
        let shown = |world: &World<Record>| {
            let mut reads = case.lab.reads_in(world).into_iter();
            reads.find(|query| query.name == missing.name && case.lab.differs(query, &case.world, world))
        };
        way(case, &case.world, &subject, shown).map(|(commands, _, query)| (commands, query))
    })
}

/// Polls a query until it answers as in that world, for as long as it may take to.
async fn shows_in_time(case: &mut Case<'_>, world: &World<Record>, query: &Query) -> bool {
    let lab = case.lab;
    let bound = lab.engine.target.describe().promises.bound_of(&query.name);
    let ends = lab.engine.clock.now().saturating_add(bound);
    loop {
        let is_last = lab.engine.clock.now() >= ends;
        let answer = case.ask(0, query).await;
        if case.tells(world, query, &answer) {
            return !is_last;
        }
        if is_last || lab.over() {
            return false;
        }
        lab.engine.clock.until(lab.engine.clock.now() + super::probes::PAUSE).await;
    }
}
