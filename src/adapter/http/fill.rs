use reqwest::Url;

use super::error::RequestError;
use super::target::Shared;
use crate::contract::FieldDef;
use crate::profile::{Body, Hole, Origin, Part, Query, Request, Template, Way, apply_all, dots_in, text};
use crate::protocol::Version;
use crate::value::{Path, Record, Value};

/// What placeholders stand for in one operation.
#[derive(Clone, Copy, Default)]
pub(super) struct Values<'a> {
    pub(super) name: &'a str,
    /// The aggregate's id, as the service has it.
    pub(super) on: Option<&'a Value>,
    /// As the scenario wrote them.
    pub(super) fields: Option<&'a Record>,
    /// In the service's words.
    pub(super) converted: Option<&'a Record>,
    /// All of them under the service's names, where those are others.
    pub(super) renamed: Option<&'a Record>,
    pub(super) opened: Option<&'a Record>,
    pub(super) version: Option<&'a Version>,
    pub(super) key: Option<&'a str>,
    pub(super) position: Option<u64>,
    pub(super) read_model: Option<&'a str>,
    /// The body of the answer at hand.
    pub(super) answer: Option<&'a Value>,
    pub(super) token: Option<&'a str>,
    /// Whether somebody without credentials asks. Whatever a secret is part of is left out of the request.
    pub(super) nobody: bool,
}

/// Makes requests out of templates.
#[derive(Clone, Copy)]
pub(super) struct Filler<'a> {
    pub(super) shared: &'a Shared,
    pub(super) values: Values<'a>,
}

