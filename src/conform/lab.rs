use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::RaceClass;
use super::canary::CANARY;
use super::procedure::{Base, FeedOf, PROCEDURES, experiments};
use super::reach::Reach;
use super::schedule::Schedule;
use super::sweep::Sweep;
use super::{Again, CaseName, Cell, Counterexample, Latency, Ledger, Staleness};
use crate::adapter::AnyWorld;
use crate::clause::Bench;
use crate::contract::rules::Effect;
use crate::generate::drawn;
use crate::history::{Part, Purpose, Role};
use crate::judge::{self, Matrix, RuleCount};
use crate::protocol::{Capability, ClauseId, Command, Deviation};
use crate::run::{Engine, Pulse, within};
use crate::step::Draw;
use crate::value::{Name, Record, Value};

/// What a history says of a case whose place is that of others, too.
pub(crate) const SHARED: &str = "shared";

/// Latencies that are kept at most.
const LATENCIES: usize = 20_000;

/// What all procedures of one examination share: the target, what it is held against, and the evidence.
#[derive(Debug)]
pub(crate) struct Lab {
    /// What the examination stands on.
    pub(crate) engine: Engine,
    /// What the contract's rules reach with it.
    pub(crate) reach: Arc<Reach>,
    pub(crate) ledger: Ledger,
    /// The clauses that were asked for and bind the target.
    pub(crate) wanted: BTreeSet<ClauseId>,
    /// Those that bind the target, and were not.
    pub(crate) unasked: BTreeSet<ClauseId>,
    pub(crate) again: Again,
    /// Only these cases are tried, if there are any.
    pub(crate) cases: Vec<CaseName>,
    /// So many cases go on at the same time, if somebody said so.
    pub(crate) jobs: Option<usize>,
    /// For each kind of command one that is accepted, once somebody has asked for them.
    pub(crate) bases: tokio::sync::OnceCell<Vec<Base>>,
    /// How far the feed has got, by the experiment that reads it in a place of its own.
    pub(crate) feeds: Mutex<BTreeMap<&'static str, Arc<FeedOf>>>,
    /// What a canary sends; nothing where the contract has nothing that changes something.
    pub(crate) canary: OnceLock<Option<Command>>,
    pub(crate) health: Mutex<Watched>,
    pub(crate) notes: Mutex<Notes>,
    pub(super) time: Mutex<Schedule>,
    /// Where experiments are all of whose cases are in one place.
    pub(super) places: Places,
    /// What was left alone, to be looked at again.
    pub(super) sweep: Sweep,
    /// How much this machine was too busy for.
    pub(crate) pulse: Arc<Pulse>,
}

/// The worlds of experiments all of whose cases are in one, by their names.
#[derive(Default)]
pub(super) struct Places(pub(super) tokio::sync::Mutex<BTreeMap<&'static str, Arc<dyn AnyWorld>>>);

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").finish_non_exhaustive()
    }
}

/// What is known of how the target is.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// How many canaries were sent, and by whom.
    canaries: u64,
    clients: BTreeSet<u64>,
    /// The place in the history before which it was well.
    well: u64,
    /// Whether it is not, for good.
    poisoned: bool,
}

/// What was measured beside the clauses.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) staleness: BTreeMap<Arc<str>, Staleness>,
    /// How long the last read of each query took that was looked at for an effect.
    pub(crate) takes: BTreeMap<Arc<str>, Duration>,
    pub(crate) latencies: Vec<Latency>,
    pub(crate) matrix: Matrix,
    /// How often sequences met which rules, by command and place among its rejections; nothing where there were none.
    pub(crate) rules: Option<BTreeMap<(Arc<str>, usize), RuleCount>>,
    /// What no sequence saw change; nothing where there were none.
    pub(crate) unseen: Option<Vec<Effect>>,
    pub(crate) deviations: Vec<(Deviation, u64)>,
    pub(crate) remarks: Vec<String>,
    /// The pages of lists that the target reads page by page, by the names of the queries.
    pub(crate) pages: BTreeMap<Arc<str>, Pages>,
}

/// What is known of the pages of a list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pages {
    /// How many rows the longest list had, and how long one of them took to make.
    pub(crate) rows: u64,
    pub(crate) row: Duration,
    /// How many rows a page has that others follow; nothing where no page had another one behind it.
    pub(crate) size: Option<u64>,
    /// How many pages a list had, at most.
    pub(crate) most: usize,
}

/// Rules, graphs and names are read from what is reached.
impl Deref for Lab {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        &self.reach
    }
}

impl Lab {
    /// Whether the clause was asked for and binds the target.
    pub(crate) fn wants(&self, id: ClauseId) -> bool {
        self.wanted.contains(&id)
    }

    /// A case begins, of the experiment called `name`. What is done in it, unless more is said.
    pub(crate) fn case(&self, (name, number): (&str, u64), purpose: Purpose, shared: bool) -> Part {
        let mut about = Record::from([("number", Value::from(number))]);
        if shared {
            about.insert(SHARED, true);
        }
        let case = self.engine.recorder.case(name, purpose, about);
        let role = if name == CANARY { Role::Canary } else { Role::Act };
        Part::of(case).role(role)
    }

    pub(crate) fn claims(&self, capability: Capability) -> bool {
        self.engine.target.describe().capabilities.claims(capability)
    }

    /// Whether the time is up, somebody stopped it, or the target is not there any more.
    pub(crate) fn over(&self) -> bool {
        self.engine.clock.now() >= self.engine.deadline || self.engine.stop.is_stopped() || self.is_poisoned()
    }

