use std::sync::Arc;
use std::time::Duration;

use super::ask::Ask;
use super::capture::{NoJson, Raw, Reply, take};
use super::classify::{Meant, classify, doubted, rule, within};
use super::curl::Sent;
use super::error::RequestError;
use super::fill::{Filler, Values, converted};
use super::page::{Page, PageRequest};
use super::send::send;
use super::session::{Client, copy, redactor_for};
use super::world::lock;
use crate::contract::{QueryDef, Type};
use crate::profile::{self, Absent, AnsweredBy, FieldError, Spoken, Way, text};
use crate::protocol::{Answer, Doubt, Query, Seen};
use crate::value::{Path, Record, Value};

/// Why an answer is none in the contract's words.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    /// It can't be read.
    #[error(transparent)]
    NoJson(#[from] NoJson),
    /// What was asked for doesn't stand where the profile says.
    #[error("there is nothing at `$.{0}`")]
    Nothing(Path),
    /// What stands there is of another kind.
    #[error("rows are a list, not a {0}: does the profile say where they are (`rows`)?")]
    NoRows(&'static str),
    /// One record was asked for.
    #[error(
        "the statement brings {0} rows, and the answer is one record: does its WHERE name the aggregate, `${{on}}`?"
    )]
    ManyRows(usize),
    /// A field can't be written in the contract's words.
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// The values of a header field, where there are header fields.
type Headers<'h> = &'h dyn Fn(&str) -> Vec<String>;

impl Client {
    /// Asks, past caches if `fresh` and the profile says how. With the answer, how many rows each page had that was read for it.
    pub(super) async fn query(&self, query: &Query, fresh: bool) -> (Answer, Vec<u64>) {
        let mut pages = Vec::new();
        (self.answer(query, fresh, &mut pages).await, pages)
    }

    async fn answer(&self, query: &Query, fresh: bool, pages: &mut Vec<u64>) -> Answer {
        let Some(Spoken::As(spoken)) = self.shared.profile.queries.get(&*query.name) else {
            return not_sent(format!("the profile doesn't say how {} is spoken", query.name));
        };
        let Some(def) = self.shared.profile.contract.query(&query.name) else {
            return not_sent(format!("the contract has no query {}", query.name));
        };
        if let AnsweredBy::Statement(sql) = &spoken.by {
            return match self.read(query, spoken, def, sql).await {
                Ok(answer) => answer,
                Err(why) => not_sent(self.shared.redactor.text(&why.to_string())),
            };
        }
        let parameter = spoken.fresh.as_ref().filter(|_| fresh);
        let beside = parameter.map(|name| (name.clone(), self.shared.throw_away()));
        match self.pages((query, spoken, def), beside, pages).await {
            Ok(answer) => answer,
            Err(why) => not_sent(self.shared.redactor.text(&why.to_string())),
        }
    }

    /// One answer, with the rows that the service sent, kept or not, and where the next page begins.
    pub(super) async fn page(
        &self,
        query: &Query,
        spoken: &profile::Query,
        def: &QueryDef,
        asked: &PageRequest,
        within: Duration,
    ) -> Result<Page, RequestError> {
        let shared = &*self.shared;
        let (ask, wanted) = self.question(query, spoken, def, asked)?;
        let redactor = redactor_for(shared, &ask);
        let sent = Arc::new(Sent { ask, redactor });
        self.sends(&sent);
        let Sent { ask, redactor } = &*sent;
        let read = |raw: Raw| Reply::read(raw, &shared.profile.limits, redactor);
        let meant = |raw: &Raw| rule(&shared.profile, &query.name, &read(copy(raw))).is_some();
        let got = send(shared, &self.line, ask, within, meant).await;
        self.line.close(got.as_ref().err());
        let reply = match got {
            Ok(raw) => read(raw),
            Err(failed) => return Ok(Page::only(Answer::new(failed.without(redactor).seen()))),
        };
        let seen = self.seen(query, spoken, def, &reply, &wanted);
        let versions = shared.profile.version.as_ref().filter(|versions| versions.comparable);
        let read =
            versions.filter(|versions| versions.ask.is_none()).and_then(|versions| versions.read.as_ref());
        let from = spoken.version.as_ref().or(read);
        let mut version =
            versions.zip(from).and_then(|(versions, from)| reply.version(from, versions.numbers));
        if from.is_none() && versions.is_some() && matches!(seen, Seen::Found(_)) && self.as_of.is_none() {
            let aggregate = def.aggregate.as_deref().unwrap_or_default();
            if query.on.is_some() {
                version = self.ask_version(aggregate, query.on.as_ref()).await;
            }
        }
        let position = reply.position(shared.profile.query_position.as_ref());
        let answer = match seen {
            Seen::Found(ref found) => {
                if tells(spoken, def, found) {
                    shared.spoken();
                }
                Answer { version, position, ..Answer::new(seen) }
            }
            Seen::Absent => Answer { position, ..Answer::new(seen) },
            seen => Answer::new(seen),
        };
        Ok(Page::read(answer, spoken, reply, &ask.url, &shared.redactor))
    }

