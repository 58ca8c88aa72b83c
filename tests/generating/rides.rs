//! What comes only far from the start: walks go there, and look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::contract::explore::{Bounds, Fired, contradictions, explore};
use proofmark::contract::rules::Interpreted;
use proofmark::generate::{Cover, Settings, Walks};
use proofmark::protocol::{Answer, Query, Rejection, Seen, Verdict};
use proofmark::run::{TrialSummary, tell};
use proofmark::step::{Sequence, Source as _, Step};
use proofmark::text::Source;
use proofmark::value::{Record, Value};
use serde::Deserialize;

use super::services::{run, tried_with};

const CONTRACT: &str = "tests/generating/rides.contract";
/// More sequences than walks are made of.
const ALL: usize = 400;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bug {
    TakesAFourthRide,
    RefusesTheThirdRide,
    StampsAnEleventhTime,
    DiscountsAboveSeven,
    DiscountsFromSix,
    LeavesElevenZones,
    KeepsTenZones,
}

#[derive(Deserialize)]
enum Do {
    Issue,
    Stamp,
    Promise {
        points: u64,
    },
    Credit,
    Enter {
        #[serde(rename = "zone")]
        _zone: String,
    },
    Leave,
    Build,
    Board {
        pass: String,
    },
}

#[derive(Deserialize)]
enum Show {
    GetPass,
    GetSeat,
}

#[derive(Clone, Copy, Default)]
struct Pass {
    rides: u64,
    stamps: u64,
    promised: u64,
    points: u64,
    zones: u64,
}

#[derive(Default)]
struct Park {
    passes: BTreeMap<String, Pass>,
    empty: BTreeSet<String>,
    taken: BTreeSet<String>,
}

impl Park {
    fn handle(&mut self, bug: Option<Bug>, on: String, command: Do) -> Result<(), &'static str> {
        let rides = match bug {
            Some(Bug::TakesAFourthRide) => 4,
            Some(Bug::RefusesTheThirdRide) => 2,
            _ => 3,
        };
        let stamps = if bug == Some(Bug::StampsAnEleventhTime) { 11 } else { 10 };
        let zones = match bug {
            Some(Bug::LeavesElevenZones) => 11,
            Some(Bug::KeepsTenZones) => 9,
            _ => 10,
        };
        let pass = self.passes.get_mut(&on);
        match (command, pass) {
            (Do::Promise { points }, _) if !(1..=50).contains(&points) => return Err("Malformed"),
            (Do::Issue, Some(_)) => return Err("PassExists"),
            (Do::Issue, None) => drop(self.passes.insert(on, Pass::default())),
            (Do::Stamp, Some(pass)) if pass.stamps >= stamps => return Err("CardFull"),
            (Do::Stamp, Some(pass)) => pass.stamps += 1,
            (Do::Promise { points }, Some(pass)) => pass.promised = points,
            (Do::Credit, Some(pass)) => pass.points += std::mem::take(&mut pass.promised),
            (Do::Enter { .. }, Some(pass)) => pass.zones += 1,
            (Do::Leave, Some(pass)) if pass.zones > zones => return Err("TooManyZones"),
            (Do::Leave, Some(pass)) => pass.zones = 0,
            (Do::Stamp | Do::Promise { .. } | Do::Credit | Do::Enter { .. } | Do::Leave, None) => {
                return Err("PassMissing");
            }
            (Do::Build, _) if self.empty.contains(&on) || self.taken.contains(&on) => {
                return Err("SeatExists");
            }
            (Do::Build, _) => drop(self.empty.insert(on)),
            (Do::Board { .. }, _) if self.taken.contains(&on) => return Err("SeatTaken"),
            (Do::Board { .. }, _) if !self.empty.contains(&on) => return Err("SeatMissing"),
            (Do::Board { pass }, _) => {
                let pass = self.passes.get_mut(&pass).ok_or("PassMissing")?;
                if pass.rides >= rides {
                    return Err("PassUsedUp");
                }
                pass.rides += 1;
                self.empty.remove(&on);
                self.taken.insert(on);
            }
        }
        Ok(())
    }

    fn answer(&self, bug: Option<Bug>, on: &str, query: &Show) -> Option<Record> {
        match query {
            Show::GetSeat => {
                let status = if self.taken.contains(on) { "taken" } else { "empty" };
                let is_there = self.taken.contains(on) || self.empty.contains(on);
                is_there.then(|| Record::from([("seat", Value::from(on)), ("status", status.into())]))
            }
            Show::GetPass => self.passes.get(on).map(|pass| {
                let from = match bug {
                    Some(Bug::DiscountsAboveSeven) => 8,
                    Some(Bug::DiscountsFromSix) => 6,
                    _ => 7,
                };
                Record::from([
                    ("pass", Value::from(on)),
                    ("rides", pass.rides.into()),
                    ("stamps", pass.stamps.into()),
                    ("points", pass.points.into()),
                    ("zones", pass.zones.into()),
                    ("discount", if pass.points >= from { 20 } else { 0 }.into()),
                ])
            }),
        }
    }
}

