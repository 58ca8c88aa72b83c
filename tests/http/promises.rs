//! What a profile promises is kept by scenarios, generated sequences and examinations alike: each of them finds a service
//! sound with the promise, and broken without it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use proofmark::adapter::{Http, Target as _};
use proofmark::check::{Asked, check};
use proofmark::conform::{Examiner, Selection, Stand};
use proofmark::generate::{Random, Settings, Weave};
use proofmark::language::parse_scenarios;
use proofmark::profile::Profile;
use proofmark::protocol::{Capability, Verdict};
use proofmark::run::{RunEvent, Runner, Seed, Trials};
use proofmark::scenario::plan;
use proofmark::step::Source as _;
use proofmark::text::{Colour, Severity, Source, render};
use proofmark::value::{Limits, Value};

use tokio::time::Instant;

use super::server::{Reaction, Request, Server, answer};
use crate::model::shipped;

const CONTRACT: &str = "tests/http/parcels.contract";

/// The clauses that generated values and judged answers go into.
const CLAUSES: &[&str] = &["CH-1", "BR-1", "BR-6", "QS-1", "EC-1", "EC-3"];

const SCENARIO: &str = r#"use parcels
scenario "a parcel is loaded and handed over"
  let $p = new Parcel
  when Register on $p { label: unique "box" }
  then accepted
  and eventually GetParcel on $p shows { status: "registered" }
  when Load on $p { weight: 0.10 }
  and Load on $p { weight: 0.20 }
  and HandOver on $p
  then eventually GetParcel on $p shows { weight: 0.30, status: "handed" }
"#;

/// A profile with places for the lines of each case.
fn profile(promise: &Promise) -> String {
    format!(
        r#"schema = 1
contract = "parcels"
[id.Parcel]
by = "client"
as = "{}"
[[answer]]
status = 400
is = "rejected"
code = {{ from = "$.code" }}
[command."*"]
request = "POST /parcels/${{on}}/${{name}}"
body = "${{fields}}"
[query.GetParcel]
request = "GET /parcels/${{on}}"
absent = [404]
{}
{}
"#,
        promise.ids, promise.query, promise.section
    )
}

/// What a profile says beyond requests.
#[derive(Clone, Copy)]
struct Promise {
    ids: &'static str,
    /// Lines of `[query.GetParcel]`.
    query: &'static str,
    /// A section of its own.
    section: &'static str,
}

const NOTHING: Promise = Promise { ids: "string", query: "bound = \"immediate\"", section: "" };

/// How the service is different from what one would expect of the contract alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Weights are floats, told with all their digits.
    Floats,
    /// A label has to be a UUID.
    WantsUuids,
    /// An idempotency key has to be a UUID.
    WantsUuidKeys,
    /// A parcel's number has to be a UUID.
    NumbersAreUuids,
    /// Whoever hands over what is handed over already is told yes.
    HandsOverTwice,
    /// What is read is as old as this.
    Lags,
    /// Every query is answered with 500.
    AnswersNoQuery,
    /// Who has seen a parcel is answered with 500 from then on.
    AnswersOnce,
}

/// A secret that is a word of the contract, too.
const SECRET: &str = "registered";

const LAG: Duration = Duration::from_millis(15);

#[derive(Clone)]
struct Parcel {
    label: String,
    weight: f64,
    handed: bool,
}

/// Each parcel as it was from when on.
type Parcels = BTreeMap<String, Vec<(Instant, Parcel)>>;

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|_| text.len() == 36)
}

