use std::sync::{Arc, Mutex};
use std::time::Duration;

use proofmark::adapter::{ControlError, Description, IdForm, Session, Target, Unreachable, World, WorldSeed};
use proofmark::contract::{Contract, Resolved};
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::protocol::{
    Actor, Answer, Capability, Command, Doubt, Event, Observation, Outcome, Query, Receipt, Rejection, Seen,
    Submission, Unknown, Verdict, Version,
};
use proofmark::report::failure;
use proofmark::run::{RunEvent, Runner, ScenarioResult, Seed};
use proofmark::scenario::{Plan, plan};
use proofmark::text::{Colour, Source};
use proofmark::value::{Limits, Value};

const CONTRACT: &str = r"
contract lamps
aggregate Lamp
  state lit: bool
  state level: int
  command Turn { level: int }
    reject Burnt when self.level > 9
    emits Turned { level }
  event Turned { level }
    set level = level
  query Look
    shows { level: self.level, lit: self.lit }
view Lamps
  of Lamp where self.lit
  shows { level: self.level }
  total
";

/// What comes of a rebuild of what answers the query of this name.
pub(crate) type Rebuilds = Arc<dyn Fn(&str) -> Result<(), ControlError> + Send + Sync>;

type Respond<I, O> = Arc<dyn Fn(&I, usize, Duration) -> O + Send + Sync>;

/// A target that does as told: each command and each query is answered by a function of what was sent, of how many
/// were sent before, and of the time since the world began.
#[derive(Clone)]
pub(crate) struct Toy {
    pub(crate) description: Description,
    pub(crate) outcome: Respond<Command, Outcome>,
    pub(crate) answer: Respond<Query, Answer>,
    /// What the feed tells, by how often it was read before and the time.
    pub(crate) events: Arc<dyn Fn(usize, Duration) -> Result<Vec<Event>, ControlError> + Send + Sync>,
    /// What comes of an event that is to happen.
    pub(crate) seeded: Arc<dyn Fn(&Event) -> Outcome + Send + Sync>,
    /// What comes of a rebuild.
    pub(crate) rebuilt: Rebuilds,
    /// How long each operation takes.
    pub(crate) takes: Duration,
    /// What a wait for the read models answers.
    pub(crate) caught_up: bool,
    pub(crate) reachable: bool,
    /// Nobody ever gets a world.
    pub(crate) hanging: bool,
    /// Who can speak to it.
    pub(crate) known: &'static [&'static str],
    /// Who sent or asked what: `alice Turn`.
    pub(crate) heard: Arc<Mutex<Vec<String>>>,
}

impl std::fmt::Debug for Toy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Toy")
    }
}

impl Toy {
    /// Accepts everything; its bound is 200 ms.
    pub(crate) fn showing(answer: impl Fn(usize, Duration) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            description: Capability::ALL.into_iter().fold(
                Description::new("toy").speaks("lamps").ids(IdForm::Text).bound(Duration::from_millis(200)),
                Description::claims,
            ),
            outcome: Arc::new(|_, nth, _| accepted(nth as u64 + 1)),
            answer: Arc::new(move |_, nth, at| answer(nth, at)),
            events: Arc::new(|_, _| Ok(Vec::new())),
            seeded: Arc::new(|_| accepted(1)),
            rebuilt: Arc::new(|_| Ok(())),
            takes: Duration::ZERO,
            caught_up: true,
            reachable: true,
            hanging: false,
            known: &[],
            heard: Arc::default(),
        }
    }

    /// Always shows `{ level: 0 }`; commands end as told.
    pub(crate) fn deciding(outcome: impl Fn(&Command, usize) -> Outcome + Send + Sync + 'static) -> Self {
        Self {
            outcome: Arc::new(move |command, nth, _| outcome(command, nth)),
            ..Self::showing(|_, _| level(0))
        }
    }
}

/// `{ level: n }`, as version n.
pub(crate) fn level(level: u64) -> Answer {
    let value = Value::from_json(format!("{{\"level\":{level}}}"), &Limits::default()).expect("JSON");
    Answer { version: Some(Version::Number(level)), ..Answer::new(Seen::Found(value)) }
}

pub(crate) fn broken() -> Answer {
    Answer::new(Seen::Broken(unknown()))
}

pub(crate) fn accepted(version: u64) -> Outcome {
    Outcome::Accepted(Receipt { version: Some(Version::Number(version)), ..Receipt::default() })
}

pub(crate) fn rejected(code: Option<&str>) -> Outcome {
    Outcome::Rejected(Rejection {
        code: code.map(Into::into),
        detail: Some("the lamp is burnt out".into()),
        ..Rejection::default()
    })
}

pub(crate) fn unknown() -> Unknown {
    Unknown { doubt: Doubt::ServerError, status: Some(500), detail: "status 500".into() }
}

pub(crate) struct Place {
    toy: Toy,
    began: tokio::time::Instant,
    submitted: Mutex<usize>,
    asked: Mutex<usize>,
    read: Mutex<usize>,
}

#[derive(Clone)]
pub(crate) struct Here(Arc<Place>, Actor);

