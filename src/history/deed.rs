use std::sync::Arc;

use super::fields::{Fault, Fields};
use super::read::{head, version};
use super::{Part, Stamp};
use crate::protocol::{
    Actor, Answer, Command, Doubt, Event, Head, Malformation, Outcome, Query, Receipt, Rejection, Seen,
    Stands, Unknown, Version,
};
use crate::value::{Limits, Record, Value};

/// What is done to a target besides commands and queries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Deed {
    /// A command was sent that a client of the contract could not send.
    Spoiled,
    /// Its own "caught up" was waited for.
    Wait,
    /// A read model was built anew.
    Rebuild,
    /// An event was made to happen.
    Seed,
    /// What happened was read from its feed.
    Feed,
    /// It was asked how a command stands that was only taken in.
    Status,
    /// A query was asked about a version of the past.
    AsOf,
    /// The service was restarted.
    Restart,
}

impl Deed {
    const ALL: [Self; 8] = [
        Self::Spoiled,
        Self::Wait,
        Self::Rebuild,
        Self::Seed,
        Self::Feed,
        Self::Status,
        Self::AsOf,
        Self::Restart,
    ];

    /// Its word in a history.
    pub fn word(self) -> &'static str {
        match self {
            Self::Spoiled => "spoiled",
            Self::Wait => "wait",
            Self::Rebuild => "rebuild",
            Self::Seed => "seed",
            Self::Feed => "feed",
            Self::Status => "status",
            Self::AsOf => "as-of",
            Self::Restart => "restart",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.word() == word)
    }
}

/// Something that was done to a target besides commands and queries, and what came of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Done {
    /// What it was done for.
    pub part: Part,
    /// When it began.
    pub call: Stamp,
    /// When it ended; nothing if the run ended first.
    pub end: Option<Stamp>,
    /// What.
    pub deed: Deed,
    /// More of it.
    pub told: Record,
    /// What came of it; nothing where its end is not there.
    pub came: Option<Record>,
}

/// A reading of the event feed.
#[derive(Clone, PartialEq, Debug)]
pub struct Feed {
    /// Who read it.
    pub who: Actor,
    /// Of which aggregate alone; nothing for all.
    pub on: Option<Value>,
    /// Behind which position; nothing for the beginning.
    pub after: Option<u64>,
    /// What it told.
    pub came: Fed,
}

/// What a reading of the feed came to.
#[derive(Clone, PartialEq, Debug)]
pub enum Fed {
    /// Events, in the order in which they were told.
    Told(Vec<Event>),
    /// Whoever read may not, or was told that there is nothing.
    Denied,
    /// It could not be read. Says why.
    Failed(Arc<str>),
}

/// A command that was sent in a way in which no client of the contract could send it.
#[derive(Clone, PartialEq, Debug)]
pub struct Spoiled {
    /// The command's name.
    pub name: Arc<str>,
    /// The aggregate's id.
    pub on: Option<Value>,
    /// The fields of the command that it was made of.
    pub fields: Record,
    /// What was wrong with it.
    pub how: Malformation,
    /// What the answer means for the command, without what came with it.
    pub outcome: Outcome,
    /// The answer over HTTP.
    pub head: Option<Head>,
    /// The request as a command for a shell.
    pub request: Arc<str>,
}

/// How a command stood that was only taken in, when somebody asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Status {
    /// The session that had sent it last.
    pub client: u64,
    /// How it stood.
    pub stands: Stands,
    /// The request as a command for a shell.
    pub request: Arc<str>,
}

impl Status {
    /// Whose last command is about to be asked for, as a history has it.
    pub fn ask(client: u64) -> Record {
        Record::from([("c", Value::from(client))])
    }

    /// What came of it, as a history has it.
    pub fn told(stands: &Stands, request: &str) -> Record {
        let mut came = Record::from([("stands", stands.to_string()), ("request", request.to_owned())]);
        let (is, more) = match stands {
            Stands::Done => ("done", None),
            Stands::Refused(rejection) => ("rejected", rejection.code.clone()),
            Stands::Open(state) => ("open", Some(state.as_str().into())),
            Stands::Unclear(why) => ("unclear", Some(why.as_str().into())),
        };
        came.insert("is", is);
        if let Some(more) = more {
            came.insert("of", Value::Text(more));
        }
        came
    }
}

