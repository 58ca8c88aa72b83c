//! What chance has to do with it: whether something is wrong in the cases of an experiment as often without what they are about.

/// The cases of an experiment that has controls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Pool {
    /// All of them.
    cases: u64,
    /// Those in which something was wrong, each of which has a control.
    wrong: u64,
    /// Those of the controls in which something was wrong as well.
    dirty: u64,
}

/// A race may make something wrong that is wrong by chance anyway. Up to so many times more often than without the race it is chance.
const AS_OFTEN: u64 = 3;

impl Pool {
    /// One more case was gone through.
    pub(super) fn takes(&mut self, wrong: bool, dirty: bool) {
        self.cases += 1;
        self.wrong += u64::from(wrong);
        self.dirty += u64::from(dirty);
    }

    /// Whether what is wrong in its cases is about as often wrong in their controls. If it has nothing to do with what they are about, as many
    /// of `wrong` controls are to be expected dirty as of the cases: `wrong / cases` of them.
    pub(super) fn is_chance(self) -> bool {
        self.dirty > 0 && AS_OFTEN * self.dirty * self.cases >= self.wrong * self.wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance(cases: u64, wrong: u64, dirty: u64) -> bool {
        Pool { cases, wrong, dirty }.is_chance()
    }

    #[test]
    fn what_is_wrong_as_often_without_the_race_is_chance() {
        // Every second time, with and without; and always.
        assert!(chance(90, 45, 20));
        assert!(chance(90, 90, 90));
        // Seldom, and seldom without.
        assert!(chance(90, 6, 1));
        // Nearly always in races, and otherwise one time in ten.
        assert!(!chance(90, 80, 8));
        // Never without.
        assert!(!chance(90, 1, 0));
        assert!(!chance(90, 90, 0));
    }

    #[test]
    fn cases_are_counted() {
        let mut pool = Pool::default();
        for (wrong, dirty) in [(false, false), (true, false), (true, true)] {
            pool.takes(wrong, dirty);
        }
        assert_eq!(pool, Pool { cases: 3, wrong: 2, dirty: 1 });
    }
}
