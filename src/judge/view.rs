//! Whether the answer of a view, a list about many aggregates, can be explained.

use super::Must;
use super::explain::Wrong;
use super::knowledge::{Configuration, Context, Halt, Knowledge, Past, Standing};
use super::mismatch::missed;
use super::parts::Parts;
use crate::contract::rules::{Entry, Expected, Model, Row, World, fits, told_row};
use crate::protocol::{Answer, Query, Seen};
use crate::value::{Difference, Path, Record, Tolerances, Value};

/// In so many ways at most the possible worlds of several components are put together.
const COMBINED: usize = 64;
/// How much of a row is shown, in characters.
const SHOWN: usize = 300;

/// The places of a call and of its return in the history.
type Span = (u64, u64);

/// What came of holding a list against what is known.
pub(super) enum Listed {
    Fine,
    Anything,
    /// Why nothing can be said of it.
    Undecided(String),
    Not(Wrong),
}

/// A list and what it is held against.
pub(super) struct View<'a, M: Model> {
    pub(super) context: &'a Context<'a, M>,
    pub(super) parts: &'a Parts,
    pub(super) query: &'a Query,
    pub(super) answer: &'a Answer,
    /// A component that is judged no longer.
    pub(super) lost: Option<usize>,
}

impl<M: Model> View<'_, M> {
    /// Judges a list or a summary. At rest it must be what the model answers, with order and pages; before, each row of
    /// ours must have been the case at some time.
    pub(super) fn judge(
        &self,
        components: &mut [Knowledge<M::State>],
        at_rest: bool,
    ) -> Result<Listed, Halt> {
        let nothing = self.context.model.answer(&World::new(), self.query)?;
        let rows = match (&nothing, &self.answer.seen) {
            (Expected::Rows(_), Seen::Found(Value::List(rows))) => rows,
            (Expected::Shows(_), Seen::Found(Value::Record(_))) => &Vec::new(),
            _ => {
                let mut wrong = Wrong::new();
                return Ok(match nothing {
                    Expected::Anything => Listed::Anything,
                    _ if wrong.holds(&nothing, self.answer, self.tolerances()) => Listed::Fine,
                    _ => Listed::Not(wrong),
                });
            }
        };
        if let Expected::Shows(_) = nothing {
            if !at_rest {
                // Each aggregate may lag for itself, so that nearly every sum is one of some moment.
                return Ok(Listed::Anything);
            }
            if !self.is_ours_alone() {
                return Ok(Listed::Undecided(
                    "a summary is of all aggregates, and others than ours may be among them".into(),
                ));
            }
        }
        if let Some(lost) = self.lost {
            return Ok(Listed::Undecided(match &components[lost].standing {
                Standing::Undecided(why) | Standing::Open(why) => why.clone(),
                _ => "it is about an aggregate of which a promise is broken already".into(),
            }));
        }
        if at_rest { self.whole(components, rows) } else { self.rows(components, rows) }
    }

    /// How far numbers in the answer may be off.
    pub(super) fn tolerances(&self) -> &Tolerances {
        self.context.settings.promises.tolerances_of(&self.query.name)
    }

    /// Whether nobody else's aggregates can have a part in the answer.
    fn is_ours_alone(&self) -> bool {
        let own = |value: &Value| self.parts.names_one(value, &self.context.settings.ours);
        self.context.settings.alone || self.context.model.is_of_own(self.query, &own)
    }

    /// The whole list, as it must be now.
    fn whole(&self, components: &[Knowledge<M::State>], rows: &[Value]) -> Result<Listed, Halt> {
        let live: Vec<&Knowledge<M::State>> =
            components.iter().filter(|c| c.nodes.len() > 1 || c.configurations.len() > 1).collect();
        let ways = live.iter().fold(1_usize, |ways, c| ways.saturating_mul(c.configurations.len()));
        if ways > COMBINED {
            return Ok(Listed::Undecided(format!("{ways} worlds are possible together")));
        }
        let ours = |row: &Value| self.parts.names_one(row, &self.context.settings.ours);
        // Where others can't have a part, a row that is none of ours is one too many.
        let foreign = rows.iter().any(|row| !ours(row)) && !self.is_ours_alone();
        let mut wrong = Wrong::new();
        for way in 0..ways {
            let mut left = way;
            let chosen: Vec<(&Knowledge<M::State>, &Configuration)> = live
                .iter()
                .map(|component| {
                    let of = component.configurations.len();
                    let configuration = &component.configurations[left % of];
                    left /= of;
                    (*component, configuration)
                })
                .collect();
            let (world, certain) = self.together(&chosen);
            if foreign {
                if self.among_others(&world, rows, &mut wrong)? {
                    return Ok(Listed::Fine);
                }
                continue;
            }
            let mut expected = self.context.model.answer(&world, self.query)?;
            if let (Expected::Rows(rows), false) = (&mut expected, certain) {
                rows.unordered = true;
            }
            if wrong.holds(&expected, self.answer, self.tolerances()) {
                return Ok(Listed::Fine);
            }
        }
        Ok(Listed::Not(wrong))
    }

    /// All that is chosen as one world, and whether the order in which its aggregates came into being is certain.
    fn together(&self, chosen: &[(&Knowledge<M::State>, &Configuration)]) -> (World<M::State>, bool) {
        if let [(component, configuration)] = chosen {
            return (component.world(configuration).clone(), true);
        }
        let mut born: Vec<(Span, &Entry<M::State>)> = Vec::new();
        for (component, configuration) in chosen {
            let node = &component.nodes[configuration.node];
            for (entry, first) in node.world.entries().iter().zip(&*node.born) {
                let span = first.map_or((0, 0), |at| {
                    let (call, end) = self.context.operations.span(at);
                    (call.index, end.map_or(u64::MAX, |end| end.index))
                });
                born.push((span, entry));
            }
        }
        born.sort_by_key(|((_, returned), _)| *returned);
        // Sorted by their returns, neighbours that don't overlap mean that none do.
        let certain = born.windows(2).all(|pair| pair[0].0.1 < pair[1].0.0 || pair[0].0 == pair[1].0);
        let mut world = World::new();
        for (_, entry) in born {
            world.put(entry.clone());
        }
        (world, certain)
    }

    /// Our rows among those of others: each must be the case now, and none may be missing, unless it may be on another page. That
    /// depends on the others.
    fn among_others(&self, world: &World<M::State>, rows: &[Value], wrong: &mut Wrong) -> Result<bool, Halt> {
        let named = |value: &Value| self.parts.names_one(value, &self.context.settings.ours);
        let ours: Vec<&Value> = rows.iter().filter(|row| named(row)).collect();
        let (single, mut known) = (self.single(), Vec::new());
        for entry in world.entries() {
            known.extend(self.alone(entry, &single)?);
        }
        if let Some(row) =
            ours.iter().find(|row| !known.iter().any(|known| fits(known, row, self.tolerances())))
        {
            *wrong = unexplained(row, &known);
            return Ok(false);
        }
        if self.context.model.holds_all_below(self.query).is_none_or(|most| rows.len() >= most) {
            return Ok(true);
        }
        let missing = known.iter().filter(|row| named(&told_row(row)));
        let Some(missing) =
            missing.into_iter().find(|known| !ours.iter().any(|row| fits(known, row, self.tolerances())))
        else {
            return Ok(true);
        };
        let (row, path) = (told_row(missing), Path::root());
        *wrong = Wrong {
            allowed: vec![format!("a list with a row {}", Expected::Shows(missing.clone()).in_words(SHOWN))],
            differences: vec![Difference { path, expected: Some(row.clone()), actual: None }],
            must: Must::Row(row),
        };
        Ok(false)
    }

    /// The rows that there would be if this were all.
    pub(super) fn alone(&self, entry: &Entry<M::State>, single: &Query) -> Result<Vec<Row>, Halt> {
        let mut alone = World::new();
        alone.put(entry.clone());
        Ok(match self.context.model.answer(&alone, single)? {
            Expected::Rows(rows) => rows.rows,
            _ => Vec::new(),
        })
    }

    /// The query as it is asked about a single row. Pages depend on all rows together: a single one is on the first.
    pub(super) fn single(&self) -> Query {
        Query { fields: unpaged(&self.query.fields), ..self.query.clone() }
    }

    /// Row by row: each of ours must have been the case at some time, or be so by something that is open.
    fn rows(&self, components: &mut [Knowledge<M::State>], rows: &[Value]) -> Result<Listed, Halt> {
        let single = self.single();
        let mut anything = true;
        for row in rows.iter().filter(|row| self.parts.names_one(row, &self.context.settings.ours)) {
            anything = false;
            let mut near = Vec::new();
            self.parts.named(row, &mut near);
            if near.is_empty() {
                near = (0..components.len()).collect();
            }
            let mut known = Vec::new();
            let mut explained = false;
            for at in near {
                explained |= self.row(&mut components[at], &single, row, &mut known)?;
                if explained {
                    break;
                }
            }
            if !explained {
                return Ok(Listed::Not(unexplained(row, &known)));
            }
        }
        Ok(if anything && !rows.is_empty() { Listed::Anything } else { Listed::Fine })
    }

    fn row(
        &self,
        component: &mut Knowledge<M::State>,
        single: &Query,
        row: &Value,
        known: &mut Vec<Row>,
    ) -> Result<bool, Halt> {
        for configuration in component.configurations.clone() {
            let mut past = Past::of(&configuration);
            while let Some(node) = past.next(&component.nodes) {
                component.count(self.context.settings, 0)?;
                let world = component.nodes[node].world.clone();
                if self.shown(&world, single, row, known)? {
                    return Ok(true);
                }
            }
            let mut waiting = component.beyond(self.context, &configuration)?;
            while let Some(next) = waiting.pop() {
                let world = component.world(&next).clone();
                if self.shown(&world, single, row, known)? {
                    return Ok(true);
                }
                waiting.extend(component.beyond(self.context, &next)?);
            }
        }
        Ok(false)
    }

    /// Whether one of the aggregates in `world` is shown as `row`.
    fn shown(
        &self,
        world: &World<M::State>,
        single: &Query,
        row: &Value,
        known: &mut Vec<Row>,
    ) -> Result<bool, Halt> {
        for entry in world.entries() {
            let rows = self.alone(entry, single)?;
            if rows.iter().any(|known| fits(known, row, self.tolerances())) {
                return Ok(true);
            }
            known.extend(rows);
        }
        Ok(false)
    }
}

fn unpaged(fields: &Record) -> Record {
    fields
        .iter()
        .filter(|(name, _)| !matches!(*name, "page" | "page_size"))
        .map(|(n, v)| (n, v.clone()))
        .collect()
}

fn unexplained(row: &Value, known: &[Row]) -> Wrong {
    let mut allowed: Vec<String> = Vec::new();
    for row in known.iter().rev() {
        let words = Expected::Shows(row.clone()).in_words(SHOWN);
        if !allowed.contains(&words) && allowed.len() < 4 {
            allowed.push(format!("a row {words}"));
        }
    }
    if allowed.is_empty() {
        allowed.push("no such row".into());
    }
    let difference = Difference { path: Path::root(), expected: None, actual: Some(row.clone()) };
    // Of those that are as near, the latest.
    let nearest = known.iter().map(told_row).min_by_key(|known| missed(known, row).len());
    Wrong { allowed, differences: vec![difference], must: Must::NoRow(nearest) }
}