impl Spoiled {
    /// What is about to be sent, as a history has it.
    pub fn ask(command: &Command, how: &Malformation) -> Record {
        let mut told = about(&command.name, command.on.as_ref(), &command.fields);
        let (kind, of) = how.to_word();
        told.insert("how", how.words());
        told.insert("kind", kind);
        if let Some(of) = of {
            told.insert("of", of);
        }
        told
    }

    /// What came of it, as a history has it.
    pub fn told(outcome: &Outcome, head: Option<&Head>, request: &str) -> Record {
        let mut came = Record::from([("outcome", outcome.to_string())]);
        let (kind, detail) = match outcome {
            Outcome::Accepted(_) => ("accepted", None),
            Outcome::Rejected(_) => ("rejected", None),
            Outcome::Unknown(unknown) => (unknown.doubt.word(), Some(&unknown.detail)),
            Outcome::NotSent(why) => ("not_sent", Some(why)),
        };
        came.insert("is", kind);
        if let Some(detail) = detail {
            came.insert("detail", detail.as_str());
        }
        if let Some(head) = head {
            let mut written = String::new();
            super::write::write_head(head, &mut written);
            // What was just written can be read.
            if let Ok(head) = Value::from_json(&written, &Limits::default()) {
                came.insert("http", head);
            }
        }
        came.insert("request", request);
        came
    }
}

impl Feed {
    /// What is about to be read, as a history has it.
    pub fn ask(who: &Actor, on: Option<&Value>, after: Option<u64>) -> Record {
        let mut told = Record::new();
        let speaker = (*who != Actor::Default).then(|| who.name().map_or(Value::Null, Value::from));
        for (name, value) in [("who", speaker), ("a", on.cloned()), ("after", after.map(Value::from))] {
            if let Some(value) = value {
                told.insert(name, value);
            }
        }
        told
    }

    /// What came of it, as a history has it.
    pub fn told(came: &Fed) -> Record {
        match came {
            Fed::Told(events) => {
                let events = events.iter().map(|event| Value::from(happened(event)));
                Record::from([("events", events.collect::<Value>())])
            }
            Fed::Denied => Record::from([("failed", Value::from("denied")), ("denied", Value::from(true))]),
            Fed::Failed(why) => Record::from([("failed", Value::Text(why.clone()))]),
        }
    }
}

impl Done {
    /// A reading of the feed, if it is one that has ended and can be understood.
    pub fn feed(&self) -> Option<Feed> {
        let came = self.came.as_ref().filter(|_| self.deed == Deed::Feed)?;
        let who = match self.told.get("who") {
            None => Actor::Default,
            Some(Value::Text(name)) => Actor::Named(name.clone()),
            Some(_) => Actor::Nobody,
        };
        let after = self.told.get("after").and_then(|after| after.as_number()?.to_u64());
        let came = match (came.get("events"), came.get("denied"), came.get("failed")) {
            (Some(Value::List(events)), ..) => {
                Fed::Told(events.iter().map(event).collect::<Result<_, _>>().ok()?)
            }
            (_, Some(_), _) => Fed::Denied,
            (_, _, Some(Value::Text(why))) => Fed::Failed(why.clone()),
            _ => return None,
        };
        Some(Feed { who, on: self.told.get("a").cloned(), after, came })
    }

