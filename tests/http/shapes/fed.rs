//! Instants in the events of a feed, in the form that a profile declares: read, compared and judged as moments.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use proofmark::adapter::Http;
use proofmark::conform::{Examiner, Selection, Stand};
use proofmark::protocol::Verdict;
use proofmark::run::Seed;
use proofmark::value::{Limits, Moment, Precision, Record, Value};

use crate::http::promises::{Spoken, by_profile, runs};
use crate::http::server::{Reaction, Request, Server, answer};
use crate::model::shipped;

/// What happens is told in another zone than it was sent in.
const ALARMS: Spoken = Spoken {
    contract: "tests/http/alarms.contract",
    scenario: r#"use alarms
scenario "an alarm is moved and rings"
  let $a = new Alarm
  given Arm on $a { due: "2031-03-01T08:00:00Z" }
  when Move on $a { due: "2031-03-02T01:30:15.250+02:00" }
  and  Sound on $a { ring: { loud: true, at: "2031-03-04T10:20:30.405Z" } }
  then emits [
    Moved { due: "2031-03-01T23:30:15.250Z" },
    Rang { bell: { loud: true, at: "2031-03-04T11:20:30.405+01:00" } }
  ]
"#,
};

/// How the feed writes instants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Text,
    Seconds,
    Millis,
    Day,
}

/// Which instants the feed tells otherwise than they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wrong {
    Nothing,
    /// Those that stand alone, by a day and a second.
    Alone,
    /// Those within records.
    Within,
}

#[derive(Default)]
struct Alarms {
    armed: BTreeMap<String, BTreeMap<&'static str, Value>>,
    /// Alarm, event, what it holds.
    happened: Vec<(String, &'static str, Value)>,
}

impl Form {
    /// Its name in a profile, and how finely it tells.
    fn declared(self) -> (&'static str, Precision) {
        match self {
            Self::Text => ("rfc3339 ms", Precision::Millisecond),
            Self::Seconds => ("epoch s", Precision::Second),
            Self::Millis => ("epoch ms", Precision::Millisecond),
            Self::Day => ("date", Precision::Day),
        }
    }

