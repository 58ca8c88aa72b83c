//! Tallies behind HTTP: a small service whose commands may be taken in to be carried out later, and that may fall ill.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use proofmark::adapter::{
    ControlError, Description, Http, Malformation, NotMade, Target, Unreachable, World, WorldSeed,
};
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::protocol::{Actor, Capability, Command};
use proofmark::text::{Severity, Source};
use proofmark::value::{Limits, Value};
use tokio::runtime::Runtime;

use crate::http::server::{Reaction, Request, Server, answer, with};

pub(super) const CONTRACT: &str = "\
contract tallies

aggregate Tally
  state status: absent | open | closed
  state count: int 0.. = 0

  command Open
    reject TallyAlreadyExists when self.status != absent
    set status = open

  command Add { by: int 1.. try 1..9 }
    reject TallyNotOpen when self.status != open
    set count = self.count + by

  command Close
    reject TallyNotOpen when self.status != open
    set status = closed

  query GetTally
    absent when self.status == absent
    shows { tally: self.id, status: self.status, count: self.count }
";

const PROFILE: &str = r#"
schema = 1
contract = "tallies"
[limits]
total = "10s"
[id.Tally]
by = "client"
as = "uuid"
[[answer]]
at = "$.code"
is = "rejected"
code = { from = "$.code" }
[command.Open]
request = "POST /tallies/${on}/open"
[command.Add]
request = "POST /tallies/${on}/add"
body = { by = "${.by}" }
[command.Close]
request = "POST /tallies/${on}/close"
[query.GetTally]
request = "GET /tallies/${on}"
absent = [404]
bound = "500ms"
"#;

const OPERATION: &str = r#"
[operation]
when = [202]
poll = "header Location"
state = "$.state"
done = ["done"]
failed = ["refused"]
within = "WITHIN"
"#;

/// What is particular about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// Nothing: commands are answered at once.
    Plain,
    /// Commands are taken in, and end.
    Later,
    /// The status of one that has ended says that it runs again, from the third look on.
    RunsAgain,
    /// One that was refused is told as done later.
    IsDoneAfterAll,
    /// They are taken in, and that was it.
    NeverEnds,
    /// Answers hold nothing at all.
    SaysNothing,
    /// What says nothing has an entity tag.
    Tags,
    /// Nobody answers any more once a tally was closed.
    DiesOfClosing,
    /// What is done is not shown any more once a tally was closed.
    SticksAtClosing,
    /// What is added is never shown.
    HidesAdds,
    /// An answer to a body that can't be read takes the service away.
    DiesOfNonsense,
}

#[derive(Clone, Default)]
struct Tally {
    status: &'static str,
    count: u64,
}

