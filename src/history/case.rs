use std::sync::Arc;

use crate::protocol::{Told, Verdict};
use crate::value::Record;

/// A case: one course of an experiment in a place of its own, with names and values that no other case has. It is the unit of
/// judging: what is proved of a target is proved of its cases.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// Its number in the history.
    pub number: u64,
    /// The experiment that it belongs to: `scenario`, `sequence`, or that of a clause.
    pub experiment: Arc<str>,
    /// What it is for.
    pub purpose: Purpose,
    /// What else is known of it, by its experiment: of a scenario its name, file, line and seed.
    pub about: Record,
}

/// What a case is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Purpose {
    /// It is judged.
    #[default]
    Subject,
    /// It tries once more, with fewer steps, what another case showed.
    Smaller {
        /// The number of the case that showed it.
        of: u64,
    },
    /// It does one by one what raced in another case: what is wrong here as well is no race's doing.
    Control {
        /// The number of the case that raced.
        of: u64,
    },
    /// It goes the same course without what another case is about: what comes of this one is what must come of that one.
    Twin {
        /// The number of the other case.
        of: u64,
    },
}

/// How a case ended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CaseEnd {
    /// What those who ran it made of it, where they judge as they go.
    pub verdict: Option<Verdict>,
    /// Why it did not come to its end, where it didn't.
    pub trouble: Option<String>,
}

/// Which part an operation has in what is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Part {
    /// The case that it belongs to; nothing for what belongs to none.
    pub case: Option<u64>,
    /// The step of the case, counted from 0.
    pub step: Option<u64>,
    /// What it is done for.
    pub role: Role,
    /// The race that it runs in, by its number within the case.
    pub race: Option<u64>,
    /// Which of the versions that the target told it demands, where its step says so in words.
    pub told: Option<Told>,
}

impl Part {
    /// A part in a case, and nothing else said of it.
    pub fn of(case: u64) -> Self {
        Self { case: Some(case), ..Self::default() }
    }

    /// The same in a step of it.
    #[must_use]
    pub fn step(self, step: u64) -> Self {
        Self { step: Some(step), ..self }
    }

    /// The same for something else.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }
}

/// What an operation is done for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Role {
    /// It is what the case is about.
    #[default]
    Act,
    /// It brings about what the case begins with.
    SetUp,
    /// It runs against others.
    Racer,
    /// It asks again and again, until something shows or time is up.
    Poll,
    /// It looks the whole time whether something shows that must not.
    Watch,
    /// It only tells whether the target is well.
    Canary,
}

impl Role {
    const ALL: [Self; 6] = [Self::Act, Self::SetUp, Self::Racer, Self::Poll, Self::Watch, Self::Canary];

    /// Its word in a history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::SetUp => "set-up",
            Self::Racer => "racer",
            Self::Poll => "poll",
            Self::Watch => "watch",
            Self::Canary => "canary",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}
