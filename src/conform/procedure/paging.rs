//! Lists read page by page: at rest, and while rows are added.

use std::sync::Arc;

use super::choice::{at, behind, own};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::contract::explore::Subject;
use crate::contract::rules::{Expected, Model as _, Rows, Shown, World};
use crate::contract::{QueryDef, Range, Type};
use crate::history::Act;
use crate::protocol::{Command, Outcome, Query, Seen};
use crate::value::{Number, Record, Value};

/// Experiments at the same time.
const LANES: usize = 4;
/// Rows of a page, where the contract allows so few.
const SIZE: u64 = 3;
/// The most that a page may have at least.
const LARGEST: u64 = 12;
/// Rows of the page that has the whole list, where the contract allows so many.
const WHOLE: u64 = 100;
/// Pages that are full when a walk begins; one more is begun.
const PAGES: u64 = 3;
/// Rows of the page that is begun: with pages of three it makes eleven, more than a service has room for that ends every page after ten,
/// whatever it is asked for.
const BEGUN: u64 = 2;
/// Commands that are looked at for one that leaves rows where they are.
const CANDIDATES: u64 = 24;
/// Pages of a walk at most: others may have rows in the list as well.
const MOST: u64 = 60;

/// Each paged view of the contract in turn.
pub(super) static WALKS: &[Experiment] = &[
    Experiment {
        name: "pages",
        cases: 6,
        lanes: LANES,
        act: |case, number| Box::pin(resting(case, number)),
        ..PLAIN
    },
    Experiment {
        name: "moving-pages",
        cases: 12,
        lanes: LANES,
        act: |case, number| Box::pin(moving(case, number)),
        ..PLAIN
    },
];

/// The view whose turn it is.
fn view(lab: &Lab, number: u64) -> Option<&QueryDef> {
    // Where the target has all pages read, the pages of the contract are not its own.
    let read_whole = &lab.engine.target.describe().promises.paged;
    let paged = lab.contract.queries().filter(|query| query.paged && !read_whole.contains(&query.name));
    let views: Vec<&QueryDef> = paged.filter(|query| lab.engine.target.knows(&query.name)).collect();
    views.get(at(number, views.len())).copied()
}

/// A list that is longer than a page: how it is asked for, and the rows that are ours.
struct List {
    query: Query,
    size: u64,
    /// How many rows a page has that has all of them, where there may be one.
    whole: Option<u64>,
    kind: Arc<str>,
    rows: Vec<Value>,
}

impl List {
    fn page(&self, number: u64) -> Query {
        self.page_of(number, self.size)
    }

    /// All of it on one page; else its first page.
    fn whole(&self) -> Query {
        self.page_of(1, self.whole.unwrap_or(self.size))
    }

    fn page_of(&self, number: u64, size: u64) -> Query {
        let mut query = self.query.clone();
        query.fields.insert("page", number);
        query.fields.insert("page_size", size);
        query
    }
}

/// The fewest rows that a page may have, or somewhat more; and the most, or somewhat less.
fn sizes(def: &QueryDef) -> Option<(u64, u64)> {
    let law = |name: &str| match &def.field(name)?.ty {
        Type::Int(range) => Some(range.clone()),
        _ => None,
    };
    let end = |end: &Option<Number>| end.as_ref().and_then(Number::to_u64);
    let (_, Range { min, max, .. }) = (law("page")?, law("page_size")?);
    let size = SIZE.max(end(&min).unwrap_or(1)).min(end(&max).unwrap_or(SIZE));
    let most = end(&max).unwrap_or(WHOLE).min(WHOLE);
    (1..=LARGEST).contains(&size).then_some((size, most))
}

/// Makes rows until a view has some pages of them.
async fn list(case: &mut Case<'_>, number: u64) -> Option<List> {
    let lab = case.lab;
    let def = view(lab, number)?;
    let Some((size, most)) = sizes(def) else {
        case.gives_up("a view has no `page` and `page_size` by which to walk through it");
        return None;
    };
    let more = size * PAGES + BEGUN.min(size);
    let whole = (most > more).then_some(most);
    let wanted = usize::try_from(more).ok()?;
    let kinds: Vec<Arc<str>> = lab.contract.aggregates().map(|aggregate| aggregate.name.clone()).collect();
    for kind in kinds {
        for number in 1..=wanted {
            match add(case, &kind, number).await {
                Some(Outcome::Accepted(_)) => {}
                Some(_) => {
                    case.gives_up("a command that makes a row of a view was not accepted");
                    return None;
                }
                None => break,
            }
        }
        let asked = case.reads().into_iter().filter(|query| *query.name == *def.name);
        for query in asked {
            let mut list = List { query, size, whole, kind: kind.clone(), rows: Vec::new() };
            list.rows = in_order(case, &case.world, &list)?.0;
            if list.rows.len() == wanted {
                return Some(list);
            }
        }
    }
    case.gives_up("nothing was found to make a view longer than a page");
    None
}

/// One more aggregate, in the first way that the rules accept; nothing where they accept none.
async fn add(case: &mut Case<'_>, kind: &str, number: usize) -> Option<Outcome> {
    let command = own(case, &case.lab.naming.subject(kind, number), 0)?;
    Some(case.send(0, &command).await)
}

