use std::sync::Arc;

use crate::contract::explore::{Chart, Fired};
use crate::contract::rules::{
    Acceptance, Decision, Effect, Entry, Expected, Interpreted, Met, Model, ModelError, World,
};
use crate::protocol::{Command, Outcome, Query};
use crate::value::{Record, Value};

/// The refusal of what is outside of the law.
const MALFORMED: &str = "Malformed";

/// A contract's rules that know which transition of their graph of states each command is: so a judge counts those that
/// were taken.
#[derive(Clone, Debug)]
pub struct Charted {
    model: Arc<Interpreted>,
    chart: Arc<Chart>,
}

impl Charted {
    /// The rules with the chart of what they reach.
    pub fn new(model: Arc<Interpreted>, chart: Arc<Chart>) -> Self {
        Self { model, chart }
    }
}

impl Model for Charted {
    type State = Record;

    fn decide(&self, world: &World<Record>, command: &Command) -> Result<Vec<Decision<Record>>, ModelError> {
        self.model.decide(world, command)
    }

    fn answer(&self, world: &World<Record>, query: &Query) -> Result<Expected, ModelError> {
        self.model.answer(world, query)
    }

    fn unrefused(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Result<Option<Acceptance<Record>>, ModelError> {
        self.model.unrefused(world, command)
    }

    fn met(
        &self,
        before: &World<Record>,
        command: &Command,
        outcome: &Outcome,
        after: &World<Record>,
    ) -> Option<Met> {
        let mut met = self.model.met(before, command, outcome, after)?;
        let fired = match (outcome, &met.rules[..]) {
            (Outcome::Accepted(_), _) => Fired::Accepted,
            (_, [rule]) if met.alone => Fired::Alone(*rule),
            (_, [_, ..]) => Fired::Several,
            (Outcome::Rejected(rejection), []) if rejection.code.as_deref() == Some(MALFORMED) => {
                Fired::Malformed
            }
            // A conflict, say: nothing that the graph knows of.
            _ => return Some(met),
        };
        met.transition = self.chart.transition(&self.model, before, (command, fired), after);
        Some(met)
    }

    fn is_of_own(&self, query: &Query, is_own: &dyn Fn(&Value) -> bool) -> bool {
        self.model.is_of_own(query, is_own)
    }

    fn interpreted(&self) -> Option<&Interpreted> {
        Some(&self.model)
    }

    fn effects(&self) -> Vec<Effect> {
        self.model.effects()
    }

    fn holds_all_below(&self, query: &Query) -> Option<usize> {
        self.model.holds_all_below(query)
    }

    fn kind_of(&self, entry: &Entry<Record>) -> Option<String> {
        self.model.kind_of(entry)
    }
}
