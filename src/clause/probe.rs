//! What the clauses about probes have in common: commands one by one, each looked for in every read model until it shows, and a few
//! times more.

use std::sync::Arc;
use std::time::Duration;

use super::{Evidence, Submitted};
use crate::contract::rules::{Model as _, World};
use crate::history::Act;
use crate::protocol::{Command, Query, Seen};
use crate::value::Record;

/// What was seen of a command that was accepted, in the queries that answer something else behind it.
pub(super) struct Effect<'a> {
    pub(super) command: &'a Arc<Command>,
    looks: Vec<Look<'a>>,
    /// How many queries there are that show it.
    queries: usize,
    /// Whether no command came behind it.
    last: bool,
}

/// A look at what a command did.
pub(super) struct Look<'a> {
    /// Its place among the operations.
    pub(super) at: usize,
    pub(super) query: &'a Query,
    /// Whether the answer is as it must be behind the command; nothing where there was none.
    shows: Option<bool>,
    /// How late it was asked.
    past: Past,
}

/// How much time had passed when somebody looked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Past {
    /// It may still come.
    InTime,
    /// The bound, and no more than this machine was held up besides.
    Bound,
    /// That as well.
    HeldUp,
    /// Twice the bound, and the read model has shown what so many later commands did, each in its time: whatever this machine was held up, it
    /// let those through.
    Overtaken,
    /// So much more that it is no matter of a moment.
    ByFar,
}

/// Beyond its bound, an effect that has not shown is waited for as long as that is, and no longer than this: what comes then is late, and
/// what doesn't is missing. A service that is slow for once on a machine that is busy is no broken one.
const PATIENCE: Duration = Duration::from_secs(2);

/// Commands that have to overtake an effect before a machine that is held up is no reason for its delay any more.
pub(crate) const OVERTAKERS: usize = 3;

impl Past {
    fn of(asked: Duration, bound: Duration, late: Duration) -> Self {
        let held = bound.saturating_add(late);
        match asked {
            // What shows at once has shown before anybody could be held up.
            _ if bound.is_zero() => Self::ByFar,
            asked if asked >= given_up(held, bound) => Self::ByFar,
            asked if asked >= held => Self::HeldUp,
            asked if asked >= bound => Self::Bound,
            _ => Self::InTime,
        }
    }
}

/// When what has not shown is missing, and not only late, where it may take so long; behind its command.
pub(crate) fn given_up(longest: Duration, bound: Duration) -> Duration {
    longest.saturating_add(bound.min(PATIENCE))
}

/// Whether every query has shown what the last command did that was accepted, and none came behind it: then there is rest.
pub(crate) fn is_all_shown(evidence: &Evidence<'_>) -> bool {
    effects(evidence).last().is_some_and(|effect| effect.is_last() && effect.is_shown())
}

/// What was seen of each accepted command before the next one came. One that no query shows has no effect that could be looked for.
pub(super) fn effects<'a>(evidence: &Evidence<'a>) -> Vec<Effect<'a>> {
    let mut effects = Vec::new();
    let mut before = World::new();
    let sent: Vec<_> = evidence.submitted().collect();
    for (number, command) in sent.iter().enumerate().filter(|(_, sent)| sent.is_accepted()) {
        let Some(behind) = behind(evidence, &before, command.command) else { break };
        let end = sent.get(number + 1).map_or(evidence.operations.len(), |next| next.at);
        let from = evidence.operations[command.at].end.map(|end| end.at).unwrap_or_default();
        let mut looks = looks(evidence, (&before, &behind), (command.at + 1..end, from));
        // What has shown is no matter of those behind it: they may well have changed it.
        if looks.iter().any(|look| !has_shown(&looks, look.query)) {
            let mut later = overtaken(evidence, (before, behind.clone()), (&sent[number + 1..], from));
            later.retain(|later| !has_shown(&looks, later.query));
            looks.append(&mut later);
        }
        let mut queries: Vec<&Query> = Vec::new();
        for look in &looks {
            if !queries.contains(&look.query) {
                queries.push(look.query);
            }
        }
        let queries = queries.len();
        if queries > 0 {
            effects.push(Effect {
                command: command.command,
                looks,
                queries,
                last: end == evidence.operations.len(),
            });
        }
        before = behind;
    }
    effects
}

