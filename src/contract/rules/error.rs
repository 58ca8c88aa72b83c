use crate::contract::expr::EvalError;
use crate::text::Span;

/// Why a model has nothing to say: a mistake in the rules, or a message that they don't know.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModelError {
    /// A rule has no value.
    #[error("{0}")]
    Rule(#[from] EvalError),
    /// A rule sets a state to a value that its type does not take.
    #[error("`{state}` is set to what its type does not take: {why}")]
    Unlawful {
        /// The state.
        state: String,
        /// What is wrong with the value.
        why: String,
        /// The rule.
        span: Span,
    },
    /// An invariant does not hold behind a command that the rules accept.
    #[error("the rules accept `{command}`, and behind it the invariant \"{invariant}\" does not hold")]
    Invariant {
        /// The command.
        command: String,
        /// What the invariant says.
        invariant: String,
        /// The invariant.
        span: Span,
    },
    /// There is no such command, query or view.
    #[error("the contract has no {kind} `{name}`")]
    UnknownMessage {
        /// `command`, `query`, `event` or `aggregate`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
}
