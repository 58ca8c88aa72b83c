//! Lists that a target reads page by page, whatever the contract says of pages: made longer than several pages, and read at rest. So are
//! lists that tell a total, which is compared with their rows where nobody else adds one.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::choice::{at, way};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::contract::QueryDef;
use crate::contract::explore::{Named, Subject, fire};
use crate::contract::rules::{Expected, Model as _, Shown, World};
use crate::protocol::{ClauseId, Command, Outcome, Query};
use crate::value::{Name, Record, Value};

/// How many rows lists have, and whether some of them are taken out again. How long pages are is the service's affair: these are
/// three pages of three rows, or of twenty, and two rows more; then as many as three pages of the service need, where those didn't do.
/// Nobody waits for more rests than it takes.
const COURSES: [(Length, bool); 4] =
    [(Length::Rows(11), false), (Length::Rows(11), true), (Length::Rows(62), true), (Length::Fitting, true)];
/// Pages that a list is to have, and rows beyond as many as they hold: some are taken out again.
const PAGES: usize = 3;
const MORE: u64 = 2;
/// Rows of the longest list that is made: three pages of a hundred, and two rows.
const LONGEST: u64 = 100 * PAGES as u64 + MORE;
/// The part of the time that is left which a list may take.
const PART: u32 = 4;
/// Rows that come at the same time.
const AT_ONCE: usize = 4;
/// Of so many rows one is taken out.
const OUT: usize = 3;
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

/// How many rows a list has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Length {
    Rows(u64),
    /// As many as pages of the service need.
    Fitting,
}

/// The views that the target puts together from pages.
fn views(lab: &Lab) -> Vec<&QueryDef> {
    lists(lab).into_iter().filter(|def| is_in_pages(lab, def)).collect()
}

/// These, and the views that tell a total.
fn lists(lab: &Lab) -> Vec<&QueryDef> {
    let one = |def: &&QueryDef| def.is_view && !def.paged && (def.total || is_in_pages(lab, def));
    lab.contract.queries().filter(one).filter(|def| lab.engine.target.knows(&def.name)).collect()
}

fn is_in_pages(lab: &Lab, view: &QueryDef) -> bool {
    lab.engine.target.describe().promises.paged.contains(&view.name)
}

/// The view and the course of the case with this number.
fn turn(lab: &Lab, number: u64) -> Option<(&QueryDef, (Length, bool))> {
    let lists = lists(lab);
    let view = lists.get(at(number, lists.len()))?;
    Some((view, *COURSES.get(usize::try_from(number / lists.len() as u64).ok()?)?))
}

/// Each view with each course once, but where there are no pages with the shortest; none where lists are known to be wrong.
fn needed(lab: &Lab, number: u64) -> bool {
    let Some((view, course)) = turn(lab, number) else { return false };
    let fits = match course {
        (Length::Fitting, _) => fitting(lab, view).is_ok(),
        _ => is_in_pages(lab, view) || COURSES[..2].contains(&course),
    };
    fits && lab.ledger.of(ClauseId::Qs5).broken == 0
}

/// How many rows a list has to have for pages of the service to meet; or why there is no such list.
fn fitting(lab: &Lab, view: &QueryDef) -> Result<u64, Unfit> {
    let seen = lab.notes().pages.get(&view.name).copied().unwrap_or_default();
    let wanted = match seen.size {
        _ if seen.most >= PAGES || !is_in_pages(lab, view) => return Err(Unfit::Done),
        Some(size) => size.saturating_mul(PAGES as u64).saturating_add(MORE),
        None => LONGEST,
    };
    if wanted > LONGEST || seen.rows >= wanted {
        return Err(Unfit::TooLong);
    }
    let takes = seen.row.saturating_mul(u32::try_from(wanted).unwrap_or(u32::MAX));
    if takes > lab.left() / PART { Err(Unfit::TooSlow(wanted)) } else { Ok(wanted) }
}

/// Why no list is made as long as pages of the service need.
enum Unfit {
    /// There was one.
    Done,
    /// Its pages are longer than a list is made.
    TooLong,
    /// So many rows take longer than there is time.
    TooSlow(u64),
}

