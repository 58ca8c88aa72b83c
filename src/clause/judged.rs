//! What a check makes of a case.

use std::sync::Arc;

use super::Unit;
use crate::judge::{Judgement, Mismatch};
use crate::protocol::{ClauseId, Verdict};

/// What a check makes of a case.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Judged {
    /// What speaks for the clause: so much of that.
    pub counted: Vec<(Unit, u32)>,
    /// How it is broken.
    pub findings: Vec<Finding>,
    /// What is wrong in it, and not this clause's to tell.
    pub asides: Vec<SetAside>,
    /// Why it decides nothing.
    pub doubts: Vec<String>,
    /// What has to be alike in all cases.
    pub notes: Vec<Note>,
}

impl Judged {
    /// Whether the case says nothing of the clause, neither for it nor against it.
    pub fn is_nothing(&self) -> bool {
        self.counted.iter().all(|(_, count)| *count == 0)
            && self.findings.is_empty()
            && self.asides.is_empty()
            && self.doubts.is_empty()
    }
}

/// What a case says of something that has to be alike in all of them, where one case alone decides nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Note {
    /// What it is said of.
    pub about: String,
    /// What is said.
    pub says: &'static str,
    /// How the clause is broken if another case, or this one, says something else of it.
    pub otherwise: Finding,
}

/// How a clause is broken.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// What is wrong.
    pub wrong: Wrong,
    /// The first thing to look at.
    pub first: String,
    /// What of the case shows it.
    pub shows: Shows,
    /// What else shows it, a sentence each.
    pub more: Vec<String>,
    /// Whether it is so whatever else is wrong: what was answered shows it by itself.
    pub certain: bool,
    /// In so many cases it has to be seen before it is more than chance.
    pub takes: u64,
    /// The query whose answers are wrong, where it is a matter of one.
    pub about: Option<Arc<str>>,
    /// What would explain it, in a sentence without a full stop, where that is known.
    pub likely: Option<String>,
}

impl Finding {
    /// All of a case shows that this is wrong.
    pub fn new(wrong: Wrong, first: impl Into<String>) -> Self {
        let about = wrong.query();
        let (shows, more, first) = (Shows::Whole, Vec::new(), first.into());
        Self { wrong, first, shows, more, certain: false, takes: 1, about, likely: None }
    }
}

/// What of a case shows that a clause is broken. A mismatch shows itself with all that it needs, and no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shows {
    /// All of it.
    Whole,
    /// What was done before the operation at this place.
    Until(usize),
    /// The operations at these places.
    Operations(Vec<usize>),
    /// What was done besides, at this place of the deeds.
    Deed(usize),
}

/// What is wrong in a case.
#[derive(Clone, PartialEq, Debug)]
pub enum Wrong {
    /// In a sentence without a full stop. The whole case shows it.
    Said(String),
    /// What the judge says of one operation.
    Mismatch(Mismatch),
}

impl Wrong {
    /// The query whose answer is wrong, where it is one.
    pub fn query(&self) -> Option<Arc<str>> {
        match self {
            Self::Mismatch(mismatch) if mismatch.is_read() => Some(mismatch.message.clone()),
            _ => None,
        }
    }
}

/// Evidence in which something is wrong that is not this clause's to tell.
#[derive(Clone, PartialEq, Debug)]
pub struct SetAside {
    /// Why it is set aside, in a clause without a full stop.
    pub why: &'static str,
    /// What is wrong.
    pub wrong: Wrong,
    /// It is explained if one of these clauses is broken; where it is a read that is wrong and the clause is about reads, only if that is so in
    /// what the same query answers.
    pub explained_by: &'static [ClauseId],
}

/// What explains that something is wrong where commands come one by one.
pub(crate) const ONE_BY_ONE: &[ClauseId] = &[
    ClauseId::Br1,
    ClauseId::Br3,
    ClauseId::Br6,
    ClauseId::Ch1,
    ClauseId::Ec1,
    ClauseId::Ec3,
    ClauseId::Ec5,
    ClauseId::Oc4,
    ClauseId::Qs5,
];

