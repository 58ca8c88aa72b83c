//! Services that only create: which clauses bind them, what their creations are evidence for, and which defects these show.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use proofmark::adapter::Http;
use proofmark::clause::Level;
use proofmark::conform::{ClauseVerdict, Conformance, Examiner, Selection, Stand};
use proofmark::contract::rules::Interpreted;
use proofmark::profile::Profile;
use proofmark::protocol::ClauseId;
use proofmark::run::Seed;
use proofmark::text::{Colour, Severity, Source, render};
use proofmark::value::{Limits, Value};

use tokio::time::Instant;

use super::server::{Reaction, Request, Server, answer};

/// So long a creation waits at most for another one to come, where that makes a difference.
const COMPANY: Duration = Duration::from_millis(5);

/// Far more than it takes where nothing else runs.
const BUDGET: Duration = Duration::from_secs(600);

/// Who makes up the ids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    Service,
    /// The second creation under an id is refused.
    Client,
    /// The second one takes the place of the first.
    ClientAnew,
}

/// What a service does with creations, and which bug it has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sound,
    /// Of creations at the same time, all but the first never show.
    LosesRaced,
    /// They get the id of the first.
    SharesIds,
    /// The second one of an id is accepted, too.
    AcceptsRaced,
    /// The second one of an id is accepted, too, if it comes right behind the first: it looks where that doesn't show yet.
    AcceptsNext,
    ForgetsKeys,
    /// Keys are looked up before others that are under way have left theirs.
    ForgetsRacedKeys,
    /// Retries are told by what is sent with a key.
    TellsByBody,
    /// It takes one creation at a time, of whatever.
    TakesOne,
}

#[derive(Default)]
struct Things {
    /// Label by id, in the order in which they came.
    rows: Vec<(String, String)>,
    hidden: usize,
    ids: usize,
    keys: HashMap<String, String>,
    last: Option<(String, Instant)>,
}

struct Service {
    way: Way,
    ids: Ids,
    things: Mutex<Things>,
    under_way: AtomicUsize,
}

impl Service {
    fn new(way: Way, ids: Ids) -> Self {
        Self { way, ids, things: Mutex::default(), under_way: AtomicUsize::new(0) }
    }

