//! Races that showed something wrong, gone through once more: one by one, with nobody else there, as often as it takes to tell what the race
//! does from what comes by chance, or always.

use std::sync::Arc;

use super::registry::experiments;
use crate::adapter::Unreachable;
use crate::conform::lab::Lab;

/// What they are called where time is measured.
pub(super) const NAME: &str = "controls";

/// Goes through them, as long as one tells something.
pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    while let Some((class, turn)) = lab.ledger.next_alone() {
        let Some(experiment) = experiments().find(|experiment| *experiment.name == *class.experiment) else {
            break;
        };
        if lab.begins(NAME, u64::MAX).is_none() {
            break;
        }
        let began = lab.engine.clock.now();
        experiment.alone(&lab, &class, turn).await?;
        lab.case_took(NAME, lab.engine.clock.now().saturating_sub(began));
    }
    Ok(())
}
