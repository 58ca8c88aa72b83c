//! What a clause has to be about, before it binds anybody.

use std::collections::BTreeSet;
use std::fmt;

use crate::protocol::Capability;

/// What a clause needs to bind a target: that this claims it, or that there is something in its contract which the clause is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Need {
    /// A capability, as its profile claims it.
    Capability(Capability),
    /// Requests and answers beneath commands and queries, as over HTTP.
    Wire,
    /// Something in the contract.
    Matter(Matter),
}

/// What a clause is about in a contract. All of it has to be within a target's reach: it knows the commands and queries, and can be sent
/// them in a state that the rules reach.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Matter {
    /// A command that the rules accept.
    Command,
    /// A query or a view.
    Query,
    /// A view.
    View,
    /// A view whose rows come in pages.
    PagedView,
    /// A command whose effect some query shows.
    ShownEffect,
    /// Two read models that show the same fact of one aggregate.
    SharedFact,
    /// A command with several effects.
    SeveralEffects,
    /// An invariant.
    Invariant,
    /// A rule that refuses a command by itself.
    Refusal,
    /// A command behind which another one is refused that was accepted before.
    Forbidding,
    /// Two commands that can be sent to one aggregate at the same time, and of which reads or later decisions show what came.
    Rivals,
    /// A command that changes an aggregate which is there.
    Change,
    /// A command that several can send to one aggregate in one state.
    SharedChange,
    /// A command that has an effect each time it is sent.
    Repeatable,
}

/// What clauses have to be about in one contract, with one target.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Matters(BTreeSet<Matter>);

impl Matter {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Command,
        Self::Query,
        Self::View,
        Self::PagedView,
        Self::ShownEffect,
        Self::SharedFact,
        Self::SeveralEffects,
        Self::Invariant,
        Self::Refusal,
        Self::Forbidding,
        Self::Rivals,
        Self::Change,
        Self::SharedChange,
        Self::Repeatable,
    ];

    /// What it is, without an article.
    fn words(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Query => "query",
            Self::View => "view",
            Self::PagedView => "paged view that is asked for page by page",
            Self::ShownEffect => "command whose effect a query shows",
            Self::SharedFact => "two read models that show the same fact",
            Self::SeveralEffects => "command with several effects",
            Self::Invariant => "invariant",
            Self::Refusal => "rule that refuses a command",
            Self::Forbidding => "command that forbids another one",
            Self::Rivals => "two commands on one aggregate that can race",
            Self::Change => "command that changes an existing thing",
            Self::SharedChange => "command that several can send to one aggregate",
            Self::Repeatable => "command that has an effect each time it is sent",
        }
    }

    /// That there is none: `no command that changes an existing thing`.
    pub fn lacking(self) -> String {
        format!("no {}", self.words())
    }
}

impl Matters {
    /// The first of these needs that is about something which is not there. Capabilities are not looked at.
    pub fn lacks(&self, needs: &[Need]) -> Option<Matter> {
        let matters = needs.iter().filter_map(|need| match need {
            Need::Matter(matter) => Some(*matter),
            Need::Capability(_) | Need::Wire => None,
        });
        matters.into_iter().find(|matter| !self.0.contains(matter))
    }

    /// Whether it is there.
    pub fn has(&self, matter: Matter) -> bool {
        self.0.contains(&matter)
    }

    /// One more.
    pub fn add(&mut self, matter: Matter) {
        self.0.insert(matter);
    }
}

impl FromIterator<Matter> for Matters {
    fn from_iter<I: IntoIterator<Item = Matter>>(matters: I) -> Self {
        Self(matters.into_iter().collect())
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capability(capability) => f.write_str(capability.name()),
            Self::Wire => f.write_str("HTTP"),
            Self::Matter(matter) => write!(f, "{matter}"),
        }
    }
}

impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = match self {
            Self::SharedFact | Self::Rivals => "",
            Self::Invariant => "an ",
            _ => "a ",
        };
        write!(f, "{article}{}", self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_told_in_the_order_in_which_it_is_needed() {
        let needs = [
            Need::Capability(Capability::Idempotency),
            Need::Matter(Matter::Change),
            Need::Matter(Matter::Query),
        ];
        let lacks = |has: &[Matter]| has.iter().copied().collect::<Matters>().lacks(&needs);
        assert_eq!(lacks(&[]), Some(Matter::Change));
        assert_eq!(lacks(&[Matter::Change]), Some(Matter::Query));
        assert_eq!(lacks(&Matter::ALL), None, "a capability is none");
        assert_eq!(Matter::Change.lacking(), "no command that changes an existing thing");
        assert_eq!(Need::Matter(Matter::Invariant).to_string(), "an invariant");
    }
}
