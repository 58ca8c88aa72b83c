use std::collections::HashMap;
use std::io::{self, BufRead};
use std::sync::Arc;

use super::fields::{Fault, Fields};
use super::header::FORMAT;
use super::write::told_word;
use super::{Act, Case, CaseEnd, Deed, Done, Header, Operation, Part, Purpose, Quiet, Role, Stamp};
use crate::protocol::{
    Actor, Answer, Command, Doubt, Expected, Head, Outcome, Query, Receipt, Rejection, Seen, Told, Unknown,
    Version,
};
use crate::value::{JsonError, Limits, Name, Record, Value};

/// A line may be longer than an answer by what stands around it.
/// A line may hold whatever a profile's own limits let in; its bytes bound the rest.
const LIMITS: Limits =
    Limits { depth: Limits::MAX_DEPTH, size: 64 << 20, values: usize::MAX, digits: usize::MAX };

/// Reads a history, an entry at a time. What it keeps is in proportion to what is open: operations that have begun and not
/// ended.
#[derive(Debug)]
pub struct Reader<R> {
    header: Header,
    lines: Lines<R>,
    open: HashMap<u64, Open>,
    /// What was cut off, once the file is over.
    cut: Option<std::vec::IntoIter<Open>>,
    ended: bool,
}

/// What an entry tells, as it is read.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all entries are operations")]
pub enum Entry {
    /// A case begins.
    Case(Case),
    /// A session is opened.
    Session {
        /// Its number.
        client: u64,
        /// Whose case it is in.
        case: Option<u64>,
        /// Who speaks.
        actor: Actor,
    },
    /// A name stands for a value from now on.
    Drawn {
        /// Within this case.
        case: u64,
        /// The name.
        name: Name,
        /// The value.
        value: Value,
    },
    /// A command or a query, told when it has ended; or, where its end is not there, behind all else.
    Operation {
        /// Its number.
        op: u64,
        /// What it was done for.
        part: Part,
        /// What was asked, and what came of it.
        operation: Operation,
        /// How the answer over HTTP began, where there was one.
        head: Option<Head>,
    },
    /// Something else that was done, told when it has ended.
    Done(Done),
    /// The request of an operation.
    Request {
        /// The operation's number.
        op: u64,
        /// Its case.
        case: Option<u64>,
        /// As a command for a shell.
        line: String,
    },
    /// The target was quiet.
    Quiet(Part, Quiet, Stamp),
    /// A scenario comes to a step.
    Step {
        /// Its case.
        case: u64,
        /// Where the step stands in its file.
        line: u64,
    },
    /// The racers of a race were let go.
    Released {
        /// Their case.
        case: u64,
        /// The race's number within it.
        race: u64,
    },
    /// The machine was held up, from and until these times since the run began.
    Held(std::time::Duration, std::time::Duration),
    /// A case is over.
    CaseEnd(u64, CaseEnd),
    /// What the job says.
    Word(Arc<str>, Record),
    /// All is over; with what came of it.
    End(Record),
}

/// Why a history can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file can't be read.
    #[error("it can't be read: {0}")]
    Io(#[from] io::Error),
    /// There is no first line.
    #[error("it is empty, or was cut off within its first line: nothing is known of the run")]
    Empty,
    /// The first line is none of a history.
    #[error("it is no history: its first line has no `h`, the version of the format")]
    NoHistory,
    /// Another version of the format.
    #[error(
        "its format is version {found}, and this Proofmark ({}) reads version {FORMAT}: judge it with the Proofmark that wrote it{}",
        env!("CARGO_PKG_VERSION"),
        written_by.as_ref().map_or_else(String::new, |by| format!(" ({by})"))
    )]
    Version {
        /// The version that it has.
        found: u64,
        /// The version of Proofmark that wrote it, if it says so.
        written_by: Option<Arc<str>>,
    },
    /// A line is no JSON.
    #[error("line {line} is no JSON: {error}")]
    Json {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        error: JsonError,
    },
    /// A line can't be understood.
    #[error("line {line} can't be understood: {why}")]
    Line {
        /// The line, counted from 1.
        line: u64,
        /// Why.
        why: String,
    },
}

