//! Syntax trees. Every node that a later diagnostic may point at carries its span.

pub mod contract;
mod expression;
mod matcher;
mod scenario;
mod walk;

pub use contract::ContractFile;
pub use expression::{BinaryOp, Expr, ExprKind, FieldExpr, Fold, UnaryOp};
pub use matcher::{CompareOp, FieldMatcher, FieldPath, ListMode, Matcher, MatcherKind};
pub use scenario::{
    Assertion, Capture, CommandCall, Example, QueryCall, Role, Scenario, ScenarioFile, Shows, Step, StepKind,
    Tag,
};

use crate::text::Span;

/// A name as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name, without decoration (`$o` is `o`, `@EC-1` is `EC-1`).
    pub text: Box<str>,
    /// Where, decoration included.
    pub span: Span,
}
