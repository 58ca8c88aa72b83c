use super::{CommandCall, Ident};
use crate::text::{Span, Spanned};

/// `race …`: commands that are sent at the same time, each by a client of its own.
#[derive(Clone, Debug)]
pub struct Race {
    /// Who races.
    pub racers: Racers,
    /// The word and, where it stands there, how many race.
    pub span: Span,
}

/// Who races.
#[derive(Clone, Debug)]
pub enum Racers {
    /// `a: ConfirmOrder on $o`, each on a line of its own.
    Labelled(Vec<Racer>),
    /// `40 of AddItem on $o { … } as $r`.
    Many {
        /// How many.
        count: Spanned<usize>,
        /// What each of them sends; each draws its own `unique`.
        call: Box<CommandCall>,
        /// `as $r`: what they are called together.
        name: Option<Ident>,
    },
}

/// `a: ConfirmOrder on $o`
#[derive(Clone, Debug)]
pub struct Racer {
    /// `a`.
    pub label: Ident,
    /// What it sends.
    pub call: CommandCall,
}

impl Race {
    /// What is sent, once each.
    pub fn calls(&self) -> impl Iterator<Item = &CommandCall> + Clone {
        let (labelled, many) = match &self.racers {
            Racers::Labelled(racers) => (racers.as_slice(), None),
            Racers::Many { call, .. } => (&[][..], Some(&**call)),
        };
        labelled.iter().map(|racer| &racer.call).chain(many)
    }

    /// The names by which outcomes are spoken of, with how many racers each stands for.
    pub fn names(&self) -> Vec<(&Ident, usize)> {
        match &self.racers {
            Racers::Labelled(racers) => racers.iter().map(|racer| (&racer.label, 1)).collect(),
            Racers::Many { count, name, .. } => name.iter().map(|name| (name, count.node)).collect(),
        }
    }
}

/// `exactly 1 of a, b accepted; others rejected X | Y`, `all $r accepted or rejected X`
#[derive(Clone, Debug)]
pub struct Tally {
    /// How many.
    pub share: Share,
    /// Whose outcomes: labels, or the name of many.
    pub of: Vec<Ident>,
    /// What those brought.
    pub brought: Outcomes,
    /// What all others of them brought; nothing where that is left open.
    pub others: Option<Outcomes>,
}

/// How many of several racers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Share {
    /// `all`
    All,
    /// `exactly N of`
    Exactly(usize),
    /// `at least N of`
    AtLeast(usize),
    /// `at most N of`
    AtMost(usize),
}

/// `accepted`, `rejected X | Y`, `accepted or rejected X | Y`
#[derive(Clone, Debug)]
pub struct Outcomes {
    /// Whether `accepted` will do.
    pub accepted: bool,
    /// The rejections that will do; an empty list: any business rejection; nothing: none.
    pub rejected: Option<Vec<Ident>>,
    /// Where it was written.
    pub span: Span,
}

/// `if a accepted:` in front of a step.
#[derive(Clone, Debug)]
pub struct Condition {
    /// `a`.
    pub racer: Ident,
    /// What it must have brought.
    pub brought: Outcomes,
}
