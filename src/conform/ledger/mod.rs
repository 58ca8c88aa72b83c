//! What is known of each clause while an examination goes on, and what all of it proves in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::beside::Explained;
use super::pool::{Pool, Turn};
use super::{ClauseResult, Counterexample, Stand};
use crate::clause::{Clause, Finding, Judged, Level, Note, ONE_BY_ONE, SetAside, Unit, Wrong};
use crate::protocol::ClauseId;

/// Counterexamples of one clause that are told; further ones are only counted.
const TOLD: usize = 5;

/// The evidence of an examination, clause by clause, as it comes in. Shared by all that gather it.
#[derive(Debug, Default)]
pub struct Ledger {
    accounts: Mutex<BTreeMap<ClauseId, Tally>>,
    /// What races, by class.
    pools: Mutex<BTreeMap<RaceClass, Pool>>,
}

/// What races are compared by: those of one experiment between the same kinds of commands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct RaceClass {
    /// The experiment.
    pub(crate) experiment: Arc<str>,
    /// The commands that raced, in the order of their names.
    pub(crate) commands: Vec<Arc<str>>,
}

/// How a clause was seen broken in races.
#[derive(Clone, Debug, Default)]
struct Raced {
    times: u64,
    /// The first few.
    examples: Vec<Counterexample>,
}

/// Why a finding is set aside that chance brings about, or something that is always so.
const WITHOUT: &str = "what is wrong in races is wrong without them, too";
/// Why one is set aside that may be so, where something is wrong without a race: nothing explains it, and nobody is convicted of it.
const UNTRIED: &str = "what is wrong in races may be wrong without them, too, and no time was left to see";

/// What is known of one clause so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The evidence: how much of what.
    pub evidence: BTreeMap<Unit, u32>,
    /// How often it was seen broken.
    pub broken: u64,
    /// How, for the first few.
    pub counterexamples: Vec<Counterexample>,
    /// Why evidence could not be had, or decides nothing.
    pub doubts: Vec<String>,
    /// The queries whose answers broke it; nothing stands for what is no matter of one.
    pub about: BTreeSet<Option<Arc<str>>>,
    /// How often it was seen broken in a way that may be chance.
    pub seldom: u64,
    /// What of the evidence was set aside.
    pub asides: Vec<Aside>,
    /// What has to be alike in all cases, and what the first one said of it.
    pub notes: BTreeMap<String, &'static str>,
    /// Cases of experiments that were judged for it.
    pub cases: u64,
    /// Those that came to nothing, by why.
    pub nothing: BTreeMap<&'static str, Nothing>,
    /// How it was seen broken in races, which have controls.
    raced: BTreeMap<RaceClass, Raced>,
}

/// Cases that came to nothing for one reason.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nothing {
    /// How many.
    pub times: u64,
    /// What it was the first time, where there is more to say than the reason.
    pub first: Option<String>,
}

/// Evidence in which something was wrong that is not this clause's to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aside {
    /// Why it was, in a clause without a full stop.
    pub why: &'static str,
    /// What was wrong the first time; nothing where that is not known.
    pub first: String,
    /// How often.
    pub times: u64,
    /// It is explained if one of these clauses is broken, in what it is about.
    pub explained_by: &'static [ClauseId],
    /// The query whose answers were wrong, where it was a read.
    pub about: Option<Arc<str>>,
}

impl Ledger {
    /// Takes note of evidence: `count` more of `unit`, none of which breaks the clause.
    pub fn count(&self, id: ClauseId, unit: Unit, count: u32) {
        self.change(id, |tally| {
            let sum = tally.evidence.entry(unit).or_default();
            *sum = sum.saturating_add(count);
        });
    }

