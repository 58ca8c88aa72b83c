//! Lists read page by page: what was asked is a walk if page behind page was asked for, from the first one on.

use std::sync::Arc;

use crate::clause::{Evidence, Judged, Wrong};
use crate::contract::rules::{Expected, Model as _, Row, Shown, World};
use crate::history::Act;
use crate::protocol::{ClauseId, Query, Seen};
use crate::value::{Record, Value};

/// Pages of a list that are looked at in the rules, at most.
const MOST: u64 = 60;

/// What explains that a row is missing in a list, or in it twice, wherever its pages begin.
const OF_THE_LIST: &[ClauseId] = &[
    ClauseId::Br1,
    ClauseId::Br6,
    ClauseId::Ec1,
    ClauseId::Ec3,
    ClauseId::Ec4,
    ClauseId::Ec5,
    ClauseId::Qs3,
    ClauseId::Qs5,
];

/// The rows that a list must have.
pub(super) struct Order {
    /// The ids of all aggregates of ours that may ever be in it.
    ours: Vec<Value>,
    /// The ids of those that must be, in their order.
    pub(super) rows: Vec<Value>,
    /// Whether they are to come in this order.
    pub(super) ordered: bool,
}

/// A walk through the pages of a list.
pub(super) struct Walk<'a> {
    /// The query of the last page.
    pub(super) query: &'a Query,
    /// The rows that a page has at most.
    size: u64,
    /// The rows that the list had by the rules when it began.
    pub(super) order: Order,
    /// The places of its pages.
    pub(super) pages: Vec<usize>,
    /// Whether each page was answered.
    pub(super) is_answered: bool,
    /// Whether it came to the last page.
    pub(super) ended: bool,
}

/// What is wrong with the pages of a list.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum WrongPages {
    #[error("no page of {view} has {}", .row.to_json())]
    Missing { view: String, row: Value },
    #[error("the pages of {view} have {} {times} times", .row.to_json())]
    Repeated { view: String, row: Value, times: usize },
    #[error("the pages of {view} were read twice, and the rows came in another order")]
    Unsteady { view: String },
}

/// All walks through lists that are longer than a page.
pub(super) fn walks<'a>(evidence: &Evidence<'a>) -> Vec<Walk<'a>> {
    let mut walks: Vec<Walk<'_>> = Vec::new();
    for (at, operation) in evidence.operations.iter().enumerate() {
        let Act::Ask { query, answer } = &operation.act else { continue };
        let (Some(page), Some(size)) = (number(query, "page"), number(query, "page_size")) else { continue };
        let rows = match &answer.seen {
            Seen::Found(Value::List(rows)) => Some(rows.len() as u64),
            _ => None,
        };
        let ended = rows.is_some_and(|rows| rows < size);
        let goes_on = |walk: &&mut Walk<'_>| {
            is_of_one_list(walk.query, query)
                && walk.size == size
                && number(walk.query, "page") == Some(page - 1)
        };
        // Other pages of the list may be looked at in between.
        if let Some(walk) = walks.iter_mut().rev().filter(|_| page > 1).find(goes_on) {
            walk.query = query;
            walk.pages.push(at);
            walk.is_answered &= rows.is_some();
            walk.ended = ended;
        } else if page == 1
            && let Some(order) = Order::of(evidence, &evidence.world(at), query)
        {
            walks.push(Walk { query, size, order, pages: vec![at], is_answered: rows.is_some(), ended });
        }
    }
    walks.retain(|walk| walk.size < walk.order.rows.len() as u64);
    walks
}

impl Walk<'_> {
    pub(super) fn first(&self) -> usize {
        self.pages[0]
    }

    pub(super) fn last(&self) -> usize {
        self.pages[self.pages.len() - 1]
    }

    /// Whether another one went through the same list in the same way.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.size == other.size && is_of_one_list(self.query, other.query)
    }

    /// Whether all that was done up to a place came to what it must, whatever the list showed; else that is set aside.
    pub(super) fn is_clear(&self, evidence: &Evidence<'_>, before: usize, judged: &mut Judged) -> bool {
        let is_own = |at: &usize| match &evidence.operations[*at].act {
            Act::Ask { query, .. } => query.name == self.query.name,
            _ => false,
        };
        let own: Vec<usize> = (0..before).filter(is_own).collect();
        !judged.is_set_aside(&evidence.judge(&evidence.without(&own, before)))
    }

    /// Our rows on its pages, as they came.
    pub(super) fn rows(&self, evidence: &Evidence<'_>) -> Vec<Value> {
        self.pages.iter().flat_map(|at| self.order.on_page(evidence, *at)).collect()
    }

    /// Whether it met rows of others, who may have moved ours: what is wrong then proves nothing.
    pub(super) fn met_others(&self, evidence: &Evidence<'_>) -> bool {
        let is_mixed = |at: &usize| match &evidence.operations[*at].act {
            Act::Ask { answer, .. } => match &answer.seen {
                Seen::Found(Value::List(rows)) => self.order.on_page(evidence, *at).len() < rows.len(),
                _ => false,
            },
            _ => false,
        };
        !evidence.is_exclusive() && self.pages.iter().any(is_mixed)
    }

    /// How its pages don't bring each row once.
    pub(super) fn misses(&self, evidence: &Evidence<'_>) -> Option<WrongPages> {
        let (rows, view) = (self.rows(evidence), self.query.name.to_string());
        self.order.rows.iter().find_map(|row| {
            let (view, row) = (view.clone(), row.clone());
            match rows.iter().filter(|other| **other == row).count() {
                0 if self.ended => Some(WrongPages::Missing { view, row }),
                0 | 1 => None,
                times => Some(WrongPages::Repeated { view, row, times }),
            }
        })
    }

    /// Whether what is wrong is wrong with the pages, and not with the list itself: of the answers between two places some one has
    /// the row that no page has, none has twice what several pages have, and whichever is all of the list has each row once.
    pub(super) fn is_of_pages(
        &self,
        evidence: &Evidence<'_>,
        wrong: &WrongPages,
        (from, to): (usize, usize),
    ) -> bool {
        let answers = (from..to).filter_map(|at| {
            let Act::Ask { query, answer } = &evidence.operations[at].act else { return None };
            let Seen::Found(Value::List(all)) = &answer.seen else { return None };
            let is_all = number(query, "page") == Some(1)
                && number(query, "page_size").is_some_and(|size| (all.len() as u64) < size);
            is_of_one_list(query, self.query).then(|| (self.order.on_page(evidence, at), is_all))
        });
        let answers: Vec<(Vec<Value>, bool)> = answers.collect();
        let times = |rows: &[Value], row: &Value| rows.iter().filter(|other| *other == row).count();
        let is_whole = |rows: &[Value]| self.order.rows.iter().all(|row| times(rows, row) == 1);
        let fits = match wrong {
            WrongPages::Missing { row, .. } => answers.iter().any(|(rows, _)| times(rows, row) > 0),
            WrongPages::Repeated { row, .. } => answers.iter().all(|(rows, _)| times(rows, row) < 2),
            WrongPages::Unsteady { .. } => true,
        };
        fits && answers.iter().all(|(rows, is_all)| !is_all || is_whole(rows))
    }
}