    /// A command that was made wrong, if it is one that was sent; nothing where it could not be made so.
    pub fn spoiled(&self) -> Option<Spoiled> {
        let came = Value::Record(self.came.clone().filter(|_| self.deed == Deed::Spoiled)?);
        let (told, came) = (Value::Record(self.told.clone()), Fields::of(&came).ok()?);
        let told = Fields::of(&told).ok()?;
        let detail = || came.text("detail").map(|detail| detail.to_string()).unwrap_or_default();
        let outcome = match &*came.text("is").ok()? {
            "accepted" => Outcome::Accepted(Receipt::default()),
            "rejected" => Outcome::Rejected(Rejection::default()),
            "not_sent" => Outcome::NotSent(detail()),
            word => {
                Outcome::Unknown(Unknown { doubt: Doubt::of_word(word)?, status: None, detail: detail() })
            }
        };
        Some(Spoiled {
            name: told.text("n").ok()?,
            on: told.get("a").cloned(),
            fields: told.body("in").ok()?,
            how: Malformation::of_word(&told.text("kind").ok()?, told.get("of"))?,
            outcome,
            head: came.record("http").ok().and_then(|fields| head(&fields).ok()),
            request: came.text("request").ok()?,
        })
    }

    /// How a command stood that was only taken in, if that was asked and answered.
    pub fn status(&self) -> Option<Status> {
        let came = Value::Record(self.came.clone().filter(|_| self.deed == Deed::Status)?);
        let came = Fields::of(&came).ok()?;
        let of = came.text_if("of").ok()?;
        let text = || of.clone().unwrap_or_default().to_string();
        let stands = match &*came.text("is").ok()? {
            "done" => Stands::Done,
            "rejected" => Stands::Refused(Rejection { code: of, ..Rejection::default() }),
            "open" => Stands::Open(text()),
            _ => Stands::Unclear(text()),
        };
        let client = self.told.get("c")?.as_number()?.to_u64()?;
        Some(Status { client, stands, request: came.text("request").ok()? })
    }

    /// A query that was asked about a version of the past, and its answer; nothing where it is none, or can't be asked like that.
    pub fn as_of(&self) -> Option<(Query, Version, Answer)> {
        let came = self.came.as_ref().filter(|_| self.deed == Deed::AsOf)?;
        let told = Value::Record(self.told.clone());
        let fields = Fields::of(&told).ok()?;
        let query = Query {
            name: fields.text("n").ok()?,
            on: fields.get("a").cloned(),
            fields: fields.body("in").ok()?,
        };
        let seen = match (came.get("out"), came.get("broken")) {
            (_, Some(Value::Text(why))) => Seen::NotSent(why.to_string()),
            (Some(Value::Null), _) => Seen::Absent,
            (Some(value), _) => Seen::Found(value.clone()),
            (None, _) => return None,
        };
        Some((query, version(&fields, "v").ok()??, Answer::new(seen)))
    }

    /// Which read model was built anew, if that was done.
    pub fn rebuilt(&self) -> Option<&str> {
        let done =
            self.deed == Deed::Rebuild && self.came.as_ref().is_some_and(|came| came.get("failed").is_none());
        self.told.get("query").filter(|_| done)?.as_text()
    }
}

/// An event as a history has it.
pub(crate) fn happened(event: &Event) -> Record {
    let mut told = about(&event.name, Some(&event.on), &event.fields);
    let more = [
        ("v", event.version.as_ref().map(Version::to_value)),
        ("p", event.position.map(Value::from)),
        ("id", event.id.clone().map(Value::Text)),
        ("by", event.causation.clone().map(Value::Text)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            told.insert(name, value);
        }
    }
    told
}

/// What is about an aggregate, as a history has it.
pub(crate) fn about(name: &Arc<str>, on: Option<&Value>, fields: &Record) -> Record {
    let mut told = Record::from([("n", Value::Text(name.clone()))]);
    if let Some(on) = on {
        told.insert("a", on.clone());
    }
    if !fields.is_empty() {
        told.insert("in", fields.clone());
    }
    told
}

fn event(told: &Value) -> Result<Event, Fault> {
    let fields = Fields::of(told)?;
    Ok(Event {
        name: fields.text("n")?,
        on: fields.value("a")?,
        fields: fields.body("in")?,
        version: version(&fields, "v")?,
        position: fields.number_if("p")?,
        id: fields.text_if("id")?,
        causation: fields.text_if("by")?,
    })
}