/// The world behind a command; nothing where the rules don't accept it.
pub(super) fn behind(
    evidence: &Evidence<'_>,
    before: &World<Record>,
    command: &Command,
) -> Option<World<Record>> {
    evidence.model().accepting(before, command)
}

fn looks<'a>(
    evidence: &Evidence<'a>,
    (before, behind): (&World<Record>, &World<Record>),
    (span, from): (std::ops::Range<usize>, Duration),
) -> Vec<Look<'a>> {
    let mut looks = Vec::new();
    for (at, operation) in span.clone().zip(&evidence.operations[span]) {
        let Act::Ask { query, answer } = &operation.act else { continue };
        if !differs(evidence, query, (before, behind)) {
            continue;
        }
        let bound = evidence.promises().bound_of(&query.name);
        let asked = operation.call.at.saturating_sub(from);
        let late = evidence.late_between(from, operation.call.at);
        let usable = matches!(answer.seen, Seen::Found(_) | Seen::Absent | Seen::Refused(_));
        looks.push(Look {
            at,
            query,
            shows: usable.then(|| evidence.shows(behind, query, answer)),
            past: Past::of(asked, bound, late),
        });
    }
    looks
}

fn has_shown(looks: &[Look<'_>], query: &Query) -> bool {
    looks.iter().any(|look| look.query == query && look.shows == Some(true))
}

/// Looks behind later commands at what a command did, and how many of those had overtaken it by then: the same read model showed what they
/// did, each within its bound, as if this one had never been.
fn overtaken<'a>(
    evidence: &Evidence<'a>,
    (mut without, mut with): (World<Record>, World<Record>),
    (later, from): (&[Submitted<'a>], Duration),
) -> Vec<Look<'a>> {
    let (mut looks, mut overtakers) = (Vec::new(), Vec::<(&Arc<str>, usize)>::new());
    for (number, command) in later.iter().enumerate().filter(|(_, sent)| sent.is_accepted()) {
        // Behind what would not have been accepted without it, nobody knows what a read model shows that is without it.
        let [Some(apart), Some(behind)] =
            [&without, &with].map(|world| behind(evidence, world, command.command))
        else {
            break;
        };
        let end = later.get(number + 1).map_or(evidence.operations.len(), |next| next.at);
        let sent = evidence.operations[command.at].end.map(|end| end.at).unwrap_or_default();
        for look in self::looks(evidence, (&without, &apart), (command.at + 1..end, sent)) {
            if look.shows == Some(true) && look.past == Past::InTime {
                overtakers.push((&look.query.name, command.at));
            }
        }
        for mut look in self::looks(evidence, (&apart, &behind), (command.at + 1..end, from)) {
            let mut by: Vec<usize> =
                overtakers.iter().filter(|(name, _)| **name == look.query.name).map(|(_, at)| *at).collect();
            by.dedup();
            let bound = evidence.promises().bound_of(&look.query.name);
            let asked = evidence.operations[look.at].call.at.saturating_sub(from);
            if by.len() >= OVERTAKERS && asked >= given_up(bound, bound) {
                look.past = look.past.max(Past::Overtaken);
            }
            looks.push(look);
        }
        (without, with) = (apart, behind);
    }
    looks
}

/// Whether the rules answer a query otherwise in the one world than in the other.
fn differs(evidence: &Evidence<'_>, query: &Query, (one, other): (&World<Record>, &World<Record>)) -> bool {
    match (evidence.model().answer(one, query), evidence.model().answer(other, query)) {
        (Ok(one), Ok(other)) => !one.is_same(&other),
        (Err(_), Err(_)) => false,
        _ => true,
    }
}

impl<'a> Effect<'a> {
    /// The looks of each query, in order.
    fn by_query(&self) -> Vec<Vec<&Look<'a>>> {
        let mut all: Vec<Vec<&Look<'a>>> = Vec::with_capacity(self.queries);
        for look in &self.looks {
            match all.iter_mut().find(|looks| looks[0].query == look.query) {
                Some(looks) => looks.push(look),
                None => all.push(vec![look]),
            }
        }
        all
    }

    /// For each query that did not show it by far in its time, the look that came too late.
    pub(super) fn never(&self) -> impl Iterator<Item = &Look<'a>> {
        self.missed(Past::ByFar)
    }

    /// For each query that showed it in the end, the look that came too late.
    pub(super) fn late(&self) -> impl Iterator<Item = &Look<'a>> {
        self.missed(Past::HeldUp).filter(|late| has_shown(&self.looks, late.query))
    }

    /// For each query that did not show it when it had shown what later commands did, the look that came too late.
    pub(super) fn overtaken(&self) -> impl Iterator<Item = &Look<'a>> {
        self.missed(Past::Overtaken)
    }

    /// For each query, the first look that did not show it so late.
    fn missed(&self, past: Past) -> impl Iterator<Item = &Look<'a>> {
        let by_query = self.by_query().into_iter();
        by_query.filter_map(move |looks| {
            let until = looks.iter().position(|look| look.shows == Some(true)).unwrap_or(looks.len());
            looks[..until].iter().copied().find(|look| look.shows == Some(false) && look.past >= past)
        })
    }

    /// Whether every query has shown it.
    pub(super) fn is_shown(&self) -> bool {
        self.by_query().iter().all(|looks| looks.iter().any(|look| look.shows == Some(true)))
    }

    /// Whether it was too late, or may have been: by so much as this machine was held up, or nobody looked for long enough.
    pub(super) fn is_doubtful(&self) -> bool {
        self.by_query().iter().any(|looks| {
            let before = looks.iter().take_while(|look| look.shows != Some(true));
            before.into_iter().any(|look| look.past >= Past::Bound)
        })
    }

    /// The looks that did not show it any more when its time was up. Before, another copy may still be without it, which is for
    /// sessions to know (SG-2).
    pub(super) fn gone(&self) -> impl Iterator<Item = &Look<'a>> {
        let by_query = self.by_query().into_iter();
        by_query.filter_map(|looks| {
            let shown = looks.iter().skip_while(|look| look.shows != Some(true));
            shown.into_iter().copied().find(|look| look.shows == Some(false) && look.past >= Past::HeldUp)
        })
    }

    /// How often every query has shown it once more.
    pub(super) fn seen_again(&self) -> usize {
        let again = |looks: &Vec<&Look<'a>>| {
            let shown = looks.iter().skip_while(|look| look.shows != Some(true));
            shown.filter(|look| look.shows != Some(false)).count().saturating_sub(1)
        };
        self.by_query().iter().map(again).min().unwrap_or_default()
    }

    /// Whether no command came behind it.
    pub(super) fn is_last(&self) -> bool {
        self.last
    }
}

