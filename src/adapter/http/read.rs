//! Queries that a statement answers, from the database that the service's read models are in.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::time::Instant;

use super::capture::{take, version_in};
use super::error::RequestError;
use super::fill::{Filler, Values};
use super::query::{AnswerError, tells};
use super::redact::Redactor;
use super::session::Client;
use super::target::{HttpError, Shared};
use crate::adapter::Unreachable;
use crate::adapter::sql::{AddressError, Bound, Database, Found, Prepared, SqlError};
use crate::contract::rules::complete;
use crate::contract::{QueryDef, Type};
use crate::profile::{self, Absent, AnsweredBy, Origin, Spoken, Sql, Statement};
use crate::protocol::{Answer, Came, Doubt, Exchange, Head, Query, Seen, Transcript, Unknown};
use crate::value::{Path, Value};

/// What a query's statements are to the database.
#[derive(Debug)]
pub(super) struct Ready {
    rows: Prepared,
    total: Option<Prepared>,
}

/// A statement that was asked, with its values in its text as somebody would type it, and what came of it.
struct Asked {
    line: String,
    redactor: Redactor,
    began: Instant,
    came: Mutex<Option<(Duration, Came)>>,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::value::inert(&self.redactor.text(&self.line)))
    }
}

/// What was asked, for whoever asks for it later.
#[derive(Clone)]
pub(super) struct Reading(Arc<Asked>);

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Transcript for Reading {
    fn exchange(&self) -> Exchange {
        let came = self.0.came.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (elapsed, came) = came.unwrap_or_else(|| {
            let why = "it was given up before an answer came".to_owned();
            (self.0.began.elapsed(), Came::Lost { doubt: Doubt::Timeout, status: None, why })
        });
        Exchange { request: self.to_string(), came, elapsed, statuses: Vec::new() }
    }

    /// No answer over HTTP.
    fn head(&self, _: bool) -> Option<Head> {
        None
    }
}

impl Shared {
    /// Takes the database of the profile, where a query is answered from one, and keeps all that is secret about it.
    pub(super) fn open_database(&mut self) -> Result<(), HttpError> {
        let mut queries = self.profile.queries.values();
        let needed = queries
            .any(|query| matches!(query, Spoken::As(profile::Query { by: AnsweredBy::Statement(_), .. })));
        let Some(template) = self.profile.database.as_ref().filter(|_| needed) else { return Ok(()) };
        let filler = Filler { shared: self, values: Values::default() };
        let url = filler
            .address(template)
            .map_err(|why| AddressError::Unfilled(self.redactor.text(&why.to_string())))?;
        let variable = template.lone().and_then(|hole| match &hole.origin {
            Origin::Env(variable) | Origin::Secret(variable) => Some(variable.clone()),
            _ => None,
        });
        let secrets = passwords(&url);
        self.redactor = self.redactor.and(secrets.iter().map(String::as_str));
        self.database_variable = variable;
        self.database = Some(Database::at(&url, &self.profile.limits)?);
        Ok(())
    }

    /// Has the database look at all statements of the profile, so that what is wrong with one is told before anything is sent.
    pub(super) async fn reach_database(&self) -> Result<(), Unreachable> {
        let Some(database) = &self.database else { return Ok(()) };
        for (name, spoken) in &self.profile.queries {
            if let Spoken::As(profile::Query { by: AnsweredBy::Statement(sql), .. }) = spoken {
                let ready = self.ready(name, sql, database).await;
                ready.map_err(|why| {
                    let why = match why {
                        SqlError::Unreachable { .. }
                        | SqlError::LateConnection { .. }
                        | SqlError::Denied { .. } => why.to_string(),
                        _ => format!("[query.{name}] of the profile, `sql`: {why}"),
                    };
                    let variable = self.database_variable.as_ref().map(|name| format!(" ({name})"));
                    self.unreachable_at(&format!("[database]{}", variable.unwrap_or_default()), why)
                })?;
            }
        }
        Ok(())
    }

    async fn ready(&self, name: &str, sql: &Sql, database: &Database) -> Result<Arc<Ready>, SqlError> {
        let known = |ready: &Mutex<std::collections::BTreeMap<String, Arc<Ready>>>| {
            ready.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
        };
        if let Some(ready) = known(&self.statements) {
            return Ok(ready);
        }
        let rows = database.prepare(&sql.rows).await?;
        let total = match &sql.total {
            Some(total) => Some(database.prepare(total).await?),
            None => None,
        };
        let ready = Arc::new(Ready { rows, total });
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), ready.clone());
        Ok(ready)
    }
}

