use std::future::Future;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::adapter::Unreachable;
use crate::conform::lab::Lab;
use crate::protocol::ClauseId;

/// Does `cases` experiments, so many at a time, until the time is up. Where one breaks down, `clauses` are in doubt.
pub(crate) async fn in_lanes<F>(
    lab: &Arc<Lab>,
    (lanes, cases): (usize, u64),
    clauses: &[ClauseId],
    case: impl Fn(Arc<Lab>, u64) -> F,
) -> Result<(), Unreachable>
where
    F: Future<Output = Result<(), Unreachable>> + Send + 'static,
{
    let mut running = JoinSet::new();
    let mut number = 0;
    loop {
        while number < cases && running.len() < lanes && !lab.over() {
            running.spawn(case(lab.clone(), number));
            number += 1;
        }
        match running.join_next().await {
            None => return Ok(()),
            Some(Ok(done)) => done?,
            Some(Err(_)) => {
                for id in clauses {
                    lab.ledger.doubt(*id, "an experiment broke down");
                }
            }
        }
    }
}
