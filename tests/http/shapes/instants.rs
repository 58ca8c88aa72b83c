//! Instants in the form and the precision that a profile declares: scenarios, generated sequences and examinations find a service
//! sound that keeps what it says, and broken one that keeps less.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proofmark::adapter::{Http, Target as _};
use proofmark::contract::explore::command;
use proofmark::protocol::{Query, Verdict};
use proofmark::run::{Seed, Trials};
use proofmark::step::{Binding, Draw, Sequence, Step};
use proofmark::value::{Limits, Moment, Name, Precision, Record, Value};

use crate::http::promises::{BROKEN, SOUND, Spoken, by_profile, conforms, generates, runs};
use crate::http::server::{Reaction, Request, Server, answer};
use crate::model::shipped;

const BOOKINGS: Spoken = Spoken {
    contract: "tests/http/bookings.contract",
    scenario: r#"use bookings
scenario "a booking is moved and visited"
  let $b = new Booking
  when Book on $b { due: "2031-03-01T08:00:00Z" }
  then accepted
  when Move on $b { due: "2031-03-02T01:30:15.250+02:00" }
  and  Visit on $b { stop: { place: "a", at: "2031-03-04T10:20:30.405Z" } }
  then accepted
  and  eventually GetBooking on $b shows {
    due: "2031-03-01T23:30:15.250Z",
    stops: [{ place: "a", at: "2031-03-04T11:20:30.405+01:00" }]
  }
  and  GetBooking on $b shows { due: >= "2031-03-01T23:30:15.250Z" }
"#,
};

/// How the service writes instants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A date and time, told in UTC.
    Text,
    /// Milliseconds since 1970.
    Millis,
    /// A day.
    Day,
}

/// What becomes of an instant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Keeps(Precision),
    /// The zone is cut off, and what is left is taken for UTC.
    LosesTheZone,
    /// What is told is no instant.
    TellsNone,
    /// The rule lets pass what is one unit too early.
    PassesOneEarly(Precision),
    /// The rule stops what is in time to the unit.
    StopsInTime(Precision),
}

#[derive(Default)]
struct Booking {
    due: String,
    stops: Vec<(String, String)>,
}

/// What was sent as the service keeps it: RFC 3339 text in UTC.
fn kept(form: Form, way: Way, sent: Option<&Value>) -> Option<String> {
    let sent = sent?;
    let moment = match form {
        Form::Text if way == Way::LosesTheZone => {
            let text = sent.as_text().filter(|text| Moment::parse(text).is_some())?;
            let zone = text[19..].find(['Z', '+', '-']).map(|at| at + 19)?;
            Moment::parse(&format!("{}Z", &text[..zone]))
        }
        Form::Text => Moment::parse(sent.as_text()?),
        Form::Millis => sent.as_number()?.to_i64().map(Moment::from_unix_ms),
        Form::Day => Moment::parse(&format!("{}T00:00:00Z", sent.as_text()?)),
    }?;
    // It takes bookings for one year only.
    let moment = Some(moment).filter(|moment| moment.to_string().starts_with("2031"))?;
    Some(match way {
        Way::Keeps(precision) | Way::PassesOneEarly(precision) | Way::StopsInTime(precision) => {
            precision.cut(moment).to_string()
        }
        Way::LosesTheZone | Way::TellsNone => moment.to_string(),
    })
}

fn shown(form: Form, way: Way, kept: &str) -> String {
    match form {
        _ if way == Way::TellsNone => r#""some day""#.to_owned(),
        Form::Text => format!("\"{kept}\""),
        Form::Millis => Moment::parse(kept).and_then(Moment::unix_ms).expect("a moment").to_string(),
        Form::Day => format!("\"{}\"", &kept[..10]),
    }
}

