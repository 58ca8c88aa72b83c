//! Lists read page by page: at rest, and while rows are added.

use std::sync::Arc;

use super::choice::{at, behind, own};
use super::lanes::in_lanes;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::rest::Rest;
use crate::contract::explore::Subject;
use crate::contract::rules::{Expected, Model as _, Rows, Shown, World};
use crate::contract::{QueryDef, Range, Type};
use crate::protocol::{Capability, ClauseId, Command, Outcome, Query, Seen};
use crate::value::{Number, Record, Value};

/// Experiments of each kind, for each paged view.
const RESTING: u64 = 6;
const MOVING: u64 = 12;
/// Experiments at the same time.
const LANES: usize = 4;
/// Rows of a page, where the contract allows so few.
const SIZE: u64 = 3;
/// The most that a page may have at least.
const LARGEST: u64 = 12;
/// Pages that are full when a walk begins; one more is begun.
const PAGES: u64 = 3;
/// Commands that are looked at for one that leaves rows where they are.
const CANDIDATES: u64 = 24;
/// Pages of a walk at most: others may have rows in the list as well.
const MOST: u64 = 60;

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let views: Vec<Arc<str>> = lab
        .contract
        .queries()
        .filter(|query| query.paged && lab.engine.target.knows(&query.name))
        .map(|query| query.name.clone())
        .collect();
    for (id, cases) in [(ClauseId::Qs3, RESTING), (ClauseId::Qs4, MOVING)] {
        if !lab.wants(id) || views.is_empty() {
            continue;
        }
        let all = cases * views.len() as u64;
        in_lanes(&lab, (LANES, all), &[id], |lab, number| {
            let view = views[at(number, views.len())].clone();
            async move {
                if id == ClauseId::Qs3 {
                    resting(&lab, &view, number).await
                } else {
                    moving(&lab, &view, number).await
                }
            }
        })
        .await?;
    }
    Ok(())
}

/// A list that is longer than a page: how it is asked for, and the rows that are ours.
struct List {
    query: Query,
    size: u64,
    kind: Arc<str>,
    rows: Vec<Value>,
}

impl List {
    fn page(&self, number: u64) -> Query {
        let mut query = self.query.clone();
        query.fields.insert("page", number);
        query.fields.insert("page_size", self.size);
        query
    }
}

/// Rows seen on a walk through all pages.
struct Walk {
    /// Ours, by the names of their aggregates, in the order they came.
    rows: Vec<Value>,
    /// Whether there were rows of others.
    others: bool,
}

/// The fewest rows that a page may have, or somewhat more.
fn size(def: &QueryDef) -> Option<u64> {
    let law = |name: &str| match &def.field(name)?.ty {
        Type::Int(range) => Some(range.clone()),
        _ => None,
    };
    let end = |end: &Option<Number>| end.as_ref().and_then(Number::to_u64);
    let (_, Range { min, max, .. }) = (law("page")?, law("page_size")?);
    let size = SIZE.max(end(&min).unwrap_or(1)).min(end(&max).unwrap_or(SIZE));
    (1..=LARGEST).contains(&size).then_some(size)
}

/// Makes rows until a view has some pages of them, and comes to rest.
async fn list(case: &mut Case<'_>, view: &str, id: ClauseId) -> Option<List> {
    let lab = case.lab;
    let def = lab.contract.query(view)?;
    let Some(size) = size(def) else {
        lab.ledger.doubt(id, format!("{view} has no `page` and `page_size` by which to walk through it"));
        return None;
    };
    let wanted = usize::try_from(size * PAGES + 1).ok()?;
    let kinds: Vec<Arc<str>> = lab.contract.aggregates().map(|aggregate| aggregate.name.clone()).collect();
    for kind in kinds {
        for number in 1..=wanted {
            if !add(case, &kind, number).await {
                break;
            }
        }
        let asked = case.reads().into_iter().filter(|query| *query.name == *view);
        for query in asked {
            let mut list = List { query, size, kind: kind.clone(), rows: Vec::new() };
            list.rows = in_order(case, &case.world, &list)?.0;
            if list.rows.len() == wanted {
                let world = [case.world.clone()];
                return (case.rest_for(id, &world).await == Rest::Shows(0)).then_some(list);
            }
        }
    }
    lab.ledger.doubt(id, format!("nothing was found to make {view} longer than a page"));
    None
}