/// The lines of a file, the torn one at its end left out.
#[derive(Debug)]
struct Lines<R> {
    file: R,
    number: u64,
    torn: bool,
}

/// What has begun.
#[derive(Debug)]
struct Open {
    op: u64,
    part: Part,
    call: Stamp,
    what: What,
}

#[derive(Debug)]
enum What {
    Command { client: u64, command: Arc<Command>, attempt: u32 },
    Query { client: u64, query: Arc<Query> },
    Deed { deed: Deed, told: Record },
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// When that is not the first line of a history in the format that this version reads.
    pub fn new(file: R) -> Result<Self, ReadError> {
        let mut lines = Lines { file, number: 0, torn: false };
        let first = lines.next()?.ok_or(ReadError::Empty)?;
        let fields = Fields::of(&first).map_err(|_| ReadError::NoHistory)?;
        let found = fields.number("h").map_err(|_| ReadError::NoHistory)?;
        if found != FORMAT {
            return Err(ReadError::Version { found, written_by: fields.text("toolkit").ok() });
        }
        let header = Header::read(&fields).map_err(|why| lines.wrong(&why))?;
        Ok(Self { header, lines, open: HashMap::new(), cut: None, ended: false })
    }

    /// The first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the last line was torn, as far as the file was read: it is left out.
    pub fn is_torn(&self) -> bool {
        self.lines.torn
    }