impl Client {
    /// Asks the database.
    pub(super) async fn read(
        &self,
        query: &Query,
        spoken: &profile::Query,
        def: &QueryDef,
        sql: &Sql,
    ) -> Result<Answer, RequestError> {
        let shared = &*self.shared;
        let Some(database) = &shared.database else { return Err(RequestError::NoDatabase) };
        // A statement has nothing that could be left out of it.
        let query = &Query { fields: complete(&def.fields, query.fields.clone()), ..query.clone() };
        let (rows, total, wanted) = self.filled(query, def, |filler| {
            let values = |statement: &Statement| {
                statement.holes().map(|hole| filler.bound(hole)).collect::<Result<Vec<_>, _>>()
            };
            let total = sql.total.as_ref().map(values).transpose()?;
            Ok((values(&sql.rows)?, total, filler.wanted(spoken)?))
        })?;
        let variable = shared.database_variable.as_deref();
        let asked = Arc::new(Asked {
            line: database.command(variable, &written(&sql.rows, &rows)).join(" "),
            redactor: shared.redactor.clone(),
            began: Instant::now(),
            came: Mutex::default(),
        });
        self.reads(Reading(asked.clone()));
        let found = async {
            let ready = shared.ready(&query.name, sql, database).await?;
            let rows = Bound { statement: &ready.rows, values: rows };
            let total = ready.total.as_ref().zip(total);
            let total = total.map(|(statement, values)| Bound { statement, values });
            database.read(&rows, total.as_ref(), shared.profile.limits.total).await
        };
        let found = found.await;
        let came = match &found {
            Ok(found) => Came::Rows(found.rows.len()),
            Err(why) => lost(why, &shared.redactor),
        };
        let ended = Some((asked.began.elapsed(), came));
        *asked.came.lock().unwrap_or_else(PoisonError::into_inner) = ended;
        Ok(match found {
            Ok(found) => self.read_as(spoken, def, found, &wanted),
            Err(why) => Answer::new(unseen(&why, &shared.redactor)),
        })
    }

    /// What rows are in the contract's words.
    fn read_as(
        &self,
        spoken: &profile::Query,
        def: &QueryDef,
        found: Found,
        wanted: &[(Path, String)],
    ) -> Answer {
        let shared = &*self.shared;
        let element = def.answer.element();
        let row = element.unwrap_or(&def.answer);
        let mut rows: Vec<Value> =
            found.rows.into_iter().map(|found| alone(row, shared.redactor.value(found))).collect();
        let whole = match (element, rows.len()) {
            (Some(_), _) => Value::List(rows),
            (None, 0) => return Answer::new(Seen::Absent),
            (None, 1) => rows.remove(0),
            (None, count) => {
                let why = AnswerError::ManyRows(count);
                return Answer::new(unreadable(why.to_string()));
            }
        };
        let gone = spoken.absent.iter().any(|absent| match absent {
            Absent::Null(path) => path.get(&whole).is_none_or(Value::is_null),
            Absent::Status(..) => false,
        });
        if gone {
            return Answer::new(Seen::Absent);
        }
        let versions = shared.profile.version.as_ref().filter(|versions| versions.comparable);
        let version = versions.zip(spoken.version.as_ref()).and_then(|(versions, from)| {
            version_in(&take(from, Some(&whole), |_| Vec::new()).ok().flatten()?, versions.numbers)
        });
        match self.found(spoken, def, &whole, &|_| Vec::new(), wanted) {
            Ok(value) => {
                if tells(spoken, def, &value) {
                    shared.spoken();
                }
                Answer { version, total: found.total, ..Answer::new(Seen::Found(value)) }
            }
            Err(why) => Answer::new(unreadable(shared.redactor.text(&why.to_string()))),
        }
    }
}

/// The passwords in an address, as they are written and as they are meant.
fn passwords(url: &str) -> Vec<String> {
    let Ok(url) = Url::parse(url) else { return Vec::new() };
    let plain = |text: &str| {
        let text = text.replace('+', "%2B").replace('&', "%26");
        let url = Url::parse(&format!("http://localhost/?p={text}")).ok()?;
        url.query_pairs().next().map(|(_, plain)| plain.into_owned())
    };
    let mut passwords: Vec<String> = url.password().map(str::to_owned).into_iter().collect();
    passwords.extend(url.password().and_then(plain));
    passwords.extend(url.query_pairs().filter(|(name, _)| name == "password").map(|(_, it)| it.into_owned()));
    passwords.retain(|password| !password.is_empty());
    passwords.dedup();
    passwords
}

/// The only column of a row, where the contract has no record there.
fn alone(ty: &Type, row: Value) -> Value {
    match (ty.innermost(), row) {
        (Type::Record(_) | Type::Unknown, row) => row,
        (_, Value::Record(record)) if record.fields().len() == 1 => record.fields()[0].1.clone(),
        (_, row) => row,
    }
}

/// A statement with its values as literals, to be read and typed, and never to be sent.
fn written(statement: &Statement, values: &[Value]) -> String {
    let text = statement.text(|number| match values.get(number) {
        None | Some(Value::Null) => "NULL".to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        Some(value) => format!("'{}'", profile::text(value).replace('\'', "''")),
    });
    // What stands behind `--` would become part of a comment.
    if text.contains("--") {
        return text;
    }
    text.split('\n').map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn unreadable(detail: String) -> Seen {
    Seen::Broken(Unknown { doubt: Doubt::Unreadable, status: None, detail })
}

/// What it means for a query that there are no rows.
fn unseen(why: &SqlError, redactor: &Redactor) -> Seen {
    let detail = redactor.text(&why.to_string());
    match doubt(why) {
        None => Seen::NotSent(detail),
        Some(doubt) => Seen::Broken(Unknown { doubt, status: None, detail }),
    }
}

fn lost(why: &SqlError, redactor: &Redactor) -> Came {
    let told = redactor.text(&why.to_string());
    match doubt(why) {
        None => Came::NotSent(told),
        Some(doubt) => Came::Lost { doubt, status: None, why: told },
    }
}

/// The kind of doubt; nothing where nothing was asked.
fn doubt(why: &SqlError) -> Option<Doubt> {
    match why {
        SqlError::Unreachable { .. } | SqlError::LateConnection { .. } | SqlError::Denied { .. } => None,
        SqlError::Late(_) => Some(Doubt::Timeout),
        SqlError::Lost(_) => Some(Doubt::Lost),
        _ => Some(Doubt::Unreadable),
    }
}
