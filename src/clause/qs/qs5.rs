//! QS-5: lists have the rows that the contract says.

use super::pages::Order;
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Shows, Submitted, Suite, Unit,
    Wrong,
};
use crate::contract::rules::Model as _;
use crate::history::{Act, Operation, Quiet};
use crate::protocol::{Answer, ClauseId, Query, Seen};
use crate::value::Value;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Qs5,
    level: Level::Must,
    suite: Suite::Core,
    statement: "A filtered list contains what the contract says, no more and no less.",
    why: "A row too many shows somebody what isn't theirs; a row too few hides what is.",
    source: "The contract itself",
    how: "Lists are compared with the model at rest, on rows that are ours. Those that a profile reads page by page are made as long as several pages, of rows that come at the same time, and some of them are taken out again; so are those that tell a total, which is held against the rows of the same answer.",
    needs: &[Need::Matter(Matter::View)],
    least: &[Least { count: 30, of: Unit::Comparisons }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "long-lists", judge }, Check { experiment: "pages", judge }],
};

const PAGES: &str = "order by something that no two rows share, let a page begin right behind the last row of the one before, and cut pages behind all filters";

const TOTAL: &str = "count rows behind the filters of the list, in the same snapshot that it is read from";

/// Why a list is set aside that was wrong only for a while.
const LATER: &str = "a list that is wrong at rest is right later";
/// What explains that.
const LATE: &[ClauseId] =
    &[ClauseId::Ec1, ClauseId::Ec2, ClauseId::Ec5, ClauseId::Qs3, ClauseId::Sg2, ClauseId::Sg5];

/// What is wrong with the rows of a list.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
enum WrongRows {
    #[error("{view} lacks {} at rest, one of {all} rows of ours that it must have", .row.to_json())]
    Missing { view: String, row: Value, all: usize },
    #[error("{view} has {} {times} times at rest, with {all} rows of ours that it must have", .row.to_json())]
    Repeated { view: String, row: Value, times: usize, all: usize },
    #[error("{view} has {} at rest, which it must not have", .row.to_json())]
    Foreign { view: String, row: Value },
    #[error("{view} tells a total of {total} at rest, and has {rows} rows")]
    Total { view: String, total: u64, rows: usize },
}

impl WrongRows {
    /// The first thing to look at.
    fn first(&self) -> &'static str {
        if matches!(self, Self::Total { .. }) { TOTAL } else { PAGES }
    }
}

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let last = evidence
        .submitted()
        .last()
        .filter(|_| evidence.submitted().all(|sent| Submitted::is_accepted(&sent)));
    let Some(last) = last else { return judged };
    let at_rest = |one: &Operation| matches!(one.act, Act::Quiet(Quiet::Proved));
    let Some(rest) = evidence.operations[last.at..].iter().position(at_rest) else { return judged };
    let mut first: Option<(usize, &Query, WrongRows)> = None;
    for (at, operation) in evidence.operations.iter().enumerate().skip(last.at + rest) {
        let Act::Ask { query, answer } = &operation.act else { continue };
        let Seen::Found(Value::List(rows)) = &answer.seen else { continue };
        let Some(order) = Order::of_whole(evidence, &evidence.world(at), query) else { continue };
        if !is_whole(evidence, query, &order) {
            continue;
        }
        let own = order.on_page(evidence, at);
        let is_mixed = !evidence.is_ours_alone(query) && own.len() < rows.len();
        let wrong = differs(query, &order, &own).or_else(|| miscounted(evidence, query, answer));
        match (wrong, &first) {
            (None, None) => judged.count(Unit::Comparisons),
            (None, Some((_, earlier, wrong))) if **earlier == **query => {
                judged.aside(LATER, Wrong::Said(wrong.to_string()), LATE);
                return judged;
            }
            (Some(_), _) if is_mixed => {
                let view = &query.name;
                let why = format!("others have rows in {view}, so that it may not have been at rest");
                judged.doubts.push(why);
                return judged;
            }
            (Some(wrong), None) => first = Some((at, query, wrong)),
            _ => {}
        }
    }
    if let Some((at, query, wrong)) = first
        && is_clear(evidence, query, &mut judged)
    {
        let sent = evidence.submitted().map(|sent| sent.at);
        let shows = Shows::Operations(sent.chain([at]).collect());
        judged.broken_as(wrong.to_string(), shows, Vec::new(), wrong.first());
    }
    judged
}

/// Whether a query asks for all rows that a list must have, whoever puts them together.
fn is_whole(evidence: &Evidence<'_>, query: &Query, order: &Order) -> bool {
    evidence.model().holds_all_below(query).is_some_and(|size| order.rows.len() < size)
}

/// How the rows of ours are not those that a list must have, each once.
fn differs(query: &Query, order: &Order, shown: &[Value]) -> Option<WrongRows> {
    let view = || query.name.to_string();
    let all = order.rows.len();
    let missed = order.rows.iter().find_map(|row| {
        let (view, row) = (view(), row.clone());
        match shown.iter().filter(|other| **other == row).count() {
            0 => Some(WrongRows::Missing { view, row, all }),
            1 => None,
            times => Some(WrongRows::Repeated { view, row, times, all }),
        }
    });
    let foreign = || shown.iter().find(|row| !order.rows.contains(row));
    missed.or_else(|| Some(WrongRows::Foreign { view: view(), row: foreign()?.clone() }))
}

/// How a total is not the number of rows, whoever they belong to, where nobody else adds one.
fn miscounted(evidence: &Evidence<'_>, query: &Query, answer: &Answer) -> Option<WrongRows> {
    let (Seen::Found(Value::List(rows)), Some(total)) = (&answer.seen, answer.total) else { return None };
    let rows = rows.len();
    let holds_all = evidence.model().holds_all_below(query).is_some_and(|size| rows < size);
    let wrong = holds_all && usize::try_from(total) != Ok(rows) && evidence.is_ours_alone(query);
    wrong.then(|| WrongRows::Total { view: query.name.to_string(), total, rows })
}

/// Whether all else came to what it must, whatever the list showed; else that is set aside.
fn is_clear(evidence: &Evidence<'_>, list: &Query, judged: &mut Judged) -> bool {
    let is_own = |at: &usize| match &evidence.operations[*at].act {
        Act::Ask { query, .. } => query.name == list.name,
        _ => false,
    };
    let all = evidence.operations.len();
    let own: Vec<usize> = (0..all).filter(is_own).collect();
    !judged.is_set_aside(&evidence.judge(&evidence.without(&own, all)))
}