#[derive(Default)]
struct Kept {
    tallies: HashMap<String, Tally>,
    shown: HashMap<String, Tally>,
    /// The ends of operations, and how often they were told.
    operations: Vec<(Option<&'static str>, u32)>,
    ill: bool,
}

type Shared = Arc<Mutex<Kept>>;

fn react(way: Way, kept: &Shared, request: &Request) -> Reaction {
    let mut kept = kept.lock().expect("nobody panics");
    if kept.ill && matches!(way, Way::DiesOfClosing | Way::DiesOfNonsense) {
        return Reaction::Reset;
    }
    let mut path = request.target.split('/').skip(1).map(str::to_owned);
    let (Some(kind), Some(id)) = (path.next(), path.next()) else { return answer(404, "{}") };
    match (&*kind, path.next()) {
        ("operations", None) => told(way, &mut kept, &id),
        ("tallies", None) if request.method == "GET" => match kept.shown.get(&id) {
            None => answer(404, "{}"),
            Some(Tally { status, count }) => {
                answer(200, &format!(r#"{{"tally":"{id}","status":"{status}","count":{count}}}"#))
            }
        },
        ("tallies", Some(name)) => {
            let Ok(code) = done(way, &mut kept, &id, &name, &request.body) else {
                kept.ill |= way == Way::DiesOfNonsense && name == "add";
                return answer(400, r#"{"code":"Malformed"}"#);
            };
            if kept.ill && way == Way::DiesOfClosing {
                return Reaction::Reset;
            }
            outcome(way, &mut kept, code)
        }
        _ => answer(404, "{}"),
    }
}

/// A request that isn't a command.
struct Unreadable;

/// Carries a command out: why it is refused, if it is.
fn done(
    way: Way,
    kept: &mut Kept,
    id: &str,
    name: &str,
    body: &str,
) -> Result<Option<&'static str>, Unreadable> {
    let by = match Value::from_json(body, &Limits::default()) {
        Ok(Value::Record(body)) => match body.get("by") {
            Some(Value::Number(by)) => by.to_u64().filter(|by| *by > 0),
            _ => None,
        },
        _ => None,
    };
    let tally = kept.tallies.get(id).cloned().unwrap_or(Tally { status: "absent", count: 0 });
    let next = match (name, tally.status) {
        ("open", "absent") => Tally { status: "open", ..tally },
        ("open", _) => return Ok(Some("TallyAlreadyExists")),
        ("add", status) => {
            let by = by.ok_or(Unreadable)?;
            if status != "open" {
                return Ok(Some("TallyNotOpen"));
            }
            Tally { count: tally.count + by, ..tally }
        }
        ("close", "open") => {
            kept.ill |= matches!(way, Way::DiesOfClosing | Way::SticksAtClosing);
            Tally { status: "closed", ..tally }
        }
        ("close", _) => return Ok(Some("TallyNotOpen")),
        _ => return Err(Unreadable),
    };
    kept.tallies.insert(id.to_owned(), next.clone());
    if !kept.ill {
        let count = if way == Way::HidesAdds { 0 } else { next.count };
        kept.shown.insert(id.to_owned(), Tally { count, ..next });
    }
    Ok(None)
}

fn outcome(way: Way, kept: &mut Kept, code: Option<&'static str>) -> Reaction {
    match (way, code) {
        (Way::Later | Way::RunsAgain | Way::IsDoneAfterAll | Way::NeverEnds, code) => {
            kept.operations.push((code, 0));
            with(202, &format!("location: /operations/{}\r\n", kept.operations.len() - 1), b"")
        }
        (_, Some(code)) => answer(409, &format!(r#"{{"code":"{code}"}}"#)),
        (Way::SaysNothing, None) => with(204, "", b""),
        (Way::Tags, None) => with(204, "etag: \"1\"\r\n", b""),
        (_, None) => answer(200, r#"{"version":1}"#),
    }
}

fn told(way: Way, kept: &mut Kept, id: &str) -> Reaction {
    let found = id.parse::<usize>().ok().and_then(|id| kept.operations.get_mut(id));
    let Some((code, looks)) = found else { return answer(404, "{}") };
    *looks += 1;
    match (way, *looks, code) {
        (Way::NeverEnds, ..) | (_, 1, _) | (Way::RunsAgain, 4.., _) => answer(200, r#"{"state":"running"}"#),
        (Way::IsDoneAfterAll, 4.., _) | (_, _, None) => answer(200, r#"{"state":"done"}"#),
        (_, _, Some(code)) => answer(200, &format!(r#"{{"state":"refused","code":"{code}"}}"#)),
    }
}

/// The service, as a target that can be started again where `restarts`.
pub(super) fn tallies(runtime: &Runtime, way: Way, restarts: bool) -> Tallies {
    let kept = Shared::default();
    let state = kept.clone();
    let server = runtime.block_on(Server::start(move |request| react(way, &state, request)));
    let contract = Source::new("tallies.contract", CONTRACT);
    let contract = Arc::new(Contract::resolve(&parse_contract(&contract).tree).contract);
    let later = matches!(way, Way::Later | Way::RunsAgain | Way::IsDoneAfterAll | Way::NeverEnds);
    let within = if way == Way::NeverEnds { "300ms" } else { "20s" };
    let text =
        if later { format!("{PROFILE}{}", OPERATION.replace("WITHIN", within)) } else { PROFILE.to_owned() };
    let reading = Profile::read(&Source::new("tallies.toml", text), &contract);
    let wrong = reading.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert!(!wrong, "{:?}", reading.diagnostics);
    let equipment = reading.profile.equip(true, &|_| None).expect("equipment");
    let inner = Http::new(reading.profile, equipment, Some(&server.url)).expect("a target");
    let mut description = inner.describe().clone();
    if restarts {
        description = description.claims(Capability::Restart);
    }
    Tallies { inner, description, kept }
}

#[derive(Debug)]
pub(super) struct Tallies {
    inner: Http,
    description: Description,
    kept: Shared,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("ill", &self.ill).finish_non_exhaustive()
    }
}

impl Target for Tallies {
    type World = Place;

    fn describe(&self) -> &Description {
        &self.description
    }

    async fn world(&self, seed: WorldSeed) -> Result<Place, Unreachable> {
        Ok(Place { inner: self.inner.world(seed).await?, kept: self.kept.clone() })
    }

    fn has_wire(&self) -> bool {
        true
    }
}

pub(super) struct Place {
    inner: <Http as Target>::World,
    kept: Shared,
}

impl World for Place {
    type Session = <<Http as Target>::World as World>::Session;

    async fn open(&self, actor: &Actor) -> Result<Self::Session, Unreachable> {
        self.inner.open(actor).await
    }

    async fn send_malformed(
        &self,
        actor: &Actor,
        command: &Command,
        how: &Malformation,
    ) -> Result<proofmark::adapter::Reaction, NotMade> {
        self.inner.send_malformed(actor, command, how).await
    }

    async fn caught_up(&self, _: std::time::Duration) -> bool {
        true
    }

    /// A fresh instance remembers nothing.
    async fn restart(&self) -> Result<(), ControlError> {
        *self.kept.lock().expect("nobody panics") = Kept::default();
        Ok(())
    }
}
