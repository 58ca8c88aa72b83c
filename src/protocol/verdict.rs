use std::fmt;

/// What is known in the end, in order of severity: the worst of several stands for all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Verdict {
    /// The promise was kept as far as it was tried.
    #[default]
    Pass,
    /// The target does not claim what the promise needs: outside the result, never passed.
    NotClaimed,
    /// It was tried, and what was seen decides nothing.
    Inconclusive,
    /// The promise was broken, and there is a counterexample.
    Fail,
}

impl Verdict {
    /// The verdict in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotClaimed => "not claimed",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }

    /// The verdict that has this word.
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Pass, Self::NotClaimed, Self::Inconclusive, Self::Fail];
        all.into_iter().find(|verdict| verdict.word() == word)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn the_worst_verdict_is_the_greatest() {
        let all = [Verdict::Pass, Verdict::Fail, Verdict::NotClaimed, Verdict::Inconclusive];
        assert_eq!(all.into_iter().max(), Some(Verdict::Fail));
        assert_eq!(Verdict::Pass.max(Verdict::NotClaimed), Verdict::NotClaimed);
        assert!(Verdict::NotClaimed < Verdict::Inconclusive);
    }
}
