//! Requests with something wrong with them. Pure: what is sent, and the command line that sends the same.

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use super::ask::Ask;
use super::connection::{Message, message};
use super::curl::{quoted, words};
use super::error::Refused;
use super::redact::Redactor;
use super::session::CommandError;
use crate::adapter::Malformation;
use crate::contract::{FieldDef, Type};
use crate::protocol::Command;
use crate::value::{Limits, Number, Record, Value, inert};

/// Stands in a body where something else is put.
pub(super) const SPOT: &str = "spot-7d1c5b0e";

/// The longest text that goes into a field: it is part of the command line that is shown.
const LONGEST_TEXT: usize = 64 * 1024;

/// How many digits no number type has.
const DIGITS: usize = 400;

/// The name that no command has.
pub(super) const NO_COMMAND: &str = "NoSuchCommand";

/// Why a request can't be made wrong like that.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpoilError {
    /// The command is not sent at all.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The command line that shows it would be too long. Holds how many bytes a text may have.
    #[error("the text has more than {0} bytes")]
    LongText(usize),
    /// No number has so many digits.
    #[error("there is no such number")]
    NoNumber,
    /// None that could hold such a value.
    #[error("it has no field of that type")]
    NoField,
    /// None that a mark could stand in for.
    #[error("none of its fields stands in its body as it is")]
    NoMark,
    /// The mark is not in the body.
    #[error("its body has no place for it")]
    NoPlace,
    /// There is nothing to be wrong.
    #[error("its request has no body")]
    NoBody,
    /// What is cut off leaves something that is right.
    #[error("half of its body is a whole one")]
    WholeHalf,
    /// Another name would be another value.
    #[error("its path ends in a value and not in a name")]
    NoName,
    /// More than is sent on purpose.
    #[error("at most {0} are sent")]
    TooMuch(usize),
}

/// A request with what can't stand in an [`Ask`].
pub(super) struct Spoilt {
    pub(super) ask: Ask,
    /// The body in place of its own; nothing for its own.
    body: Option<Vec<Piece>>,
    /// Bytes more in the path.
    path: usize,
    /// Header fields more.
    fields: usize,
}

/// A part of a body, told apart so that a long one has a short command line.
enum Piece {
    Bytes(Vec<u8>),
    Many(&'static str, usize),
}

/// The command with a field that has it wrong, for what is wrong with a field.
pub(super) fn command(
    command: &Command,
    defs: &[FieldDef],
    how: &Malformation,
) -> Result<Command, SpoilError> {
    let (wanted, value): (fn(&Type) -> bool, Value) = match how {
        Malformation::HostileText(text) if text.len() > LONGEST_TEXT => {
            return Err(SpoilError::LongText(LONGEST_TEXT));
        }
        Malformation::HostileText(text) => (is_text, Value::from(text.as_str())),
        Malformation::NullByte => (is_text, Value::from("a\0b")),
        Malformation::HugeNumber => {
            let number = Number::parse(&"9".repeat(DIGITS)).ok_or(SpoilError::NoNumber)?;
            (|ty| matches!(ty, Type::Int(_) | Type::Decimal(_)), Value::Number(number))
        }
        _ => return Ok(command.clone()),
    };
    let fields = with(&command.fields, defs, wanted, &value);
    let fields = fields.ok_or(SpoilError::NoField)?;
    Ok(Command { fields, ..command.clone() })
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text { .. } | Type::Id)
}

/// The fields with the first wanted one replaced, however deep it is.
fn with(fields: &Record, defs: &[FieldDef], wanted: fn(&Type) -> bool, value: &Value) -> Option<Record> {
    defs.iter().find_map(|def| {
        let replaced = within(fields.get(&def.name), &def.ty, wanted, value)?;
        let mut fields = fields.clone();
        fields.insert(&*def.name, replaced);
        Some(fields)
    })
}

fn within(old: Option<&Value>, ty: &Type, wanted: fn(&Type) -> bool, value: &Value) -> Option<Value> {
    match (ty, old) {
        (ty, _) if wanted(ty) => Some(value.clone()),
        (Type::Optional(ty), old) => within(old, ty, wanted, value),
        (Type::List(ty) | Type::Bag(ty), Some(Value::List(old))) => {
            let mut elements = old.clone();
            let first = elements.first_mut()?;
            *first = within(Some(&*first), ty, wanted, value)?;
            Some(Value::List(elements))
        }
        (Type::Record(ty), Some(Value::Record(old))) => {
            with(old, &ty.fields, wanted, value).map(Value::Record)
        }
        _ => None,
    }
}

