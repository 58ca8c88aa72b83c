//! What a system that keeps its contract may do and answer: the oracle.
//!
//! A [`Model`] is pure. It takes a [`World`], all aggregates with their states, and says which outcomes a command may
//! have and what a query must answer. [`Interpreted`] reads both from a contract; whoever tests in-process may write one
//! in Rust instead.

mod answer;
mod compare;
mod decide;
mod error;
mod expected;
mod inspect;
mod interpreted;
mod law;
mod names;
mod world;

pub use answer::page_rows;
pub use compare::{fits, told_row};
pub use error::ModelError;
pub use expected::{Expected, Row, Rows, Shown};
pub use inspect::{Filter, Stops};
pub use interpreted::Interpreted;
#[cfg(feature = "http")]
pub(crate) use law::complete;
pub use law::{Law, lawful};
pub(crate) use names::BEHIND;
pub use world::{Entry, World};

use std::hash::Hash;
use std::sync::Arc;

use crate::protocol::{Command, Event, Outcome, Query};
use crate::value::Value;

/// The rules of a system, as functions of what it has taken in.
pub trait Model {
    /// What one aggregate remembers.
    type State: Clone + Eq + Hash;

    /// Every outcome that `command` may have in `world`; never none.
    fn decide(
        &self,
        world: &World<Self::State>,
        command: &Command,
    ) -> Result<Vec<Decision<Self::State>>, ModelError>;

    /// What `query` must answer in `world`, once its read model has caught up.
    fn answer(&self, world: &World<Self::State>, query: &Query) -> Result<Expected, ModelError>;

    /// What would come of `command` if nothing refused it, for services that are known to accept it all the same.
    /// Default: the rules don't say.
    fn unrefused(
        &self,
        world: &World<Self::State>,
        command: &Command,
    ) -> Result<Option<Acceptance<Self::State>>, ModelError> {
        let _ = (world, command);
        Ok(None)
    }

    /// What a command met whose outcome and effect are certain, for statistics. Default: nothing is known.
    fn met(
        &self,
        before: &World<Self::State>,
        command: &Command,
        outcome: &Outcome,
        after: &World<Self::State>,
    ) -> Option<Met> {
        let _ = (before, command, outcome, after);
        None
    }

    /// Whether `query` is about such aggregates alone as hold one of the values that `is_own` knows, so that nobody else's
    /// can have a part in its answer. Default: nobody knows.
    fn is_of_own(&self, query: &Query, is_own: &dyn Fn(&Value) -> bool) -> bool {
        let _ = (query, is_own);
        false
    }

    /// How many rows the answer to a view has at most, if all that it has to show is in it: that of the first page with fewer rows than
    /// fit, and any at all where there are no pages. Default: nobody knows.
    fn holds_all_below(&self, query: &Query) -> Option<usize> {
        let _ = query;
        None
    }

    /// The rules as a contract has them, where one is what this is made of. Default: it is made of something else.
    fn interpreted(&self) -> Option<&Interpreted> {
        None
    }

    /// Which commands carry something that ends in which field of a query's answer, or of a view's rows. Default: nobody knows.
    fn effects(&self) -> Vec<Effect> {
        Vec::new()
    }

    /// The kind of state an aggregate is in, in a word or two, for statistics: `pending`. Default: there are no kinds.
    fn kind_of(&self, entry: &Entry<Self::State>) -> Option<String> {
        let _ = entry;
        None
    }
}

/// A command that sets what a field of an answer shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Effect {
    /// The command.
    pub command: Arc<str>,
    /// The query.
    pub query: Arc<str>,
    /// The field of its answer, or of its rows.
    pub field: Arc<str>,
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{} by {}", self.query, self.field, self.command)
    }
}

/// What a command met in the rules.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Met {
    /// The rules that stand behind its refusal, by their place among the command's rejections.
    pub rules: Vec<usize>,
    /// Whether no other rule would have refused it.
    pub alone: bool,
    /// Which transition between states it was, by a number of the model's own.
    pub transition: Option<usize>,
}

/// One outcome that a command may have.
#[derive(Clone, PartialEq, Debug)]
pub enum Decision<S> {
    /// It is accepted.
    Accepted(Acceptance<S>),
    /// It is refused with this code, and nothing changes.
    Rejected(Arc<str>),
}

/// What comes of a command that is accepted.
#[derive(Clone, PartialEq, Debug)]
pub struct Acceptance<S> {
    /// The world behind it.
    pub world: World<S>,
    /// The events it emits, where the rules name them.
    pub events: Vec<Event>,
    /// Whether it may have done more than the rules say, so that `world` is no longer certain.
    pub unspecified: bool,
}

impl<S> Decision<S> {
    /// Whether `outcome` is this one. An unknown outcome may be any; a command that was not sent had none.
    pub fn allows(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (_, Outcome::Unknown(_)) | (Self::Accepted(_), Outcome::Accepted(_)) => true,
            (Self::Rejected(code), Outcome::Rejected(rejection)) => rejection.code.as_ref() == Some(code),
            _ => false,
        }
    }
}