/// What a query came to show of all that was accepted, in the end.
pub(super) struct Last<'a> {
    /// The place of its last answer among the operations.
    pub(super) at: usize,
    pub(super) query: &'a Query,
    /// Whether that shows it.
    pub(super) shows: bool,
    /// How long after the first of these operations it was asked.
    pub(super) waited: Duration,
    /// Whether that is longer than it may take: its bound, and what this machine was held up.
    pub(super) is_too_late: bool,
}

/// The last answers from a place on, of each query that shows something of what was accepted before it. Bounds are
/// counted from that place.
pub(super) fn shown<'a>(evidence: &Evidence<'a>, from: usize) -> Vec<Last<'a>> {
    let world = evidence.world(from);
    let began = evidence.operations.get(from).map(|first| first.call.at).unwrap_or_default();
    let mut last: Vec<Last<'a>> = Vec::new();
    for (at, operation) in evidence.operations.iter().enumerate().skip(from) {
        let Act::Ask { query, answer } = &operation.act else { continue };
        let waited = operation.call.at.saturating_sub(began);
        let late = evidence.late_between(began, operation.call.at);
        let one = Last {
            at,
            query,
            shows: evidence.shows(&world, query, answer),
            waited,
            is_too_late: waited >= evidence.promises().bound_of(&query.name).saturating_add(late),
        };
        match last.iter_mut().find(|other| *other.query == **query) {
            Some(other) => *other = one,
            None => last.push(one),
        }
    }
    last
}
