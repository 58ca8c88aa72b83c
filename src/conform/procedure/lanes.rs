use std::future::Future;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::adapter::Unreachable;
use crate::conform::lab::Lab;
use crate::protocol::ClauseId;

/// Goes through up to `cases` cases of an experiment, usually so many at a time, as long as there is time for them and they
/// are not `enough`; it goes on where it was
/// when its turn comes again. Where one breaks down, `clauses` are in doubt.
pub(crate) async fn in_lanes<F>(
    lab: &Arc<Lab>,
    (experiment, lanes, cases): (&'static str, usize, u64),
    clauses: &[ClauseId],
    enough: impl Fn(&Lab) -> bool,
    case: impl Fn(Arc<Lab>, u64) -> F,
) -> Result<(), Unreachable>
where
    F: Future<Output = Result<(), Unreachable>> + Send + 'static,
{
    let mut running = JoinSet::new();
    loop {
        while running.len() < lab.lanes(lanes)
            && !enough(lab)
            && let Some(number) = lab.begins(experiment, cases)
        {
            let (lab, case) = (lab.clone(), case(lab.clone(), number));
            running.spawn(async move {
                let began = lab.engine.clock.now();
                let done = case.await;
                lab.case_took(experiment, lab.engine.clock.now().saturating_sub(began));
                done
            });
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
