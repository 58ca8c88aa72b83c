//! The ways in which a simulated service is at fault.

use proofmark::judge::Assumption;
use proofmark::protocol::ClauseId;

/// In which way a service is at fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    None,
    /// `RenameTask` never has an effect.
    WriteIgnores,
    /// `AddAmount` takes effect twice.
    WriteDoubles,
    /// `RenameTask` takes effect although it is refused.
    WriteKnowsRefused,
    /// `MoveAmount` only takes, and does not give.
    WriteHalves,
    /// `CloseTask` of a closed task is accepted.
    RuleMissing,
    /// `AddAmount` is refused on tasks with an amount of 3 and more.
    RuleTooWide,
    /// `TaskNotOpen` is refused as `TaskExists`.
    OtherName,
    /// Each third `AddAmount` is refused for a conflict.
    Conflicts,
    /// `GetTask` never takes in `RenameTask`.
    ReadIgnores,
    /// `GetTask` does not take in each third command.
    ReadLoses,
    /// `GetTask` takes in `AddAmount` twice.
    ReadDoubles,
    /// `GetTask` takes in what is refused.
    ReadKnowsRefused,
    /// `GetTask` takes in only what `MoveAmount` gives, not what it takes.
    ReadHalves,
    /// `GetTask` takes in a command after the one behind it.
    ReadSwaps,
    /// `GetTask` shows the note of another task.
    ReadForeign,
    /// `GetTask` shows amounts without what stands behind the point.
    ReadCuts,
    /// `GetTask` shows title and note exchanged.
    ReadExchanges,
    /// `GetTask` keeps the title that a task was made with, whatever closes it.
    ReadKeeps,
    /// `GetTask` shows what was the case before, and the next time what is.
    ReadLate,
    /// `ListTasks` has its rows the other way round.
    ListTurns,
    /// `ListTasks` has no row of a task that was renamed.
    ListLacks,
}

impl Fault {
    pub(super) const ALL: &[Self] = &[
        Self::None,
        Self::WriteIgnores,
        Self::WriteDoubles,
        Self::WriteKnowsRefused,
        Self::WriteHalves,
        Self::RuleMissing,
        Self::RuleTooWide,
        Self::OtherName,
        Self::Conflicts,
        Self::ReadIgnores,
        Self::ReadLoses,
        Self::ReadDoubles,
        Self::ReadKnowsRefused,
        Self::ReadHalves,
        Self::ReadSwaps,
        Self::ReadForeign,
        Self::ReadCuts,
        Self::ReadExchanges,
        Self::ReadKeeps,
        Self::ReadLate,
        Self::ListTurns,
        Self::ListLacks,
    ];

    /// What is to be told of it: the assumption, and the clauses of which one has to be the first.
    pub(super) fn right(self) -> (Assumption, &'static [ClauseId]) {
        match self {
            Self::None => unreachable!("nothing is told of what is sound"),
            // Where no later decision shows it, nobody can tell that from a read model that loses it.
            Self::WriteIgnores => (Assumption::Lost, &[ClauseId::Br6, ClauseId::Ec1]),
            Self::WriteDoubles => (Assumption::Twice, &[ClauseId::Br6, ClauseId::Ec3]),
            Self::WriteKnowsRefused | Self::ReadKnowsRefused => (Assumption::Refused, &[ClauseId::Br1]),
            Self::WriteHalves | Self::ReadHalves => (Assumption::Partial, &[ClauseId::Br3, ClauseId::Ec1]),
            Self::RuleMissing => (Assumption::RuleMissing, &[ClauseId::Br6]),
            Self::RuleTooWide => (Assumption::RuleTooWide, &[ClauseId::Br6]),
            Self::OtherName => (Assumption::OtherName, &[ClauseId::Br6]),
            Self::Conflicts => (Assumption::Conflict, &[ClauseId::Oc4]),
            // Of two that set the same, in the other order, the second is as if it were lost.
            Self::ReadIgnores | Self::ReadLoses | Self::ReadSwaps => (Assumption::Lost, &[ClauseId::Ec1]),
            Self::ReadDoubles => (Assumption::Twice, &[ClauseId::Ec3]),
            Self::ReadForeign => (Assumption::Foreign, &[ClauseId::Ec3]),
            Self::ReadCuts | Self::ReadExchanges => (Assumption::Transformed, &[ClauseId::Ec3]),
            Self::ReadKeeps => (Assumption::Kept, &[ClauseId::Ec1]),
            Self::ReadLate => (Assumption::Late, &[ClauseId::Ec1]),
            Self::ListTurns | Self::ListLacks => (Assumption::Listed, &[ClauseId::Qs5]),
        }
    }
}
