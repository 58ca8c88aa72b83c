//! Syntax trees. Every node that a later diagnostic may point at carries its span.

pub mod contract;
mod event;
mod expression;
mod matcher;
mod race;
mod scenario;
mod walk;

pub use contract::ContractFile;
pub use event::{Emitted, EventCall};
pub use expression::{BinaryOp, Expr, ExprKind, FieldExpr, Fold, UnaryOp};
pub use matcher::{CompareOp, FieldMatcher, FieldPath, ListMode, Matcher, MatcherKind};
pub use race::{Condition, Outcomes, Race, Racer, Racers, Share, Tally};
pub use scenario::{
    Assertion, Capture, CommandCall, Example, QueryCall, Role, Scenario, ScenarioFile, Shows, Step, StepKind,
    Tag,
};

use std::sync::Arc;

use crate::text::Span;

/// A name as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name, without decoration (`$o` is `o`, `@EC-1` is `EC-1`).
    pub text: Arc<str>,
    /// Where, decoration included.
    pub span: Span,
}

impl Ident {
    /// Whether it was written with a sign in front of it: `$r` and not `r`.
    pub fn is_decorated(&self) -> bool {
        self.span.range().len() > self.text.len()
    }
}
