//! Operations as calls and returns, in the order they happened.

use super::operations::Operations;
use crate::history::{Act, Quiet};
use crate::protocol::{Outcome, Seen};

/// A call, a return, or quiet, of the operation in that place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Happened {
    Called(usize),
    Returned(usize),
    Quiet,
}

/// What happened, in order. What was not sent did not happen; what has no known outcome never returns.
/// Quiet that was assumed only counts where it is `trusted`.
pub(super) fn in_order(operations: &Operations<'_>, trusted: bool) -> Vec<Happened> {
    let mut all = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        let returns = match &operation.act {
            Act::Quiet(quiet) => {
                if trusted || *quiet == Quiet::Proved {
                    all.push((operation.call.index, Happened::Quiet));
                }
                continue;
            }
            Act::Submit { outcome: Outcome::NotSent(_), .. } => continue,
            Act::Submit { outcome: Outcome::Unknown(_), .. } => None,
            Act::Ask { answer, .. } if matches!(answer.seen, Seen::Broken(_) | Seen::NotSent(_)) => continue,
            Act::Submit { .. } | Act::Ask { .. } => operation.end,
        };
        if returns.is_none() && matches!(operation.act, Act::Ask { .. }) {
            continue;
        }
        all.push((operation.call.index, Happened::Called(at)));
        if let Some(end) = returns {
            all.push((end.index, Happened::Returned(at)));
        }
    }
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, happened)| happened).collect()
}