    /// Whether the target does not recover.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.watched().poisoned
    }

    /// It does not.
    pub(crate) fn poisoned(&self) {
        self.watched().poisoned = true;
    }

    /// What `operation` brings; nothing if it takes longer than `limit`.
    pub(crate) async fn within<T>(&self, limit: Duration, operation: impl Future<Output = T>) -> Option<T> {
        within(&*self.engine.clock, limit, operation).await
    }

    /// How far the feed has got where an experiment reads it.
    pub(crate) fn feed_of(&self, experiment: &'static str) -> Arc<FeedOf> {
        // Nothing that is done under the lock leaves it half done.
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        feeds.entry(experiment).or_default().clone()
    }

    /// The number of the next canary.
    pub(crate) fn another_canary(&self) -> u64 {
        let mut watched = self.watched();
        watched.canaries += 1;
        watched.canaries
    }

    /// A session is a canary's.
    pub(crate) fn canaries_client(&self, client: u64) {
        self.watched().clients.insert(client);
    }

    pub(crate) fn is_canary(&self, client: u64) -> bool {
        self.watched().clients.contains(&client)
    }

    /// The target was well, whatever was sent before that place in the history.
    pub(crate) fn was_well(&self, before: u64) {
        self.watched().well = before;
    }

    /// Up to which place in the history it was.
    pub(crate) fn last_well(&self) -> u64 {
        self.watched().well
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        // Nothing that is done under the lock leaves it half done.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How evidence is judged.
    pub(crate) fn settings(&self) -> judge::Settings {
        judge::Settings {
            promises: self.engine.target.describe().promises.clone(),
            keys: self.claims(Capability::Idempotency),
            matrix: false,
            ..judge::Settings::default()
        }
    }

    /// What the evidence of a case is held against, in a place of its own or in one that it shares.
    pub(crate) fn bench(&self, shared: bool) -> Bench {
        let alone = !shared && self.engine.target.is_alone();
        let settings = judge::Settings { alone, ..self.settings() };
        let exclusive = self.claims(Capability::Exclusive);
        Bench { contract: self.contract.clone(), model: self.model.clone(), settings, exclusive }
    }

    /// A clause was seen broken in a sequence, which are gathered for a few clauses and break others as well. Of one that was not asked for
    /// that is told, too.
    pub(crate) fn broken_in_sequence(&self, id: ClauseId, example: Counterexample) {
        if self.wants(id) || self.unasked.contains(&id) {
            let again = self.again.sequences(self.engine.seed, id);
            self.ledger.broken(id, Counterexample { again, ..example });
        }
    }

    /// The same in a case, which has a name if it can be gone through by itself, and a class if it raced. Without an example it is told
    /// already.
    pub(crate) fn broken_in(
        &self,
        id: ClauseId,
        (case, of_all, class): (Option<CaseName>, bool, Option<&RaceClass>),
        example: Option<Counterexample>,
    ) {
        if !self.wants(id) && !self.unasked.contains(&id) {
            return;
        }
        let again = match case {
            Some(case) => self.again.case(self.engine.seed, &tried_by(id, case), case),
            // What was done meanwhile is all of it.
            None if of_all => self.again.whole(self.engine.seed),
            None => self.again.clause(self.engine.seed, id),
        };
        let example = example.map(|example| Counterexample { again, ..example });
        self.ledger.found(id, class, example);
    }

    /// The same, where this is what brought about all else that was seen of it.
    pub(crate) fn brought_about(&self, id: ClauseId, example: Counterexample) {
        if self.wants(id) {
            let again = self.again.clause(self.engine.seed, id);
            self.ledger.broken_above_all(id, Counterexample { again, ..example });
        }
    }

    /// What a name such as `$order1` stands for.
    pub(crate) fn declared(&self, name: &Name) -> Draw {
        drawn(&self.naming, name).unwrap_or_else(|| Draw::Unique(name.as_str().into()))
    }

    pub(crate) fn remark(&self, remark: impl Into<String>) {
        let (mut notes, remark) = (self.notes(), remark.into());
        if !notes.remarks.contains(&remark) {
            notes.remarks.push(remark);
        }
    }

    pub(crate) fn latency(&self, latency: Latency) {
        self.answered(latency.took);
        let mut notes = self.notes();
        if notes.latencies.len() < LATENCIES {
            notes.latencies.push(latency);
        }
    }

    pub(super) fn schedule(&self) -> MutexGuard<'_, Schedule> {
        // Nothing that is done under the lock leaves it half done.
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        // Nothing that is done under the lock leaves it half done.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which clauses have to be asked for so that a case is gone through that showed one broken: that one, and one that the experiment is
/// evidence for.
fn tried_by(id: ClauseId, case: CaseName) -> Vec<ClauseId> {
    let experiment = experiments().find(|experiment| experiment.name == case.experiment);
    let tried = PROCEDURES.iter().filter(|procedure| procedure.has(case.experiment));
    let is_tried = tried.clone().any(|procedure| procedure.clauses.contains(&id));
    let other = experiment.and_then(|experiment| experiment.clauses().next()).filter(|_| !is_tried);
    std::iter::once(id).chain(other.map(|clause| clause.id)).collect()
}

impl Notes {
    /// The matrix as reports tell it.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        let cells = self.matrix.cells().map(|(command, query, field, cell)| Cell {
            command: command.into(),
            query: query.into(),
            field: field.into(),
            expected: cell.changed,
            seen: cell.seen,
        });
        cells.collect()
    }
}
