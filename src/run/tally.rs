//! What several racers brought, counted: `exactly 1 of a, b accepted; others rejected X`.
//!
//! An unknown outcome may be either, so each count is a range. What holds at both of its ends holds; what holds at
//! neither is broken; anything else can't be decided.

use std::fmt::Write as _;

use super::course::{Course, Stopped};
use super::submit::{is_unknown, is_unnamed};
use super::{Finding, Sent};
use crate::language::syntax::{Condition, Ident, Outcomes, Share, Tally};
use crate::protocol::{Outcome, Rejection, Verdict};
use crate::text::Span;
use crate::value::inert_within;

impl Course<'_> {
    /// Holds a race's outcomes against what is said of them.
    pub(super) fn tally(&self, tally: &Tally, span: Span) -> Result<(), Stopped> {
        let Some(sent) = self.racers_called(&tally.of) else { return Ok(()) };
        let mut count = Count::default();
        for sent in &sent {
            if is_unknown(&sent.outcome) {
                count.unknown += 1;
            } else if meets(&sent.outcome, &tally.brought) {
                count.brought += 1;
            } else if tally.others.as_ref().is_some_and(|others| !meets(&sent.outcome, others)) {
                count.strangers += 1;
            } else {
                count.others += 1;
            }
        }
        let verdict = count.judge(tally.share, tally.others.is_some());
        if verdict == Verdict::Pass {
            return Ok(());
        }
        let came = summary(sent.iter().map(|sent| &sent.outcome));
        let (what, place) = if verdict == Verdict::Inconclusive {
            (format!("an unknown outcome leaves this open: {came}"), span)
        } else if count.strangers > 0 && count.share(tally.share) != Verdict::Fail {
            let place = tally.others.as_ref().map_or(span, |others| others.span);
            (format!("the others were to be {}: {came}", expected(tally.others.as_ref())), place)
        } else {
            (format!("of these racers {}, expected: {}", came, wanted(tally)), span)
        };
        let mut finding = Finding::new(verdict, place, what).label(came);
        if let Some(unnamed) = sent.iter().find(|sent| verdict == Verdict::Fail && is_unnamed(&sent.outcome))
        {
            let wanted = [Some(&tally.brought), tally.others.as_ref()];
            let codes = wanted.into_iter().flatten().find_map(|outcomes| outcomes.rejected.as_deref());
            finding = self.unnamed(finding, unnamed, codes.unwrap_or_default());
        }
        Err(Box::new(finding))
    }

    /// Whether a conditional step is to be done.
    pub(super) fn applies(&self, condition: &Condition) -> Result<bool, Stopped> {
        let Some(sent) = self.racers_called(std::slice::from_ref(&condition.racer)) else { return Ok(false) };
        if sent.iter().any(|sent| is_unknown(&sent.outcome)) {
            let what =
                format!("the outcome of `{}` is unknown, and this step rests on it", condition.racer.text);
            return Err(Box::new(Finding::new(Verdict::Inconclusive, condition.brought.span, what)));
        }
        Ok(sent.iter().all(|sent| meets(&sent.outcome, &condition.brought)))
    }

    /// The commands that names stand for; `None` if one of them was left out.
    fn racers_called(&self, names: &[Ident]) -> Option<Vec<&Sent>> {
        let mut called = Vec::new();
        for name in names {
            let same = |known: &Ident| known.text == name.text && known.is_decorated() == name.is_decorated();
            let (_, indices) = self.racers.iter().find(|(known, _)| same(known))?;
            called.extend(indices.iter().filter_map(|index| self.sent.get(*index)));
        }
        Some(called)
    }
}

/// How many racers brought what.
#[derive(Clone, Copy, Default, Debug)]
struct Count {
    /// What is counted.
    brought: usize,
    /// Something else that will do.
    others: usize,
    /// Something else that will not do.
    strangers: usize,
    /// Nobody knows.
    unknown: usize,
}

impl Count {
    fn judge(self, share: Share, speaks_of_others: bool) -> Verdict {
        if self.strangers > 0 {
            return Verdict::Fail;
        }
        match self.share(share) {
            // One whose outcome is unknown may be one of the others, and not as they were to be.
            Verdict::Pass if speaks_of_others && self.unknown > 0 => Verdict::Inconclusive,
            verdict => verdict,
        }
    }

