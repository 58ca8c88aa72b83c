//! A read model that comes to where it must be by way of states that look the same: what it showed on the way proves nothing
//! of where it stands.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::contract::Contract;
use proofmark::contract::rules::Interpreted;
use proofmark::language::parse_contract;
use proofmark::protocol::{Answer, Command, Expected, Query, Rejection, Seen, Verdict};
use proofmark::run::{RunEvent, Seed, Trials};
use proofmark::step::{Binding, Draw, Sequence, Step};
use proofmark::text::Source;
use proofmark::value::{Name, Record, Value};
use serde::Deserialize;
use tokio::time::Instant;

use super::services::{found, passes};

pub(crate) const CONTRACT: &str = "tests/generating/valves.contract";
/// Between two events of a valve on their way to readers.
const APART: Duration = Duration::from_millis(20);
/// By when the events of a dozen commands have come there.
const BOUND: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A valve that readers have seen open twice is never shown shut any more.
    StaysOpen,
    /// Every second read shows the state before the last one, for ever.
    Flaps,
    /// Reads go to two copies in turn, and one of them is one event behind. It catches up within the bound.
    TwoCopies,
}

#[derive(Deserialize)]
enum Do {
    Fit,
    Open,
    Shut,
}

#[derive(Deserialize)]
enum Show {
    GetValve,
}

#[derive(Default)]
pub(crate) struct Valve {
    open: bool,
    shown: Option<bool>,
    before: Option<bool>,
    /// When it was last shown otherwise than before.
    since: Option<Instant>,
    reads: usize,
    opened: usize,
    coming: VecDeque<(Instant, bool)>,
}

impl Valve {
    fn turn(&mut self, open: bool) {
        self.open = open;
        let last = self.coming.back().map_or_else(Instant::now, |(due, _)| (*due).max(Instant::now()));
        self.coming.push_back((last + APART, open));
    }

    fn shown(&mut self, bug: Option<Bug>) -> Option<bool> {
        while self.coming.front().is_some_and(|(due, _)| *due <= Instant::now()) {
            let (_, open) = self.coming.pop_front().expect("there is one");
            if bug == Some(Bug::StaysOpen) && self.opened >= 2 {
                continue;
            }
            self.opened += usize::from(open);
            self.before = self.shown.replace(open);
            self.since = Some(Instant::now());
        }
        self.reads += 1;
        if bug == Some(Bug::TwoCopies) && self.since.is_none_or(|since| since.elapsed() > APART) {
            return self.shown;
        }
        let in_turn = matches!(bug, Some(Bug::Flaps | Bug::TwoCopies));
        if in_turn && self.reads.is_multiple_of(2) { self.before } else { self.shown }
    }
}

/// Valves, of which readers hear event by event.
pub(crate) fn valves(bug: Option<Bug>) -> InProcess<Mutex<BTreeMap<String, Valve>>> {
    InProcess::builder("valves", |_| Mutex::new(BTreeMap::<String, Valve>::new()))
        .speaks("valves")
        .ids(IdForm::Text)
        .bound(BOUND)
        .commands(|valves, sent: Sent<Do>| async move {
            let mut valves = valves.lock().expect("no panic");
            let refused = |code: &str| Err(Rejection::named(code));
            match (sent.command, valves.get_mut(&sent.on)) {
                (Do::Fit, None) => valves.entry(sent.on).or_default().turn(false),
                (Do::Fit, Some(_)) => return refused("FittedAlready"),
                (Do::Open, Some(valve)) if !valve.open => valve.turn(true),
                (Do::Open, _) => return refused("NotShut"),
                (Do::Shut, Some(valve)) if valve.open => valve.turn(false),
                (Do::Shut, _) => return refused("NotOpen"),
            }
            Ok(())
        })
        .queries(move |valves, asked: Asked<Show>| async move {
            let Show::GetValve = asked.query;
            let mut valves = valves.lock().expect("no panic");
            let on = asked.on.unwrap_or_default();
            let shown = valves.get_mut(&on).and_then(|valve| valve.shown(bug));
            Answer::new(shown.map_or(Seen::Absent, |open| {
                let status = if open { "open" } else { "shut" };
                Seen::Found(Record::from([("valve", Value::from(on)), ("status", status.into())]).into())
            }))
        })
        .build()
}

#[test]
fn states_that_look_the_same_convict_nobody() {
    passes(valves(None), CONTRACT);
}

/// What is looked at again behind the bound may meet the right state: some sequence meets the wrong one.
#[test]
fn a_state_that_comes_and_goes_is_found() {
    found(|| valves(Some(Bug::Flaps)), CONTRACT, 5);
}

#[test]
fn what_never_shows_is_found_behind_them() {
    found(|| valves(Some(Bug::StaysOpen)), CONTRACT, 9);
}

/// Until it shows, each look is the same; the history has them all.
#[test]
fn looks_that_show_the_same_are_kept_twice_at_most() {
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = reads.clone();
    let blind = InProcess::builder("valves", |_| ())
        .speaks("valves")
        .ids(IdForm::Text)
        .bound(Duration::from_secs(60))
        .commands(|_, _: Sent<Do>| async move { Ok(()) })
        .queries(move |_, asked: Asked<Show>| {
            let Show::GetValve = asked.query;
            let nth = counted.fetch_add(1, Ordering::SeqCst);
            let shown = Record::from([
                ("valve", Value::from(asked.on.unwrap_or_default())),
                ("status", "shut".into()),
            ]);
            async move { Answer::new(if nth < 12 { Seen::Absent } else { Seen::Found(shown.into()) }) }
        })
        .build();
    let (name, on) = (Name::new("valve1"), Value::Name(Name::new("valve1")));
    let fit = Command {
        name: "Fit".into(),
        on: Some(on.clone()),
        fields: Record::new(),
        key: None,
        expected: Expected::Any,
        id: "".into(),
    };
    let read = Query { name: "GetValve".into(), on: Some(on), fields: Record::new() };
    let names = vec![Binding { name, draw: Draw::New("Valve".into()) }];
    let sequence = Sequence { names, steps: vec![fit.into(), Step::Settle, Step::Ask(read)] };
    let history = std::env::temp_dir().join(format!("proofmark-looks-{}.jsonl", std::process::id()));
    let source = Source::read(CONTRACT).expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let model = Arc::new(Interpreted::read(&source).expect("rules"));
    let trials = Trials::new(blind, contract, model).seed(Seed(1)).history(&history);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut kept = 0;
    let summary = runtime.block_on(trials.run(std::iter::once(sequence), |event| {
        if let RunEvent::Sequence(trial) = event {
            kept = trial.ran.operations.len();
        }
    }));
    assert_eq!(summary.expect("trials").verdict(), Verdict::Pass);
    let written = std::fs::read_to_string(&history).expect("the history");
    std::fs::remove_file(&history).expect("the history");
    let asked = written.lines().filter(|line| line.contains("\"k\":\"qry\"")).count();
    assert_eq!((reads.load(Ordering::SeqCst), asked), (14, 14), "{written}");
    // The command, the first and the last look that showed nothing, the one that did, quiet, and the read itself.
    assert_eq!(kept, 6);
}
