//! Lists that a target reads page by page, whatever the contract says of pages: made longer than several pages, and read at rest.

use std::collections::VecDeque;
use std::sync::Arc;

use super::choice::{at, each_own};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::contract::QueryDef;
use crate::contract::explore::Subject;
use crate::contract::rules::{Expected, Model as _, Shown, World};
use crate::protocol::{ClauseId, Command, Outcome, Query};
use crate::value::Record;

/// How many rows lists have, and whether some of them are taken out again. How long pages are is the service's affair: these are
/// three pages of three rows, or of twenty, and two rows more. Nobody waits for more rests than it takes.
const COURSES: [(usize, bool); 3] = [(11, false), (11, true), (62, true)];
/// Rows that come at the same time.
const AT_ONCE: usize = 4;
/// Of so many rows one is taken out.
const OUT: usize = 3;
/// Commands on the way into a list, or out of it, at most.
const WAY: usize = 3;
/// Reads of a list at rest.
const READS: usize = 2;

/// The shortest lists first: what they show is told with the fewest rows.
pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "long-lists",
    cases: 30,
    lanes: 1,
    control: Control::Behind,
    needed,
    act: |case, number| Box::pin(course(case, number)),
    ..PLAIN
}];

/// The views that the target puts together from pages.
fn views(lab: &Lab) -> Vec<&QueryDef> {
    let pages = &lab.engine.target.describe().promises.paged;
    let whole = |def: &&QueryDef| def.is_view && !def.paged && pages.contains(&def.name);
    lab.contract.queries().filter(whole).filter(|def| lab.engine.target.knows(&def.name)).collect()
}

/// Each view with each course once; none where lists are known to be wrong.
fn needed(lab: &Lab, number: u64) -> bool {
    let cases = views(lab).len() * COURSES.len();
    number < cases as u64 && lab.ledger.of(ClauseId::Qs5).broken == 0
}

/// Makes a list long, takes some rows out again, and reads it at rest. The control has one row: what is wrong with that as well is
/// not its length's doing.
async fn course(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let views = views(lab);
    let Some(view) = views.get(at(number, views.len())) else { return Ok(()) };
    let (rows, leave) = match COURSES[at(number / views.len() as u64, COURSES.len())] {
        _ if case.is_in_turn() => (1, false),
        course => course,
    };
    let Some(plan) = Plan::of(case, view, rows) else {
        lab.remark(format!("nothing was found to make {} as long as several pages", view.name));
        return Ok(());
    };
    if !all_at_once(case, &plan.ways).await? {
        return Ok(());
    }
    if leave {
        let out = plan.subjects.iter().step_by(OUT);
        let ways: Option<Vec<_>> = out.map(|subject| plan.out(case, subject)).collect();
        // A list that nothing ever leaves is read as it is.
        if !all_at_once(case, &ways.unwrap_or_default()).await? {
            return Ok(());
        }
    }
    if !case.calm().await {
        return Ok(());
    }
    for _ in 0..READS {
        case.ask(0, &plan.list).await;
    }
    // Whether what is missing there shows elsewhere.
    for query in case.reads().into_iter().filter(|query| query.on.is_some()) {
        case.ask(0, &query).await;
    }
    Ok(())
}

/// Aggregates that come into one list, and how.
struct Plan {
    list: Query,
    subjects: Vec<Subject>,
    ways: Vec<Vec<Command>>,
}

impl Plan {
    /// So many rows of one kind in a view.
    fn of(case: &Case<'_>, view: &QueryDef, rows: usize) -> Option<Self> {
        let kinds = case.lab.contract.aggregates().map(|aggregate| aggregate.name.clone());
        kinds.into_iter().find_map(|kind| Self::of_kind(case, view, (&kind, rows)))
    }

    fn of_kind(case: &Case<'_>, view: &QueryDef, (kind, rows): (&Arc<str>, usize)) -> Option<Self> {
        let mut plan: Option<Self> = None;
        let mut world = case.world.clone();
        for number in 1..=rows {
            let subject = case.lab.naming.subject(kind, number);
            let (commands, behind, list) = way(case, &world, &subject, |world| {
                let lists = || case.lab.reads_in(world).into_iter().filter(|query| query.name == view.name);
                let mut lists =
                    plan.as_ref().map_or_else(|| lists().collect(), |plan| vec![plan.list.clone()]);
                lists.retain(|list| has(case, world, list, &subject));
                lists.into_iter().next()
            })?;
            let plan = plan.get_or_insert_with(|| Self { list, subjects: Vec::new(), ways: Vec::new() });
            plan.subjects.push(subject);
            plan.ways.push(commands);
            world = behind;
        }
        plan
    }

    /// How one of them gets out of the list; nothing where it never does.
    fn out(&self, case: &Case<'_>, subject: &Subject) -> Option<Vec<Command>> {
        let is_out = |world: &World<Record>| (!has(case, world, &self.list, subject)).then_some(());
        way(case, &case.world, subject, is_out).map(|(commands, _, ())| commands)
    }
}

/// The shortest way to where a world is as it is `wanted`: commands about one aggregate alone.
fn way<T>(
    case: &Case<'_>,
    world: &World<Record>,
    subject: &Subject,
    wanted: impl Fn(&World<Record>) -> Option<T>,
) -> Option<(Vec<Command>, World<Record>, T)> {
    let mut open = VecDeque::from([(Vec::new(), world.clone())]);
    while let Some((commands, world)) = open.pop_front() {
        for (command, behind) in each_own(case, &world, subject) {
            let commands: Vec<Command> = commands.iter().cloned().chain([command]).collect();
            if let Some(found) = wanted(&behind) {
                return Some((commands, behind, found));
            }
            if commands.len() < WAY {
                open.push_back((commands, behind));
            }
        }
    }
    None
}

/// Whether a list has a row of an aggregate, by the rules.
fn has(case: &Case<'_>, world: &World<Record>, list: &Query, subject: &Subject) -> bool {
    let Ok(Expected::Rows(rows)) = case.model().answer(world, list) else { return false };
    let is_own = |shown: &Shown| matches!(shown, Shown::Is(value) if *value == subject.id);
    rows.rows.iter().any(|row| row.iter().any(|(_, shown)| is_own(shown)))
}

/// Goes all ways, a few at the same time: rows that come together are alike in what lists are ordered by. `false` where the target
/// did not go along.
async fn all_at_once(case: &mut Case<'_>, ways: &[Vec<Command>]) -> Result<bool, Unreachable> {
    for few in ways.chunks(AT_ONCE) {
        let longest = few.iter().map(Vec::len).max().unwrap_or(0);
        for step in 0..longest {
            let commands: Vec<&Command> = few.iter().filter_map(|way| way.get(step)).collect();
            let bound = commands.iter().map(|command| Arc::new(case.bound(command))).collect();
            let (outcomes, _) = case.burst(bound).await?;
            if case.lab.over() || !outcomes.iter().all(Outcome::is_accepted) {
                return Ok(false);
            }
            for command in commands {
                case.follow(command);
            }
        }
    }
    Ok(true)
}