impl Here {
    fn hear(&self, what: &str) {
        self.0
            .toy
            .heard
            .lock()
            .expect("no panic before")
            .push(format!("{} {what}", self.1.name().unwrap_or("default")));
    }
}

impl Target for Toy {
    type World = Here;

    fn describe(&self) -> &Description {
        &self.description
    }

    fn knows_actor(&self, actor: &str) -> bool {
        self.known.contains(&actor)
    }

    async fn world(&self, _: WorldSeed) -> Result<Here, Unreachable> {
        if self.hanging {
            std::future::pending::<()>().await;
        }
        if !self.reachable {
            return Err(Unreachable { target: "toy".into(), why: "it is switched off".into() });
        }
        let place = Place {
            toy: self.clone(),
            began: tokio::time::Instant::now(),
            submitted: Mutex::new(0),
            asked: Mutex::new(0),
            read: Mutex::new(0),
        };
        Ok(Here(Arc::new(place), Actor::Default))
    }
}

impl World for Here {
    type Session = Self;

    async fn open(&self, actor: &Actor) -> Result<Self, Unreachable> {
        Ok(Self(self.0.clone(), actor.clone()))
    }

    async fn caught_up(&self, _: Duration) -> bool {
        self.0.toy.caught_up
    }

    async fn rebuild(&self, query: &str, _: Duration) -> Result<(), ControlError> {
        (self.0.toy.rebuilt)(query)
    }

    async fn seed(&self, event: &Event) -> Outcome {
        (self.0.toy.seeded)(event)
    }

    async fn events(&self, _: Option<&Value>, _: Option<u64>) -> Result<Vec<Event>, ControlError> {
        (self.0.toy.events)(next(&self.0.read), self.0.began.elapsed())
    }
}

fn next(count: &Mutex<usize>) -> usize {
    let mut count = count.lock().expect("no panic before");
    *count += 1;
    *count - 1
}

impl Session for Here {
    async fn submit(&mut self, command: &Command) -> Submission {
        self.hear(&command.name);
        let place = &self.0;
        let outcome = (place.toy.outcome)(command, next(&place.submitted), place.began.elapsed());
        tokio::time::sleep(place.toy.takes).await;
        outcome.into()
    }

    async fn ask(&mut self, query: &Query) -> Observation {
        self.hear(&query.name);
        let place = &self.0;
        let answer = (place.toy.answer)(query, next(&place.asked), place.began.elapsed());
        tokio::time::sleep(place.toy.takes).await;
        answer.into()
    }
}

/// Plans one scenario with these steps.
pub(crate) fn planned(steps: &str) -> Arc<Plan> {
    let contract = parse_contract(&Source::new("lamps.contract", CONTRACT));
    assert_eq!(contract.diagnostics, [], "the contract");
    let Resolved { contract, diagnostics } = Contract::resolve(&contract.tree);
    assert_eq!(diagnostics, [], "the contract");
    let text = format!("use lamps\nscenario \"s\"\n  let $l = new Lamp\n{steps}\n");
    let source = Arc::new(Source::new("toy.scenario", text));
    let file = parse_scenarios(&source);
    assert_eq!(file.diagnostics, [], "{steps}");
    let (plans, mistakes) = plan(&source, &file.tree, &contract);
    let errors = mistakes.iter().filter(|mistake| mistake.severity == proofmark::text::Severity::Error);
    assert_eq!(errors.count(), 0, "{steps}\n{mistakes:?}");
    Arc::new(plans.into_iter().next().expect("one scenario"))
}

/// Runs one scenario with these steps, on a clock that jumps.
pub(crate) fn run(toy: Toy, steps: &str) -> ScenarioResult {
    run_with(toy, steps, |runner| runner)
}

pub(crate) fn run_with(toy: Toy, steps: &str, set: impl FnOnce(Runner) -> Runner) -> ScenarioResult {
    run_in(&paused(), toy, steps, set)
}

pub(crate) fn run_in(
    runtime: &tokio::runtime::Runtime,
    toy: Toy,
    steps: &str,
    set: impl FnOnce(Runner) -> Runner,
) -> ScenarioResult {
    let mut results = Vec::new();
    let runner = set(Runner::new(toy).seed(Seed(1)));
    let plans = [planned(steps)];
    let run = runner.run(&plans, |event| {
        if let RunEvent::Scenario(result) = event {
            results.push((*result).clone());
        }
    });
    let summary = runtime.block_on(run).expect("a run");
    if let Some(history) = summary.history {
        std::fs::remove_file(history).expect("the history is there");
    }
    results.into_iter().next().expect("a result")
}

pub(crate) fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
}

/// The verdict, and the findings' messages.
pub(crate) fn check(toy: Toy, steps: &str, verdict: Verdict, message: &str) -> ScenarioResult {
    let result = run(toy, steps);
    let block = failure(&result, "again", Colour::Plain);
    assert_eq!(result.verdict, verdict, "{steps}\n{block}");
    assert!(block.contains(message), "{message:?} is not in\n{block}");
    result
}
