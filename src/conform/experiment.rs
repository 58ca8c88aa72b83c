//! Experiments: they act, and the clauses judge what was done and seen.

use std::sync::Arc;

use super::Counterexample;
use super::case::Case;
use super::lab::Lab;
use super::procedure::in_lanes;
use super::story::Story;
use crate::adapter::{BoxFuture, Unreachable};
use crate::clause::{self, Clause, Finding, Judged, Wrong};
use crate::protocol::ClauseId;

/// A course that is gone through again and again, each time a little differently. It knows no clause.
pub(crate) struct Experiment {
    /// Its name, in histories and in the catalogue.
    pub(crate) name: &'static str,
    /// Cases at most, and so many at the same time.
    pub(crate) cases: u64,
    pub(crate) lanes: usize,
    /// So much evidence for each clause is enough; without a number, all cases are tried.
    pub(crate) enough: Option<u32>,
    /// Whether a case in which something is wrong is tried once more without what it is about: the race, or the hurry.
    pub(crate) controlled: bool,
    /// Whether each case has a twin, which goes the same course behind it without what the case is about.
    pub(crate) twin: bool,
    /// Goes through the course with this number.
    pub(crate) act: for<'a, 'l> fn(&'a mut Case<'l>, u64) -> BoxFuture<'a, Result<(), Unreachable>>,
}

impl Experiment {
    /// The clauses that judge its cases.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = &'static Clause> {
        let judges = |clause: &&'static Clause| clause.checks.iter().any(|one| one.experiment == self.name);
        clause::all().filter(judges)
    }

    /// Goes through its cases, as long as a clause wants them.
    pub(crate) async fn run(&'static self, lab: &Arc<Lab>) -> Result<(), Unreachable> {
        let wanted: Vec<ClauseId> =
            self.clauses().map(|clause| clause.id).filter(|id| lab.wants(*id)).collect();
        let cases = if wanted.is_empty() { 0 } else { self.cases };
        let all = wanted.clone();
        in_lanes(lab, (self.lanes, cases), &all, move |lab, number| {
            let wanted = wanted.clone();
            async move {
                if self.enough.is_some_and(|enough| wanted.iter().all(|id| has(&lab, *id, enough))) {
                    return Ok(());
                }
                self.case(&lab, number).await
            }
        })
        .await
    }

    async fn case(&self, lab: &Lab, number: u64) -> Result<(), Unreachable> {
        let bench = lab.bench();
        let mut case = Case::open(lab, self.name, number).await?;
        (self.act)(&mut case, number).await?;
        if !case.evidence(&bench).judgement().parked.is_empty() {
            case.look().await;
        }
        let (mut judged, twin) = if self.twin {
            let (judged, twin) = self.beside_twin(lab, (&mut case, number)).await?;
            (judged, Some(twin))
        } else {
            (clause::judged(self.name, &case.evidence(&bench)), None)
        };
        let mut control = None;
        if self.controlled && judged.iter().any(|(_, judged)| judged.is_wrong()) {
            let mut again = Case::control(lab, (self.name, number), case.number()).await?;
            (self.act)(&mut again, number).await?;
            if !again.evidence(&bench).judgement().parked.is_empty() {
                again.look().await;
            }
            judged = clause::controlled(judged, &again.evidence(&bench));
            control = Some(again);
        }
        for clause in self.clauses() {
            case.trouble().into_iter().for_each(|why| lab.ledger.doubt(clause.id, why));
        }
        for (id, judged) in judged {
            take(&case, (control.as_ref(), twin.as_ref()), (id, judged));
        }
        Ok(())
    }

    /// What the clauses make of a case and its twin. Where something is wrong, that one is looked at, too.
    async fn beside_twin<'l>(
        &self,
        lab: &'l Lab,
        (case, number): (&mut Case<'_>, u64),
    ) -> Result<(Vec<(ClauseId, Judged)>, Case<'l>), Unreachable> {
        let bench = lab.bench();
        let mut twin = Case::twin(lab, (self.name, number), case.number()).await?;
        (self.act)(&mut twin, number).await?;
        let judged = |case: &Case<'_>, twin: &Case<'_>| {
            let twin = twin.evidence(&bench);
            clause::judged(self.name, &case.evidence(&bench).beside(&twin))
        };
        let mut all = judged(case, &twin);
        if all.iter().any(|(_, judged)| judged.is_wrong()) && twin.look().await {
            all = judged(case, &twin);
        }
        Ok((all, twin))
    }
}

fn has(lab: &Lab, id: ClauseId, enough: u32) -> bool {
    lab.ledger.of(id).evidence.values().any(|count| *count >= enough)
}

/// Takes note of what a clause makes of a case.
fn take(
    case: &Case<'_>,
    (control, twin): (Option<&Case<'_>>, Option<&Case<'_>>),
    (id, judged): (ClauseId, Judged),
) {
    let lab = case.lab;
    for (unit, count) in judged.counted {
        lab.ledger.count(id, unit, count);
    }
    for why in judged.doubts {
        lab.ledger.doubt(id, why);
    }
    for aside in judged.asides {
        let wrong = match &aside.wrong {
            Wrong::Said(why) => why.clone(),
            // Where there is a control, this is where it was seen; where there is a twin, it may have been in either.
            Wrong::Mismatch(mismatch) => {
                let wrong = control.unwrap_or(case).in_words(mismatch);
                twin.map_or_else(|| wrong.clone(), |twin| Story::new(&twin.values).named(&wrong))
            }
        };
        lab.ledger.set_aside(id, aside.why, &wrong, aside.explained_by);
    }
    let compared = lab.ledger.compare(id, judged.notes);
    for finding in judged.findings.into_iter().chain(compared) {
        lab.broken(id, example(case, &finding));
    }
}

fn example(case: &Case<'_>, finding: &Finding) -> Counterexample {
    match &finding.wrong {
        Wrong::Said(wrong) => case.example(wrong.clone(), &finding.first),
        Wrong::Mismatch(mismatch) => case.example_of(mismatch, &finding.first),
    }
}