    /// The verdict on the count alone.
    fn share(self, share: Share) -> Verdict {
        let (least, most) = (self.brought, self.brought + self.unknown);
        let all = most + self.others + self.strangers;
        let (low, high) = match share {
            Share::All => (all, all),
            Share::Exactly(count) => (count, count),
            Share::AtLeast(count) => (count, all),
            Share::AtMost(count) => (0, count),
        };
        if most < low || least > high {
            Verdict::Fail
        } else if least >= low && most <= high {
            Verdict::Pass
        } else {
            Verdict::Inconclusive
        }
    }
}

fn meets(outcome: &Outcome, brought: &Outcomes) -> bool {
    match outcome {
        Outcome::Accepted(_) => brought.accepted,
        Outcome::Rejected(Rejection { code, .. }) => brought.rejected.as_ref().is_some_and(|codes| {
            codes.is_empty()
                || code.as_ref().is_some_and(|code| codes.iter().any(|known| *known.text == **code))
        }),
        Outcome::Unknown(_) | Outcome::NotSent(_) => false,
    }
}

fn wanted(tally: &Tally) -> String {
    let share = match tally.share {
        Share::All => "all".to_owned(),
        Share::Exactly(count) => format!("exactly {count}"),
        Share::AtLeast(count) => format!("at least {count}"),
        Share::AtMost(count) => format!("at most {count}"),
    };
    format!("{share} {}", expected(Some(&tally.brought)))
}

/// Outcomes as a scenario writes them.
fn expected(outcomes: Option<&Outcomes>) -> String {
    let Some(outcomes) = outcomes else { return String::new() };
    let rejected = outcomes.rejected.as_ref().map(|codes| {
        let codes: Vec<_> = codes.iter().map(|code| &*code.text).collect();
        format!("rejected {}", codes.join(" | ")).trim_end().to_owned()
    });
    match (outcomes.accepted, rejected) {
        (true, Some(rejected)) => format!("accepted or {rejected}"),
        (true, None) => "accepted".into(),
        (false, rejected) => rejected.unwrap_or_default(),
    }
}

/// Outcomes, counted: `37× accepted, 3× rejected ConcurrencyConflict`. In the order in which they came first.
pub fn summary<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for outcome in outcomes {
        let kind = match outcome {
            Outcome::Accepted(_) => "accepted".to_owned(),
            Outcome::Rejected(Rejection { code: Some(code), .. }) => {
                format!("rejected {}", inert_within(code, 80))
            }
            Outcome::Rejected(_) => "rejected without a name".into(),
            Outcome::Unknown(_) => "unknown".into(),
            Outcome::NotSent(_) => "not sent".into(),
        };
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((kind, 1)),
        }
    }
    let mut words = String::new();
    for (kind, count) in counts {
        let comma = if words.is_empty() { "" } else { ", " };
        let _ = write!(words, "{comma}{count}× {kind}");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Count, Share, Verdict};

    /// Every way in which the unknown outcomes may turn out.
    fn by_trying(count: Count, share: Share) -> Verdict {
        let all = count.brought + count.others + count.unknown;
        let holds = |brought| match share {
            Share::All => brought == all,
            Share::Exactly(wanted) => brought == wanted,
            Share::AtLeast(wanted) => brought >= wanted,
            Share::AtMost(wanted) => brought <= wanted,
        };
        let mut ways = (0..=count.unknown).map(|more| holds(count.brought + more));
        match (ways.clone().all(|holds| holds), ways.any(|holds| holds)) {
            (true, _) => Verdict::Pass,
            (false, true) => Verdict::Inconclusive,
            (false, false) => Verdict::Fail,
        }
    }

    #[test]
    fn counts_are_judged_as_if_every_outcome_had_been_tried() {
        for (brought, others, unknown) in (0..64).map(|bits: usize| (bits % 4, bits / 4 % 4, bits / 16 % 4)) {
            let count = Count { brought, others, strangers: 0, unknown };
            for wanted in 0..10 {
                for share in
                    [Share::All, Share::Exactly(wanted), Share::AtLeast(wanted), Share::AtMost(wanted)]
                {
                    assert_eq!(count.judge(share, false), by_trying(count, share), "{count:?} {share:?}");
                }
            }
        }
    }

    #[test]
    fn one_that_brought_what_nobody_may_is_enough() {
        let count = Count { brought: 1, strangers: 1, unknown: 1, others: 0 };
        assert_eq!(count.judge(Share::Exactly(1), true), Verdict::Fail);
    }

    #[test]
    fn an_unknown_one_may_be_one_of_the_others() {
        let count = Count { brought: 1, strangers: 0, unknown: 1, others: 0 };
        assert_eq!(count.judge(Share::AtLeast(1), true), Verdict::Inconclusive);
        assert_eq!(count.judge(Share::AtLeast(1), false), Verdict::Pass);
    }
}
