use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::clause::Level;
use crate::conform::{Conformance, Examiner, Stand};
use crate::protocol::ClauseId;
use crate::report::{ConformanceRecord, broken_clause};
use crate::text::Colour;

/// What becomes of a clause's test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    Passed,
    /// Not tried, or not held against anybody; with the reason, which is shown.
    Ignored(String),
    /// With all there is to say about it.
    Failed(String),
}

/// One examination that the tests of all its clauses share: whichever comes first does it, the others wait for it.
#[derive(Debug)]
pub(super) struct Examination {
    /// Taken by the test that examines.
    examiner: Mutex<Option<Examiner>>,
    endings: OnceLock<Result<BTreeMap<ClauseId, Ending>, String>>,
}

impl Examination {
    pub(super) fn of(examiner: Examiner) -> Self {
        Self { examiner: Mutex::new(Some(examiner)), endings: OnceLock::new() }
    }

    /// What became of the clause.
    pub(super) fn ending(&self, id: ClauseId) -> Ending {
        match self.endings.get_or_init(|| self.examine()) {
            Ok(endings) => {
                endings.get(&id).cloned().unwrap_or_else(|| Ending::Failed(format!("{id} was not examined")))
            }
            Err(why) => Ending::Failed(why.clone()),
        }
    }

    fn examine(&self) -> Result<BTreeMap<ClauseId, Ending>, String> {
        let taken = self.examiner.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(examiner) = taken else { return Err("the examination broke down".into()) };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("no runtime to examine on: {error}"))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "whether a known failure has expired depends on the day"
        )]
        let now = SystemTime::now();
        match runtime.block_on(examiner.examine(now, |_| ())) {
            Ok(found) => Ok(endings(&found)),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What was found, test by test. What can't be decided about a MUST fails: a test that is green has seen its promise kept.
fn endings(found: &Conformance) -> BTreeMap<ClauseId, Ending> {
    let record = ConformanceRecord::of(found);
    let told = found.clauses.iter().zip(&record.clauses);
    told.map(|(result, told)| {
        let why = || format!("{}: {}", result.stand.word(), result.stand.why().unwrap_or_default());
        let ending = match &result.stand {
            Stand::Pass | Stand::Offered => Ending::Passed,
            _ if result.fails(false) => Ending::Failed(broken_clause(told, Colour::Plain)),
            Stand::Fail => {
                let wrong = told.counterexamples.first().map_or("", |example| &example.wrong);
                Ending::Ignored(format!("not kept, though it should be: {wrong}"))
            }
            Stand::Inconclusive(_) if result.clause.level == Level::Must => {
                Ending::Failed(format!("{}\n  again    {} -- ::{}", why(), found.again, result.clause.id))
            }
            _ => Ending::Ignored(why()),
        };
        (result.clause.id, ending)
    })
    .collect()
}
