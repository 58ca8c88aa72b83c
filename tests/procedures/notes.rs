//! Notes behind HTTP: a small service that tells its list in pages of three, each with where the next one begins.

use std::sync::{Arc, Mutex};

use proofmark::adapter::Http;
use proofmark::conform::Stand;
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::text::{Severity, Source};
use proofmark::value::{Limits, Value};
use tokio::runtime::Runtime;

use super::{check_broken, check_kept, examined, result};
use crate::http::server::{Reaction, Request, Server, answer, with};
use crate::model::written;

/// The contract knows no pages.
const CONTRACT: &str = "\
contract notes

aggregate Note
  state status: absent | there | gone
  state topic: id?

  command Write { topic: id }
    reject NoteAlreadyExists when self.status != absent
    set status = there
    set topic = topic

  command Tear
    reject NoteNotThere when self.status != there
    set status = gone

  query GetNote
    absent when self.status == absent
    shows { note: self.id, topic: self.topic, status: self.status }

view ListNotes { topic: id }
  of Note where self.topic == topic and self.status == there
  shows { note: self.id }
  newest first
";

const PROFILE: &str = r#"
schema = 1
contract = "notes"
[id.Note]
by = "client"
as = "string"
[[answer]]
at = "$.code"
is = "rejected"
code = { from = "$.code" }
[command.Write]
request = "POST /notes/${on}/write"
body = "${fields}"
[command.Tear]
request = "POST /notes/${on}/tear"
[query.GetNote]
request = "GET /notes/${on}"
absent = [404]
bound = "200ms"
[query.ListNotes]
request = "GET /notes?topic=${.topic}"
rows = "$.notes"
page = PAGE
bound = "200ms"
"#;

/// How the list is read.
const BY_CURSOR: &str = r#"{ style = "cursor", cursor = "after", next = "$.next" }"#;
const BY_URL: &str = r#"{ style = "next", next = "$.next_url" }"#;
const BY_LINK: &str = r#"{ style = "link" }"#;

/// Rows of a page, mostly.
const SIZE: usize = 3;
/// Notes that have one time of writing, where that is what a list is ordered by.
const TICK: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bug {
    /// A page begins behind all rows that have the same time as the last row of the one before.
    Ties,
    /// The first row behind a page is on none.
    Skips,
    /// A page begins with the last row of the one before.
    Repeats,
    /// What is torn is taken out of a page when that is cut, and a page that is short is the last one.
    FiltersPages,
}

struct Note {
    id: String,
    topic: String,
    status: &'static str,
}

type Kept = Arc<Mutex<Vec<Note>>>;