/// Why evidence is set aside that nothing explains which the clause is about.
const UNEXPLAINED: &str = "reads at rest show what no way to do these commands leads to";
/// Why evidence is set aside that could not be judged.
const UNDECIDED: &str = "what came of the commands could not be decided";

impl Judged {
    /// Whether something in the case is not as it must be, whoever has to tell it.
    pub fn is_wrong(&self) -> bool {
        let wrong = |aside: &SetAside| matches!(aside.wrong, Wrong::Mismatch(_));
        !self.findings.is_empty() || self.asides.iter().any(wrong)
    }

    /// Something more speaks for the clause.
    pub fn count(&mut self, unit: Unit) {
        self.counted.push((unit, 1));
    }

    /// The clause is broken, and all of the case shows it.
    pub fn broken(&mut self, wrong: impl Into<String>, first: &str) {
        self.broken_as(wrong, Shows::Whole, Vec::new(), first);
    }

    /// The same; what was done before the place `until` shows it.
    pub fn broken_by_then(&mut self, until: usize, wrong: impl Into<String>, first: &str) {
        self.broken_as(wrong, Shows::Until(until), Vec::new(), first);
    }

    /// The same; so much of it shows it, and these sentences behind that.
    pub fn broken_as(&mut self, wrong: impl Into<String>, shows: Shows, more: Vec<String>, first: &str) {
        let finding = Finding::new(Wrong::Said(wrong.into()), first);
        self.findings.push(Finding { shows, more, ..finding });
    }

    /// The same, whatever else is wrong.
    pub fn certainly_broken(&mut self, wrong: impl Into<String>, shows: Shows, first: &str) {
        self.certainly_broken_as(wrong, shows, Vec::new(), first);
    }

    /// The same, and these sentences behind that.
    pub fn certainly_broken_as(
        &mut self,
        wrong: impl Into<String>,
        shows: Shows,
        more: Vec<String>,
        first: &str,
    ) {
        let finding = Finding::new(Wrong::Said(wrong.into()), first);
        self.findings.push(Finding { shows, more, certain: true, ..finding });
    }

    /// The same, by what this query answered.
    pub fn broken_in(&mut self, query: &Arc<str>, until: usize, wrong: impl Into<String>, first: &str) {
        let finding = Finding::new(Wrong::Said(wrong.into()), first);
        let (shows, about) = (Shows::Until(until), Some(query.clone()));
        self.findings.push(Finding { shows, about, ..finding });
    }

    /// The same, where one case alone may be chance.
    pub fn broken_often_in(
        &mut self,
        query: &Arc<str>,
        until: usize,
        wrong: impl Into<String>,
        (first, takes): (&str, u64),
    ) {
        self.broken_in(query, until, wrong, first);
        self.findings.last_mut().into_iter().for_each(|finding| finding.takes = takes);
    }

    /// The clause is broken, as the judge says.
    pub fn broken_by(&mut self, mismatch: &Mismatch, first: &str) {
        self.findings.push(Finding::new(Wrong::Mismatch(mismatch.clone()), first));
    }

    /// What was seen is not as it must be, and the clause does not say why: evidence for something else, or for nothing. Says
    /// whether it is so.
    pub fn is_set_aside(&mut self, judgement: &Judgement) -> bool {
        if let Some(mismatch) = judgement.mismatches.first() {
            self.aside(UNEXPLAINED, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        } else if let Some(undecided) = judgement.undecided.first() {
            self.aside(UNDECIDED, Wrong::Said(undecided.why.clone()), &[]);
        } else {
            return judgement.verdict() != Verdict::Pass;
        }
        true
    }

    /// Sets evidence aside.
    pub fn aside(&mut self, why: &'static str, wrong: Wrong, explained_by: &'static [ClauseId]) {
        self.asides.push(SetAside { why, wrong, explained_by });
    }
}
