use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;

use super::beside;
use super::canary::{Health, look};
use super::lab::{Lab, Notes, Places};
use super::poison;
use super::procedure::{PROCEDURES, Procedure, Stage, hardly_tried, unexamined_pages};
use super::progress::{Progress, TICK};
use super::reach::Reach;
use super::selection::claimed;
use super::sweep::Sweep;
use super::{Again, Baseline, ClauseResult, Conformance, Ledger, Reason, Selection, Stand, Subject, suites};
use crate::adapter::{Target, Unreachable};
use crate::clause::{self, Clause, Exercise, Need};
use crate::contract::Contract;
use crate::contract::rules::Interpreted;
use crate::history::Job;
use crate::protocol::ClauseId;
use crate::run::{Engine, Recorder, RunError, RunEvent, Seed, Setup, Stop, Work};
use crate::value::{Record, Value};

/// How long evidence is gathered unless said otherwise.
const BUDGET: Duration = Duration::from_secs(120);

/// How many of the last operations are remembered, for when the target falls ill. Until that is sure, reads go on for seconds, as
/// fast as they are answered.
const REMEMBERED: usize = 20_000;

/// Puts the clauses of the catalogue to the test.
#[derive(Debug)]
pub struct Examiner {
    setup: Setup,
    seed: Seed,
    contract: Arc<Contract>,
    model: Arc<Interpreted>,
    selection: Selection,
    baseline: Baseline,
    again: Again,
    jobs: Option<usize>,
    reach: OnceLock<Arc<Reach>>,
}

impl Examiner {
    /// Examines `target` by the rules of its contract: every clause that it claims, for two minutes at most.
    pub fn new(target: impl Target + 'static, contract: Arc<Contract>, model: Arc<Interpreted>) -> Self {
        // What is made up by the rules has to be such as the target can take.
        let model = Arc::unwrap_or_clone(model).fit_for(&target.describe().promises);
        let setup = Setup::of(Arc::new(target));
        Self {
            setup: Setup { budget: Some(BUDGET), ..setup },
            seed: Seed::fresh(),
            contract,
            model: Arc::new(model),
            selection: Selection::default(),
            baseline: Baseline::default(),
            again: Again::Command("proofmark conform".into()),
            jobs: None,
            reach: OnceLock::new(),
        }
    }

    /// Which clauses.
    #[must_use]
    pub fn selection(self, selection: Selection) -> Self {
        Self { selection, ..self }
    }

    /// Of what was selected, only these clauses.
    #[cfg(feature = "testing")]
    pub(crate) fn only(self, clauses: Vec<crate::protocol::ClauseId>) -> Self {
        let selection = Selection { suites: Vec::new(), clauses, ..self.selection };
        Self { selection, ..self }
    }

    /// Which failures are known.
    #[must_use]
    pub fn baseline(self, baseline: Baseline) -> Self {
        Self { baseline, ..self }
    }

    /// What its course and the ids are drawn from.
    #[must_use]
    pub fn seed(self, seed: Seed) -> Self {
        Self { seed, ..self }
    }