/// All rows by the rules, and whether they are to come in this order.
fn in_order(case: &Case<'_>, world: &World<Record>, list: &List) -> Option<(Vec<Value>, bool)> {
    let mut all: Vec<Value> = Vec::new();
    let mut ordered = true;
    for number in 1..=MOST {
        let Ok(Expected::Rows(Rows { rows, unordered, .. })) = case.model().answer(world, &list.page(number))
        else {
            return None;
        };
        ordered &= !unordered;
        let told: Vec<Value> = rows
            .iter()
            .filter_map(|row| {
                row.iter().find_map(|(_, shown)| match shown {
                    Shown::Is(value) => world.get(&list.kind, value).is_some().then(|| value.clone()),
                    _ => None,
                })
            })
            .collect();
        let new: Vec<Value> = told.into_iter().filter(|id| !all.contains(id)).collect();
        if new.is_empty() {
            break;
        }
        all.extend(new);
    }
    Some((all, ordered))
}

/// Reads one page: how many rows it has.
async fn read(case: &mut Case<'_>, query: &Query) -> Option<u64> {
    match case.ask(0, query).await.seen {
        Seen::Found(Value::List(rows)) => Some(rows.len() as u64),
        _ => None,
    }
}

/// A list at rest: all of it at once, and two walks through its pages; then all of it once more, and whatever else shows its rows: it may
/// be the list itself that is wrong.
async fn resting(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let Some(list) = list(case, number).await else { return Ok(()) };
    if !case.calm().await || read(case, &list.whole()).await.is_none() {
        return Ok(());
    }
    for _ in 0..2 {
        for number in 1..=MOST {
            let Some(rows) = read(case, &list.page(number)).await else { return Ok(()) };
            if rows < list.size {
                break;
            }
        }
    }
    read(case, &list.whole()).await;
    for query in case.reads().into_iter().filter(|query| query.on.is_some()) {
        case.ask(0, &query).await;
    }
    Ok(())
}

/// What others write while a list is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Writing {
    /// Rows that come behind all that are there.
    Behind,
    /// Rows that are there, in their places: where new ones come in front, the contract itself moves rows from page to
    /// page, and no service could keep both.
    InPlace,
    /// Nothing that leaves rows where they are.
    Nothing,
}

fn writing(case: &Case<'_>, list: &List) -> Writing {
    let new = case.lab.naming.subject(&list.kind, list.rows.len() + 1);
    if own(case, &new, 0).is_some_and(|command| keeps(case, list, &command, 1)) {
        Writing::Behind
    } else if in_place(case, list, 0).is_some() {
        Writing::InPlace
    } else {
        Writing::Nothing
    }
}

/// Whether the rows stay where they are by the rules, with so many more behind them.
fn keeps(case: &Case<'_>, list: &List, command: &Command, more: usize) -> bool {
    let Some(world) = behind(case, &case.world, command) else { return false };
    in_order(case, &world, list).is_some_and(|(order, ordered)| {
        let there = |id: &&Value| list.rows.contains(id);
        let stay = if ordered {
            order.iter().take(list.rows.len()).eq(&list.rows)
        } else {
            order.iter().filter(there).count() == list.rows.len()
        };
        stay && order.len() == list.rows.len() + more
    })
}

/// A command that changes one of the rows, and not where they are.
fn in_place(case: &Case<'_>, list: &List, turn: u64) -> Option<Command> {
    let all: Vec<Subject> =
        (1..=list.rows.len()).map(|number| case.lab.naming.subject(&list.kind, number)).collect();
    (turn..turn + CANDIDATES).find_map(|turn| {
        let command = own(case, &all[at(turn.wrapping_mul(5), all.len())], turn)?;
        keeps(case, list, &command, 0).then_some(command)
    })
}

impl Writing {
    /// Writes once more. `false` where the target did not go along.
    async fn next(self, case: &mut Case<'_>, list: &List, turn: u64) -> bool {
        let command = match self {
            Self::Behind => {
                let there = case.world.entries().iter().filter(|entry| entry.aggregate == list.kind).count();
                own(case, &case.lab.naming.subject(&list.kind, there + 1), 0)
            }
            Self::InPlace => in_place(case, list, turn),
            Self::Nothing => return true,
        };
        match command {
            Some(command) => matches!(case.send(0, &command).await, Outcome::Accepted(_)),
            None => true,
        }
    }
}

/// Waits until the last command shows, without a look at the list: who asks for its first page may be given other pages behind
/// that.
async fn shows(case: &mut Case<'_>) -> bool {
    let last = case.operations.iter().rev().find_map(|operation| match &operation.act {
        Act::Submit { command, .. } => command.on.clone(),
        _ => None,
    });
    let on = last.map(|on| case.named(&on));
    let reads: Vec<Query> =
        case.reads().into_iter().filter(|query| query.on.is_some() && query.on == on).collect();
    if reads.is_empty() { case.calm().await } else { case.settle_with(&reads).await }
}

/// A walk through pages on which others write; then all of the list at once, when that shows.
async fn moving(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let Some(list) = list(case, number).await else { return Ok(()) };
    let write = writing(case, &list);
    if write == Writing::Nothing {
        case.gives_up("nothing was found to write to while the pages of a view are read");
        return Ok(());
    }
    let whole = [list.whole()];
    // What is waited for is only that something shows: what is missing then is looked for at the end.
    if !case.settle_with(&whole).await {
        return Ok(());
    }
    for page in 1..=MOST {
        let Some(rows) = read(case, &list.page(page)).await else { return Ok(()) };
        if rows < list.size {
            break;
        }
        // Others write until the walk has come to the end of what was there.
        let writes = page <= PAGES;
        if writes && !(write.next(case, &list, page + number).await && shows(case).await) {
            return Ok(());
        }
    }
    case.settle_with(&whole).await;
    Ok(())
}