impl Spoilt {
    /// The request with this wrong with it, unless that was done to the command already.
    pub(super) fn of(ask: Ask, how: &Malformation) -> Result<Self, SpoilError> {
        let mut spoilt = Self { ask, body: None, path: 0, fields: 0 };
        match *how {
            Malformation::HostileText(_) | Malformation::NullByte | Malformation::HugeNumber => {}
            Malformation::Unparsable => {
                spoilt.own_body()?;
                spoilt.replace(vec![Piece::Bytes(br#"{"unparsable": ]"#.to_vec())]);
            }
            Malformation::Truncated => {
                let body = spoilt.own_body()?;
                let half = body.as_bytes()[..body.len() / 2].to_vec();
                // Half of a number is a number, too.
                if Value::from_json(&half, &Limits::default()).is_ok() {
                    return Err(SpoilError::WholeHalf);
                }
                spoilt.replace(vec![Piece::Bytes(half)]);
            }
            Malformation::WrongContentType => {
                spoilt.own_body()?;
                let kind = HeaderValue::from_static("application/x-unknown");
                spoilt.ask.headers.insert(CONTENT_TYPE, kind);
            }
            Malformation::NoBody => {
                spoilt.own_body()?;
                spoilt.ask.body = None;
            }
            Malformation::DeepNesting(depth) => {
                let depth = bounded(depth, Malformation::MOST_NESTING)?;
                spoilt.put(vec![Piece::Many("[", depth), Piece::Many("]", depth)])?;
            }
            Malformation::Oversized(bytes) => {
                let bytes = bounded(bytes, Malformation::MOST_BYTES)?;
                let quote = || Piece::Bytes(b"\"".to_vec());
                spoilt.put(vec![quote(), Piece::Many("a", bytes), quote()])?;
            }
            Malformation::InvalidUtf8 => spoilt.put(vec![Piece::Bytes(b"\"\xff\xfe\"".to_vec())])?,
            Malformation::UnknownCommand => {
                // One whose name is in its body or its path has another name there already.
                let named = spoilt.ask.body.as_ref().is_some_and(|body| body.contains(NO_COMMAND))
                    || spoilt.ask.url.path().contains(NO_COMMAND);
                if !named {
                    let path = format!("{}-{NO_COMMAND}", spoilt.ask.url.path());
                    spoilt.ask.url.set_path(&path);
                }
            }
            Malformation::LongPath(bytes) => spoilt.path = bounded(bytes, Malformation::MOST_PATH)?,
            Malformation::ManyHeaders(count) => {
                spoilt.fields = bounded(count, Malformation::MOST_HEADERS)?;
            }
        }
        Ok(spoilt)
    }

    fn own_body(&self) -> Result<String, SpoilError> {
        self.ask.body.clone().ok_or(SpoilError::NoBody)
    }

    fn replace(&mut self, body: Vec<Piece>) {
        self.ask.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        self.body = Some(body);
    }

    /// Puts it in the place of the mark.
    fn put(&mut self, pieces: Vec<Piece>) -> Result<(), SpoilError> {
        let body = self.own_body()?;
        let (before, behind) = body.split_once(&format!("\"{SPOT}\"")).ok_or(SpoilError::NoPlace)?;
        let (before, behind) = (before.as_bytes().to_vec(), behind.as_bytes().to_vec());
        let mut body = vec![Piece::Bytes(before)];
        body.extend(pieces);
        body.push(Piece::Bytes(behind));
        self.replace(body);
        Ok(())
    }

    /// It as it goes over a connection.
    pub(super) fn message(&self) -> Result<Message, Refused> {
        let mut url = self.ask.url.clone();
        if self.path > 0 {
            url.set_path(&format!("{}/{}", url.path(), "x".repeat(self.path)));
        }
        let mut headers = self.ask.headers.clone();
        for number in 1..=self.fields {
            if let Ok(name) = HeaderName::try_from(format!("x-many-{number}")) {
                headers.insert(name, HeaderValue::from_static("x"));
            }
        }
        let body = match (&self.body, &self.ask.body) {
            (Some(pieces), _) => pieces.iter().flat_map(Piece::bytes).collect(),
            (None, Some(body)) => body.clone().into_bytes(),
            (None, None) => Vec::new(),
        };
        message(&self.ask.method, &url, headers, body)
    }

    /// The same as a command for a shell, short however much it sends.
    pub(super) fn curl(&self, redactor: &Redactor) -> String {
        let [mut words, fields, data] = words(&self.ask, redactor);
        if let (true, Some(url)) = (self.path > 0, words.last_mut()) {
            *url = format!("{url}\"/$({})\"", many("x", self.path));
        }
        words.extend(fields);
        if self.fields > 0 {
            words.push(format!("$(seq -f '-HX-Many-%g:x' {})", self.fields));
        }
        let Some(body) = &self.body else {
            words.extend(data);
            return inert(&words.join(" "));
        };
        words.push("--data-binary @-".to_owned());
        let body: Vec<String> = body.iter().map(|piece| piece.shell(redactor)).collect();
        inert(&format!("{{ {}; }} | {}", body.join("; "), words.join(" ")))
    }
}

fn bounded(asked: usize, most: usize) -> Result<usize, SpoilError> {
    if asked <= most { Ok(asked) } else { Err(SpoilError::TooMuch(most)) }
}

impl Piece {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Many(text, times) => text.repeat(*times).into_bytes(),
        }
    }

    fn shell(&self, redactor: &Redactor) -> String {
        use std::fmt::Write as _;
        match self {
            Self::Many(text, times) => many(text, *times),
            Self::Bytes(bytes) => {
                let mut format = String::new();
                for chunk in bytes.utf8_chunks() {
                    format += &redactor.text(chunk.valid()).replace('\\', r"\\").replace('%', "%%");
                    for byte in chunk.invalid() {
                        let _ = write!(format, "\\{byte:03o}");
                    }
                }
                format!("printf {}", quoted(&format))
            }
        }
    }
}

fn many(text: &str, times: usize) -> String {
    format!(r"yes {} | head -n {times} | tr -d '\n'", quoted(text))
}