fn react(form: Form, way: Way, bookings: &Mutex<BTreeMap<String, Booking>>, request: &Request) -> Reaction {
    let mut bookings = bookings.lock().expect("no panic");
    let mut words = request.target.split('/').skip(2);
    let (id, command) = (words.next().unwrap_or_default(), words.next());
    let no = |code: &str| answer(400, &format!(r#"{{"code": "{code}"}}"#));
    let Some(command) = command else {
        let Some(Booking { due, stops }) = bookings.get(id) else { return answer(404, "") };
        let stops = stops
            .iter()
            .map(|(place, at)| format!(r#"{{"place": {place}, "at": {}}}"#, shown(form, way, at)));
        let (due, stops) = (shown(form, way, due), stops.collect::<Vec<_>>().join(","));
        return answer(
            200,
            &format!(r#"{{"booking": "{id}", "status": "open", "due": {due}, "stops": [{stops}]}}"#),
        );
    };
    let Ok(fields) = Value::from_json(&request.body, &Limits::default()) else { return no("Malformed") };
    let stop = fields.get("stop");
    let sent = if command == "Visit" { stop.and_then(|stop| stop.get("at")) } else { fields.get("due") };
    let Some(at) = kept(form, way, sent) else { return no("Malformed") };
    match (command, bookings.get_mut(id)) {
        ("Book", Some(_)) => return no("BookingExists"),
        ("Book", None) => {
            bookings.insert(id.to_owned(), Booking { due: at, stops: Vec::new() });
        }
        (_, None) => return no("NotBooked"),
        ("Move", Some(booking)) => booking.due = at,
        (_, Some(booking)) if is_early(way, &at, &booking.due) => return no("TooEarly"),
        (_, Some(booking)) => {
            let place = stop.and_then(|stop| stop.get("place")).map(Value::to_json).unwrap_or_default();
            booking.stops.push((place, at));
        }
    }
    answer(204, "")
}

fn is_early(way: Way, at: &str, due: &str) -> bool {
    let [at, due] = [at, due].map(|text| Moment::parse(text).expect("a moment"));
    match way {
        Way::PassesOneEarly(precision) => precision.beside(at).all(|beside| beside < due),
        Way::StopsInTime(_) => at <= due,
        _ => at < due,
    }
}

/// A profile in which all instants have this form, or nothing is said.
fn profile(form: Option<&str>) -> String {
    let forms = form.map_or_else(String::new, |form| {
        format!(
            "fields = {{ due = \"$.due | {form}\" }}\n[type.Stop]\nat = {{ as = \"{form}\" }}\n\
             [type.Book]\ndue = {{ as = \"{form}\" }}\n"
        )
    });
    let filter = form.map_or_else(String::new, |form| format!(" | {form}"));
    format!(
        r#"schema = 1
contract = "bookings"
[id.Booking]
by = "client"
as = "string"
[[answer]]
status = 400
is = "rejected"
code = {{ from = "$.code" }}
[command.Move]
request = "POST /bookings/${{on}}/Move"
body = {{ due = "${{.due{filter}}}" }}
[command."*"]
request = "POST /bookings/${{on}}/${{name}}"
body = "${{fields}}"
[query.GetBooking]
request = "GET /bookings/${{on}}"
absent = [404]
bound = "immediate"
{forms}"#
    )
}

fn target(runtime: &tokio::runtime::Runtime, form: Form, way: Way, declared: Option<&str>) -> Http {
    let bookings = Arc::new(Mutex::new(BTreeMap::new()));
    let server = runtime.block_on(Server::start(move |request| react(form, way, &bookings, request)));
    by_profile(&profile(declared), BOOKINGS, &server.url)
}

#[track_caller]
fn check(form: Form, way: Way, declared: Option<&str>, expected: [Verdict; 3]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let target = || target(&runtime, form, way, declared);
    let told = [
        runs(&runtime, target(), BOOKINGS),
        generates(&runtime, target(), BOOKINGS),
        conforms(&runtime, target(), BOOKINGS),
    ];
    assert_eq!(told, expected, "{declared:?}");
}

#[test]
fn instants_are_sent_and_read_in_their_form() {
    let (ms, day) = (Way::Keeps(Precision::Millisecond), Way::Keeps(Precision::Day));
    check(Form::Text, ms, None, SOUND);
    check(Form::Text, ms, Some("rfc3339"), SOUND);
    check(Form::Text, ms, Some("rfc3339 ms"), SOUND);
    check(Form::Millis, ms, Some("epoch ms"), SOUND);
    check(Form::Day, day, Some("date"), SOUND);
    check(Form::Millis, ms, None, BROKEN);
}

/// What a service says that it keeps is all that it is held to.
#[test]
fn a_service_may_keep_as_much_of_the_time_as_it_says() {
    let (second, day) = (Way::Keeps(Precision::Second), Way::Keeps(Precision::Day));
    check(Form::Text, second, Some("rfc3339 s"), SOUND);
    check(Form::Text, day, Some("rfc3339 s"), BROKEN);
    check(Form::Text, second, Some("rfc3339 ms"), BROKEN);
    check(Form::Text, second, None, BROKEN);
    check(Form::Text, day, None, BROKEN);
}

#[test]
fn a_zone_that_is_lost_is_found_in_every_precision() {
    check(Form::Text, Way::LosesTheZone, Some("rfc3339 s"), BROKEN);
    check(Form::Text, Way::LosesTheZone, None, BROKEN);
}

#[test]
fn what_is_no_instant_is_told() {
    check(Form::Text, Way::TellsNone, Some("rfc3339 ms"), BROKEN);
    check(Form::Day, Way::TellsNone, Some("date"), BROKEN);
}

/// Rules are tried on what they compare an instant with, and one unit beside it, in each form: nothing else tells these apart.
#[test]
fn rules_that_are_off_by_one_unit_are_found() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let check = |form, precision, declared| {
        for (way, expected) in [
            (Way::Keeps(precision), Verdict::Pass),
            (Way::PassesOneEarly(precision), Verdict::Fail),
            (Way::StopsInTime(precision), Verdict::Fail),
        ] {
            let target = target(&runtime, form, way, Some(declared));
            assert_eq!(generates(&runtime, target, BOOKINGS), expected, "{declared}");
        }
    };
    check(Form::Text, Precision::Second, "rfc3339 s");
    check(Form::Millis, Precision::Millisecond, "epoch ms");
    check(Form::Day, Precision::Day, "date");
}

/// The rules are held against what the service got to know: here two moments of one day.
#[test]
fn rules_know_an_instant_as_finely_as_it_is_sent() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let booking = Value::Name(Name::new("booking1"));
    let due = Record::from([("due", Value::from("2031-03-01T12:00:00Z"))]);
    let stop = Record::from([("place", Value::from("a")), ("at", Value::from("2031-03-01T08:00:00Z"))]);
    let steps = vec![
        command("Book", &booking, due).into(),
        command("Visit", &booking, Record::from([("stop", Value::Record(stop))])).into(),
        Step::Ask(Query { name: "GetBooking".into(), on: Some(booking), fields: Record::new() }),
    ];
    let names = vec![Binding { name: Name::new("booking1"), draw: Draw::New("Booking".into()) }];
    let sequence = Sequence { names, steps };
    let verdict = |form, way, declared: &str| {
        let model = Arc::new(shipped(BOOKINGS.contract));
        let contract = Arc::new(model.contract().clone());
        let trials = Trials::new(target(&runtime, form, way, Some(declared)), contract, model).seed(Seed(1));
        let run = trials.run(std::iter::once(sequence.clone()), |_| ());
        runtime.block_on(run).expect("trials").verdict()
    };
    assert_eq!(verdict(Form::Day, Way::Keeps(Precision::Day), "date"), Verdict::Pass);
    assert_eq!(verdict(Form::Text, Way::Keeps(Precision::Day), "rfc3339 s"), Verdict::Fail);
}

#[test]
fn what_is_told_less_finely_is_said() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ms = Way::Keeps(Precision::Millisecond);
    let remarks = target(&runtime, Form::Millis, ms, Some("epoch ms")).describe().promises.remarks();
    assert_eq!(
        remarks,
        [
            "`due` of GetBooking is compared to the millisecond: the profile says that form",
            "`stops.at` of GetBooking is compared to the millisecond: the profile says that form"
        ]
    );
    let promises = target(&runtime, Form::Text, ms, Some("rfc3339")).describe().promises.clone();
    assert!(promises.sent.is_empty() && promises.tolerances.is_empty(), "{promises:?}");
}