impl Order {
    /// The rows of a list in a world; nothing where the rules don't say.
    pub(super) fn of(evidence: &Evidence<'_>, world: &World<Record>, query: &Query) -> Option<Self> {
        let (mut all, mut ordered) = (Vec::new(), true);
        for number in 1..=MOST {
            let mut page = query.clone();
            page.fields.insert("page", number);
            let Ok(Expected::Rows(rows)) = evidence.model().answer(world, &page) else { return None };
            ordered &= !rows.unordered;
            if rows.rows.is_empty() {
                break;
            }
            all.extend(rows.rows);
            if rows.unordered {
                // All of them are told, whichever page is asked for.
                break;
            }
        }
        Self::of_rows(evidence, world, &all, ordered)
    }

    /// The same of what a query asks for alone: a page, or all of it.
    pub(super) fn of_whole(evidence: &Evidence<'_>, world: &World<Record>, query: &Query) -> Option<Self> {
        match evidence.model().answer(world, query) {
            Ok(Expected::Rows(rows)) => Self::of_rows(evidence, world, &rows.rows, !rows.unordered),
            _ => None,
        }
    }

    fn of_rows(evidence: &Evidence<'_>, world: &World<Record>, all: &[Row], ordered: bool) -> Option<Self> {
        let ids = |kind: &Arc<str>| {
            let id = |shown: &Shown| match shown {
                Shown::Is(value) => world.get(kind, value).is_some().then(|| value.clone()),
                _ => None,
            };
            all.iter().map_while(|row| row.iter().find_map(|(_, shown)| id(shown))).collect::<Vec<_>>()
        };
        let is_each_once = |ids: &[Value]| ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id));
        evidence.contract().aggregates().find_map(|aggregate| {
            let rows = ids(&aggregate.name);
            let is_kind = !rows.is_empty() && rows.len() == all.len() && is_each_once(&rows);
            is_kind.then(|| {
                let all = evidence.world(evidence.operations.len());
                let ours = all.entries().iter().filter(|entry| entry.aggregate == aggregate.name);
                Self { ours: ours.map(|entry| entry.id.clone()).collect(), rows, ordered }
            })
        })
    }

    /// Whether rows stay where they are in a later order, which may have more behind them.
    pub(super) fn stays_in(&self, later: &Self) -> bool {
        if self.ordered && later.ordered {
            later.rows.starts_with(&self.rows)
        } else {
            self.rows.iter().all(|row| later.rows.contains(row))
        }
    }

    /// Our rows on a page.
    pub(super) fn on_page(&self, evidence: &Evidence<'_>, at: usize) -> Vec<Value> {
        let Act::Ask { answer, .. } = &evidence.operations[at].act else { return Vec::new() };
        let Seen::Found(Value::List(rows)) = &answer.seen else { return Vec::new() };
        let id = |row: &Value| {
            let row = row.as_record()?;
            let mut values = row.iter().map(|(_, value)| value);
            values.find(|value| self.ours.contains(value)).cloned()
        };
        rows.iter().filter_map(id).collect()
    }
}

/// Takes note of pages that are wrong because the list is.
pub(super) fn set_aside(wrong: &WrongPages, judged: &mut Judged) {
    let why = "a list is wrong, and not where its pages begin and end";
    judged.aside(why, Wrong::Said(wrong.to_string()), OF_THE_LIST);
}

/// Whether two queries are of one list, whatever the page.
fn is_of_one_list(one: &Query, other: &Query) -> bool {
    let filter = |query: &Query| -> Record {
        let fields = query.fields.fields().iter();
        fields.filter(|(name, _)| !matches!(&**name, "page" | "page_size")).cloned().collect()
    };
    one.name == other.name && filter(one) == filter(other)
}

fn number(query: &Query, field: &str) -> Option<u64> {
    query.fields.get(field)?.as_number()?.to_u64()
}
