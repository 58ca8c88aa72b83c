use super::CaseName;
use crate::protocol::ClauseId;
use crate::run::Seed;

/// How an examination, or just one clause of it, is done again: what reports tell to type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Again {
    /// By a command, without its seed and without `--clause`: `proofmark conform --sync eventual`.
    Command(String),
    /// By this target of `cargo test`, in which each clause is a test.
    Test(String),
}

impl Again {
    pub(crate) fn whole(&self, seed: Seed) -> String {
        match self {
            Self::Command(command) => format!("{command} --seed {}", seed.0),
            Self::Test(name) => format!("PROOFMARK_SEED={} cargo test --test {name}", seed.0),
        }
    }

    /// Just one case of an experiment, for the first of these clauses; the others are what it is evidence for.
    pub(crate) fn case(&self, seed: Seed, ids: &[ClauseId], case: CaseName) -> String {
        let (first, more) = (ids.first().copied().unwrap_or(ClauseId::Br6), ids.get(1..).unwrap_or_default());
        let clause = self.clause(seed, first);
        match self {
            Self::Command(_) => {
                let all: Vec<String> =
                    [clause].into_iter().chain(more.iter().map(ToString::to_string)).collect();
                format!("{} --case {case}", all.join(","))
            }
            Self::Test(_) => clause,
        }
    }

    /// A clause that is seen broken by sequences, which another clause brings about.
    pub(crate) fn sequences(&self, seed: Seed, id: ClauseId) -> String {
        let clause = self.clause(seed, id);
        match self {
            Self::Command(_) if id != ClauseId::Br6 => format!("{clause},{}", ClauseId::Br6),
            _ => clause,
        }
    }

    pub(crate) fn clause(&self, seed: Seed, id: ClauseId) -> String {
        let whole = self.whole(seed);
        match self {
            Self::Command(_) => format!("{whole} --clause {id}"),
            Self::Test(_) => format!("{whole} -- ::{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_done_again_the_way_it_was_done() {
        let command = Again::Command("proofmark conform --lag 5ms".into());
        assert_eq!(command.whole(Seed(7)), "proofmark conform --lag 5ms --seed 7");
        assert_eq!(
            command.clause(Seed(7), ClauseId::Ec3),
            "proofmark conform --lag 5ms --seed 7 --clause EC-3"
        );
        let case = CaseName { experiment: "sum", number: 5 };
        assert_eq!(
            command.case(Seed(7), &[ClauseId::Ec3], case),
            "proofmark conform --lag 5ms --seed 7 --clause EC-3 --case sum/5"
        );
        let sequences = |id| command.sequences(Seed(7), id);
        assert_eq!(sequences(ClauseId::Ec1), "proofmark conform --lag 5ms --seed 7 --clause EC-1,BR-6");
        assert_eq!(sequences(ClauseId::Br6), "proofmark conform --lag 5ms --seed 7 --clause BR-6");
        let test = Again::Test("bank".into());
        assert_eq!(test.whole(Seed(7)), "PROOFMARK_SEED=7 cargo test --test bank");
        assert_eq!(test.clause(Seed(7), ClauseId::Ec3), "PROOFMARK_SEED=7 cargo test --test bank -- ::EC-3");
    }
}