fn rides(bug: Option<Bug>, bound: Duration) -> InProcess<Mutex<Park>> {
    InProcess::builder("rides", |_| Mutex::new(Park::default()))
        .speaks("rides")
        .ids(IdForm::Text)
        .bound(bound)
        .commands(move |park, sent: Sent<Do>| async move {
            let mut park = park.lock().expect("no panic");
            park.handle(bug, sent.on, sent.command).map_err(Rejection::named)
        })
        .queries(move |park, asked: Asked<Show>| async move {
            let park = park.lock().expect("no panic");
            let found = park.answer(bug, &asked.on.unwrap_or_default(), &asked.query);
            Answer::new(found.map_or(Seen::Absent, |found| Seen::Found(found.into())))
        })
        .build()
}

fn rules() -> Interpreted {
    Interpreted::read(&Source::read(CONTRACT).expect("the contract")).expect("rules")
}

fn walked(bug: Option<Bug>) -> TrialSummary {
    let settings = Settings { seed: 5, max_len: 16, cases: ALL };
    let mut walks = Walks::new(Arc::new(rules()), settings, Cover::Transitions, Bounds::default());
    tried_with(rides(bug, Duration::ZERO), CONTRACT, 5, &mut walks)
}

#[test]
fn walks_go_where_rules_begin_to_stop_and_where_what_is_shown_changes() {
    let sound = walked(None);
    assert_eq!(sound.verdict(), Verdict::Pass, "{:#?}", sound.failures);
    for bug in [
        Bug::TakesAFourthRide,
        Bug::RefusesTheThirdRide,
        Bug::StampsAnEleventhTime,
        Bug::DiscountsAboveSeven,
        Bug::DiscountsFromSix,
        Bug::LeavesElevenZones,
        Bug::KeepsTenZones,
    ] {
        assert_eq!(walked(Some(bug)).verdict(), Verdict::Fail, "{bug:?}");
    }
}

#[test]
fn what_a_search_finds_is_not_said_to_be_never() {
    let model = rules();
    let graphs = explore(&model, Bounds::default());
    let told = contradictions(&model, &graphs);
    assert!(told.is_empty(), "{told:#?}");
    let used_up = |graph: &&_| -> bool {
        let graph: &proofmark::contract::explore::Graph = graph;
        graph.edges.iter().any(|edge| &*edge.sent.name == "Board" && edge.fired == Fired::Alone(3))
    };
    assert!(!graphs.iter().any(|graph| used_up(&graph)), "a graph of few seats comes to it");
}

/// Waiting for quiet takes reads of its own, and what is wrong may show in one of them.
#[test]
fn the_read_that_is_wrong_stands_in_its_story() {
    let settings = Settings { seed: 5, max_len: 16, cases: ALL };
    let mut walks = Walks::new(Arc::new(rules()), settings, Cover::Transitions, Bounds::default());
    let drawn = std::iter::from_fn(|| walks.next());
    let credits = |sequence: &Sequence| format!("{:?}", sequence.steps).contains("Credit");
    let mut sequence = drawn.into_iter().find(credits).expect("one that credits");
    sequence.steps.retain(|step| matches!(step, Step::Submit(_)));
    // What is read next is what is waited for.
    let Some(Step::Submit(credit)) = sequence.steps.last() else { panic!("no command: {sequence:#?}") };
    let looks = Query { name: "GetPass".into(), on: credit.command.on.clone(), fields: Record::new() };
    sequence.steps.extend([Step::Settle, Step::Ask(looks)]);
    let bound = Duration::from_millis(20);
    let summary = run(rides(Some(Bug::DiscountsAboveSeven), bound), CONTRACT, 5, vec![sequence]);
    let contract = rules().contract().clone();
    let told = tell(&contract, &summary.failures[0], &[]).expect("a failure");
    let read = |line: &String| line.starts_with("GetPass on $pass1 → {") && line.contains("discount: 0");
    assert!(told.steps.iter().any(read), "{:#?}", told.steps);
}