    /// The request, and what rows have to hold to be kept.
    fn question(
        &self,
        query: &Query,
        spoken: &profile::Query,
        def: &QueryDef,
        asked: &PageRequest,
    ) -> Result<(Ask, Vec<(Path, String)>), RequestError> {
        let AnsweredBy::Request(request) = &spoken.by else { return Err(RequestError::NoRequest) };
        self.filled(query, def, |filler| {
            let body = match &request.body {
                Some(body) => filler.body(body)?,
                None => None,
            };
            let credential = filler.shared.credential(&self.actor);
            let mut ask = Ask::new(filler, &request.request, credential, &asked.parameters)?;
            ask.url = asked.url.clone().unwrap_or(ask.url);
            Ok((ask.with_body(body.as_ref()).repeatable(true), filler.wanted(spoken)?))
        })
    }

    /// Has `use_it` fill what is asked with the values of a query.
    pub(super) fn filled<T>(
        &self,
        query: &Query,
        def: &QueryDef,
        use_it: impl FnOnce(&Filler<'_>) -> Result<T, RequestError>,
    ) -> Result<T, RequestError> {
        let shared = &*self.shared;
        let known = || lock(&self.known);
        let aggregate = def.aggregate.as_deref().unwrap_or_default();
        let on = query.on.as_ref().map(|on| known().sent(shared, aggregate, on)).transpose()?;
        let referred = |kind: Option<&str>, id: &Value| known().referred(shared, kind, id);
        let fields = converted(shared, &query.name, &query.fields, &def.fields, &referred)?;
        let opened = query.on.as_ref().and_then(|on| known().opened.get(on).cloned());
        let renamed = shared.profile.renamed(&query.name, &fields);
        let values = Values {
            name: &query.name,
            on: on.as_ref(),
            fields: Some(&query.fields),
            converted: Some(&fields),
            renamed: renamed.as_ref(),
            opened: opened.as_ref(),
            version: self.as_of.as_ref(),
            nobody: self.actor.is_nobody(),
            ..Values::default()
        };
        use_it(&Filler { shared, values })
    }

    fn seen(
        &self,
        query: &Query,
        spoken: &profile::Query,
        def: &QueryDef,
        reply: &Reply,
        wanted: &[(Path, String)],
    ) -> Seen {
        let absent = spoken.absent.iter().any(|absent| match absent {
            Absent::Status(from, to) => within(&[(*from, *to)], reply.status),
            Absent::Null(path) => {
                let part = reply.json.as_ref().ok().map(|json| path.get(json));
                (200..300).contains(&reply.status) && part.is_some_and(|part| part.is_none_or(Value::is_null))
            }
        });
        if absent
            && rule(&self.shared.profile, &query.name, reply).is_none_or(|rule| rule.messages.is_empty())
        {
            return Seen::Absent;
        }
        match classify(&self.shared.profile, &query.name, reply) {
            Meant::Absent => Seen::Absent,
            Meant::Unknown(unknown) => Seen::Broken(unknown),
            Meant::No(rejection) => {
                self.note(&rejection, &query.name, reply);
                Seen::Refused(rejection)
            }
            Meant::Yes => {
                let json = reply.json.as_ref().map_err(|why| why.clone().into());
                let found =
                    json.and_then(|json| self.found(spoken, def, json, &|name| reply.headers(name), wanted));
                match found {
                    Ok(value) => Seen::Found(value),
                    Err(why) => Seen::Broken(doubted(Doubt::Unreadable, reply, why)),
                }
            }
        }
    }

    /// The answer in the contract's words.
    pub(super) fn found(
        &self,
        spoken: &profile::Query,
        def: &QueryDef,
        json: &Value,
        headers: Headers<'_>,
        wanted: &[(Path, String)],
    ) -> Result<Value, AnswerError> {
        let whole = match &spoken.rows {
            Some(path) => path.get(json).ok_or_else(|| AnswerError::Nothing(path.clone()))?,
            None => json,
        };
        let Some(row) = def.answer.element() else {
            return Ok(self.record(spoken, &def.answer, whole, headers)?);
        };
        let Value::List(rows) = whole else {
            return Err(AnswerError::NoRows(whole.kind()));
        };
        let kept = rows.iter().filter(|row| {
            wanted.iter().all(|(path, wanted)| path.get(row).is_some_and(|part| text(part) == *wanted))
        });
        let kept = kept.map(|found| self.record(spoken, row, found, headers));
        Ok(Value::List(kept.collect::<Result<_, _>>()?))
    }

    fn record(
        &self,
        spoken: &profile::Query,
        ty: &Type,
        found: &Value,
        headers: Headers<'_>,
    ) -> Result<Value, FieldError> {
        let known = lock(&self.known);
        let own = |_: Option<&str>, id: &Value| known.of_scenario(id);
        let profile = &self.shared.profile;
        let Value::Record(fields) = found else { return profile.convert(found, ty, Way::In, &own) };
        let defs = match ty {
            Type::Record(record) => &*record.fields,
            _ => &[],
        };
        let mut rest: Record = fields.clone();
        for name in spoken.used_up().chain(spoken.ignore.iter().map(String::as_str)) {
            rest.remove(name);
        }
        let mut record = match profile.convert(&Value::Record(rest), ty, Way::In, &own)? {
            Value::Record(record) => record,
            other => return Ok(other),
        };
        for (name, from) in &spoken.fields {
            let taken =
                take(from, Some(found), headers).map_err(|why| FieldError { field: name.clone(), why })?;
            match (taken, defs.iter().find(|def| *def.name == **name)) {
                (Some(value), Some(def)) => {
                    record.insert(name.as_str(), profile.convert(&value, &def.ty, Way::In, &own)?);
                }
                (Some(value), None) => {
                    record.insert(name.as_str(), value);
                }
                (None, _) => {
                    record.remove(name);
                }
            }
        }
        Ok(Value::Record(record))
    }
}

/// Whether what was found can only come from a service that knows the query: one that answers everything with `{}` or
/// `[]` knows none. An empty list counts where it stood at a place that the profile names.
pub(super) fn tells(spoken: &profile::Query, def: &QueryDef, found: &Value) -> bool {
    let declared = def.answer.element().unwrap_or(&def.answer);
    let known = |record: &Record| match declared {
        Type::Record(declared) if !declared.fields.is_empty() => {
            declared.fields.iter().any(|field| record.contains(&field.name))
        }
        _ => !record.is_empty(),
    };
    match found {
        Value::Record(record) => known(record),
        Value::List(rows) if rows.is_empty() => spoken.rows.is_some(),
        Value::List(rows) => rows.iter().any(|row| row.as_record().is_none_or(known)),
        _ => true,
    }
}

fn not_sent(why: String) -> Answer {
    Answer::new(Seen::NotSent(why))
}
