//! Clauses that are judged case by case, judged again.

use std::collections::HashMap;
use std::sync::Arc;

use super::words::ClauseWord;
use super::{Rules, Sequences};
use crate::clause::{self, Bench, Clause, Evidence, Judged, Wrong};
use crate::conform::{
    Blame, ClauseResult, Ledger, RaceClass, SHARED, Stand, Tale, is_controlled_alone, says,
};
use crate::history::{Course, Header, Operation, Purpose};
use crate::judge::{Judgement, Settings, judge};
use crate::protocol::{Capability, ClauseId};
use crate::run::settings;
use crate::value::{Name, Value};

/// What the cases of an examination come to.
pub(super) struct Clauses {
    /// Of cases in a place of their own, and of those that share theirs.
    own: Bench,
    shared: Bench,
    ledger: Ledger,
    /// Controls and twins, by the case that they belong to. They end before it does, but for controls of races.
    controls: HashMap<u64, Vec<Course>>,
    twins: HashMap<u64, Course>,
    /// Races that are over, with their class.
    raced: HashMap<u64, RaceClass>,
}

impl Clauses {
    pub(super) fn new(rules: &Rules, header: &Header) -> Self {
        let settings = settings(Arc::new(header.promises.clone()), header.capabilities, header.alone);
        let settings = Settings { matrix: false, ..settings };
        let exclusive = header.capabilities.claims(Capability::Exclusive);
        let (contract, model) = (rules.contract.clone(), rules.model.clone());
        let own = Bench { contract, model, settings, exclusive };
        let shared = Bench { settings: Settings { alone: false, ..own.settings.clone() }, ..own.clone() };
        let (controls, twins, raced) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { own, shared, ledger: Ledger::default(), controls, twins, raced }
    }

    fn bench(&self, course: &Course) -> &Bench {
        if course.case.about.get(SHARED).is_some() { &self.shared } else { &self.own }
    }

    /// Judges a case that has come to its end.
    pub(super) fn take(&mut self, course: Course) {
        let watched = clause::watched(&evidence(self.bench(&course), &course));
        self.note(&course, &[], watched, None);
        match course.case.purpose {
            Purpose::Smaller { .. } => {}
            Purpose::Control { of } => match self.raced.get(&of) {
                Some(class) => self.alone(&course, class),
                None => self.controls.entry(of).or_default().push(course),
            },
            Purpose::Twin { of } => drop(self.twins.insert(of, course)),
            Purpose::Subject => self.subject(&course),
        }
    }

    fn subject(&mut self, course: &Course) {
        let controls = self.controls.remove(&course.case.number).unwrap_or_default();
        let twin = self.twins.remove(&course.case.number);
        let beside = twin.as_ref().map(|twin| evidence(self.bench(twin), twin));
        let mut own = evidence(self.bench(course), course);
        if let Some(twin) = &beside {
            own = own.beside(twin);
        }
        let mut judged = clause::judged(&course.case.experiment, &own);
        let wrong = judged.iter().any(|(_, judged)| judged.is_wrong());
        let raced = controls.is_empty() && is_controlled_alone(&course.case.experiment);
        let class =
            raced.then(|| RaceClass { experiment: course.case.experiment.clone(), commands: own.raced() });
        for control in &controls {
            judged = clause::controlled(judged, &self.one_by_one(control));
        }
        if let Some(class) = &class {
            let number = course.case.number;
            self.ledger.raced(class, wrong.then_some((number, number)));
        }
        if let Some(trouble) = course.end.as_ref().and_then(|end| end.trouble.as_ref()) {
            for (_, judged) in &mut judged {
                judged.doubts.push(trouble.clone());
            }
        }
        let others: Vec<&Course> = controls.iter().chain(&twin).collect();
        self.note(course, &others, judged, class.as_ref());
        if let Some(class) = class {
            self.raced.insert(course.case.number, class);
        }
    }

    /// Takes note of what a control breaks one by one, and hands out its judgement.
    fn one_by_one(&self, control: &Course) -> Judgement {
        let (bench, ours) = (self.bench(control), values(control).into_values().collect());
        let judgement = evidence(bench, control).judgement().clone();
        let settings = Settings { ours, ..bench.settings.clone() };
        let blame = Blame { model: &bench.model, contract: &bench.contract, settings };
        self.note(control, &[], blame.judged(&control.operations, &judgement), None);
        judgement
    }

