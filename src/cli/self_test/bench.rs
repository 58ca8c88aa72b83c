use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::matrix;
#[cfg(feature = "http")]
use super::served::{self, Tenancy};
use crate::adapter::{DefectError, DefectShows, DefectSpec, Reference, Sync, Target};
use crate::cli::args::SelfTestArgs;
use crate::cli::exit::{CliError, Exit};
use crate::cli::generate::{ORDERS, read};
use crate::conform::{Conformance, Examiner, Proof, Selection, Stand, unproved};
use crate::contract::Contract;
use crate::contract::rules::Interpreted;
use crate::protocol::ClauseId;
use crate::run::Seed;

/// How far read models lag where a defect needs that.
const LAG: Duration = Duration::from_millis(20);

/// `proofmark self-test`: is every bug found, and nothing else blamed?
pub(in crate::cli) fn self_test(args: &SelfTestArgs) -> Result<Exit, CliError> {
    let (contract, model) = match read(Path::new(ORDERS)) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let bench = Bench { contract, model: model.into(), args };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench.all())
}

struct Bench<'a> {
    contract: Arc<Contract>,
    model: Arc<Interpreted>,
    args: &'a SelfTestArgs,
}

/// How the order system is put before the examiner.
#[derive(Clone, Copy, Debug)]
enum Arm {
    /// In this process, its read models up to date or behind.
    InProcess(Sync),
    /// Over HTTP.
    #[cfg(feature = "http")]
    Served(Tenancy),
}

impl Arm {
    /// Where the sound system is examined.
    fn all() -> Vec<Self> {
        let jitter = Sync::Eventual { lag: LAG, jitter: LAG / 2 };
        let in_process = [Sync::Strong, Sync::Eventual { lag: LAG, jitter: Duration::ZERO }, jitter];
        let all = in_process.into_iter().map(Arm::InProcess);
        #[cfg(feature = "http")]
        let all = all.chain([Tenancy::One, Tenancy::Two].map(Arm::Served));
        all.collect()
    }

    /// Where a defect can be seen at all.
    #[cfg_attr(
        feature = "http",
        expect(clippy::unnecessary_wraps, reason = "without HTTP some show nowhere")
    )]
    fn of(shows: DefectShows) -> Option<Self> {
        match shows {
            DefectShows::Anywhere => Some(Self::InProcess(Sync::Strong)),
            DefectShows::Lagging => {
                Some(Self::InProcess(Sync::Eventual { lag: LAG, jitter: Duration::ZERO }))
            }
            #[cfg(feature = "http")]
            DefectShows::Wire => Some(Self::Served(Tenancy::One)),
            #[cfg(feature = "http")]
            DefectShows::Tenants => Some(Self::Served(Tenancy::Two)),
            #[cfg(not(feature = "http"))]
            DefectShows::Wire | DefectShows::Tenants => None,
        }
    }
}

impl Bench<'_> {
    async fn all(&self) -> Result<Exit, CliError> {
        let (mut sound, mut exercised) = (true, BTreeSet::new());
        if self.args.defect.is_empty() {
            for arm in Arm::all() {
                sound &= self.clean(arm, &mut exercised).await?;
            }
        }
        let (mut proofs, mut elsewhere) = (Vec::new(), Vec::new());
        for spec in self.specs()? {
            let defect = spec.defect;
            let Some(arm) = Arm::of(defect.shows) else {
                elsewhere.push(format!("{} ({})", defect.name, defect.shows));
                continue;
            };
            // That they are clauses of ours, only we can say: the order system knows nothing of the catalogue.
            let breaks =
                ClauseId::read_all(defect.breaks).map_err(|error| CliError::Usage(error.to_string()))?;
            let may_break =
                ClauseId::read_all(defect.may_break).map_err(|error| CliError::Usage(error.to_string()))?;
            let clauses = if self.args.quick { &breaks[..] } else { &[] };
            let mut proof: Option<Proof> = None;
            for seed in self.seeds() {
                let found = self.examine(arm, Some(spec), seed, clauses).await?;
                let one = Proof::of(defect.name, &breaks, &may_break, &found);
                match &mut proof {
                    Some(proof) => proof.add(&one),
                    None => proof = Some(one),
                }
            }
            if let Some(proof) = proof {
                matrix::row(&proof)?;
                sound &= proof.holds();
                proofs.push(proof);
            }
        }
        let open = if self.args.defect.is_empty() { unproved(&proofs, &exercised) } else { Vec::new() };
        matrix::conclude(&proofs, &elsewhere, &open)?;
        Ok(if sound && open.is_empty() { Exit::Passed } else { Exit::Failed })
    }

    /// Whether the sound system is found sound: no clause may be broken, in no mode, with no seed.
    async fn clean(&self, arm: Arm, exercised: &mut BTreeSet<ClauseId>) -> Result<bool, CliError> {
        let mut sound = true;
        for seed in self.seeds() {
            let found = self.examine(arm, None, seed, &[]).await?;
            let tried = found.clauses.iter().filter(|result| {
                matches!(result.stand, Stand::Pass | Stand::Offered | Stand::Fail | Stand::Inconclusive(_))
            });
            exercised.extend(tried.map(|result| result.clause.id));
            sound &= matrix::clean(&found)?;
        }
        Ok(sound)
    }

    /// Examines the order system, with a bug or without; all clauses where none are named.
    async fn examine(
        &self,
        arm: Arm,
        defect: Option<DefectSpec>,
        seed: u64,
        clauses: &[ClauseId],
    ) -> Result<Conformance, CliError> {
        let selection = Selection { clauses: clauses.to_vec(), destructive: true, ..Selection::default() };
        match arm {
            Arm::InProcess(sync) => {
                let reference = defect.into_iter().fold(Reference::new(sync), Reference::with_defect);
                self.against(reference, seed, selection).await
            }
            #[cfg(feature = "http")]
            Arm::Served(tenancy) => {
                let served = served::start(tenancy, defect, seed, &self.contract).await?;
                self.against(served.target.clone(), seed, selection).await
            }
        }
    }

    async fn against(
        &self,
        target: impl Target + 'static,
        seed: u64,
        selection: Selection,
    ) -> Result<Conformance, CliError> {
        let examiner = Examiner::new(target, self.contract.clone(), self.model.clone())
            .selection(selection)
            .seed(Seed(seed))
            .budget(self.args.budget);
        Ok(examiner.examine(SystemTime::UNIX_EPOCH, |_| ()).await?)
    }

    fn seeds(&self) -> std::ops::Range<u64> {
        self.args.seed..self.args.seed + self.args.seeds as u64
    }

    /// The defects that were asked for, at the rates that were asked for; without any, all of them.
    fn specs(&self) -> Result<Vec<DefectSpec>, CliError> {
        if !self.args.defect.is_empty() {
            return Ok(self.args.defect.clone());
        }
        let all = Reference::defects().map(|defect| defect.name.parse());
        all.collect::<Result<_, _>>().map_err(|error: DefectError| CliError::Usage(error.to_string()))
    }
}