fn react((bug, size): (Option<Bug>, usize), kept: &Kept, request: &Request) -> Reaction {
    let mut notes = kept.lock().expect("nobody panics");
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let mut path = path.split('/').skip(2);
    match (path.next(), path.next()) {
        (None, _) => list((bug, size), &notes, query),
        (Some(id), None) => match notes.iter().find(|note| note.id == id) {
            None => answer(404, "{}"),
            Some(Note { topic, status, .. }) => {
                answer(200, &format!(r#"{{"note":"{id}","topic":"{topic}","status":"{status}"}}"#))
            }
        },
        (Some(id), Some(command)) => match does(&mut notes, id, command, &request.body) {
            None => answer(200, "{}"),
            Some(code) => answer(409, &format!(r#"{{"code":"{code}"}}"#)),
        },
    }
}

/// Carries a command out: why it is refused, if it is.
fn does(notes: &mut Vec<Note>, id: &str, command: &str, body: &str) -> Option<&'static str> {
    let known = notes.iter_mut().find(|note| note.id == id);
    match (command, known) {
        ("write", None) => {
            let Ok(Value::Record(body)) = Value::from_json(body, &Limits::default()) else {
                return Some("Malformed");
            };
            let Some(topic) = body.get("topic").and_then(Value::as_text) else { return Some("Malformed") };
            notes.push(Note { id: id.to_owned(), topic: topic.to_owned(), status: "there" });
            None
        }
        ("write", Some(_)) => Some("NoteAlreadyExists"),
        (_, Some(note)) if note.status == "there" => {
            note.status = "gone";
            None
        }
        _ => Some("NoteNotThere"),
    }
}

/// One page. A cursor is the place of a note, or its time.
fn list((bug, size): (Option<Bug>, usize), notes: &[Note], query: &str) -> Reaction {
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let topic = parameter("topic").unwrap_or_default();
    let after = parameter("after").and_then(|after| after.parse::<usize>().ok());
    let key = |place: usize| if bug == Some(Bug::Ties) { place / TICK } else { place };
    let shows = |note: &Note| note.status == "there" || bug == Some(Bug::FiltersPages);
    let of_topic = notes.iter().enumerate().rev().filter(|(_, note)| note.topic == topic && shows(note));
    let mut rows: Vec<(usize, &Note)> = of_topic.collect();
    if let Some(after) = after {
        let begun = |place: usize| key(place) < after || (bug == Some(Bug::Repeats) && place == after);
        rows.retain(|(place, _)| begun(*place));
        if bug == Some(Bug::Skips) {
            rows.drain(..rows.len().min(1));
        }
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().map_or(0, |(place, _)| key(*place));
    rows.retain(|(_, note)| note.status == "there");
    let is_last = !more || (bug == Some(Bug::FiltersPages) && rows.len() < size);
    let next = if is_last { "null".to_owned() } else { format!("\"{last}\"") };
    let rows: Vec<String> = rows.iter().map(|(_, note)| format!(r#"{{"note":"{}"}}"#, note.id)).collect();
    let url = (!is_last).then(|| format!("/notes?topic={topic}&after={last}"));
    let link = url.as_ref().map(|url| format!("link: <{url}>; rel=\"next\"\r\n"));
    let url = url.map_or("null".to_owned(), |url| format!("\"{url}\""));
    let body = format!(r#"{{"notes":[{}],"next":{next},"next_url":{url}}}"#, rows.join(","));
    let headers = format!("content-type: application/json\r\n{}", link.unwrap_or_default());
    with(200, &headers, body.as_bytes())
}

fn notes(runtime: &Runtime, service: (Option<Bug>, usize), (text, page): (&str, &str)) -> Http {
    let kept = Kept::default();
    let server = runtime.block_on(Server::start(move |request| react(service, &kept, request)));
    let contract = Source::new("notes.contract", text);
    let contract = Arc::new(Contract::resolve(&parse_contract(&contract).tree).contract);
    let reading = Profile::read(&Source::new("notes.toml", PROFILE.replace("PAGE", page)), &contract);
    let wrong = reading.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert!(!wrong, "{:?}", reading.diagnostics);
    let equipment = reading.profile.equip(true, &|_| None).expect("equipment");
    Http::new(reading.profile, equipment, Some(&server.url)).expect("a target")
}

fn check_bug(bug: Bug, wrong: &str) {
    let runtime = Runtime::new().expect("a runtime");
    for page in [BY_CURSOR, BY_URL, BY_LINK] {
        let target = notes(&runtime, (Some(bug), SIZE), (CONTRACT, page));
        let conformance = examined(target, written(CONTRACT), &["QS-5"], 1);
        check_broken(&conformance, &["QS-5"], wrong);
    }
}

#[test]
fn sound_pages_are_left_alone() {
    let runtime = Runtime::new().expect("a runtime");
    for (seed, page) in (1..).zip([BY_CURSOR, BY_URL, BY_LINK]) {
        let target = notes(&runtime, (None, SIZE), (CONTRACT, page));
        let conformance = examined(target, written(CONTRACT), &["QS-5", "EC-1"], seed);
        check_kept(&conformance, &["QS-5", "EC-1"]);
        assert_eq!(conformance.remarks, Vec::<String>::new());
    }
}

/// Where all pages are read, those that the contract numbers are cut from them: they are not the service's own.
#[test]
fn pages_of_the_contract_are_not_held_against_a_service_that_cuts_them_in_its_own_way() {
    let text = CONTRACT
        .replace("{ topic: id }\n  of", "{ topic: id, page: int 1.. = 1, page_size: int 1..100 = 20 }\n  of")
        .replace("newest first", "newest first, paged");
    let runtime = Runtime::new().expect("a runtime");
    let target = notes(&runtime, (None, SIZE), (&text, BY_LINK));
    let conformance = examined(target, written(&text), &["QS-3", "QS-4", "QS-5", "EC-1"], 1);
    check_kept(&conformance, &["QS-5", "EC-1"]);
    for id in ["QS-3", "QS-4"] {
        let unbound = Stand::NotBinding("no paged view that is asked for page by page".into());
        assert_eq!(result(&conformance, id).stand, unbound, "{id}");
    }
    assert_eq!(
        conformance.remarks,
        [
            "where pages of ListNotes meet was not examined: the contract numbers its pages, and the profile has all of them read"
        ]
    );
}

#[test]
fn rows_that_are_alike_at_the_end_of_a_page_are_noticed() {
    check_bug(Bug::Ties, "one of 11 rows of ours that it must have");
}

#[test]
fn a_row_between_two_pages_is_noticed() {
    check_bug(Bug::Skips, "ListNotes lacks ");
}

#[test]
fn a_row_on_two_pages_is_noticed() {
    check_bug(Bug::Repeats, "2 times at rest, with 11 rows of ours that it must have");
}

#[test]
fn pages_that_are_cut_before_they_are_filtered_are_noticed() {
    check_bug(Bug::FiltersPages, "one of 7 rows of ours that it must have");
}

#[test]
fn pages_of_ordinary_length_are_examined() {
    let runtime = Runtime::new().expect("a runtime");
    for size in [50, 100] {
        let target = notes(&runtime, (Some(Bug::Skips), size), (CONTRACT, BY_LINK));
        let conformance = examined(target, written(CONTRACT), &["QS-5"], 1);
        check_broken(&conformance, &["QS-5"], "rows of ours that it must have");
    }
    let target = notes(&runtime, (None, 50), (CONTRACT, BY_LINK));
    let conformance = examined(target, written(CONTRACT), &["QS-5"], 1);
    check_kept(&conformance, &["QS-5"]);
    assert_eq!(conformance.remarks, Vec::<String>::new());
}

/// Where pages are longer than that, it is told what was not seen.
#[test]
fn pages_that_no_list_is_as_long_as_are_told() {
    let runtime = Runtime::new().expect("a runtime");
    for (size, told) in [
        (120, "they have 120 rows, and lists are not made as long as three of them"),
        (1000, "one page had all of 201 rows (`max` in `page` of the profile makes pages shorter)"),
    ] {
        let target = notes(&runtime, (None, size), (CONTRACT, BY_URL));
        let conformance = examined(target, written(CONTRACT), &["QS-5"], 1);
        check_kept(&conformance, &["QS-5"]);
        assert_eq!(conformance.remarks, [format!("where pages of ListNotes meet was not examined: {told}")]);
    }
}
