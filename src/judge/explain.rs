//! Whether an answer of one aggregate can be explained.

use super::Must;
use super::knowledge::{Configuration, Context, Halt, Knowledge, Past};
use crate::contract::rules::{Expected, Model, Rows, told_row};
use crate::protocol::{Answer, Query, Seen};
use crate::value::{Difference, Tolerances, Value};

/// Where a difference is that is about how many rows there are in all.
const TOTAL: &str = "total";
/// How many alternatives a mismatch lists.
const ALTERNATIVES: usize = 4;
/// How much of an answer is shown, in characters.
const SHOWN: usize = 300;

/// What came of trying to explain an answer.
pub(super) enum Explained {
    /// By this node, in the one configuration there is; or by several, which says less.
    By(Option<usize>),
    /// The rules don't say what is to be answered.
    Anything,
    /// By nothing.
    Not(Wrong),
}

/// What is wrong with an answer.
pub(super) struct Wrong {
    pub(super) allowed: Vec<String>,
    pub(super) differences: Vec<Difference>,
    pub(super) must: Must,
}

impl<S: Clone + Eq + std::hash::Hash> Knowledge<S> {
    /// Explains a read that may lag: by something that was the case, or by something open that has taken effect. The
    /// latter is evidence: what contradicts it is no longer possible.
    pub(super) fn explain<M: Model<State = S>>(
        &mut self,
        context: &Context<'_, M>,
        (query, answer): (&Query, &Answer),
    ) -> Result<Explained, Halt> {
        let mut kept: Vec<Configuration> = Vec::new();
        let tolerances = context.settings.promises.tolerances_of(&query.name);
        let mut wrong = Wrong::new();
        let mut by = None;
        for configuration in self.configurations.clone() {
            let mut explained = None;
            let mut past = Past::of(&configuration);
            while let Some(node) = past.next(&self.nodes) {
                self.count(context.settings, kept.len())?;
                let expected = context.model.answer(&self.nodes[node].world, query)?;
                if matches!(expected, Expected::Anything) {
                    return Ok(Explained::Anything);
                }
                if wrong.holds(&expected, answer, tolerances) {
                    explained = Some(node);
                    break;
                }
            }
            if explained.is_some() {
                by = explained;
                kept.push(configuration);
                continue;
            }
            let mut waiting = self.beyond(context, &configuration)?;
            while let Some(next) = waiting.pop() {
                let expected = context.model.answer(self.world(&next), query)?;
                if wrong.holds(&expected, answer, tolerances) {
                    kept.push(next);
                } else {
                    waiting.extend(self.beyond(context, &next)?);
                }
            }
        }
        if kept.is_empty() {
            return Ok(Explained::Not(wrong));
        }
        let several = kept.len() > 1;
        self.configurations = kept;
        Ok(Explained::By(by.filter(|_| !several)))
    }

    /// Explains a read at rest: by what is the case now. What would have been seen otherwise is no longer possible.
    pub(super) fn explain_at_rest<M: Model<State = S>>(
        &mut self,
        context: &Context<'_, M>,
        (query, answer): (&Query, &Answer),
    ) -> Result<Explained, Halt> {
        let tolerances = context.settings.promises.tolerances_of(&query.name);
        let mut wrong = Wrong::new();
        let mut kept = Vec::new();
        for configuration in &self.configurations {
            let expected = context.model.answer(self.world(configuration), query)?;
            if matches!(expected, Expected::Anything) {
                return Ok(Explained::Anything);
            }
            if wrong.holds(&expected, answer, tolerances) {
                kept.push(configuration.clone());
            }
        }
        if kept.is_empty() {
            return Ok(Explained::Not(wrong));
        }
        let by = (kept.len() == 1).then(|| kept[0].node);
        self.configurations = kept;
        Ok(Explained::By(by))
    }

    /// What a read at once would have had to answer.
    pub(super) fn expected_now<M: Model<State = S>>(
        &self,
        context: &Context<'_, M>,
        (query, answer): (&Query, &Answer),
    ) -> Result<Wrong, Halt> {
        let tolerances = context.settings.promises.tolerances_of(&query.name);
        let mut wrong = Wrong::new();
        for configuration in &self.configurations {
            let expected = context.model.answer(self.world(configuration), query)?;
            wrong.holds(&expected, answer, tolerances);
        }
        Ok(wrong)
    }
}

impl Wrong {
    pub(super) fn new() -> Self {
        Self { allowed: Vec::new(), differences: Vec::new(), must: Must::Else }
    }

    /// Whether the answer is as expected; if not, that is noted.
    pub(super) fn holds(&mut self, expected: &Expected, answer: &Answer, tolerances: &Tolerances) -> bool {
        let differences = expected.differences(answer, tolerances);
        if differences.is_empty() {
            return true;
        }
        if self.differences.is_empty() || differences.len() < self.differences.len() {
            self.differences = differences;
            let only_total = matches!(&*self.differences, [only] if only.path.to_string() == TOTAL);
            self.must = match expected {
                Expected::Rows(Rows { total: Some(total), .. }) if only_total => Must::Total(*total),
                Expected::Absent => Must::Absent,
                Expected::Shows(row) => Must::Shows(told_row(row)),
                Expected::Rows(rows) => Must::Rows {
                    rows: rows.rows.iter().map(told_row).collect(),
                    unordered: rows.unordered,
                    count: rows.count,
                },
                Expected::Anything | Expected::Malformed => Must::Else,
            };
        }
        if self.allowed.len() < ALTERNATIVES {
            let words = expected.in_words(SHOWN);
            if !self.allowed.contains(&words) {
                self.allowed.push(words);
            }
        }
        false
    }
}

/// What was seen, in words.
pub(super) fn seen_in_words(answer: &Answer) -> String {
    match &answer.seen {
        Seen::Found(value) => value.brief(SHOWN),
        Seen::Absent => "absent".into(),
        Seen::Refused(rejection) => match &rejection.code {
            Some(code) => format!("refused as {}", Value::Text(code.clone()).brief(SHOWN)),
            None => "refused without a name".into(),
        },
        Seen::Broken(_) | Seen::NotSent(_) => "no answer".into(),
    }
}
