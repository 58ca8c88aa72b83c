use std::sync::Arc;
use std::time::Duration;

use super::{Condition, Emitted, EventCall, Expr, FieldExpr, Ident, Matcher, Race, Tally};
use crate::text::{Span, Spanned};

/// A `.scenario` file.
#[derive(Clone, Default, Debug)]
pub struct ScenarioFile {
    /// `feature "…"`.
    pub feature: Option<Spanned<Arc<str>>>,
    /// `use orders`: the contract it speaks.
    pub uses: Option<Ident>,
    /// `lock "…"` before the first scenario: it holds for all of them.
    pub locks: Vec<Spanned<Arc<str>>>,
    /// Steps that every scenario of the file begins with.
    pub background: Vec<Step>,
    /// The scenarios, in file order.
    pub scenarios: Vec<Scenario>,
}

/// `scenario "…"` with its tags and steps.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// `@EC-1 @smoke`.
    pub tags: Vec<Tag>,
    /// `repeat 20` behind the tags: how many rounds it has.
    pub repeat: Option<Spanned<usize>>,
    /// Its name, unique in the file.
    pub name: Spanned<Arc<str>>,
    /// Where it comes from, if it is an outline with a row put in.
    pub example: Option<Example>,
    /// `lock "…"`: scenarios that share one don't run side by side.
    pub locks: Vec<Spanned<Arc<str>>>,
    /// Its own steps, without the background's.
    pub steps: Vec<Step>,
}

/// An outline and the row of examples that is put into it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Example {
    /// `| 3 | 0.10 |`.
    pub row: Span,
    /// Which row of the outline it is, counted from 1 through all its tables.
    pub number: usize,
    /// From `outline` to its last step.
    pub outline: Span,
}

/// `@EC-1`: the id of a clause, or a free word.
pub type Tag = Ident;

/// What a step is for. `and` takes the role of the step before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Sets up: if it can't be done, the scenario says nothing about the target.
    Given,
    /// The behaviour in question.
    When,
    /// What is expected.
    Then,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is for; a `let` has the role of the step before it (`Given` at the start).
    pub role: Role,
    /// What it does.
    pub kind: StepKind,
    /// The whole step without the leading `given`/`when`/`then`/`and`.
    pub span: Span,
}

/// What a [`Step`] does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `let $o = new Order`.
    Let {
        /// The variable, `$` included in its span.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `CreateOrder on $o { … } key unique "k" at version 1 -> $v = version`.
    Command(CommandCall),
    /// `repeat last`: the command before, once more, to the letter.
    RepeatLast,
    /// `race …`: several commands at the same time.
    Race(Race),
    /// `event OrderConfirmed on $o { … }`: it happens without a command.
    Event(EventCall),
    /// `rebuild GetOrderDetails`: what answers the query is built anew from the events.
    Rebuild(Ident),
    /// `emits nothing`, `emits A`, `emits [A, B { … }]`: what has happened since the `when`; empty: nothing.
    Emits(Vec<Emitted>),
    /// `accepted`.
    Accepted,
    /// `rejected`, `rejected A | B`, `rejected A { detail: ~/…/ }`.
    Rejected {
        /// The codes, any of which will do; none: any business rejection.
        codes: Vec<Ident>,
        /// What the rejection must say besides.
        details: Option<Matcher>,
    },
    /// `same outcome`: the last command ended as the one before it.
    SameOutcome,
    /// `any outcome`: whatever became of the last command.
    AnyOutcome,
    /// `exactly 1 of a, b accepted`, `all $r accepted or rejected X`: what several racers brought.
    Tally(Tally),
    /// `if a accepted: step`: a step that is done only then.
    If {
        /// What a racer must have brought.
        condition: Condition,
        /// The step.
        step: Box<Step>,
    },
    /// A query asked once.
    Read(Assertion),
    /// `eventually [within D] [every D] Q shows M [unless M]`.
    Eventually {
        /// The deadline; without it the target's declared bound for the query.
        within: Option<Spanned<Duration>>,
        /// The longest pause between two polls.
        every: Option<Spanned<Duration>>,
        /// What must become true.
        assertion: Assertion,
        /// What must not be seen on the way.
        unless: Option<Matcher>,
    },
    /// `consistently for D Q shows M`.
    Consistently {
        /// How long it must hold.
        lasts: Spanned<Duration>,
        /// What must hold.
        assertion: Assertion,
    },
    /// `never [for D] Q shows M`.
    Never {
        /// How long it is watched behind the block's last command, at least.
        lasts: Option<Spanned<Duration>>,
        /// What must not be seen.
        assertion: Assertion,
    },
    /// `settled [within D]`.
    Settled {
        /// The deadline.
        within: Option<Spanned<Duration>>,
    },
}

/// A command as a step asks for it.
#[derive(Clone, Debug)]
pub struct CommandCall {
    /// Its name in the contract.
    pub name: Ident,
    /// `on $o`: the aggregate.
    pub on: Option<Expr>,
    /// `{ … }`.
    pub fields: Vec<FieldExpr>,
    /// `key k`: the idempotency key.
    pub key: Option<Expr>,
    /// `at version v`: the expected version.
    pub version: Option<Expr>,
    /// `as alice`: who sends it.
    pub actor: Option<Ident>,
    /// `-> $v = version, …`.
    pub captures: Vec<Capture>,
    /// From the name to the last of the above.
    pub span: Span,
}

/// A query as a step asks for it.
#[derive(Clone, Debug)]
pub struct QueryCall {
    /// Its name in the contract.
    pub name: Ident,
    /// `on $o`: the aggregate.
    pub on: Option<Expr>,
    /// `{ … }`.
    pub fields: Vec<FieldExpr>,
    /// `as alice`: who asks.
    pub actor: Option<Ident>,
    /// From the name to the last of the above.
    pub span: Span,
}

/// A query and what is expected of its answer.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The query.
    pub query: QueryCall,
    /// What its answer must look like; nothing where it is only asked for its captures.
    pub shows: Option<Shows>,
    /// `-> $x = total, …`.
    pub captures: Vec<Capture>,
}

/// What an answer must look like.
#[derive(Clone, Debug)]
pub enum Shows {
    /// `shows M`.
    Value(Matcher),
    /// `shows total M`: how many rows there are on all pages. Holds M.
    Total(Matcher),
    /// `absent`: there is no such thing.
    Absent(Span),
}

impl Shows {
    /// Where it was written.
    pub fn span(&self) -> Span {
        match self {
            Self::Value(matcher) | Self::Total(matcher) => matcher.span,
            Self::Absent(span) => *span,
        }
    }
}

/// `$v = path`: a part of the answer, kept under a name.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The variable.
    pub name: Ident,
    /// Names and indices from the answer's root: `items[0].price`.
    pub path: Spanned<Arc<str>>,
}