fn handle(
    way: Way,
    parcels: &mut Parcels,
    id: &str,
    command: &str,
    fields: &Value,
) -> Result<(), &'static str> {
    if way == Way::NumbersAreUuids && !is_uuid(id) {
        return Err("Malformed");
    }
    let now = parcels.get(id).and_then(|past| past.last()).map(|(_, parcel)| parcel.clone());
    let next = match (command, now) {
        ("Register", now) => {
            let label = fields
                .get("label")
                .and_then(Value::as_text)
                .filter(|l| (1..=40).contains(&l.chars().count()));
            let label = label.filter(|label| way != Way::WantsUuids || is_uuid(label)).ok_or("Malformed")?;
            if now.is_some() {
                return Err("ParcelExists");
            }
            Parcel { label: label.to_owned(), weight: 0.0, handed: false }
        }
        ("Load", now) => {
            let weight = fields.get("weight").and_then(Value::as_number).ok_or("Malformed")?;
            let weight: f64 = weight.to_string().parse().map_err(|_| "Malformed")?;
            let now = now.filter(|now| !now.handed).ok_or("NotRegistered")?;
            // Floats are how this service adds; only one way of it tells what came of that.
            let sum = now.weight + weight;
            let sum = if way == Way::Floats { sum } else { (sum * 1e6).round() / 1e6 };
            Parcel { weight: sum, ..now }
        }
        ("HandOver", Some(now)) if now.handed && way == Way::HandsOverTwice => return Ok(()),
        ("HandOver", now) => Parcel { handed: true, ..now.filter(|now| !now.handed).ok_or("NotRegistered")? },
        _ => return Err("Malformed"),
    };
    parcels.entry(id.to_owned()).or_default().push((Instant::now(), next));
    Ok(())
}

