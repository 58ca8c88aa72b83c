//! Experiments: they act, and the clauses judge what was done and seen.

use std::sync::Arc;

use super::case::Case;
use super::lab::Lab;
use super::procedure::in_lanes;
use super::{RaceClass, Turn};
use crate::adapter::{AnyWorld, BoxFuture, Unreachable, WorldSeed};
use crate::clause::{self, Bench, Clause, Judged, Unit};
use crate::judge::Judgement;
use crate::protocol::ClauseId;
use crate::run::world;

/// Controls of a case, of so many that break a clause first.
const CONTROLS: usize = 3;
const CLOSELY: u64 = 3;
/// So often a case is gone through at most that somebody asked for by its name.
const TRIES: usize = 20;

/// A course that is gone through again and again, each time a little differently. It knows no clause.
pub(crate) struct Experiment {
    /// Its name, in histories and in the catalogue.
    pub(crate) name: &'static str,
    /// Cases at most, and so many at the same time.
    pub(crate) cases: u64,
    pub(crate) lanes: usize,
    /// So much evidence is enough, for each clause that was asked for and is counted in it; without a number, all cases are tried.
    pub(crate) enough: &'static [(Unit, u32)],
    /// Whether a case in which something is wrong is tried once more without what it is about, and when.
    pub(crate) control: Control,
    /// Whether all its cases are in one place.
    pub(crate) shared: bool,
    /// Whether each case has a twin, which goes the same course behind it without what the case is about.
    pub(crate) twin: bool,
    /// Whether the case with this number is gone through: one may depend on what came of others.
    pub(crate) needed: fn(&Lab, u64) -> bool,
    /// Goes through the course with this number.
    pub(crate) act: for<'a, 'l> fn(&'a mut Case<'l>, u64) -> BoxFuture<'a, Result<(), Unreachable>>,
}

/// When a case in which something is wrong is tried once more without what it is about: the race, the hurry, the rebuild.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Control {
    /// Never.
    Never,
    /// Right behind it.
    Behind,
    /// When all races are over, as often as it takes to tell the race from chance: beside others it would race itself.
    Alone,
}

/// One place for all cases of an experiment, also where it goes on later: what it knows of its feed is known of that place.
pub(super) async fn place_of(lab: &Lab, experiment: &'static str) -> Result<Arc<dyn AnyWorld>, Unreachable> {
    let mut places = lab.places.0.lock().await;
    if let Some(place) = places.get(experiment) {
        return Ok(place.clone());
    }
    let seed = lab.engine.seed.of_scenario(experiment, "");
    let place = world(&*lab.engine.target, WorldSeed(seed.0), &*lab.engine.clock).await?;
    places.insert(experiment, place.clone());
    Ok(place)
}

/// How many controls a case has right behind it. One that is clean says little where something is wrong every second time; of much that is
/// wrong the first few are looked at more closely.
fn many(lab: &Lab, judged: &[(ClauseId, Judged)]) -> usize {
    let is_open = |judged: &Judged| judged.findings.iter().any(|finding| !finding.certain);
    let mut open = judged.iter().filter(|(_, judged)| is_open(judged));
    if open.any(|(id, _)| lab.ledger.of(*id).broken < CLOSELY) { CONTROLS } else { 1 }
}

/// What an experiment is unless it says more.
pub(crate) const PLAIN: Experiment = Experiment {
    name: "",
    cases: 0,
    lanes: 1,
    enough: &[],
    control: Control::Never,
    shared: false,
    twin: false,
    needed: |_, _| true,
    act: |_, _| Box::pin(std::future::ready(Ok(()))),
};