    /// Whether the run came to its end, as far as the file was read.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    fn entry(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            let Some(line) = self.lines.next()? else { return Ok(self.cut_off()) };
            if let Some(entry) = self.understood(&line).map_err(|why| self.lines.wrong(&why))? {
                self.ended |= matches!(entry, Entry::End(_));
                return Ok(Some(entry));
            }
        }
    }

    /// What began and has no end in the file.
    fn cut_off(&mut self) -> Option<Entry> {
        let cut = self.cut.get_or_insert_with(|| {
            let mut open: Vec<Open> = self.open.drain().map(|(_, open)| open).collect();
            open.sort_by_key(|open| open.call.index);
            open.into_iter()
        });
        let Open { op, part, call, what } = cut.next()?;
        let doubt = || Unknown {
            doubt: Doubt::Lost,
            status: None,
            detail: "the history ends before its answer".into(),
        };
        let (client, act) = match what {
            What::Command { client, command, attempt } => {
                (client, Act::Submit { command, attempt, outcome: Outcome::Unknown(doubt()) })
            }
            What::Query { client, query } => {
                (client, Act::Ask { query, answer: Answer::new(Seen::Broken(doubt())) })
            }
            What::Deed { deed, told } => {
                return Some(Entry::Done(Done { part, call, end: None, deed, told, came: None }));
            }
        };
        Some(Entry::Operation { op, part, operation: Operation { client, call, end: None, act }, head: None })
    }

    /// What a line tells; nothing where it is only a beginning.
    fn understood(&mut self, line: &Value) -> Result<Option<Entry>, Fault> {
        let fields = Fields::of(line)?;
        let stamp = Stamp { index: fields.number("i")?, at: fields.time("t")? };
        Ok(Some(match &*fields.text("e")? {
            "call" => return self.begins(&fields, stamp).map(|()| None),
            "ok" | "absent" | "rejected" | "unknown" | "not_sent" | "done" => {
                return self.ends(&fields, stamp).map(Some);
            }
            "case" => Entry::Case(case(&fields)?),
            "session" => Entry::Session {
                client: fields.number("c")?,
                case: fields.number_if("case")?,
                actor: match (fields.get("who"), fields.text_if("who")?) {
                    (None, _) => Actor::Default,
                    (Some(_), None) => Actor::Nobody,
                    (Some(_), Some(name)) => Actor::Named(name),
                },
            },
            "drawn" => Entry::Drawn {
                case: fields.number("case")?,
                name: Name::new(fields.text("name")?),
                value: fields.value("is")?,
            },
            "request" => Entry::Request {
                op: fields.number("op")?,
                case: fields.number_if("case")?,
                line: fields.text("line")?.to_string(),
            },
            "quiet" => Entry::Quiet(part(&fields)?, quiet(&fields)?, stamp),
            "step" => Entry::Step { case: fields.number("case")?, line: fields.number("line")? },
            "released" => Entry::Released { case: fields.number("case")?, race: fields.number("race")? },
            "held" => Entry::Held(fields.time("from")?, fields.time("to")?),
            "over" => {
                let trouble = fields.text_if("trouble")?.map(|why| why.to_string());
                Entry::CaseEnd(fields.number("case")?, CaseEnd { verdict: fields.verdict_if()?, trouble })
            }
            "word" => Entry::Word(fields.text("what")?, fields.body("data")?),
            "end" => Entry::End(fields.body("data")?),
            _ => return Err(Fault::Unknown("e")),
        }))
    }

    fn begins(&mut self, fields: &Fields<'_>, call: Stamp) -> Result<(), Fault> {
        let (op, part) = (fields.number("op")?, part(fields)?);
        let on = || match fields.list("a")? {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            _ => Err(Fault::Form("a")),
        };
        let what = match &*fields.text("k")? {
            "cmd" => {
                let command = Command {
                    name: fields.text("n")?,
                    on: on()?,
                    fields: fields.body("in")?,
                    key: fields.text_if("key")?,
                    expected: version(fields, "exp")?.map_or(Expected::Any, Expected::Exactly),
                    id: fields.text("id")?,
                };
                let attempt = u32::try_from(fields.number("try")?).map_err(|_| Fault::Form("try"))?;
                What::Command { client: fields.number("c")?, command: Arc::new(command), attempt }
            }
            "qry" => {
                let query = Query { name: fields.text("n")?, on: on()?, fields: fields.body("in")? };
                What::Query { client: fields.number("c")?, query: Arc::new(query) }
            }
            word => {
                let deed = Deed::of_word(word).ok_or(Fault::Unknown("k"))?;
                What::Deed { deed, told: fields.body("data")? }
            }
        };
        self.open.insert(op, Open { op, part, call, what });
        Ok(())
    }

    fn ends(&mut self, fields: &Fields<'_>, end: Stamp) -> Result<Entry, Fault> {
        let op = fields.number("op")?;
        let Open { part, call, what, .. } = self.open.remove(&op).ok_or(Fault::NotBegun(op))?;
        let (client, act) = match what {
            What::Command { client, command, attempt } => {
                (client, Act::Submit { command, attempt, outcome: outcome(fields)? })
            }
            What::Query { client, query } => (client, Act::Ask { query, answer: answer(fields)? }),
            What::Deed { deed, told } => {
                let came = Some(fields.body("data")?);
                return Ok(Entry::Done(Done { part, call, end: Some(end), deed, told, came }));
            }
        };
        let head = fields.get("http").map(|_| fields.record("http")).transpose()?;
        let head = head.map(|head| self::head(&head)).transpose()?;
        let operation = Operation { client, call, end: Some(end), act };
        Ok(Entry::Operation { op, part, operation, head })
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entry().transpose()
    }
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Value>, ReadError> {
        if self.torn {
            return Ok(None);
        }
        let mut line = Vec::new();
        let most = LIMITS.size as u64 + 2;
        io::Read::take(&mut self.file, most).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let whole = line.last() == Some(&b'\n');
        match Value::from_json(line.trim_ascii_end(), &LIMITS) {
            Ok(value) => Ok(Some(value)),
            // Whoever wrote it was ended in the midst of it.
            Err(_) if !whole && (line.len() as u64) < most => {
                self.torn = true;
                Ok(None)
            }
            Err(error) => Err(ReadError::Json { line: self.number, error }),
        }
    }

    fn wrong(&self, why: &Fault) -> ReadError {
        ReadError::Line { line: self.number, why: why.to_string() }
    }
}

