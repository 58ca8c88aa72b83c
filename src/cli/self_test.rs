use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::args::SelfTestArgs;
use super::exit::{CliError, Exit};
use super::generate::{ORDERS, read};
use super::list::table;
use crate::conform::{Conformance, Examiner, Proof, Selection, Stand, unproved};
use crate::contract::Contract;
use crate::model::Interpreted;
use crate::run::Seed;
use crate::target::{DefectShows, DefectSpec, Reference, Sync, Target};

/// How far read models lag where a defect needs that.
const LAG: Duration = Duration::from_millis(20);

/// `proofmark self-test`: is every bug found, and nothing else blamed?
pub(super) fn self_test(args: &SelfTestArgs) -> Result<Exit, CliError> {
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

impl Bench<'_> {
    async fn all(&self) -> Result<Exit, CliError> {
        let mut sound = true;
        if self.args.defect.is_empty() {
            for sync in [Sync::Strong, Sync::Eventual { lag: LAG, jitter: Duration::ZERO }] {
                sound &= self.clean(sync).await?;
            }
        }
        let mut proofs = Vec::new();
        let mut elsewhere = Vec::new();
        for defect in Reference::defects().filter(|defect| self.selects(defect.name)) {
            let sync = match defect.shows {
                DefectShows::Anywhere => Sync::Strong,
                DefectShows::Lagging => Sync::Eventual { lag: LAG, jitter: Duration::ZERO },
                DefectShows::Wire | DefectShows::Tenants => {
                    elsewhere.push(format!("{} ({})", defect.name, defect.shows));
                    continue;
                }
            };
            let spec: DefectSpec = match defect.name.parse() {
                Ok(spec) => spec,
                Err(error) => return Err(CliError::Usage(format!("{error}"))),
            };
            let mut proof: Option<Proof> = None;
            for seed in self.seeds() {
                let clauses = if self.args.quick { defect.breaks } else { &[] };
                let found = self.examine(Reference::new(sync).with_defect(spec), seed, clauses).await?;
                let one = Proof::of(defect.name, defect.breaks, defect.may_break, &found);
                match &mut proof {
                    Some(proof) => proof.add(&one),
                    None => proof = Some(one),
                }
            }
            if let Some(proof) = proof {
                say(&row(&proof))?;
                sound &= proof.holds();
                proofs.push(proof);
            }
        }
        self.conclude(&proofs, &elsewhere, sound)
    }

    /// Whether the sound system is found sound: no clause may be broken, in no mode, with no seed.
    async fn clean(&self, sync: Sync) -> Result<bool, CliError> {
        let mut sound = true;
        for seed in self.seeds() {
            let reference = Reference::new(sync);
            let name = reference.describe().name.clone();
            let found = self.examine(reference, seed, &[]).await?;
            let broken: Vec<_> = broken(&found).collect();
            sound &= broken.is_empty();
            let told = if broken.is_empty() { "nothing is broken".to_owned() } else { broken.join(" ") };
            say(&format!("{name}, seed {seed}: {told}"))?;
        }
        Ok(sound)
    }

    async fn examine(&self, target: Reference, seed: u64, clauses: &[&str]) -> Result<Conformance, CliError> {
        let selection = Selection {
            suites: Vec::new(),
            clauses: clauses.iter().map(|id| (*id).to_owned()).collect(),
            destructive: true,
        };
        let examiner = Examiner::new(target, self.contract.clone(), self.model.clone())
            .selection(selection)
            .seed(Seed(seed))
            .budget(self.args.budget);
        Ok(examiner.examine(SystemTime::UNIX_EPOCH, |_| ()).await?)
    }

    fn seeds(&self) -> std::ops::Range<u64> {
        self.args.seed..self.args.seed + self.args.seeds as u64
    }

    fn selects(&self, name: &str) -> bool {
        self.args.defect.is_empty() || self.args.defect.iter().any(|spec| spec.defect.name == name)
    }

    fn conclude(&self, proofs: &[Proof], elsewhere: &[String], mut sound: bool) -> Result<Exit, CliError> {
        let caught = proofs.iter().filter(|proof| !proof.caught.is_empty()).count();
        say(&format!("\n{caught} of {} defects were caught", proofs.len()))?;
        for proof in proofs.iter().filter(|proof| !proof.missed.is_empty()) {
            let missed: Vec<_> = proof.missed.iter().map(String::as_str).collect();
            say(&format!(
                "{} also says that it breaks {}, which was not seen",
                proof.defect,
                missed.join(" ")
            ))?;
        }
        if !elsewhere.is_empty() {
            say(&format!("not tried in-process: {}", elsewhere.join(", ")))?;
        }
        if self.args.defect.is_empty() {
            let unproved = unproved(proofs);
            if !unproved.is_empty() {
                sound = false;
                say(&format!("no defect was caught breaking {}", unproved.join(" ")))?;
            }
        }
        Ok(if sound { Exit::Passed } else { Exit::Failed })
    }
}

fn broken(found: &Conformance) -> impl Iterator<Item = &'static str> {
    found.clauses.iter().filter(|result| result.stand == Stand::Fail).map(|result| result.clause.id)
}

fn row(proof: &Proof) -> String {
    let listed = |ids: &std::collections::BTreeSet<String>| {
        ids.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    let word = if proof.holds() { "caught" } else { "WRONG" };
    let mut cells = vec![listed(&proof.caught)];
    if !proof.undeclared.is_empty() {
        cells.push(format!("undeclared: {}", listed(&proof.undeclared)));
    }
    if proof.caught.is_empty() {
        cells.push("nothing noticed it".to_owned());
    }
    let row = [word.to_owned(), format!("{:<20}", proof.defect), cells.join("  ")];
    table([row].into_iter()).join("")
}

fn say(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