impl Experiment {
    /// The clauses that judge its cases.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = &'static Clause> {
        let judges = |clause: &&'static Clause| clause.checks.iter().any(|one| one.experiment == self.name);
        clause::all().filter(judges)
    }

    /// Whether a clause judges its cases.
    pub(crate) fn judges(&self, id: ClauseId) -> bool {
        self.clauses().any(|clause| clause.id == id)
    }

    /// Goes through its cases, as long as there is not enough.
    pub(crate) async fn run(&'static self, lab: &Arc<Lab>) -> Result<(), Unreachable> {
        let place = if self.shared { Some(place_of(lab, self.name).await?) } else { None };
        let all: Vec<ClauseId> = self.clauses().map(|clause| clause.id).collect();
        if !lab.cases.is_empty() {
            for case in lab.cases.iter().filter(|case| case.experiment == self.name) {
                self.again(lab, case.number, place.clone()).await?;
            }
            return Ok(());
        }
        in_lanes(
            lab,
            (self.name, self.lanes, self.cases),
            &all,
            |lab| self.has_enough(lab),
            move |lab, number| {
                let place = place.clone();
                async move {
                    if !(self.needed)(&lab, number) {
                        return Ok(());
                    }
                    self.case(&lab, number, place).await
                }
            },
        )
        .await
    }

    /// Goes through one case until something is found in it. Where chance has a part that may take several times.
    async fn again(
        &self,
        lab: &Lab,
        number: u64,
        place: Option<Arc<dyn AnyWorld>>,
    ) -> Result<(), Unreachable> {
        let found =
            || self.clauses().any(|clause| lab.wants(clause.id) && lab.ledger.of(clause.id).broken > 0);
        for _ in 0..TRIES {
            if lab.over() || found() {
                break;
            }
            let case = |more| self.case(lab, number.wrapping_add(more), place.clone());
            if self.shared {
                // What one case sees may come from others that are about.
                tokio::try_join!(case(0), case(1), case(2))?;
            } else {
                case(0).await?;
            }
        }
        Ok(())
    }

    fn has_enough(&self, lab: &Lab) -> bool {
        let counted = |wanted: bool| {
            let clauses = self.clauses().filter(move |clause| !wanted || lab.wants(clause.id));
            clauses.flat_map(|clause| {
                let units = self.enough.iter().filter(|(unit, _)| clause.least(*unit) > 0);
                units.map(|(unit, enough)| (clause.id, *unit, *enough))
            })
        };
        let has = |(id, unit, enough): (ClauseId, Unit, u32)| {
            lab.ledger.of(id).evidence.get(&unit).is_some_and(|had| *had >= enough)
        };
        // What is gone through for something else that is watched has enough as if it were for all.
        let is_wanted = counted(true).next().is_some();
        counted(is_wanted).next().is_some() && counted(is_wanted).all(has)
    }

    async fn case(
        &self,
        lab: &Lab,
        number: u64,
        place: Option<Arc<dyn AnyWorld>>,
    ) -> Result<(), Unreachable> {
        let bench = lab.bench(self.shared);
        let mut case = match place {
            Some(place) => Case::within(lab, self.name, number, place).await?,
            None => Case::open(lab, self.name, number).await?,
        };
        self.act(&mut case, number, &bench).await?;
        // These end before the case does: whoever reads the history knows that nothing more is to come.
        let (mut twin, mut controls) = (None, Vec::new());
        let mut judged = if self.twin {
            let (judged, own) = self.beside_twin(lab, (&mut case, number), &bench).await?;
            twin = Some(own);
            judged
        } else {
            clause::judged(self.name, &case.evidence(&bench))
        };
        let wrong = judged.iter().any(|(_, judged)| judged.is_wrong());
        // Where one case is asked for, nobody else is there.
        let alone = self.control == Control::Alone && lab.cases.is_empty();
        while wrong && self.control != Control::Never && !alone && controls.len() < many(lab, &judged) {
            let turn = Turn { number, case: case.number(), otherwise: !controls.len().is_multiple_of(2) };
            let (again, judgement) = self.controlled(lab, turn, &bench).await?;
            judged = clause::controlled(judged, &judgement);
            controls.push(again);
        }
        let class = alone.then(|| {
            let commands = case.evidence(&bench).raced();
            RaceClass { experiment: self.name.into(), commands }
        });
        if let Some(class) = &class {
            lab.ledger.raced(class, wrong.then(|| (number, case.number())));
        }
        for clause in self.clauses() {
            case.trouble().into_iter().for_each(|why| lab.ledger.doubt(clause.id, why));
        }
        let others: Vec<&Case<'_>> = controls.iter().chain(&twin).collect();
        for (id, judged) in judged {
            if lab.cases.is_empty() {
                let nothing = judged.is_nothing().then(|| case.why_nothing(&bench)).flatten();
                lab.ledger.tried(id, nothing);
            }
            case.takes(id, judged, (&others, class.as_ref()));
        }
        Ok(())
    }

    /// Goes the course of a case once more without what that one is about. What is wrong one by one is not the race's doing, and is told
    /// all the same.
    async fn controlled<'l>(
        &self,
        lab: &'l Lab,
        turn: Turn,
        bench: &Bench,
    ) -> Result<(Case<'l>, Judgement), Unreachable> {
        let mut again = Case::control(lab, self.name, turn).await?;
        self.act(&mut again, turn.number, bench).await?;
        let judgement = again.evidence(bench).judgement().clone();
        for (id, judged) in again.one_by_one(&judgement) {
            again.takes(id, judged, (&[], None));
        }
        Ok((again, judgement))
    }

    /// The same when all races are over.
    pub(crate) async fn alone(&self, lab: &Lab, class: &RaceClass, turn: Turn) -> Result<(), Unreachable> {
        let (_, judgement) = self.controlled(lab, turn, &lab.bench(self.shared)).await?;
        lab.ledger.alone(class, judgement.is_wrong());
        Ok(())
    }

    /// What the clauses make of a case and its twin. Where something is wrong, that one is looked at, too.
    async fn beside_twin<'l>(
        &self,
        lab: &'l Lab,
        (case, number): (&mut Case<'_>, u64),
        bench: &Bench,
    ) -> Result<(Vec<(ClauseId, Judged)>, Case<'l>), Unreachable> {
        let mut twin = Case::twin(lab, (self.name, number), case.number()).await?;
        self.act(&mut twin, number, bench).await?;
        let judged = |case: &Case<'_>, twin: &Case<'_>| {
            let twin = twin.evidence(bench);
            clause::judged(self.name, &case.evidence(bench).beside(&twin))
        };
        let mut all = judged(case, &twin);
        if all.iter().any(|(_, judged)| judged.is_wrong()) && twin.look().await {
            all = judged(case, &twin);
        }
        Ok((all, twin))
    }

    /// Goes through a case, and looks once more where something is wrong only if the target was quiet when that was assumed.
    async fn act(&self, case: &mut Case<'_>, number: u64, bench: &Bench) -> Result<(), Unreachable> {
        (self.act)(case, number).await?;
        let parked = !case.evidence(bench).judgement().parked.is_empty();
        if parked {
            case.look().await;
        }
        Ok(())
    }
}