/// What nobody has seen of the pages of each view, in a sentence.
pub(in crate::conform) fn unexamined(lab: &Lab) -> Vec<String> {
    let tried = lab.wants(ClauseId::Qs5) && lab.cases.is_empty() && lab.ledger.of(ClauseId::Qs5).broken == 0;
    if !tried {
        return Vec::new();
    }
    let pages = &lab.engine.target.describe().promises.paged;
    let cut = lab.contract.queries().filter(|def| def.paged && pages.contains(&def.name));
    let cut = cut.map(|def| {
        format!(
            "where pages of {} meet was not examined: the contract numbers its pages, and the profile has all of them read",
            def.name
        )
    });
    let views = views(lab).into_iter();
    let views = views
        .filter_map(|view| {
            let why = match fitting(lab, view) {
                Err(Unfit::Done) => return None,
                Err(Unfit::TooLong) => "lists are not made as long as three of them".to_owned(),
                Err(Unfit::TooSlow(rows)) => format!("making {rows} rows takes longer than there was time (`--budget` gives it more)"),
                Ok(_) => "there was no time for it, or nothing that makes it that long".to_owned(),
            };
            let seen = lab.notes().pages.get(&view.name).copied().unwrap_or_default();
            let (name, rows) = (&view.name, seen.rows);
            Some(match seen.size {
                Some(size) => format!("where pages of {name} meet was not examined: they have {size} rows, and {why}"),
                None if rows == 0 => format!("where pages of {name} meet was not examined: {why}"),
                None => format!(
                    "where pages of {name} meet was not examined: one page had all of {rows} rows (`max` in `page` of the profile makes pages shorter)"
                ),
            })
        });
    cut.chain(views).collect()
}

/// Takes note of the pages of a list that was read.
fn note(lab: &Lab, view: &QueryDef, pages: &[u64], row: Duration) {
    let mut notes = lab.notes();
    let seen = notes.pages.entry(view.name.clone()).or_default();
    seen.row = seen.row.max(row);
    seen.rows = seen.rows.max(pages.iter().sum());
    if let [followed @ .., _] = pages
        && !followed.is_empty()
    {
        seen.size = seen.size.max(followed.iter().copied().max());
        seen.most = seen.most.max(pages.len());
    }
}

/// Makes a list long, takes some rows out again, and reads it at rest. The control has one row: what is wrong with that as well is
/// not its length's doing.
async fn course(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let Some((view, (length, leave))) = turn(lab, number) else { return Ok(()) };
    let wanted = match length {
        Length::Rows(rows) => rows,
        // By itself, nothing is known of pages.
        Length::Fitting => fitting(lab, view).unwrap_or(LONGEST),
    };
    let (rows, leave) = if case.is_in_turn() { (1, false) } else { (wanted, leave) };
    let Some(plan) = Plan::of(case, view, usize::try_from(rows).unwrap_or(usize::MAX)) else {
        lab.remark(format!("nothing was found to make {} as long as several pages", view.name));
        return Ok(());
    };
    let began = lab.engine.clock.now();
    if !all_at_once(case, &plan.ways).await? {
        return Ok(());
    }
    let took = lab.engine.clock.now().saturating_sub(began);
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
        let (_, pages) = case.ask_for_pages(0, &plan.list).await;
        if !case.is_in_turn() {
            note(lab, view, &pages, took / u32::try_from(rows).unwrap_or(u32::MAX).max(1));
        }
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
            let apart = plan.apart(case, &world, (&commands, &subject));
            let (commands, behind) = apart.unwrap_or((commands, behind));
            plan.subjects.push(subject);
            plan.ways.push(commands);
            world = behind;
        }
        plan
    }

    /// The same way with texts of its own, but for those by which the list is asked for: a service may look up by them what it has just
    /// made. Nothing where that leads somewhere else.
    fn apart(
        &self,
        case: &Case<'_>,
        world: &World<Record>,
        (commands, subject): (&[Command], &Subject),
    ) -> Option<(Vec<Command>, World<Record>)> {
        let mut asked = HashSet::new();
        let values = self.list.on.iter().chain(self.list.fields.iter().map(|(_, value)| value));
        values.for_each(|value| value.each_name(&mut |name| _ = asked.insert(name.clone())));
        let number = self.subjects.len();
        let own = |value: &Value| {
            let name = value.as_name().filter(|name| !asked.contains(*name))?;
            let is_text = matches!(case.lab.naming.named(name), Some(Named::Field(_)));
            is_text.then(|| Value::Name(Name::new(format!("{}0{number}", name.as_str()))))
        };
        let apart = |command: &Command| {
            let fields = command.fields.iter().map(|(name, value)| (name, value.replaced(&own)));
            Command { fields: fields.collect(), ..command.clone() }
        };
        let apart: Vec<Command> = commands.iter().map(apart).collect();
        if apart == commands {
            return None;
        }
        let mut world = world.clone();
        for command in &apart {
            world = fire(case.model(), &world, command).ok()?.1?;
        }
        has(case, &world, &self.list, subject).then_some((apart, world))
    }

    /// How one of them gets out of the list; nothing where it never does.
    fn out(&self, case: &Case<'_>, subject: &Subject) -> Option<Vec<Command>> {
        let is_out = |world: &World<Record>| (!has(case, world, &self.list, subject)).then_some(());
        way(case, &case.world, subject, is_out).map(|(commands, _, ())| commands)
    }
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
