use std::fmt;
use std::sync::Arc;

/// A departure from the contract that a service is known to make and means to: told once, and not held against it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deviation {
    /// The command it is about.
    pub command: Arc<str>,
    /// The rejection of the contract that the service does not give, or gives where the contract has none.
    pub rule: Arc<str>,
    /// What the service does instead.
    pub does: Does,
    /// What comes of it.
    pub effect: Effect,
    /// Why, in the words of whoever knows.
    pub because: Arc<str>,
}

/// What a service does where it departs from its contract.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Does {
    /// It accepts where `rule` applies.
    Accepts,
    /// It rejects with `rule` where that does not apply.
    Rejects,
}

/// What a deviating command does to its aggregates.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// Nothing.
    None,
    /// What the contract says it does when it is accepted.
    Applied,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, rule, does, effect, because } = self;
        let how = match (does, effect) {
            (Does::Accepts, Effect::None) => format!("accepted, without effect, where {rule} applies"),
            (Does::Accepts, Effect::Applied) => format!("accepted where {rule} applies"),
            (Does::Rejects, _) => format!("rejected with {rule} where that does not apply"),
        };
        write!(f, "{command} is {how}: {because}")
    }
}
