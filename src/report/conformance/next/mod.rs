//! What to write next: which sections of a profile and which rules of a contract would let an examination judge what it left open.

mod advice;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use self::advice::Advice;
use crate::clause::{self, Clause, Level, Need};
use crate::conform::{ClauseVerdict, lack};
use crate::protocol::{Capability, ClauseId};

/// Reasons of open clauses are shown up to so many characters.
const SHOWN: usize = 400;

/// What is read of the JSON report of an examination.
#[derive(Deserialize)]
struct Examined {
    subject: Subject,
    began: String,
    result: String,
    interrupted: bool,
    clauses: Vec<Judged>,
    again: String,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    contract: String,
    claimed: Vec<String>,
}

#[derive(Deserialize)]
struct Judged {
    id: String,
    verdict: String,
    reason: Option<String>,
    evidence: Vec<Counted>,
}

#[derive(Deserialize)]
struct Counted {
    of: String,
    count: u32,
    least: u32,
}

/// The report is none of an examination. Holds why, in words of the JSON reader.
#[derive(Debug, thiserror::Error)]
#[error("it is no JSON report of `proofmark conform`: {0}")]
pub struct NoExamination(#[from] serde_json::Error);

/// What of an examination is open, by what would decide it: what decides most clauses comes first, and MUSTs before all others.
///
/// `report` is the JSON report of the examination (`--report json=FILE`).
///
/// # Errors
/// If the report is none of an examination.
pub fn next(report: &str) -> Result<String, NoExamination> {
    let examined: Examined = serde_json::from_str(report)?;
    let mut told = format!(
        "{}, by the contract {}, as examined at {}: {}\n",
        examined.subject.name, examined.subject.contract, examined.began, examined.result
    );
    if examined.interrupted {
        told.push_str("It was stopped before its end, so more may be open here than there has to be.\n");
    }
    let broken: Vec<&str> = examined.of(ClauseVerdict::Fail).map(|judged| &*judged.id).collect();
    if !broken.is_empty() {
        let _ = writeln!(told, "\nBroken, and to be mended first: {}", broken.join(" "));
        let _ = writeln!(told, "  {} --clause {}", examined.again, broken.join(","));
    }
    let steps = examined.steps();
    if steps.is_empty() {
        told.push_str("\nNothing is open that a profile or a contract could decide.\n");
        return Ok(told);
    }
    for (advice, clauses) in steps {
        let _ = write!(told, "\n{}: {}\n  {}\n", advice.place, ClauseId::line(&clauses.ids()), advice.what);
        for line in advice.lines.lines() {
            let _ = writeln!(told, "{}", format!("    {line}").trim_end());
        }
        for reason in clauses.reasons {
            let _ = writeln!(told, "  open: {}", crate::value::inert_within(reason, SHOWN));
        }
    }
    let _ = writeln!(told, "\n`proofmark explain {}` says what a clause promises.", examined.first_open());
    Ok(told)
}

/// A section of a target profile that claims a capability, to begin with; `QUERY` in it stands for the name of a query.
pub fn section_for(capability: Capability) -> &'static str {
    Advice::on_claim(capability).lines
}

/// The clauses that one step would decide.
#[derive(Default)]
struct Decides<'a> {
    clauses: BTreeSet<(usize, ClauseId)>,
    musts: usize,
    /// Why they are open, where that is more than that nothing is claimed.
    reasons: BTreeSet<&'a str>,
}

impl Decides<'_> {
    fn ids(&self) -> Vec<ClauseId> {
        self.clauses.iter().map(|(_, id)| *id).collect()
    }
}

impl Examined {
    fn of(&self, verdict: ClauseVerdict) -> impl Iterator<Item = &Judged> {
        self.clauses.iter().filter(move |judged| judged.verdict == verdict.word())
    }

    /// Each step, with what it would decide.
    fn steps(&self) -> Vec<(Advice, Decides<'_>)> {
        let mut steps: BTreeMap<Advice, Decides<'_>> = BTreeMap::new();
        for (at, judged) in self.clauses.iter().enumerate() {
            // A clause of another version is none that can be advised on.
            let Ok(id) = judged.id.parse::<ClauseId>() else { continue };
            let clause = clause::of(id);
            for advice in self.advice(clause, judged) {
                let decides = steps.entry(advice).or_default();
                decides.clauses.insert((at, id));
                decides.musts += usize::from(clause.level == Level::Must);
                if judged.verdict == ClauseVerdict::Inconclusive.word() {
                    decides.reasons.extend(judged.reason.as_deref());
                }
            }
        }
        let mut steps: Vec<_> = steps.into_iter().collect();
        // What an examination was asked for and did not decide comes before what the service never claimed.
        steps.sort_by_key(|(_, decides)| {
            std::cmp::Reverse((!decides.reasons.is_empty(), decides.musts, decides.clauses.len()))
        });
        steps
    }

    fn advice(&self, clause: &'static Clause, judged: &Judged) -> Vec<Advice> {
        let is = |verdict: ClauseVerdict| judged.verdict == verdict.word();
        if is(ClauseVerdict::NotClaimed) {
            let claims = clause.needs.iter().filter(|need| matches!(need, Need::Capability(_)));
            return claims.filter_map(|need| self.lacking(*need)).collect();
        }
        if is(ClauseVerdict::NotBinding) {
            let lacks = |need: &&Need| match need {
                Need::Matter(matter) => judged.reason.as_deref() == Some(&*matter.lacking()),
                Need::Capability(_) | Need::Wire => false,
            };
            return clause
                .needs
                .iter()
                .find(lacks)
                .and_then(|need| self.lacking(*need))
                .into_iter()
                .collect();
        }
        if is(ClauseVerdict::NotAllowed) {
            return vec![Advice::ALLOWED];
        }
        if !is(ClauseVerdict::Inconclusive) {
            return Vec::new();
        }
        let reason = judged.reason.as_deref().unwrap_or_default();
        let known = lack::ALL.into_iter().filter(|lack| reason.contains(lack));
        let mut all: Vec<Advice> = known.filter_map(Advice::on_cases).collect();
        if all.is_empty() {
            let short = clause.least.iter().filter(|least| judged.is_short_of(least.of.words()));
            all.extend(short.map(|least| Advice::on_evidence(least.of)));
        }
        if all.is_empty() {
            all.push(Advice::LONGER);
        }
        all
    }

    /// What would give a clause what it needs, unless it is there.
    fn lacking(&self, need: Need) -> Option<Advice> {
        match need {
            Need::Capability(capability) => (!self.claims(capability)).then(|| Advice::on_claim(capability)),
            Need::Wire => None,
            Need::Matter(matter) => Some(Advice::on_matter(matter)),
        }
    }

    fn claims(&self, capability: Capability) -> bool {
        self.subject.claimed.iter().any(|claimed| claimed == capability.name())
    }

    fn first_open(&self) -> &str {
        let open = self.clauses.iter().find(|judged| judged.verdict == ClauseVerdict::Inconclusive.word());
        open.or(self.clauses.first()).map_or("EC-1", |judged| &*judged.id)
    }
}

impl Judged {
    fn is_short_of(&self, unit: &str) -> bool {
        let counted = self.evidence.iter().find(|counted| counted.of == unit);
        counted.is_none_or(|counted| counted.count < counted.least)
    }
}

#[cfg(test)]
mod tests;