    fn written(self, told: &Value) -> Value {
        let moment = told.as_moment().expect("a moment");
        let text = self.declared().1.cut(moment).to_string();
        match self {
            Self::Text => Value::from(text),
            Self::Seconds => (moment.unix_ms().expect("a time").div_euclid(1_000)).into(),
            Self::Millis => moment.unix_ms().expect("a time").into(),
            Self::Day => Value::from(&text[..10]),
        }
    }
}

fn moved(told: &Value) -> Value {
    let ms = told.as_moment().and_then(Moment::unix_ms).expect("a moment");
    Value::from(Moment::from_unix_ms(ms + 86_401_000).to_string())
}

/// What the feed tells of an event.
fn told(form: Form, wrong: Wrong, held: &Value) -> Value {
    let tell = |value: &Value, is_wrong: bool| {
        let value = if is_wrong { moved(value) } else { value.clone() };
        form.written(&value)
    };
    match held {
        Value::Record(ring) => {
            let mut told = ring.clone();
            told.insert("at", tell(ring.get("at").expect("an instant"), wrong == Wrong::Within));
            told.into()
        }
        due => tell(due, wrong == Wrong::Alone),
    }
}

fn feed(form: Form, wrong: Wrong, alarms: &Alarms, after: usize) -> Reaction {
    let rows = alarms.happened.iter().enumerate().skip(after).map(|(at, (alarm, event, held))| {
        let name = if *event == "Rang" { "bell" } else { "due" };
        let data = Record::from([(name, told(form, wrong, held))]);
        Value::from(Record::from([
            ("position", Value::from(at + 1)),
            ("type", (*event).into()),
            ("stream", (&**alarm).into()),
            ("data", data.into()),
        ]))
    });
    answer(200, &Value::List(rows.collect()).to_json())
}

fn react(form: Form, wrong: Wrong, alarms: &Mutex<Alarms>, request: &Request) -> Reaction {
    let mut alarms = alarms.lock().expect("no panic");
    if let Some((_, after)) = request.target.split_once("/events?after=") {
        return feed(form, wrong, &alarms, after.parse().unwrap_or(0));
    }
    let mut words = request.target.split('/').skip(2);
    let (id, command) = (words.next().unwrap_or_default(), words.next());
    let no = |code: &str| answer(400, &format!(r#"{{"code": "{code}"}}"#));
    let Some(command) = command else {
        let Some(shown) = alarms.armed.get(id) else { return answer(404, "") };
        let fields = shown.iter().map(|(name, value)| (*name, value.clone()));
        let own = [("alarm", Value::from(id)), ("status", "armed".into())];
        return answer(200, &Value::from(own.into_iter().chain(fields).collect::<Record>()).to_json());
    };
    let Ok(fields) = Value::from_json(&request.body, &Limits::default()) else { return no("Malformed") };
    let takes =
        |value: &Value| value.as_moment().is_some_and(|moment| moment.to_string().starts_with("2031"));
    let due = fields.get("due").filter(|due| takes(due));
    let ring = fields
        .get("ring")
        .filter(|ring| ring.get("at").is_some_and(takes) && matches!(ring.get("loud"), Some(Value::Bool(_))));
    let Some(held) = (if command == "Sound" { ring } else { due }) else { return no("Malformed") };
    let (field, event) = match (command, alarms.armed.contains_key(id)) {
        ("Arm", true) => return no("AlarmExists"),
        ("Move" | "Sound", false) => return no("NotArmed"),
        ("Arm", false) => ("due", "Armed"),
        ("Move", true) => ("due", "Moved"),
        _ => ("last", "Rang"),
    };
    let shown = held.get("at").unwrap_or(held).clone();
    alarms.armed.entry(id.to_owned()).or_default().insert(field, shown);
    alarms.happened.push((id.to_owned(), event, held.clone()));
    answer(204, "")
}

/// A profile in which the feed alone has this form.
fn profile(form: Form) -> String {
    let form = form.declared().0;
    format!(
        r#"schema = 1
contract = "alarms"
[id.Alarm]
by = "client"
as = "string"
[[answer]]
status = 400
is = "rejected"
code = {{ from = "$.code" }}
[command."*"]
request = "POST /alarms/${{on}}/${{name}}"
body = "${{fields}}"
[query.GetAlarm]
request = "GET /alarms/${{on}}"
absent = [404]
bound = "immediate"
[events]
request = "GET /events?after=${{position}}"
rows = "$"
fields = {{ type = "$.type", data = "$.data", aggregate = "$.stream", position = "$.position" }}
[type.Armed]
due = {{ as = "{form}" }}
[type.Moved]
due = {{ as = "{form}" }}
[type.Bell]
at = {{ as = "{form}" }}
"#
    )
}

fn target(runtime: &tokio::runtime::Runtime, form: Form, wrong: Wrong, declared: Form) -> Http {
    let alarms = Arc::new(Mutex::new(Alarms::default()));
    let server = runtime.block_on(Server::start(move |request| react(form, wrong, &alarms, request)));
    by_profile(&profile(declared), ALARMS, &server.url)
}

/// Whether read models are what the feed's events add up to.
fn folds(runtime: &tokio::runtime::Runtime, http: Http) -> Verdict {
    let model = Arc::new(shipped(ALARMS.contract));
    let contract = Arc::new(model.contract().clone());
    let clauses = vec!["CV-2".parse().expect("a clause")];
    let selection = Selection { clauses, ..Selection::default() };
    let examiner = Examiner::new(http, contract, model).selection(selection).seed(Seed(3));
    let found = runtime.block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination");
    let result = found.clauses.iter().find(|result| result.clause.id.as_str() == "CV-2").expect("it");
    match &result.stand {
        Stand::Pass => Verdict::Pass,
        Stand::Fail => Verdict::Fail,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(form: Form, wrong: Wrong, expected: Verdict) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let target = || target(&runtime, form, wrong, form);
    assert_eq!(
        [runs(&runtime, target(), ALARMS), folds(&runtime, target())],
        [expected; 2],
        "{form:?} {wrong:?}"
    );
}

#[test]
fn instants_of_a_feed_are_moments_in_their_form() {
    for form in [Form::Text, Form::Seconds, Form::Millis, Form::Day] {
        check(form, Wrong::Nothing, Verdict::Pass);
    }
}

#[test]
fn instants_of_a_feed_that_are_others_are_found() {
    for form in [Form::Text, Form::Seconds, Form::Millis, Form::Day] {
        check(form, Wrong::Alone, Verdict::Fail);
        check(form, Wrong::Within, Verdict::Fail);
    }
}

/// What is finer than the form is neither told nor missed; what the form lets tell has to be right.
#[test]
fn instants_of_a_feed_are_compared_as_finely_as_they_are_told() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let verdict = |form, declared| runs(&runtime, target(&runtime, form, Wrong::Nothing, declared), ALARMS);
    assert_eq!(verdict(Form::Millis, Form::Seconds), Verdict::Fail, "milliseconds are no seconds");
    assert_eq!(verdict(Form::Day, Form::Text), Verdict::Fail, "a day is no date and time");
}
