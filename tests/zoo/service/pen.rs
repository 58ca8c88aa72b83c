//! A pen, what changes it, and what may be asked of it.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::moment::Instant;
use crate::zoo::fault::Fault;
use crate::zoo::oddity::Oddity::*;
use crate::zoo::setup::Setup;

/// One pen that is there, or was.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pen {
    pub(super) closed: bool,
    pub(super) label: String,
    pub(super) opened: Opening,
    pub(super) feed: Decimal,
    pub(super) lit: bool,
    pub(super) version: u64,
    /// Which pen it was to be opened.
    pub(super) number: u64,
}

/// What it was opened with, besides the label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Opening {
    pub(super) keeper: String,
    pub(super) tag: Option<String>,
    pub(super) note: Option<String>,
    pub(super) since: Option<Instant>,
    pub(super) colour: Option<String>,
    pub(super) places: i64,
}

/// What clients ask for.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Open(String, Opening),
    Stock(Decimal),
    Take(Decimal),
    Relabel(String),
    Move(String, Decimal),
    Close,
    Light(bool),
}

/// What happened to one pen.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Opened(Pen),
    Fed { by: Decimal, to: Decimal },
    Labelled(String),
    Lit(bool),
    Closed,
    Removed,
}

impl Command {
    /// Nothing for a body that is none for it.
    pub(super) fn read(setup: &Setup, path: &str, body: &[u8]) -> Option<Self> {
        let body: Map<String, Value> =
            if body.is_empty() { Map::new() } else { serde_json::from_slice(body).ok()? };
        let fields = Fields(body);
        let amount = || {
            let amount = fields.decimal("amount")?;
            (Decimal::new(1, 2)..=Decimal::from(1000)).contains(&amount).then_some(amount)
        };
        Some(match path {
            "open" => Self::Open(fields.text("label")?, fields.opening(setup)?),
            "stock" => Self::Stock(amount()?),
            "take" => Self::Take(amount()?),
            "relabel" => Self::Relabel(fields.text("label")?),
            "move" => Self::Move(fields.id(setup, "to")?, amount()?),
            "close" => Self::Close,
            "light" => Self::Light(true),
            "douse" => Self::Light(false),
            _ => return None,
        })
    }
}

/// A body.
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    /// A text or, where ids are whole numbers, such a number as one: of 32 bits, as a column of a table has it.
    fn id(&self, setup: &Setup, name: &str) -> Option<String> {
        if !setup.has(IntegerIds) {
            return self.text(name);
        }
        let number = i32::try_from(self.0.get(name)?.as_i64()?).ok()?;
        Some(number.to_string())
    }

    fn decimal(&self, name: &str) -> Option<Decimal> {
        let Value::Number(number) = self.0.get(name)? else { return None };
        let text = number.to_string();
        text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
    }

    fn is_left_out(&self, name: &str) -> bool {
        self.0.get(name).is_none_or(Value::is_null)
    }

    fn opening(&self, setup: &Setup) -> Option<Opening> {
        let keeper = self.text("keeper")?;
        if setup.has(UuidFields) && uuid::Uuid::parse_str(&keeper).is_err() {
            return None;
        }
        let wanted = |wanted: bool, name| if wanted { self.text(name).map(Some) } else { Some(None) };
        let since = wanted(setup.instants().is_some(), "since")?;
        let since = match since {
            Some(text) => {
                let since = Instant::read(&text)?;
                let zone = text.rfind(['Z', '+', '-']).unwrap_or(text.len());
                let lost = setup.is(Fault::ZoneLost).then(|| Instant::read(&format!("{}Z", &text[..zone])));
                Some(lost.flatten().unwrap_or(since))
            }
            None => None,
        };
        let places = match self.0.get("places") {
            None => 4,
            Some(value) => value.as_i64().filter(|places| (1..=100).contains(places))?,
        };
        let colour = self.text("colour");
        if colour.is_none() && !self.is_left_out("colour") {
            return None;
        }
        Some(Opening {
            keeper,
            tag: wanted(setup.has(LookedUpIds), "tag")?,
            note: wanted(setup.has(FreeText), "note")?,
            since,
            colour,
            places,
        })
    }
}

impl Pen {
    /// One that has just been opened.
    pub(super) fn new(label: String, opened: Opening, number: u64) -> Self {
        Self { closed: false, label, opened, feed: Decimal::ZERO, lit: false, version: 0, number }
    }

    /// What has become of a pen by a change.
    pub(super) fn behind(pen: Option<Self>, change: &Change) -> Option<Self> {
        if let Change::Opened(pen) = change {
            return Some(pen.clone());
        }
        let mut pen = pen?;
        pen.version += 1;
        match change {
            Change::Fed { by, .. } => pen.feed += *by,
            Change::Labelled(label) => pen.label.clone_from(label),
            Change::Lit(lit) => pen.lit = *lit,
            Change::Closed => pen.closed = true,
            Change::Removed => return None,
            Change::Opened(_) => {}
        }
        Some(pen)
    }
}
