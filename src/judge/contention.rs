//! Which commands were overlapped by another one on the same aggregate that may have won.

use std::collections::HashMap;

use super::operations::{Operations, on};
use crate::history::{Act, Operation};
use crate::protocol::Outcome;
use crate::value::Value;

/// The commands that had an effect, or may have had one, aggregate by aggregate.
pub(super) struct Contention<'a> {
    winners: HashMap<&'a Value, Vec<Winner>>,
}

/// From when on a command may have won, and until when it or one before it may have.
struct Winner {
    call: u64,
    latest: u64,
}

impl<'a> Contention<'a> {
    /// In the time it takes to sort them.
    pub(super) fn of(operations: &Operations<'a>) -> Self {
        let mut winners: HashMap<&Value, Vec<Winner>> = HashMap::new();
        for operation in operations.iter() {
            let wins = matches!(
                &operation.act,
                Act::Submit { outcome: Outcome::Accepted(_) | Outcome::Unknown(_), .. }
            );
            if let (true, Some(on)) = (wins, on(operation)) {
                let winner = Winner { call: operation.call.index, latest: end(operation) };
                winners.entry(on).or_default().push(winner);
            }
        }
        for winners in winners.values_mut() {
            winners.sort_unstable_by_key(|winner| winner.call);
            let mut latest = 0;
            for winner in winners {
                latest = latest.max(winner.latest);
                winner.latest = latest;
            }
        }
        Self { winners }
    }

    /// Whether a command that was refused was overlapped by one that may have won.
    pub(super) fn overlapped(&self, refused: &Operation) -> bool {
        self.counted(refused, &mut 0)
    }

    /// The same; counts how many others are looked at.
    fn counted(&self, refused: &Operation, looks: &mut u64) -> bool {
        let Some(winners) = on(refused).and_then(|on| self.winners.get(on)) else { return false };
        // Of those that were called before it returned, the one that was under way for longest decides.
        let called = winners.partition_point(|winner| {
            *looks += 1;
            winner.call < end(refused)
        });
        let last = called.checked_sub(1).and_then(|last| winners.get(last));
        last.is_some_and(|winner| winner.latest > refused.call.index)
    }
}

/// When it was over; what nobody knows the outcome of never is.
fn end(operation: &Operation) -> u64 {
    match &operation.act {
        Act::Submit { outcome: Outcome::Unknown(_), .. } => u64::MAX,
        _ => operation.end.map_or(u64::MAX, |end| end.index),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::history::Stamp;
    use crate::protocol::{Command, Doubt, Expected, Receipt, Rejection, Unknown};
    use crate::value::Record;

    fn sent(on: &str, (call, end): (u64, u64), outcome: Outcome) -> Operation {
        let command = Command {
            name: "Put".into(),
            on: Some(on.into()),
            fields: Record::new(),
            key: None,
            expected: Expected::Any,
            id: "".into(),
        };
        let stamp = |index| Stamp { index, at: Duration::ZERO };
        let act = Act::Submit { command: Arc::new(command), attempt: 0, outcome };
        Operation { client: 0, call: stamp(call), end: Some(stamp(end)), act }
    }

    fn accepted(on: &str, span: (u64, u64)) -> Operation {
        sent(on, span, Outcome::Accepted(Receipt::default()))
    }

    fn refused(on: &str, span: (u64, u64)) -> Operation {
        sent(on, span, Outcome::Rejected(Rejection::default()))
    }

    #[test]
    fn somebody_who_overlapped_must_have_won() {
        let lost = Outcome::Unknown(Unknown { doubt: Doubt::Lost, status: None, detail: String::new() });
        let operations = [
            accepted("a", (1, 10)),
            accepted("a", (2, 3)),
            accepted("b", (20, 30)),
            refused("a", (40, 50)),
            sent("c", (5, 6), lost),
        ];
        let contention = Contention::of(&Operations::of(&operations));
        let check = |on: &str, span: (u64, u64), expected: bool| {
            assert_eq!(contention.overlapped(&refused(on, span)), expected, "{on} {span:?}");
        };
        check("a", (4, 5), true);
        check("a", (0, 2), true);
        check("a", (11, 12), false);
        check("a", (25, 26), false);
        check("a", (41, 42), false);
        check("b", (4, 5), false);
        check("b", (19, 21), true);
        check("c", (1_000, 1_001), true);
        check("d", (1, 100), false);
    }

    #[test]
    fn of_many_commands_few_are_looked_at() {
        let mut looks = Vec::new();
        for count in [1_000_u64, 16_000] {
            let operations: Vec<Operation> =
                (0..count).map(|at| accepted("a", (10 * at, 10 * at + 15))).collect();
            let contention = Contention::of(&Operations::of(&operations));
            let mut looked = 0;
            for at in 0..count {
                let own = refused("a", (10 * at + 16, 10 * at + 18));
                assert_eq!(contention.counted(&own, &mut looked), at + 1 < count);
            }
            looks.push(looked / count);
        }
        // Sixteen times as many are four more looks for each.
        assert!(looks[0] <= 11 && looks[1] <= looks[0] + 4, "{looks:?}");
    }
}