    fn react(&self, request: &Request) -> Reaction {
        let (path, asked) = request.target.split_once("?label=").unwrap_or((&request.target, ""));
        let mut parts = path.trim_start_matches('/').split('/');
        match (&*request.method, parts.next(), parts.next(), parts.next()) {
            ("POST", Some("things"), id, None) => self.created(request, id),
            ("GET", Some("things"), None, None) => {
                let things = self.things.lock().expect("no panic");
                let rows: Vec<String> =
                    things.rows.iter().filter(|(_, label)| label == asked).map(row).collect();
                answer(200, &format!(r#"{{"things": [{}]}}"#, rows.join(", ")))
            }
            ("GET", Some("things"), Some(id), None) => {
                let things = self.things.lock().expect("no panic");
                things
                    .rows
                    .iter()
                    .find(|(known, _)| known == id)
                    .map_or_else(none, |found| answer(200, &row(found)))
            }
            _ => none(),
        }
    }

    fn created(&self, request: &Request, id: Option<&str>) -> Reaction {
        let before = self.under_way.fetch_add(1, Ordering::SeqCst);
        if self.way != Way::Sound {
            let until = Instant::now() + COMPANY;
            while self.under_way.load(Ordering::SeqCst) < 2 && Instant::now() < until {
                std::thread::yield_now();
            }
        }
        let reaction = if self.way == Way::TakesOne && before > 0 {
            answer(409, r#"{"code": "Busy"}"#)
        } else {
            self.create(request, id, before > 0)
        };
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        reaction
    }

    fn create(&self, request: &Request, id: Option<&str>, raced: bool) -> Reaction {
        let label = match Value::from_json(&request.body, &Limits::default()) {
            Ok(Value::Record(body)) => body.get("label").and_then(Value::as_text).map(str::to_owned),
            _ => None,
        };
        let Some(label) = label.filter(|label| !label.is_empty()) else {
            return answer(400, r#"{"code": "Malformed"}"#);
        };
        let mut things = self.things.lock().expect("no panic");
        let key = match self.way {
            Way::ForgetsKeys => None,
            Way::ForgetsRacedKeys if raced => None,
            Way::TellsByBody => request.header("x-key").map(|_| label.clone()),
            _ => request.header("x-key").map(str::to_owned),
        };
        if let Some(told) = key.as_ref().and_then(|key| things.keys.get(key)) {
            let (first, told) = told.split_once('\n').expect("two parts");
            return if first == label { answer(201, told) } else { answer(409, r#"{"code": "KeyReused"}"#) };
        }
        let id = match (self.ids, id) {
            (Ids::Service, None) => {
                let shares = self.way == Way::SharesIds && raced;
                things.ids += usize::from(!shares);
                things.ids.to_string()
            }
            (Ids::Client | Ids::ClientAnew, Some(id)) => id.to_owned(),
            _ => return none(),
        };
        if let Some(at) = things.rows.iter().position(|(known, _)| *known == id) {
            let next = things.last.as_ref().is_some_and(|(last, at)| *last == id && at.elapsed() < LAG);
            let accepts = self.way == Way::AcceptsRaced && raced || self.way == Way::AcceptsNext && next;
            if self.ids == Ids::Client && !accepts {
                return answer(409, r#"{"code": "Exists"}"#);
            }
            things.rows.remove(at);
        }
        things.last = Some((id.clone(), Instant::now()));
        if self.way == Way::LosesRaced && raced {
            things.hidden += 1;
        } else {
            things.rows.push((id.clone(), label.clone()));
        }
        let told = format!(r#"{{"id": "{id}"}}"#);
        key.and_then(|key| things.keys.insert(key, format!("{label}\n{told}")));
        answer(201, &told)
    }
}

/// How long a service decides on what was before.
const LAG: Duration = Duration::from_millis(500);

fn row((id, label): &(String, String)) -> String {
    format!(r#"{{"id": "{id}", "label": {}}}"#, Value::from(&**label).to_json())
}

fn none() -> Reaction {
    answer(404, r#"{"code": "NotFound"}"#)
}

fn contract(ids: Ids) -> Source {
    let refuses = if ids == Ids::Client { "    reject Exists when self.there\n" } else { "" };
    let text = format!(
        "contract things\n\naggregate Thing\n  state there: bool = false\n  state label: id?\n\n  \
         command Create {{ label: id }}\n{refuses}    set there = true\n    set label = label\n\n  \
         query GetThing\n    absent when not self.there\n    shows {{ thing: self.id, label: self.label }}\n\n\
         view ListThings {{ label: id }}\n  of Thing where self.there and self.label == label\n  shows {{ thing: self.id, label: self.label }}\n  unordered\n"
    );
    Source::new("things.contract", text)
}

fn profile(ids: Ids, keys: bool) -> Source {
    let (by, on) = match ids {
        Ids::Service => ("captured\"\ntake = \"$.id", ""),
        Ids::Client | Ids::ClientAnew => ("client", "/${on}"),
    };
    let keys = if keys { "[headers]\nx-key = \"${key?}\"\n[key]\n" } else { "" };
    let text = format!(
        r#"schema = 1
contract = "things"
[id.Thing]
by = "{by}"
[[answer]]
status = ["4xx"]
is = "rejected"
code = {{ from = "$.code" }}
[command.Create]
request = "POST /things{on}"
body = {{ label = "${{.label}}" }}
[query.GetThing]
request = "GET /things/${{on}}"
absent = [404]
fields = {{ thing = "$.id" }}
bound = "1s"
[query.ListThings]
request = "GET /things?label=${{.label}}"
rows = "$.things"
fields = {{ thing = "$.id" }}
bound = "1s"
{keys}"#
    );
    Source::new("things.toml", text)
}

/// What is found in a service of that way, of these clauses or of all.
fn examined(way: Way, ids: Ids, keys: bool, clauses: &[ClauseId]) -> Conformance {
    examined_by(way, ids, keys, clauses, |examiner| examiner)
}

/// The same by an examiner that is told more.
fn examined_by(
    way: Way,
    ids: Ids,
    keys: bool,
    clauses: &[ClauseId],
    told: impl FnOnce(Examiner) -> Examiner,
) -> Conformance {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let model = Interpreted::read(&contract(ids)).expect("rules");
    let contract = Arc::new(model.contract().clone());
    let service = Arc::new(Service::new(way, ids));
    let server = runtime.block_on(Server::start(move |request| service.react(request)));
    let source = profile(ids, keys);
    let reading = Profile::read(&source, &contract);
    let errors = reading.diagnostics.iter().filter(|told| told.severity == Severity::Error);
    assert_eq!(errors.count(), 0, "{}", render([(&source, &*reading.diagnostics)], Colour::Plain));
    let equipment = reading.profile.equip(true, &|_| None).expect("equipment");
    let http = Http::new(reading.profile, equipment, Some(&server.url)).expect("a target");
    let selection = Selection { clauses: clauses.into(), ..Selection::default() };
    let examiner =
        Examiner::new(http, contract, Arc::new(model)).selection(selection).seed(Seed(5)).budget(BUDGET);
    runtime.block_on(told(examiner).examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination")
}

fn stand(found: &Conformance, id: ClauseId) -> &Stand {
    &found.clauses.iter().find(|result| result.clause.id == id).expect("a clause").stand
}

/// That nothing MUST be held against a sound service or is left open, and why some clauses do not bind it.
#[track_caller]
fn check(ids: Ids, keys: bool, unbound: &[(ClauseId, &str)]) {
    let found = examined(Way::Sound, ids, keys, &[]);
    for result in &found.clauses {
        let open = result.fails(false) || result.leaves_open();
        assert!(!open, "{} {:?} {:#?}", result.clause.id, result.stand, result.counterexamples);
        assert!(result.clause.level != Level::May || !result.stand.is_broken(), "{}", result.clause.id);
    }
    let not_binding = found.clauses.iter().filter_map(|result| match &result.stand {
        Stand::NotBinding(why) => Some((result.clause.id, &**why)),
        _ => None,
    });
    assert_eq!(not_binding.collect::<Vec<_>>(), unbound);
    for id in [ClauseId::Qs1, ClauseId::Ec3, ClauseId::Ec4, ClauseId::Oc5, ClauseId::Cv1, ClauseId::Oc4] {
        assert_eq!(*stand(&found, id), Stand::Pass, "{id}");
    }
    let told = "the answer to GetThing states neither a position nor a version";
    assert!(matches!(stand(&found, ClauseId::Ec6), Stand::NotOffered(why) if why.contains(told)));
    assert_eq!(stand(&found, ClauseId::Se2).verdict(), ClauseVerdict::NotAllowed);
    if keys {
        for id in [ClauseId::Id1, ClauseId::Id2, ClauseId::Id3] {
            assert_eq!(*stand(&found, id), Stand::Pass, "{id}");
        }
    }
}

const NO_INVARIANT: (ClauseId, &str) = (ClauseId::Br2, "no invariant");
const NOT_SEVERAL: (ClauseId, &str) = (ClauseId::Br3, "no command with several effects");
const NOT_FORBIDDING: (ClauseId, &str) = (ClauseId::Br4, "no command that forbids another one");
const NO_PAGES: [(ClauseId, &str); 2] = [
    (ClauseId::Qs3, "no paged view that is asked for page by page"),
    (ClauseId::Qs4, "no paged view that is asked for page by page"),
];

#[test]
fn a_sound_service_that_makes_up_ids_is_bound_by_what_it_has() {
    let refusal = (ClauseId::Br1, "no rule that refuses a command");
    let rivals = (ClauseId::Br5, "no two commands on one aggregate that can race");
    let unbound = [refusal, NO_INVARIANT, NOT_SEVERAL, NOT_FORBIDDING, rivals, NO_PAGES[0], NO_PAGES[1]];
    check(Ids::Service, true, &unbound);
}

/// One id is created at once, and one of them wins.
#[test]
fn a_sound_service_that_refuses_the_second_creation_is_bound_by_that() {
    let twice = (ClauseId::Id4, "no command that has an effect each time it is sent");
    check(Ids::Client, true, &[NO_INVARIANT, NOT_SEVERAL, twice, NO_PAGES[0], NO_PAGES[1]]);
}

/// The later one decides, whichever that is.
#[test]
fn a_sound_service_that_creates_anew_is_bound_by_that() {
    let refusal = (ClauseId::Br1, "no rule that refuses a command");
    check(
        Ids::ClientAnew,
        false,
        &[refusal, NO_INVARIANT, NOT_SEVERAL, NOT_FORBIDDING, NO_PAGES[0], NO_PAGES[1]],
    );
}

/// That a bug is found under that clause, in these words.
#[track_caller]
fn fails(way: Way, ids: Ids, id: ClauseId, wrong: &str) {
    let found = examined(way, ids, id.group() == "ID", &[id]);
    let result = found.clauses.iter().find(|result| result.clause.id == id).expect("a clause");
    assert_eq!(result.stand, Stand::Fail, "{:?}", result.evidence);
    let told = &result.counterexamples[0].wrong;
    assert!(told.contains(wrong), "{told}");
}

#[test]
fn creations_at_the_same_time_show_what_is_lost() {
    fails(Way::LosesRaced, Ids::Service, ClauseId::Ec4, "GetThing on $thing");
    fails(Way::LosesRaced, Ids::Client, ClauseId::Ec4, "Thing");
    fails(
        Way::SharesIds,
        Ids::Service,
        ClauseId::Oc5,
        "two Create came at the same time, and both were told the same id",
    );
}

/// What goes on at the same time is bounded, so that a service which takes one at a time is bound by what it has.
#[test]
fn one_case_behind_the_other_is_what_some_services_take() {
    let clauses = [ClauseId::Ch1, ClauseId::Qs1];
    let stands = |told: fn(Examiner) -> Examiner| {
        let found = examined_by(Way::TakesOne, Ids::Service, false, &clauses, told);
        clauses.map(|id| stand(&found, id).clone())
    };
    assert!(stands(|examiner| examiner).contains(&Stand::Fail));
    assert_eq!(stands(|examiner| examiner.jobs(1)), [Stand::Pass, Stand::Pass]);
}

#[test]
fn one_id_that_is_created_twice_shows_who_decides_too_late() {
    fails(Way::AcceptsRaced, Ids::Client, ClauseId::Br5, "Create");
    fails(Way::AcceptsNext, Ids::Client, ClauseId::Br4, "Create");
}

#[test]
fn one_key_makes_one_thing() {
    let again = "Create was sent twice under one key, and each time another id was told";
    fails(Way::ForgetsKeys, Ids::Service, ClauseId::Id1, again);
    fails(Way::ForgetsKeys, Ids::Client, ClauseId::Id1, "Create was accepted");
    fails(Way::ForgetsRacedKeys, Ids::Service, ClauseId::Id3, "and they were told different ids");
    fails(Way::TellsByBody, Ids::Service, ClauseId::Id4, "and both times the same id was told");
}
