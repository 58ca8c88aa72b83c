//! What the race has to do with it: how often something is wrong in the cases of an experiment, and how often where nobody else is there and
//! its commands come one by one.

use std::collections::VecDeque;

/// The cases of an experiment that races, and those that went the same course alone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Pool {
    /// All that raced.
    cases: u64,
    /// Those in which something was wrong that the race may have done.
    wrong: u64,
    /// Controls that were tried with the target for themselves, and those that say something.
    tried: u64,
    alone: u64,
    /// Those of them in which something was wrong as well.
    dirty: u64,
    /// The latest of those that were wrong: the number in the experiment, and in the history.
    latest: VecDeque<(u64, u64)>,
}

/// A race may make something wrong that is wrong by chance anyway. Up to so many times more often than without the race it is chance.
const AS_OFTEN: u64 = 3;
/// What comes in one of `n` cases by chance stays away from `3 n` others with a probability of one in twenty (the "rule of three": Hanley &
/// Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249(13), 1983).
const TIMES: u64 = 3;
/// Controls at most.
const MOST: u64 = 40;
/// Cases whose course controls go.
const COURSES: usize = 8;

/// What a control does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Turn {
    /// The case whose course it goes: its number in the experiment, and in the history.
    pub(crate) number: u64,
    pub(crate) case: u64,
    /// Whether what raced comes the other way round, and what only shows what came of it is left out: whoever does something wrong every
    /// second time does it in another place then.
    pub(crate) otherwise: bool,
}

impl Pool {
    /// One more case raced.
    pub(super) fn raced(&mut self, wrong: Option<(u64, u64)>) {
        self.cases += 1;
        if let Some(case) = wrong {
            self.wrong += 1;
            self.latest.push_back(case);
            if self.latest.len() > COURSES {
                self.latest.pop_front();
            }
        }
    }

    /// One more control had the target for itself: whether something was wrong in it, where it says so.
    pub(super) fn alone(&mut self, dirty: Option<bool>) {
        self.tried += 1;
        self.alone += u64::from(dirty.is_some());
        self.dirty += u64::from(dirty == Some(true));
    }

    /// What the next control does; nothing where there are enough.
    pub(super) fn next(&self) -> Option<Turn> {
        let many = self.alone >= self.enough() || self.tried >= MOST || self.is_chance();
        let turn = usize::try_from(self.tried).unwrap_or(0).checked_rem(self.latest.len())?;
        let (number, case) = self.latest.get(turn).copied().filter(|_| !many)?;
        Some(Turn { number, case, otherwise: self.tried % 2 == 1 })
    }

    /// So many controls tell chance from the race.
    fn enough(&self) -> u64 {
        if self.wrong == 0 { 0 } else { (TIMES * self.cases).div_ceil(self.wrong) }
    }

    /// Whether what is wrong in its cases is about as often wrong without the race: then that has nothing to do with it.
    pub(super) fn is_chance(&self) -> bool {
        self.dirty > 0 && AS_OFTEN * self.dirty * self.cases >= self.wrong * self.alone
    }

    /// Whether something is wrong in its cases, and none of them was gone through without the race.
    pub(super) fn is_untried(&self) -> bool {
        self.wrong > 0 && self.alone == 0
    }

    /// What that tells, in a sentence without a full stop; nothing where nothing was tried alone.
    pub(super) fn told(&self) -> Option<String> {
        let Self { cases, wrong, alone, dirty, .. } = self;
        let races = format!("wrong in {wrong} of {cases} races");
        match (alone, dirty) {
            (0, _) => None,
            (_, 0) if *alone >= self.enough() => Some(format!(
                "the race: {races}, and in none of {alone} cases in which the same came one by one, alone"
            )),
            (_, 0) => Some(format!(
                "the race or chance: {races}, and in none of {alone} cases in which the same came one by one, alone, where {} \
                 would tell",
                self.enough()
            )),
            _ => Some(format!(
                "the race: {races}, and in {dirty} of {alone} cases in which the same came one by one, alone"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(cases: u64, wrong: u64, alone: u64, dirty: u64) -> Pool {
        Pool { cases, wrong, tried: alone, alone, dirty, latest: VecDeque::from([(4, 40), (6, 60)]) }
    }

    #[test]
    fn what_is_wrong_as_often_without_the_race_is_chance() {
        for (cases, wrong, alone, dirty, chance) in [
            (90, 45, 6, 3, true),
            (90, 90, 3, 3, true),
            (90, 9, 20, 1, true),
            // Nearly always in races, and otherwise one time in ten.
            (90, 80, 10, 1, false),
            (90, 1, 40, 0, false),
            (90, 90, 3, 0, false),
        ] {
            assert_eq!(
                pool(cases, wrong, alone, dirty).is_chance(),
                chance,
                "{cases} {wrong} {alone} {dirty}"
            );
        }
    }

    #[test]
    fn as_many_are_tried_alone_as_it_takes_to_tell_chance_from_the_race() {
        let turn = |number, otherwise| Some(Turn { number, case: 10 * number, otherwise });
        assert_eq!(pool(90, 90, 2, 0).next(), turn(4, false), "courses take turns");
        assert_eq!(pool(90, 90, 1, 0).next(), turn(6, true));
        assert_eq!(pool(90, 90, 3, 0).next(), None);
        assert_eq!(pool(90, 10, 26, 0).next(), turn(4, false));
        assert_eq!(pool(90, 10, 27, 0).next(), None);
        assert_eq!(pool(90, 1, 40, 0).next(), None, "not for ever");
        assert_eq!(pool(90, 10, 1, 1).next(), None, "it is known");
        assert_eq!(Pool::default().next(), None, "nothing is wrong");
    }

    #[test]
    fn it_says_what_that_tells() {
        assert_eq!(pool(90, 90, 0, 0).told(), None);
        let told = pool(90, 45, 6, 0).told().expect("it was tried");
        assert!(told.starts_with("the race: wrong in 45 of 90 races, and in none of 6"), "{told}");
        let told = pool(90, 1, 40, 0).told().expect("it was tried");
        assert!(told.starts_with("the race or chance: ") && told.ends_with("where 270 would tell"), "{told}");
    }

    #[test]
    fn cases_are_counted() {
        let mut pool = Pool::default();
        for number in 0..20 {
            pool.raced((number % 2 == 0).then_some((number, number)));
        }
        for dirty in [Some(true), Some(false), None] {
            pool.alone(dirty);
        }
        assert_eq!((pool.cases, pool.wrong, pool.latest.len()), (20, 10, COURSES));
        assert_eq!((pool.tried, pool.alone, pool.dirty), (3, 2, 1));
    }
}