    /// A control had the target for itself.
    fn alone(&self, control: &Course, class: &RaceClass) {
        self.ledger.alone(class, self.one_by_one(control).is_wrong());
    }

    fn note(
        &self,
        course: &Course,
        others: &[&Course],
        judged: Vec<(ClauseId, Judged)>,
        class: Option<&RaceClass>,
    ) {
        let all: Vec<_> = [course].iter().chain(others).map(|course| values(course)).collect();
        let (values, all) = (&all[0], all.iter().collect::<Vec<_>>());
        let says = |wrong: &Wrong| says(wrong, &all);
        for (id, judged) in judged {
            let mut told: Vec<Wrong> = Vec::new();
            for finding in self.ledger.note(id, judged, says) {
                let is_told = told.contains(&finding.wrong);
                told.push(finding.wrong.clone());
                let ours = values.values().cloned().collect();
                let settings = Settings { ours, ..self.bench(course).settings.clone() };
                let judge = |operations: &[Operation]| judge(&*self.own.model, &settings, operations);
                let example = (!is_told).then(|| tale(course, values).found(&finding, judge));
                self.ledger.found(id, class.filter(|_| !finding.certain), example);
            }
        }
    }

    /// Takes in what sequences say.
    pub(super) fn sequences(&self, sequences: &Sequences) {
        sequences
            .bench()
            .note(&sequences.summary, &self.ledger, |id, example| self.ledger.broken(id, example));
    }

    /// How the clauses stand, by what the examination said of them and what their cases say; and that alone, of those that were tried.
    pub(super) fn conclude(self, told: Vec<ClauseWord>) -> (Vec<ClauseWord>, Vec<ClauseResult>) {
        let mut results = Vec::new();
        let mut all: Vec<ClauseWord> = told.into_iter().map(|word| self.again(word, &mut results)).collect();
        // Of an examination that was cut short nothing is told but what is broken.
        let untold = |clause: &&Clause| all.iter().all(|word| word.id != clause.id);
        let untold = clause::all().filter(untold).map(|clause| self.ledger.judge(clause));
        let untold: Vec<ClauseResult> = untold.filter(|result| result.stand == Stand::Fail).collect();
        all.extend(untold.iter().map(word));
        results.extend(untold);
        (all, results)
    }

    /// What is said of a clause, as long as its cases say the same.
    fn again(&self, told: ClauseWord, results: &mut Vec<ClauseResult>) -> ClauseWord {
        if told.was_not_tried() {
            return told;
        }
        let result = self.ledger.judge(clause::of(told.id));
        let broken = result.stand.is_broken();
        let same = broken == told.is_broken() && (broken || told.stands == result.stand.word());
        let why = result.stand.why().unwrap_or(result.stand.word());
        let why = Some(format!("{why}; the run said {}", told.stands));
        let said = if same { told } else { ClauseWord { why, ..word(&result) } };
        results.push(result);
        said
    }
}

fn word(result: &ClauseResult) -> ClauseWord {
    let broken = result.stand.is_broken();
    let wrong = result.counterexamples.iter().filter(|_| broken).map(|example| example.wrong.clone());
    ClauseWord {
        id: result.clause.id,
        stands: result.stand.word().to_owned(),
        weighs: result.weighs(),
        why: result.stand.why().map(str::to_owned),
        wrong: wrong.collect(),
    }
}

fn values(course: &Course) -> HashMap<Name, Value> {
    course.names.iter().cloned().collect()
}

fn evidence<'a>(bench: &'a Bench, course: &'a Course) -> Evidence<'a> {
    let ours = course.names.iter().map(|(_, value)| value.clone());
    let evidence = Evidence::new(bench, (&course.operations, &course.parts), ours);
    let evidence = evidence.with_wire(&course.heads, &course.requests).with_deeds(course.deeds.clone());
    evidence.held_up(course.held.clone()).with_strangers(course.actors.clone())
}

fn tale<'a>(course: &'a Course, values: &'a HashMap<Name, Value>) -> Tale<'a> {
    Tale { operations: &course.operations, requests: &course.requests, deeds: &course.deeds, values }
}
