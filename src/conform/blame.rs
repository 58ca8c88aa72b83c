//! Which clauses are broken where commands come one by one: in a sequence, and in the control of a race.

use crate::clause::{Finding, Judged, Wrong};
use crate::contract::Contract;
use crate::contract::rules::Interpreted;
use crate::history::Operation;
use crate::judge::{self, Cause, Course, Judgement, Mismatch, MismatchKind};
use crate::protocol::ClauseId;

/// What commands that came one by one are judged by.
pub(crate) struct Blame<'a> {
    pub(crate) model: &'a Interpreted,
    pub(crate) contract: &'a Contract,
    /// With the values that were drawn for the names of what is judged.
    pub(crate) settings: judge::Settings,
}

/// Who is blamed for a mismatch.
pub(crate) struct Blamed {
    /// The clauses that are broken.
    pub(crate) clauses: Vec<ClauseId>,
    /// What would explain it, in a sentence without a full stop, and the first thing to look at then; nothing where nothing does.
    pub(crate) likely: Option<String>,
    pub(crate) first: Option<String>,
}

/// The first thing to look at where something is wrong one by one.
const FIRST: &str = "send these commands one by one, and look at what becomes of the last of them";

impl Blame<'_> {
    /// The clauses that are broken by the first thing that is wrong in these operations; none where nothing is.
    pub(crate) fn judged(&self, operations: &[Operation], judgement: &Judgement) -> Vec<(ClauseId, Judged)> {
        let Some(mismatch) = judgement.mismatches.first() else { return Vec::new() };
        let Blamed { clauses, likely, first } = self.of(operations, mismatch);
        let first = first.unwrap_or_else(|| FIRST.to_owned());
        let broken = |id| {
            let finding = Finding::new(Wrong::Mismatch(mismatch.clone()), first.clone());
            let findings = vec![Finding { likely: likely.clone(), ..finding }];
            (id, Judged { findings, ..Judged::default() })
        };
        clauses.into_iter().map(broken).collect()
    }

    /// Who is blamed: by what explains it, or else by what was seen.
    pub(crate) fn of(&self, operations: &[Operation], mismatch: &Mismatch) -> Blamed {
        if mismatch.kind == MismatchKind::Chosen {
            // What was done to it says nothing of what the service chose.
            return Blamed { clauses: vec![ClauseId::Ec2], likely: None, first: None };
        }
        let course = Course::of(self.model, &self.settings, operations);
        let causes = course.map(|course| course.diagnose(mismatch)).unwrap_or_default();
        if causes.is_empty() {
            return Blamed { clauses: self.observed(mismatch), likely: None, first: None };
        }
        let mut broken: Vec<ClauseId> = causes.iter().flat_map(|cause| cause.breaks.clone()).collect();
        broken.sort_unstable();
        broken.dedup();
        let first = causes.first().map(Cause::first);
        Blamed { clauses: broken, likely: Some(Cause::either(&causes)), first }
    }

    /// What a mismatch breaks by what was seen.
    fn observed(&self, mismatch: &Mismatch) -> Vec<ClauseId> {
        let is_view = self.contract.query(&mismatch.message).is_some_and(|query| query.is_view);
        match mismatch.kind {
            MismatchKind::Outcome => vec![ClauseId::Br6],
            MismatchKind::Chosen => vec![ClauseId::Ec2],
            MismatchKind::Unexplained => vec![ClauseId::Ec3],
            _ if is_view => vec![ClauseId::Qs5, ClauseId::Ec1],
            _ => vec![ClauseId::Ec1],
        }
    }
}