fn case(fields: &Fields<'_>) -> Result<Case, Fault> {
    let of = |what| fields.number_if(what);
    let purpose = match (of("smaller")?, of("control")?, of("twin")?) {
        (Some(of), ..) => Purpose::Smaller { of },
        (None, Some(of), _) => Purpose::Control { of },
        (None, None, Some(of)) => Purpose::Twin { of },
        (None, None, None) => Purpose::Subject,
    };
    Ok(Case {
        number: fields.number("case")?,
        experiment: fields.text("x")?,
        purpose,
        about: fields.body("about")?,
    })
}

fn quiet(fields: &Fields<'_>) -> Result<Quiet, Fault> {
    match fields.text_if("how")?.as_deref() {
        None => Ok(Quiet::Proved),
        Some("assumed") => Ok(Quiet::Assumed),
        Some(_) => Err(Fault::Unknown("how")),
    }
}

fn part(fields: &Fields<'_>) -> Result<Part, Fault> {
    let role = match fields.text_if("role")? {
        None => Role::Act,
        Some(word) => Role::of_word(&word).ok_or(Fault::Unknown("role"))?,
    };
    let told = match fields.text_if("told")? {
        None => None,
        Some(word) => {
            let told = [Told::First, Told::Last].into_iter().find(|told| told_word(*told) == &*word);
            Some(told.ok_or(Fault::Unknown("told"))?)
        }
    };
    let (case, step) = (fields.number_if("case")?, fields.number_if("step")?);
    Ok(Part { case, step, role, race: fields.number_if("race")?, told })
}

fn outcome(fields: &Fields<'_>) -> Result<Outcome, Fault> {
    Ok(match &*fields.text("e")? {
        "ok" => Outcome::Accepted(Receipt {
            id: fields.get("named").cloned(),
            version: version(fields, "v")?,
            position: fields.number_if("p")?,
            body: fields.body("out")?,
        }),
        "rejected" => Outcome::Rejected(rejection(fields)?),
        "unknown" => Outcome::Unknown(unknown(fields)?),
        "not_sent" => Outcome::NotSent(fields.text("err")?.to_string()),
        _ => return Err(Fault::Form("e")),
    })
}

fn answer(fields: &Fields<'_>) -> Result<Answer, Fault> {
    let seen = match &*fields.text("e")? {
        "ok" => Seen::Found(fields.value("out")?),
        "absent" => Seen::Absent,
        "rejected" => Seen::Refused(rejection(fields)?),
        "unknown" => Seen::Broken(unknown(fields)?),
        "not_sent" => Seen::NotSent(fields.text("err")?.to_string()),
        _ => return Err(Fault::Form("e")),
    };
    let (version, position) = (version(fields, "v")?, fields.number_if("p")?);
    Ok(Answer { seen, version, position, total: fields.number_if("total")? })
}

fn rejection(fields: &Fields<'_>) -> Result<Rejection, Fault> {
    let (code, detail) = (fields.text_if("code")?, fields.text_if("detail")?);
    Ok(Rejection { code, detail, body: fields.body("out")? })
}

fn unknown(fields: &Fields<'_>) -> Result<Unknown, Fault> {
    let status = status(fields)?;
    Ok(Unknown { doubt: fields.doubt()?, status, detail: fields.text("detail")?.to_string() })
}

fn status(fields: &Fields<'_>) -> Result<Option<u16>, Fault> {
    let status = fields.number_if("status")?.map(u16::try_from);
    status.transpose().map_err(|_| Fault::Form("status"))
}

pub(super) fn head(fields: &Fields<'_>) -> Result<Head, Fault> {
    let text = |name| Ok::<_, Fault>(fields.text_if(name)?.map(|text| text.to_string()));
    Ok(Head {
        status: status(fields)?.ok_or(Fault::Missing("status"))?,
        content_type: text("type")?,
        location: text("location")?,
        etag: text("etag")?,
        body: text("body")?,
        whole: fields.get("cut").is_none(),
    })
}

pub(super) fn version(fields: &Fields<'_>, name: &'static str) -> Result<Option<Version>, Fault> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(Version::Opaque(text.clone()))),
        Some(_) => Ok(Some(Version::Number(fields.number(name)?))),
    }
}
