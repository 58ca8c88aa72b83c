//! What of an experiment a finding needs. What came later proves nothing, nor do reads without which it is found as well.

use crate::history::{Act, Operation};
use crate::judge::{Judgement, Mismatch, Signature};

/// How many reads are tried without, one by one, for one finding: the judge looks at everything each time.
const TRIES: usize = 100;

/// The places of the operations that show the same mismatch by themselves. Commands up to it all stay, refused ones
/// too: what they did or should not have done is what it is about.
pub(super) fn needed(
    operations: &[Operation],
    mismatch: &Mismatch,
    judge: impl Fn(&[Operation]) -> Judgement,
) -> Vec<usize> {
    let goal = mismatch.signature();
    let shows = |places: &[usize]| {
        let some: Vec<_> = places.iter().map(|at| operations[*at].clone()).collect();
        has(&judge(&some), &goal)
    };
    let mut kept: Vec<usize> = (0..operations.len().min(mismatch.operation + 1)).collect();
    if !shows(&kept) {
        // It is what follows that makes it wrong.
        kept = (0..operations.len()).collect();
    }
    let is_spare =
        |at: &usize| *at != mismatch.operation && !matches!(operations[*at].act, Act::Submit { .. });
    let (spare, bare): (Vec<usize>, Vec<usize>) = kept.iter().partition(|at| is_spare(at));
    if shows(&bare) {
        return bare;
    }
    for at in spare.into_iter().rev().take(TRIES) {
        let without: Vec<usize> = kept.iter().copied().filter(|kept| *kept != at).collect();
        if shows(&without) {
            kept = without;
        }
    }
    kept
}

fn has(judged: &Judgement, goal: &Signature) -> bool {
    judged.mismatches.iter().any(|mismatch| mismatch.signature() == *goal)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::history::{Quiet, Stamp};
    use crate::judge::{MismatchKind, Must};
    use crate::protocol::{Answer, Query, Seen};
    use crate::value::Record;

    fn operation(index: u64, act: Act) -> Operation {
        let stamp = Stamp { index, at: Duration::from_millis(index) };
        Operation { client: 1, call: stamp, end: Some(stamp), act }
    }

    fn read(index: u64) -> Operation {
        let query = Query { name: "Q".into(), on: None, fields: Record::new() };
        operation(index, Act::Ask { query: Arc::new(query), answer: Answer::new(Seen::Absent) })
    }

    fn mismatch(operation: usize) -> Mismatch {
        Mismatch {
            kind: MismatchKind::Settled,
            operation,
            message: "Q".into(),
            on: None,
            allowed: vec!["something".into()],
            seen: "absent".into(),
            outcome: None,
            differences: Vec::new(),
            must: Must::Else,
        }
    }

    /// What stays, where the judge finds the mismatch as long as the operations with these stamps are there.
    fn check(all: &[Operation], at: usize, wanted: &[u64], expected: &[usize]) {
        let judge = |some: &[Operation]| {
            let there = |stamp: &u64| some.iter().any(|operation| operation.call.index == *stamp);
            let found = wanted.iter().all(there);
            Judgement { mismatches: found.then(|| mismatch(0)).into_iter().collect(), ..Judgement::default() }
        };
        assert_eq!(needed(all, &mismatch(at), judge), expected);
    }

    #[test]
    fn what_comes_later_and_what_is_asked_besides_is_left_out() {
        let all = [
            read(0),
            operation(1, Act::Quiet(Quiet::Proved)),
            read(2),
            read(3),
            operation(4, Act::Quiet(Quiet::Proved)),
            read(5),
        ];
        check(&all, 3, &[1, 3], &[1, 3]);
        check(&all, 3, &[3], &[3]);
        check(&all, 2, &[2, 5], &[2, 5]);
        // Where the judge doesn't find it again, everything stays.
        check(&all, 3, &[9], &[0, 1, 2, 3, 4, 5]);
    }
}