impl Filler<'_> {
    /// The value of a placeholder; `None` where it has none and may be left out.
    fn hole(&self, hole: &Hole) -> Result<Option<Value>, RequestError> {
        let values = &self.values;
        if values.nobody && self.is_secret(hole) {
            return Ok(None);
        }
        let found = match &hole.origin {
            Origin::Field(path) if path.steps().len() == 1 => {
                values.converted.and_then(|fields| path.get(&Value::Record(fields.clone())).cloned())
            }
            Origin::Field(path) => part(values.fields, path),
            Origin::Opened(path) => part(values.opened, path),
            Origin::On => values.on.cloned(),
            Origin::Fields => values.renamed.or(values.converted).cloned().map(Value::Record),
            Origin::Name => Some(Value::from(values.name)),
            Origin::Key => values.key.map(Value::from),
            Origin::Version => values.version.map(Version::to_value),
            Origin::Position => values.position.map(Value::from),
            Origin::Answer(path) => values.answer.and_then(|answer| path.get(answer).cloned()),
            Origin::Token => values.token.map(Value::from),
            Origin::ReadModel => values.read_model.map(Value::from),
            Origin::Env(variable) | Origin::Secret(variable) => {
                self.shared.equipment.get(variable).map(Value::from)
            }
            Origin::Var(name) => match self.shared.profile.vars.get(name) {
                Some(template) => self.value(template)?,
                None => None,
            },
        };
        match found {
            Some(value) if value.is_null() && hole.optional => Ok(None),
            Some(value) => {
                Ok(Some(apply_all(&hole.filters, self.shared.redactor.restored(value), Way::Out)?))
            }
            // What a scenario leaves out is left out: it may do so on purpose.
            None if hole.optional || matches!(hole.origin, Origin::Field(_)) => Ok(None),
            None => Err(RequestError::NoValue(hole.origin.clone())),
        }
    }

    /// The address of a database. Alone, a placeholder is all of it; a secret that is a part of it is escaped there.
    pub(super) fn address(&self, template: &Template) -> Result<String, RequestError> {
        let mut address = String::new();
        for part in &template.parts {
            match part {
                Part::Literal(literal) => address.push_str(literal),
                Part::Hole(hole) => {
                    let value = self.hole(hole)?.ok_or_else(|| RequestError::NoValue(hole.origin.clone()))?;
                    let escaped = template.lone().is_none() && self.is_secret(hole);
                    address.push_str(&if escaped { encode(&text(&value)) } else { text(&value) });
                }
            }
        }
        Ok(address)
    }

    /// What is bound to a placeholder of a statement: null where it has no value.
    pub(super) fn bound(&self, hole: &Hole) -> Result<Value, RequestError> {
        Ok(self.hole(hole)?.unwrap_or(Value::Null))
    }

    /// What rows have to hold to be kept.
    pub(super) fn wanted(&self, spoken: &Query) -> Result<Vec<(Path, String)>, RequestError> {
        let wanted = spoken.keep.iter().map(|(path, template)| {
            let value = self.text(template)?.unwrap_or_default();
            Ok((path.clone(), self.shared.redactor.judged(&value)))
        });
        wanted.collect()
    }

    /// Whether a secret stands for it, by itself or through a variable. Variables only know those that were declared before
    /// them.
    fn is_secret(&self, hole: &Hole) -> bool {
        match &hole.origin {
            Origin::Secret(_) => true,
            Origin::Var(name) => {
                self.shared.profile.vars.get(name).is_some_and(|template| self.holds_secret(template))
            }
            _ => false,
        }
    }

    /// Whether a secret is in it.
    pub(super) fn holds_secret(&self, template: &Template) -> bool {
        template.holes().any(|hole| self.is_secret(hole))
    }

    /// A lone placeholder keeps its type; everything else is text.
    pub(super) fn value(&self, template: &Template) -> Result<Option<Value>, RequestError> {
        match template.lone() {
            Some(hole) => self.hole(hole),
            None => Ok(self.text(template)?.map(Value::from)),
        }
    }

    /// As text; `None` if a placeholder that may be left out has no value.
    pub(super) fn text(&self, template: &Template) -> Result<Option<String>, RequestError> {
        self.join(template, |value| Ok(text(value)))
    }

    fn join(
        &self,
        template: &Template,
        write: impl Fn(&Value) -> Result<String, RequestError>,
    ) -> Result<Option<String>, RequestError> {
        let mut joined = String::new();
        for part in &template.parts {
            match part {
                Part::Literal(literal) => joined.push_str(literal),
                Part::Hole(hole) => match self.hole(hole)? {
                    Some(value) => joined.push_str(&write(&value)?),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(joined))
    }

    pub(super) fn body(&self, body: &Body) -> Result<Option<Value>, RequestError> {
        Ok(Some(match body {
            Body::Text(template) => return self.value(template),
            Body::Number(number) => Value::Number(number.clone()),
            Body::Bool(truth) => Value::Bool(*truth),
            Body::List(elements) => {
                let mut list = Vec::new();
                for element in elements {
                    list.extend(self.body(element)?);
                }
                Value::List(list)
            }
            Body::Record(fields) => {
                let mut record = Record::new();
                for (name, body) in fields {
                    if let Some(value) = self.body(body)? {
                        record.insert(name.as_str(), value);
                    }
                }
                Value::Record(record)
            }
        }))
    }

    /// Where a request goes. `more` is put behind the query.
    pub(super) fn url(&self, request: &Request, more: &[(String, String)]) -> Result<Url, RequestError> {
        self.behind(self.shared.base_of(request.base.as_deref())?, request, more)
    }

    /// The same behind an address.
    pub(super) fn behind(
        &self,
        base: &str,
        request: &Request,
        more: &[(String, String)],
    ) -> Result<Url, RequestError> {
        let path = self.join(&request.path, in_path)?;
        let path = path.ok_or(RequestError::NoPath)?;
        if let Some(dots) = dots_in(&path) {
            return Err(RequestError::DotsInPath { path: path.clone(), dots: dots.to_owned() });
        }
        let mut pairs = Vec::new();
        for pair in &request.query {
            pairs.extend(self.join(pair, |value| Ok(encode(&text(value))))?);
        }
        let sent = |text: &str| encode(&self.shared.redactor.restored_text(text));
        pairs.extend(more.iter().map(|(name, value)| format!("{}={}", encode(name), sent(value))));
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        let url = format!("{base}{path}{query}");
        Url::parse(&url).map_err(|why| RequestError::NoUrl { path, why })
    }
}

fn part(record: Option<&Record>, path: &Path) -> Option<Value> {
    path.get(&Value::Record(record?.clone())).cloned()
}

/// A value in a path, where its slashes are its own.
fn in_path(value: &Value) -> Result<String, RequestError> {
    match &*text(value) {
        "" => Err(RequestError::EmptyInPath),
        other => Ok(encode(other)),
    }
}

/// All but RFC 3986's unreserved characters (section 2.3) as `%xx`.
pub(super) fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// The fields of a command or query in the service's words, under their own names.
pub(super) fn converted(
    shared: &Shared,
    message: &str,
    fields: &Record,
    defs: &[FieldDef],
    id: &dyn Fn(Option<&str>, &Value) -> Option<Value>,
) -> Result<Record, RequestError> {
    let converted = fields.fields().iter().map(|(name, value)| {
        let value = match defs.iter().find(|def| *def.name == **name) {
            Some(def) => {
                let value = shared.profile.convert(value, &def.ty, Way::Out, id)?;
                shared.profile.reformed(message, name, value)?
            }
            None => value.clone(),
        };
        Ok((name.clone(), value))
    });
    converted.collect()
}