fn react(way: Way, parcels: &Mutex<Parcels>, request: &Request) -> Reaction {
    let mut parcels = parcels.lock().expect("no panic");
    let mut words = request.target.split('/').skip(2);
    let (id, command) = (words.next().unwrap_or_default(), words.next());
    if let Some(command) = command {
        if let Some(key) = request.header("x-key") {
            if way == Way::WantsUuidKeys && !is_uuid(key) {
                return answer(400, r#"{"code": "Malformed"}"#);
            }
            // What was refused is decided anew: the rules let it be.
            if parcels.contains_key(&format!("key {key}")) {
                return answer(204, "");
            }
        }
        let Ok(fields) = Value::from_json(&request.body, &Limits::default()) else {
            return answer(400, r#"{"code": "Malformed"}"#);
        };
        return match handle(way, &mut parcels, id, command, &fields) {
            Ok(()) => {
                if let Some(key) = request.header("x-key") {
                    parcels.insert(format!("key {key}"), Vec::new());
                }
                answer(204, "")
            }
            Err(code) => answer(400, &format!(r#"{{"code": "{code}"}}"#)),
        };
    }
    if way == Way::AnswersNoQuery {
        return answer(500, r#"{"code": "Broken"}"#);
    }
    if way == Way::AnswersOnce && parcels.contains_key(id) {
        let seen = parcels.insert(format!("{id}, seen"), Vec::new()).is_some();
        if seen {
            return answer(500, r#"{"code": "Broken"}"#);
        }
    }
    let lag = if way == Way::Lags { LAG } else { Duration::ZERO };
    let shown = parcels.get(id).into_iter().flatten().rfind(|(since, _)| since.elapsed() >= lag);
    let Some((_, Parcel { label, weight, handed })) = shown else { return answer(404, "") };
    let (label, status) = (Value::from(&**label).to_json(), if *handed { "handed" } else { "registered" });
    answer(
        200,
        &format!(r#"{{"parcel": "{id}", "label": {label}, "weight": {weight}, "status": "{status}"}}"#),
    )
}

/// The services of one test: a new one each time, so that nothing of one examination is in the way of the next.
fn target(runtime: &tokio::runtime::Runtime, way: Way, promise: &Promise) -> Http {
    let parcels = Arc::new(Mutex::new(Parcels::new()));
    let server = runtime.block_on(Server::start(move |request| react(way, &parcels, request)));
    by_profile(&profile(promise), PARCELS, &server.url)
}

/// What a service speaks, and a scenario of it.
#[derive(Clone, Copy)]
pub(super) struct Spoken {
    pub(super) contract: &'static str,
    pub(super) scenario: &'static str,
}

const PARCELS: Spoken = Spoken { contract: CONTRACT, scenario: SCENARIO };

/// The service at `url` by a profile.
pub(super) fn by_profile(profile: &str, spoken: Spoken, url: &str) -> Http {
    let source = Source::new("service.toml", profile);
    let contract = Arc::new(shipped(spoken.contract).contract().clone());
    let reading = Profile::read(&source, &contract);
    let errors = reading.diagnostics.iter().filter(|told| told.severity == Severity::Error);
    assert_eq!(errors.count(), 0, "{}", render([(&source, &*reading.diagnostics)], Colour::Plain));
    let equipment = reading.profile.equip(true, &|_| Some(SECRET.into())).expect("equipment");
    Http::new(reading.profile, equipment, Some(url)).expect("a target")
}

pub(super) fn runs(runtime: &tokio::runtime::Runtime, http: Http, spoken: Spoken) -> Verdict {
    let source = Arc::new(Source::new("a.scenario", spoken.scenario.to_owned()));
    let contract = shipped(spoken.contract);
    let (plans, mistakes) = plan(&source, &parse_scenarios(&source).tree, contract.contract());
    assert!(mistakes.is_empty(), "{}", render([(&*source, &*mistakes)], Colour::Plain));
    let plans: Vec<_> = plans.into_iter().map(Arc::new).collect();
    let mut verdict = None;
    let runner = Runner::new(http).seed(Seed(1));
    let run = runner.run(&plans, |event| {
        if let RunEvent::Scenario(result) = event {
            verdict = Some(result.verdict);
        }
    });
    let summary = runtime.block_on(run).expect("a run");
    summary.history.into_iter().for_each(|history| std::fs::remove_file(history).expect("removed"));
    verdict.expect("a verdict")
}

pub(super) fn generates(runtime: &tokio::runtime::Runtime, http: Http, spoken: Spoken) -> Verdict {
    let model = Arc::new(shipped(spoken.contract).fit_for(&http.describe().promises));
    let contract = Arc::new(model.contract().clone());
    let keys = http.describe().capabilities.claims(Capability::Idempotency);
    let weave = Weave { contract: &contract, knows: &|_| true, keys, versions: false };
    let mut random = Random::new(model.clone(), Settings { seed: 3, max_len: 10, cases: 60 });
    let drawn = std::iter::from_fn(|| random.next()).zip(0..);
    let sequences: Vec<_> = drawn.map(|(sequence, number)| weave.weave(&sequence, number)).collect();
    let history = std::env::temp_dir().join(format!(
        "proofmark-promises-{}-{}.jsonl",
        std::process::id(),
        HISTORIES.fetch_add(1, Ordering::Relaxed)
    ));
    let trials = Trials::new(http, contract.clone(), model.clone()).seed(Seed(3)).shrinking(Duration::ZERO);
    let trials = trials.history(&history);
    let verdict = runtime.block_on(trials.run(sequences.into_iter(), |_| ())).expect("trials").verdict();
    let file = std::fs::read(&history).expect("the history");
    std::fs::remove_file(&history).expect("removed");
    let source = Source::read(spoken.contract).expect("the contract");
    let asked = Asked { contract: Some(source), ..Asked::default() };
    let checked = check(&*file, &asked).expect("a history");
    assert_eq!(checked.verdict(), verdict, "what is promised stands in the history, too");
    verdict
}

static HISTORIES: AtomicUsize = AtomicUsize::new(0);

/// The worst that came of the clauses.
pub(super) fn conforms(runtime: &tokio::runtime::Runtime, http: Http, spoken: Spoken) -> Verdict {
    let model = Arc::new(shipped(spoken.contract));
    let contract = Arc::new(model.contract().clone());
    let clauses = CLAUSES.iter().map(|id| id.parse().expect("a clause")).collect();
    let examiner = Examiner::new(http, contract, model)
        .selection(Selection { clauses, ..Selection::default() })
        .seed(Seed(3));
    let found = runtime.block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination");
    let selected = found.clauses.iter().filter(|result| CLAUSES.contains(&result.clause.id.as_str()));
    selected.fold(Verdict::Pass, |worst, result| match &result.stand {
        Stand::Pass => worst,
        Stand::Fail | Stand::Known(_) => Verdict::Fail,
        _ => worst.max(Verdict::Inconclusive),
    })
}

/// What `run`, `generate` and `conform` say of a service of this kind by a profile.
fn told(way: Way, promise: &Promise) -> [Verdict; 3] {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    [
        runs(&runtime, target(&runtime, way, promise), PARCELS),
        generates(&runtime, target(&runtime, way, promise), PARCELS),
        conforms(&runtime, target(&runtime, way, promise), PARCELS),
    ]
}

pub(super) const SOUND: [Verdict; 3] = [Verdict::Pass; 3];
pub(super) const BROKEN: [Verdict; 3] = [Verdict::Fail; 3];

#[test]
fn numbers_may_be_off_as_far_as_the_profile_says() {
    let tolerant =
        Promise { query: "bound = \"immediate\"\ntolerance = { weight = \"0.000001\" }", ..NOTHING };
    assert_eq!(told(Way::Floats, &tolerant), SOUND);
    assert_eq!(told(Way::Floats, &NOTHING), BROKEN);
}

#[test]
fn values_are_such_as_the_profile_asks_for() {
    let fit = Promise { section: "[generate]\nlabel = { as = \"uuid\" }", ..NOTHING };
    assert_eq!(told(Way::WantsUuids, &fit), SOUND);
    assert_eq!(told(Way::WantsUuids, &NOTHING), BROKEN);
}

/// They go where `${key?}` is written.
#[test]
fn keys_look_as_the_profile_says() {
    let keys = "[headers]\nx-key = \"${key?}\"\n[key]\n";
    assert_eq!(told(Way::WantsUuidKeys, &Promise { section: keys, ..NOTHING })[1], Verdict::Fail);
    let uuids = "[headers]\nx-key = \"${key?}\"\n[key]\nas = \"uuid\"";
    assert_eq!(told(Way::WantsUuidKeys, &Promise { section: uuids, ..NOTHING }), SOUND);
}

#[test]
fn ids_look_as_the_profile_says() {
    assert_eq!(told(Way::NumbersAreUuids, &Promise { ids: "uuid", ..NOTHING }), SOUND);
    assert_eq!(told(Way::NumbersAreUuids, &NOTHING), BROKEN);
}

#[test]
fn effects_may_take_as_long_as_the_profile_says() {
    assert_eq!(told(Way::Lags, &Promise { query: "bound = \"1s\"", ..NOTHING }), SOUND);
    assert_eq!(told(Way::Lags, &NOTHING), BROKEN);
}

/// What was sent may all be right, and nothing of it was seen.
#[test]
fn sequences_whose_reads_are_not_answered_prove_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for way in [Way::AnswersNoQuery, Way::AnswersOnce] {
        let verdict = generates(&runtime, target(&runtime, way, &NOTHING), PARCELS);
        assert_eq!(verdict, Verdict::Inconclusive);
    }
}

/// The scenario doesn't hand over twice; one that expects what the contract says would fail in spite of the declaration.
#[test]
fn a_departure_is_known_that_the_profile_declares() {
    let section = "[[deviates]]\ncommand = \"HandOver\"\nrule = \"NotRegistered\"\ndoes = \"accepts\"\n\
                   effect = \"none\"\nbecause = \"a second hand may take it\"";
    assert_eq!(told(Way::HandsOverTwice, &Promise { section, ..NOTHING }), SOUND);
    assert_eq!(told(Way::HandsOverTwice, &NOTHING), [Verdict::Pass, Verdict::Fail, Verdict::Fail]);
}

/// To take it out of answers would keep nothing secret, and convict whoever answers with it.
#[test]
fn a_secret_that_is_a_word_of_the_contract_convicts_nobody() {
    let section = "[auth]\nkind = \"bearer\"\ntoken = \"${secret:TOKEN}\"";
    let promise = Promise { section, ..NOTHING };
    assert_eq!(told(Way::Lags, &Promise { query: "bound = \"1s\"", ..promise }), [Verdict::Pass; 3]);
    let wrong = told(Way::HandsOverTwice, &promise);
    assert_eq!(wrong[1], Verdict::Fail, "and whoever is wrong is found: {wrong:?}");
}

#[test]
fn what_a_profile_declares_of_its_answers_stands_in_its_promises() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let promise = Promise {
        query: "bound = \"2s\"\nignore = [\"noise\"]\nprivate = true",
        section: "[version]\norder = \"opaque\"\nread = \"header ETag\"\n[auth]\nkind = \"bearer\"\ntoken = \"${secret:TOKEN}\"",
        ..NOTHING
    };
    let promises = target(&runtime, Way::Lags, &promise).describe().promises.clone();
    assert_eq!(promises.ignores, BTreeMap::from([("GetParcel".into(), ["noise".into()].into())]));
    assert_eq!(promises.private, ["GetParcel".into()].into());
    assert_eq!(promises.versions, proofmark::protocol::VersionKind::Opaque);
    assert!(promises.paged.is_empty());
    assert_eq!(target(&runtime, Way::Lags, &NOTHING).describe().promises.ignores, BTreeMap::new());
}