    /// Takes note of what a check made of a case, and brings how the clause is broken, which is somebody else's to tell. `says` puts
    /// into words what was set aside.
    pub(crate) fn note(&self, id: ClauseId, judged: Judged, says: impl Fn(&Wrong) -> String) -> Vec<Finding> {
        for (unit, count) in judged.counted {
            self.count(id, unit, count);
        }
        for why in judged.doubts {
            self.doubt(id, why);
        }
        for aside in judged.asides {
            self.set_aside(id, &aside, &says(&aside.wrong));
        }
        let compared = self.compare(id, judged.notes);
        let findings = judged.findings.into_iter().chain(compared);
        findings.filter(|finding| self.is_enough(id, finding, &says)).collect()
    }

    /// Whether what may be chance once was seen as often as it takes.
    fn is_enough(&self, id: ClauseId, finding: &Finding, says: impl Fn(&Wrong) -> String) -> bool {
        let mut times = 0;
        self.change(id, |tally| {
            times = if finding.takes > 1 { tally.seldom + 1 } else { finding.takes };
            tally.seldom = if finding.takes > 1 { times } else { tally.seldom };
        });
        let enough = times >= finding.takes;
        if !enough {
            let (wrong, takes) = (says(&finding.wrong), finding.takes);
            self.doubt(id, format!("{wrong}, and it takes {takes} such cases to tell that from chance"));
        }
        enough
    }

    /// The clause was seen broken.
    pub fn broken(&self, id: ClauseId, example: Counterexample) {
        self.change(id, |tally| {
            tally.broken += 1;
            tally.tells(example);
        });
    }

    /// The clause was seen broken in a race: that counts unless it is as often broken where nobody races. Without an example it is told
    /// already.
    fn broken_in_race(&self, class: &RaceClass, id: ClauseId, example: Option<Counterexample>) {
        self.change(id, |tally| {
            let raced = tally.raced.entry(class.clone()).or_default();
            raced.times += 1;
            if let Some(example) = example {
                keep(&mut raced.examples, example);
            }
        });
    }

    /// The clause was seen broken in a case, which may have been a race. Without an example it is told already.
    pub(crate) fn found(&self, id: ClauseId, class: Option<&RaceClass>, example: Option<Counterexample>) {
        match (class, example) {
            (Some(class), example) => self.broken_in_race(class, id, example),
            (None, Some(example)) => self.broken(id, example),
            (None, None) => self.change(id, |tally| tally.broken += 1),
        }
    }

    /// A race was gone through. Of one in which something was wrong: its numbers, in the experiment and in the history.
    pub(crate) fn raced(&self, class: &RaceClass, wrong: Option<(u64, u64)>) {
        self.pools().entry(class.clone()).or_default().raced(wrong);
    }

    /// The same was done one by one, with nobody else there: whether something was wrong, where that says something.
    pub(crate) fn alone(&self, class: &RaceClass, dirty: Option<bool>) {
        self.pools().entry(class.clone()).or_default().alone(dirty);
    }

    /// The next race whose course is to be gone one by one, with nobody else there; nothing where enough were.
    pub(crate) fn next_alone(&self) -> Option<(RaceClass, Turn)> {
        self.pools().iter().find_map(|(class, pool)| Some((class.clone(), pool.next()?)))
    }

    /// Why what is wrong in races is not told as their doing: it is so without them, or may be, and something that is wrong without a race is
    /// told under a clause that it breaks there. No finding gets lost.
    fn acquits(&self, pool: &Pool) -> Option<(&'static str, &'static [ClauseId])> {
        let accounts = self.accounts();
        let told = ONE_BY_ONE.iter().any(|id| accounts.get(id).is_some_and(|tally| tally.broken > 0));
        match told {
            true if pool.is_chance() => Some((WITHOUT, ONE_BY_ONE)),
            true if pool.is_untried() => Some((UNTRIED, &[])),
            _ => None,
        }
    }

    fn pools(&self) -> MutexGuard<'_, BTreeMap<RaceClass, Pool>> {
        // Nothing that is done under the lock leaves it half done.
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clause was seen broken, and this tells best how: it comes before all others, however short they are.
    pub fn broken_above_all(&self, id: ClauseId, example: Counterexample) {
        self.change(id, |tally| {
            tally.broken += 1;
            tally.about.insert(example.about.clone());
            tally.counterexamples.insert(0, example);
            tally.counterexamples.truncate(TOLD);
        });
    }

