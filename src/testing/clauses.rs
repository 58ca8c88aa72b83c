use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use super::examination::{Ending, Examination};
use crate::adapter::Target;
use crate::clause;
use crate::conform::{Again, Examiner, Selection};
use crate::contract::Contract;
use crate::contract::rules::Interpreted;
use crate::run::Seed;
use crate::text::{Colour, Source, render};

/// The seed that a test which failed names, to get the same course again.
const SEED: &str = "PROOFMARK_SEED";

/// The conformance of a system as tests, one a clause: `core::BR-1`, `session::EC-5`. The whole `main` of a test target with
/// `harness = false`; takes what `cargo test -- …` takes. The first test examines the system for all that were chosen.
///
/// A clause that the system doesn't claim, or that there is no test for yet, is shown as ignored, with the reason. A MUST
/// that could not be decided fails, since a green test has seen its promise kept. What the catalogue says SHOULD be
/// kept and isn't, is shown as ignored with what is wrong. What may do harm is tried: the system is the test's own.
///
/// ```no_run
/// # fn bank() -> proofmark::adapter::InProcess<()> { proofmark::adapter::InProcess::builder("bank", |_| ()).build() }
/// fn main() -> std::process::ExitCode {
///     proofmark::testing::clauses(bank(), "scenarios/bank.contract")
/// }
/// ```
pub fn clauses(target: impl Target + 'static, contract: impl AsRef<Path>) -> ExitCode {
    clauses_of(target, contract, |examiner| {
        examiner.selection(Selection { destructive: true, ..Selection::default() })
    })
}

/// [`clauses`] with an examiner that is set up by `with`: its budget, its baseline of known failures, which clauses, whether harm
/// is allowed (by default it isn't).
///
/// ```no_run
/// # fn bank() -> proofmark::adapter::InProcess<()> { proofmark::adapter::InProcess::builder("bank", |_| ()).build() }
/// use std::time::Duration;
///
/// fn main() -> std::process::ExitCode {
///     proofmark::testing::clauses_of(bank(), "scenarios/bank.contract", |examiner| {
///         examiner.budget(Duration::from_secs(20))
///     })
/// }
/// ```
pub fn clauses_of(
    target: impl Target + 'static,
    contract: impl AsRef<Path>,
    with: impl FnOnce(Examiner) -> Examiner,
) -> ExitCode {
    let args = Arguments::from_args();
    let trials = match examiner(target, contract.as_ref()) {
        Ok(examiner) => trials(&args, with(examiner.again(Again::Test(own_name())))),
        Err(why) => vec![Trial::test("contract", move || Err(Failed::from(why)))],
    };
    libtest_mimic::run(&args, trials).exit_code()
}

pub(super) fn examiner(target: impl Target + 'static, contract: &Path) -> Result<Examiner, String> {
    let source = Source::read(contract).map_err(|unreadable| {
        let mistakes = [unreadable.diagnostic];
        render([(&unreadable.source_text, &mistakes[..])], Colour::Plain)
    })?;
    let model =
        Interpreted::read(&source).map_err(|mistakes| render([(&source, &mistakes[..])], Colour::Plain))?;
    let contract = Contract::read(&source);
    let examiner = Examiner::new(target, Arc::new(contract), model.into());
    match std::env::var(SEED) {
        Ok(seed) => match seed.parse() {
            Ok(seed) => Ok(examiner.seed(Seed(seed))),
            Err(_) => Err(format!("{SEED} is no seed: {seed:?}; a seed is a whole number")),
        },
        Err(_) => Ok(examiner),
    }
}

/// A test for each clause, all of which share an examination of what `args` let through.
pub(super) fn trials(args: &Arguments, examiner: Examiner) -> Vec<Trial> {
    let standings: Vec<_> = clause::all().map(|clause| (clause, examiner.standing(clause))).collect();
    let name = |clause: &clause::Clause| format!("{}::{}", clause.suite.name(), clause.id);
    let chosen = standings.iter().filter(|(clause, standing)| {
        let stub = Trial::test(name(clause), || Ok(())).with_kind(clause.level.to_string());
        standing.is_none() && !args.is_filtered_out(&stub)
    });
    let chosen: Vec<_> = chosen.map(|(clause, _)| clause.id).collect();
    let examination = Arc::new(Examination::of(examiner.only(chosen)));
    let trial = |(clause, standing): (&'static clause::Clause, Option<_>)| {
        let examination = examination.clone();
        let known = standing.map(|stand: crate::conform::Stand| {
            Ending::Ignored(format!("{}: {}", stand.word(), stand.why().unwrap_or("another selection")))
        });
        let trial = Trial::ignorable_test(name(clause), move || {
            match known.unwrap_or_else(|| examination.ending(clause.id)) {
                Ending::Passed => Ok(Completion::Completed),
                Ending::Ignored(why) => Ok(Completion::ignored_with(why)),
                Ending::Failed(why) => Err(Failed::from(why)),
            }
        });
        trial.with_kind(clause.level.to_string())
    };
    standings.into_iter().map(trial).collect()
}

/// The name of the test target that this is: its file is called so, with a hash behind it.
fn own_name() -> String {
    let file = std::env::current_exe().ok();
    let stem = file.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_else(|| "NAME".into());
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 => name.to_owned(),
        _ => stem,
    }
}