    /// For how long evidence is gathered, at most.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.setup.budget = Some(budget);
        self
    }

    /// At most so many cases go on at the same time, at least one: as many as the target answers fast unless it is said. What has to race
    /// races within a case.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: Some(jobs.max(1)), ..self }
    }

    /// Keeps everything that is done and seen in a file.
    #[must_use]
    pub fn history(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.history = Some(path.into());
        self
    }

    /// What reports tell to type for doing it again.
    #[must_use]
    pub fn again(self, again: Again) -> Self {
        Self { again, ..self }
    }

    /// The means to stop it from outside: what is known by then is the result.
    pub fn stop_handle(&self) -> Stop {
        self.setup.stop.clone()
    }

    /// Examines, and tells `on` how it goes. `now` is the wall time, for the report and the baseline. Must be called within a
    /// Tokio runtime with time enabled; of several threads, or bursts hardly overlap.
    ///
    /// # Errors
    /// When nothing can be examined at all.
    pub async fn examine(
        &self,
        now: SystemTime,
        mut on: impl FnMut(&RunEvent<'_>),
    ) -> Result<Conformance, RunError> {
        let setup = Setup { seed: Some(self.seed), ..self.setup.clone() };
        let Some((engine, kept)) = setup.begin(self.work()).await? else { return Ok(self.before(now)) };
        let lab = Arc::new(self.lab(engine));
        // What the target was allowed.
        for remark in self.setup.target.describe().promises.tolerated() {
            lab.remark(remark);
        }
        // What the rules forbid themselves is never sent on purpose, so evidence may be missing for it.
        for broken in lab.graphs.iter().flat_map(|graph| &graph.broken) {
            lab.remark(format!("{broken} (`proofmark lint` tells the way there)"));
        }
        on(&RunEvent::Started { target: self.setup.target.describe(), cases: None, seed: self.seed });
        let gone_through = self.stages(&lab, &mut on).await;
        lab.sweep.end(self.setup.stop.is_stopped()).await;
        gone_through?;
        self.cut_short(&lab);
        few_cases(&lab);
        for remark in unexamined_pages(&lab).into_iter().chain(hardly_tried(&lab)) {
            lab.remark(remark);
        }
        let took = lab.engine.clock.now().saturating_sub(lab.engine.began);
        let mut result = self.conclude(&lab, now, took);
        if let Some(kept) = kept {
            write_down(&result, &lab.engine.recorder);
            result.history = kept.end(true)?;
        }
        Ok(result)
    }

    /// Goes through all stages, as long as the target is well.
    async fn stages(&self, lab: &Arc<Lab>, on: &mut impl FnMut(&RunEvent<'_>)) -> Result<(), Unreachable> {
        let wanted = |procedure: &&Procedure| procedure.clauses.iter().any(|id| lab.wants(*id));
        let procedures: Vec<&'static Procedure> = PROCEDURES.iter().filter(wanted).collect();
        let mut progress = Progress::of(clause::all().filter(|clause| lab.wants(clause.id)).collect());
        let mut watched = false;
        let harm = procedures.iter().any(|procedure| procedure.stage.is_harmful());
        for (stage, first) in Stage::rounds() {
            let of_stage: Vec<_> = procedures.iter().copied().filter(|p| p.stage == stage).collect();
            lab.stage(stage, first, harm);
            let at_once = matches!(stage, Stage::Together | Stage::Races) && self.jobs.is_none();
            let together = if at_once { of_stage.len().max(1) } else { 1 };
            for group in of_stage.chunks(together) {
                let watched = watched && stage != Stage::Killing;
                self.group(lab, group, watched, &mut progress, on).await?;
                if lab.is_poisoned() {
                    return Ok(());
                }
            }
            // In the same process, each experiment has an instance of its own. And who was never well can't fall ill.
            if first && stage == Stage::First && lab.engine.target.has_wire() && !lab.over() {
                watched = look(lab).await == Health::Well;
            }
        }
        Ok(())
    }

    /// Whoever had no more time says so wherever evidence is missing.
    fn cut_short(&self, lab: &Lab) {
        let why = if self.setup.stop.is_stopped() {
            super::lack::STOPPED.into()
        } else if lab.is_short() {
            format!(
                "{} {:?} (`--budget` gives it more)",
                super::lack::TIME_UP,
                self.setup.budget.unwrap_or(BUDGET)
            )
        } else {
            return;
        };
        let lacks = |id: &ClauseId| matches!(lab.ledger.judge(clause::of(*id)).stand, Stand::Inconclusive(_));
        if lab.wanted.iter().any(lacks) {
            lab.remark(lab.told_of_time());
        }
        lab.wanted.iter().for_each(|id| lab.ledger.doubt(*id, why.clone()));
    }

    async fn group(
        &self,
        lab: &Arc<Lab>,
        group: &[&'static Procedure],
        watched: bool,
        progress: &mut Progress,
        on: &mut impl FnMut(&RunEvent<'_>),
    ) -> Result<(), Unreachable> {
        let mut sickness = std::pin::pin!(poison::sickness(lab));
        let mut stopped = self.setup.stop.listen();
        let mut running = JoinSet::new();
        for procedure in group.iter().copied() {
            progress.begins(procedure);
            let lab = lab.clone();
            running.spawn(async move {
                let began = lab.engine.clock.now();
                let done = procedure.run(lab.clone()).await;
                lab.procedure_took(procedure.name, lab.engine.clock.now().saturating_sub(began));
                (procedure, done)
            });
        }
        loop {
            progress.tell(&lab.ledger, on);
            let tick = lab.engine.clock.until(lab.engine.clock.now().saturating_add(TICK));
            let ended = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => {
                    running.shutdown().await;
                    return Ok(());
                }
                // Who takes no more than so much at a time is looked at in between.
                health = &mut sickness, if watched && self.jobs.is_none() => {
                    running.shutdown().await;
                    // What it can't do under load is not what it can't do any more.
                    let alone = look(lab).await;
                    if alone == Health::Well {
                        poison::busy(lab, group.iter().flat_map(|procedure| procedure.clauses), &health);
                    }
                    diagnose(lab, &alone).await;
                    return Ok(());
                }
                ended = running.join_next() => ended,
                () = tick => continue,
            };
            match ended {
                None if watched => {
                    diagnose(lab, &look(lab).await).await;
                    return Ok(());
                }
                None => return Ok(()),
                Some(Ok((procedure, done))) => {
                    done?;
                    progress.ends(procedure);
                }
                Some(Err(_)) => {
                    let why = "a procedure broke down: a panic in Proofmark or in the target's adapter";
                    for id in group.iter().flat_map(|procedure| procedure.clauses) {
                        lab.ledger.doubt(*id, why);
                    }
                }
            }
        }
    }

    fn lab(&self, engine: Engine) -> Lab {
        let wanted = clause::all().filter(|clause| self.standing(clause).is_none()).map(|clause| clause.id);
        let deselected = |stand| matches!(stand, Some(Stand::Skipped(Reason::Deselected)));
        let unasked = clause::all().filter(|clause| deselected(self.standing(clause)));
        let unasked = unasked.map(|clause| clause.id);
        Lab {
            reach: self.reach().clone(),
            pulse: engine.pulse.clone(),
            engine,
            ledger: Ledger::default(),
            wanted: wanted.collect(),
            unasked: unasked.collect(),
            again: self.again.clone(),
            cases: self.selection.cases.clone(),
            jobs: self.jobs,
            bases: tokio::sync::OnceCell::new(),
            feeds: Mutex::default(),
            canary: OnceLock::new(),
            health: Mutex::default(),
            notes: Mutex::new(Notes::default()),
            time: Mutex::default(),
            places: Places::default(),
            sweep: Sweep::default(),
        }
    }

    fn reach(&self) -> &Arc<Reach> {
        let of = || Reach::of(self.setup.target.clone(), self.contract.clone(), self.model.clone());
        self.reach.get_or_init(|| Arc::new(of()))
    }

    /// How a clause stands that is not tried; nothing for one that is.
    pub fn standing(&self, clause: &'static Clause) -> Option<Stand> {
        if let Err(why) = claimed(clause, &*self.setup.target) {
            return Some(Stand::NotClaimed(why.to_string()));
        }
        let about = |need: &Need| matches!(need, Need::Matter(_));
        // What the contract has is worked out only where somebody wants to know.
        if clause.needs.iter().any(about)
            && let Some(lacking) = self.reach().matters().lacks(clause.needs)
        {
            return Some(Stand::NotBinding(self.reach().lacking(lacking)));
        }
        if let Exercise::NotYet(why) = clause.exercise {
            return Some(Stand::NotYet(why.into()));
        }
        if !self.selection.selects(clause) {
            return Some(Stand::Skipped(Reason::Deselected));
        }
        let harmful = PROCEDURES.iter().filter(|procedure| procedure.stage.is_harmful());
        let harmful = harmful.clone().any(|procedure| procedure.clauses.contains(&clause.id));
        (harmful && !self.selection.destructive).then_some(Stand::Skipped(Reason::NotAllowed))
    }

    fn conclude(&self, lab: &Lab, now: SystemTime, took: Duration) -> Conformance {
        let all = clause::all();
        let mut clauses: Vec<ClauseResult> = all
            .map(|clause| match self.standing(clause) {
                None => lab.ledger.judge(clause),
                Some(stand) => untried(clause, stand),
            })
            .collect();
        let stale = self.baseline.apply(&mut clauses, now);
        beside::tell(lab, &clauses);
        let notes = std::mem::take(&mut *lab.notes());
        let matrix = notes.cells();
        Conformance {
            took,
            interrupted: self.setup.stop.is_stopped(),
            staleness: notes.staleness,
            latencies: notes.latencies,
            matrix,
            deviations: notes.deviations,
            remarks: notes.remarks,
            stale,
            ..self.of(clauses, now)
        }
    }

    /// What there is to say before anything was tried: no clause that was asked for is decided. Whoever leaves a report of it
    /// first leaves none of yesterday behind when it is ended from outside.
    pub fn before(&self, now: SystemTime) -> Conformance {
        let open = || Stand::Inconclusive("the examination did not come to its end".into());
        let clauses = clause::all();
        let clauses = clauses.map(|clause| untried(clause, self.standing(clause).unwrap_or_else(open)));
        Conformance { interrupted: true, ..self.of(clauses.collect(), now) }
    }

    fn of(&self, clauses: Vec<ClauseResult>, now: SystemTime) -> Conformance {
        let target = self.setup.target.describe();
        Conformance {
            subject: Subject {
                name: target.name.clone(),
                version: target.version.clone(),
                contract: self.contract.name().to_owned(),
                capabilities: target.capabilities,
            },
            began: now,
            took: Duration::ZERO,
            seed: self.seed.0,
            interrupted: false,
            suites: suites(&clauses),
            clauses,
            staleness: BTreeMap::new(),
            latencies: Vec::new(),
            matrix: Vec::new(),
            deviations: Vec::new(),
            remarks: Vec::new(),
            stale: Vec::new(),
            history: None,
            again: self.again.whole(self.seed),
        }
    }

    fn work(&self) -> Work<'_> {
        let asked = clause::all().filter(|clause| self.standing(clause).is_none());
        let asked: Value = asked.map(|clause| Value::from(clause.id.to_string())).collect();
        let allowed: &[&str] = if self.selection.destructive { &["destructive"] } else { &[] };
        Work {
            asked: Record::from([
                ("clauses", asked),
                ("allowed", allowed.iter().map(|one| Value::from(*one)).collect()),
            ]),
            remembered: REMEMBERED,
            ..Work::by(Job::Conform, &self.contract)
        }
    }
}

/// Whoever asked for a few cases has not got the evidence of all.
fn few_cases(lab: &Lab) {
    let cases: Vec<String> = lab.cases.iter().map(ToString::to_string).collect();
    if !cases.is_empty() {
        let why = format!("nothing but {} was tried", cases.join(", "));
        lab.wanted.iter().for_each(|id| lab.ledger.doubt(*id, why.clone()));
    }
}

fn untried(clause: &'static Clause, stand: Stand) -> ClauseResult {
    ClauseResult { clause, stand, evidence: BTreeMap::new(), counterexamples: Vec::new(), broken: 0 }
}

/// Writes into the history how the clauses stand.
fn write_down(result: &Conformance, recorder: &Recorder) {
    for one in &result.clauses {
        let id = one.clause.id.to_string();
        let mut told = Record::from([("id", id.as_str()), ("verdict", one.stand.verdict().word())]);
        told.insert("weighs", one.weighs().word());
        if let Some(why) = one.stand.why() {
            told.insert("why", why);
        }
        let wrong = one.counterexamples.iter().map(|example| Value::from(example.wrong.as_str()));
        if one.stand.is_broken() {
            told.insert("broken", one.broken);
            told.insert("wrong", wrong.collect::<Value>());
        }
        recorder.word("clause", &told);
    }
    recorder.end(&Record::from([("interrupted", result.interrupted)]));
}

/// From a target that is not well nothing more is to be had.
async fn diagnose(lab: &Lab, health: &Health) {
    if let Health::Sick { answers, why } = health {
        lab.poisoned();
        poison::diagnose(lab, *answers, why).await;
    }
}