    /// Evidence could not be had, or decides nothing.
    pub fn doubt(&self, id: ClauseId, why: impl fmt::Display) {
        let why = why.to_string();
        self.change(id, |tally| {
            if !tally.doubts.contains(&why) {
                tally.doubts.push(why);
            }
        });
    }

    /// A case of an experiment was judged for the clause. Where it came to nothing, `nothing` says why, and with which words of its own.
    pub fn tried(&self, id: ClauseId, nothing: Option<(&'static str, Option<String>)>) {
        self.change(id, |tally| {
            tally.cases += 1;
            if let Some((why, first)) = nothing {
                let known = tally.nothing.entry(why).or_insert(Nothing { times: 0, first });
                known.times += 1;
            }
        });
    }

    /// Evidence is set aside, since something is wrong in it that is not this clause's to tell, which is this in words. As long as nothing that
    /// explains it is broken, nobody knows what it is, and the clause can't pass.
    pub fn set_aside(&self, id: ClauseId, aside: &SetAside, wrong: &str) {
        let SetAside { why, explained_by, .. } = *aside;
        let about = aside.wrong.query();
        self.change(id, |tally| {
            let is_same = |known: &&mut Aside| {
                known.why == why && known.about == about && known.explained_by == explained_by
            };
            match tally.asides.iter_mut().find(is_same) {
                Some(known) => known.times += 1,
                None => {
                    let first = wrong.to_owned();
                    tally.asides.push(Aside { why, first, times: 1, explained_by, about });
                }
            }
        });
    }

    /// Compares what a case notes with what those before it did: brings how the clause is broken where they differ.
    fn compare(&self, id: ClauseId, notes: Vec<Note>) -> Vec<Finding> {
        let mut differ = Vec::new();
        self.change(id, |tally| {
            for Note { about, says, otherwise } in notes {
                if *tally.notes.entry(about).or_insert(says) != says {
                    differ.push(otherwise);
                }
            }
        });
        differ
    }

    /// What is known of a clause so far: of what was wrong in races, only where it is known whether they have to do with it.
    pub fn of(&self, id: ClauseId) -> Tally {
        self.with_races(id, |pool| pool.next().is_none())
    }

    /// The same, with what was wrong in those races of which `is_known` says so.
    fn with_races(&self, id: ClauseId, is_known: impl Fn(&Pool) -> bool) -> Tally {
        let mut tally = self.accounts().get(&id).cloned().unwrap_or_default();
        for (class, Raced { times, examples }) in std::mem::take(&mut tally.raced) {
            let pool = self.pools().get(&class).cloned().unwrap_or_default();
            if !is_known(&pool) {
                continue;
            }
            if let Some((why, explained_by)) = self.acquits(&pool) {
                let first = examples.first().map(|example| example.wrong.clone()).unwrap_or_default();
                match tally.asides.iter_mut().find(|aside| aside.why == why) {
                    Some(aside) => aside.times += times,
                    None => tally.asides.push(Aside { why, first, times, explained_by, about: None }),
                }
                continue;
            }
            tally.broken += times;
            for example in examples {
                let likely = example.likely.or_else(|| pool.told());
                tally.tells(Counterexample { likely, ..example });
            }
        }
        tally
    }

    /// What all of it proves of a clause that was tried.
    pub fn judge(&self, clause: &'static Clause) -> ClauseResult {
        let tally = self.with_races(clause.id, |_| true);
        let short = tally.why_short();
        let Tally { evidence, broken, counterexamples, doubts, asides, .. } = tally;
        let lacking =
            clause.least.iter().find(|least| evidence.get(&least.of).copied().unwrap_or(0) < least.count);
        let unexplained = |aside: &&Aside| self.explaining(aside).is_none();
        let stand = if clause.level == Level::May && broken > 0 {
            let seen = counterexamples.first().map_or("it was seen", |example| &*example.wrong);
            let stand = Stand::NotOffered(format!("{seen} ({})", times(broken)));
            return ClauseResult { clause, stand, evidence, counterexamples: Vec::new(), broken: 0 };
        } else if broken > 0 {
            Stand::Fail
        } else if let Some(least) = lacking {
            let had = evidence.get(&least.of).copied().unwrap_or(0);
            let why = std::iter::once(format!("{had} of at least {least}"));
            let asides = asides.iter().map(|aside| self.tell(aside));
            let mut said: Vec<String> = asides.chain(doubts).chain(short).collect();
            if said.is_empty() {
                said.push("all that was planned was tried, and brought no more".into());
            }
            Stand::Inconclusive(why.chain(said).collect::<Vec<_>>().join("; "))
        } else if asides.iter().any(|aside| unexplained(&aside)) {
            let asides = asides.iter().filter(unexplained).map(|aside| self.tell(aside));
            Stand::Inconclusive(asides.collect::<Vec<_>>().join("; "))
        } else if clause.level == Level::May {
            Stand::Offered
        } else {
            Stand::Pass
        };
        ClauseResult { clause, stand, evidence, counterexamples, broken }
    }

    /// What was set aside, and is explained.
    pub(super) fn explained(&self, id: ClauseId) -> Vec<Explained> {
        let asides = self.with_races(id, |_| true).asides;
        let explained = asides.into_iter().filter_map(|aside| {
            let by = self.explaining(&aside)?;
            Some(Explained { by, times: aside.times, first: format!("{}: {}", aside.why, aside.first) })
        });
        explained.collect()
    }

    fn tell(&self, aside: &Aside) -> String {
        let Aside { why, first, times, .. } = aside;
        let mut times = self::times(*times);
        if !first.is_empty() {
            times.push_str("; the first: ");
            times.push_str(first);
        }
        match self.explaining(aside) {
            Some(id) => format!("{why} ({times}; see {id})"),
            None if *why == UNTRIED => format!("{why} ({times})"),
            None => format!("{why} ({times}), and nothing that was found explains it"),
        }
    }

    fn explaining(&self, aside: &Aside) -> Option<ClauseId> {
        let is_about = |tally: &Tally| {
            aside.about.is_none() || tally.about.contains(&aside.about) || tally.about.contains(&None)
        };
        let broken = |id: &ClauseId| {
            let tally = self.with_races(*id, |_| true);
            tally.broken > 0 && (!id.is_of_reads() || is_about(&tally))
        };
        aside.explained_by.iter().copied().find(broken)
    }

    fn change(&self, id: ClauseId, change: impl FnOnce(&mut Tally)) {
        change(self.accounts().entry(id).or_default());
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<ClauseId, Tally>> {
        // Nothing that is done under the lock leaves it half done.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the smallest history first; of those of one size the same ones, in whatever order they came.
fn keep(examples: &mut Vec<Counterexample>, example: Counterexample) {
    let size = |example: &Counterexample| (example.story.len(), example.story.concat());
    let own = size(&example);
    let at = examples.partition_point(|other| size(other) <= own);
    examples.insert(at, example);
    examples.truncate(TOLD);
}

impl Tally {
    fn tells(&mut self, example: Counterexample) {
        self.about.insert(example.about.clone());
        keep(&mut self.counterexamples, example);
    }

    /// Why there is not more evidence, as far as cases of experiments tell: of those that came to nothing.
    fn why_short(&self) -> Option<String> {
        let mut reasons: Vec<_> = self.nothing.iter().collect();
        reasons.sort_by_key(|(_, nothing)| std::cmp::Reverse(nothing.times));
        let told = reasons.into_iter().map(|(why, nothing)| {
            let first =
                nothing.first.as_ref().map_or_else(String::new, |first| format!(" (the first: {first})"));
            format!("{} of {} cases came to nothing: {why}{first}", nothing.times, self.cases)
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

pub(super) fn times(times: u64) -> String {
    if times == 1 { "once".to_owned() } else { format!("{times} times") }
}

#[cfg(test)]
mod tests;