/// One more aggregate, in the first way that the rules accept.
async fn add(case: &mut Case<'_>, kind: &str, number: usize) -> bool {
    let Some(command) = own(case, &case.lab.naming.subject(kind, number), 0) else { return false };
    matches!(case.send(0, &command).await, Outcome::Accepted(_))
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

fn names_aggregate(case: &Case<'_>, kind: &Arc<str>, value: &Value) -> bool {
    case.world.get(kind, value).is_some()
}

/// Reads one page: our rows on it, and how many there are in all.
async fn read(case: &mut Case<'_>, list: &List, number: u64) -> Option<(Vec<Value>, u64)> {
    let answer = case.ask(0, &list.page(number)).await;
    let Seen::Found(Value::List(rows)) = &answer.seen else { return None };
    let own = rows.iter().filter_map(|row| {
        let Value::Record(row) = case.named(row) else { return None };
        row.iter().map(|(_, value)| value).find(|value| names_aggregate(case, &list.kind, value)).cloned()
    });
    Some((own.collect(), rows.len() as u64))
}

/// QS-3.
async fn resting(lab: &Lab, view: &str, number: u64) -> Result<(), Unreachable> {
    let mut case = Case::open(lab, "pages", number).await?;
    let Some(list) = list(&mut case, view, ClauseId::Qs3).await else { return Ok(()) };
    let mut walks = Vec::new();
    for _ in 0..2 {
        let mut walk = Walk { rows: Vec::new(), others: false };
        for number in 1..=MOST {
            let Some((rows, all)) = read(&mut case, &list, number).await else { return Ok(()) };
            walk.others |= (rows.len() as u64) < all;
            walk.rows.extend(rows);
            if all < list.size {
                break;
            }
        }
        walks.push(walk);
    }
    let unsteady = (walks[0].rows != walks[1].rows).then(|| WrongPages::Unsteady { view: view.to_owned() });
    let wrong = walks.iter().find_map(|walk| once(view, &list.rows, &walk.rows).err()).or(unsteady);
    match wrong {
        None => lab.ledger.count(ClauseId::Qs3, Unit::Walks, 2),
        Some(_) if walks.iter().any(|walk| walk.others) && !lab.claims(Capability::Exclusive) => {
            lab.ledger.doubt(
                ClauseId::Qs3,
                format!("others have rows in {view}, so that it may not have been at rest"),
            );
        }
        Some(wrong) => {
            let first = "order by something that no two rows share, and cut pages from that order alone";
            lab.broken(ClauseId::Qs3, case.example(wrong.to_string(), first));
        }
    }
    Ok(())
}

/// What is wrong with the pages of a list.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
enum WrongPages {
    #[error("no page of {view} has {}", crate::step::literal(.row))]
    Missing { view: String, row: Value },
    #[error("the pages of {view} have {} {times} times", crate::step::literal(.row))]
    Repeated { view: String, row: Value, times: usize },
    #[error("the pages of {view} were read twice, and the rows came in another order")]
    Unsteady { view: String },
}

/// Whether each of these rows came once.
fn once(view: &str, expected: &[Value], seen: &[Value]) -> Result<(), WrongPages> {
    for id in expected {
        let times = seen.iter().filter(|other| *other == id).count();
        if times != 1 {
            let (view, row) = (view.to_owned(), id.clone());
            return Err(match times {
                0 => WrongPages::Missing { view, row },
                _ => WrongPages::Repeated { view, row, times },
            });
        }
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
    fn means(self) -> &'static str {
        match self {
            Self::Behind => "were added",
            Self::InPlace | Self::Nothing => "were changed",
        }
    }

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

/// QS-4.
async fn moving(lab: &Lab, view: &str, number: u64) -> Result<(), Unreachable> {
    let mut case = Case::open(lab, "moving-pages", number).await?;
    let Some(list) = list(&mut case, view, ClauseId::Qs4).await else { return Ok(()) };
    let write = writing(&case, &list);
    let (mut seen, mut others) = (Vec::new(), false);
    for page in 1..=MOST {
        let Some((rows, all)) = read(&mut case, &list, page).await else { return Ok(()) };
        others |= (rows.len() as u64) < all;
        seen.extend(rows);
        if all < list.size {
            break;
        }
        // Others write until the walk has come to the end of what was there.
        if page <= PAGES && !(write.next(&mut case, &list, page + number).await && case.calm().await) {
            return Ok(());
        }
    }
    if others && !lab.claims(Capability::Exclusive) {
        lab.ledger.doubt(ClauseId::Qs4, format!("others have rows in {view}, and may have taken some away"));
        return Ok(());
    }
    if write == Writing::Nothing {
        lab.ledger.doubt(
            ClauseId::Qs4,
            format!("nothing was found to write to while the pages of {view} are read"),
        );
        return Ok(());
    }
    match once(view, &list.rows, &seen) {
        Ok(()) => lab.ledger.count(ClauseId::Qs4, Unit::Walks, 1),
        Err(wrong) => {
            let first = "let a page begin behind the last row of the one before, not at a count of rows";
            lab.broken(
                ClauseId::Qs4,
                case.example(format!("{wrong}, while others {}", write.means()), first),
            );
        }
    }
    Ok(())
}
