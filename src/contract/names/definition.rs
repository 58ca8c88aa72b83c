use std::collections::HashMap;
use std::sync::Arc;

use super::{FieldDef, Lasts, Range, RecordType, Type};
use crate::text::{Source, Span, did_you_mean};

/// Rejections that every service may give without declaring them.
pub const BUILT_IN_REJECTIONS: &[&str] =
    &["Malformed", "ConcurrencyConflict", "KeyReused", "PreconditionRequired", "Unauthorized"];

/// The names and types of one contract.
#[derive(Clone, Default, Debug)]
pub struct Contract {
    pub(super) name: Arc<str>,
    pub(super) types: Named<Type>,
    pub(super) aggregates: Named<AggregateDef>,
    pub(super) commands: Named<CommandDef>,
    pub(super) queries: Named<QueryDef>,
    pub(super) rejections: Named<()>,
    /// What it was read from, where somebody will want it.
    pub(super) source: Option<Arc<Source>>,
}

/// An aggregate and its state.
#[derive(Clone, Debug)]
pub struct AggregateDef {
    /// Its name.
    pub name: Arc<str>,
    /// Its states as fields of a record, with `id` in front.
    pub state: std::sync::Arc<RecordType>,
    /// Its events, in file order.
    pub events: Vec<EventDef>,
    /// Where its name was declared.
    pub span: Span,
}

/// An event of an aggregate.
#[derive(Clone, Debug)]
pub struct EventDef {
    /// Its name.
    pub name: Arc<str>,
    /// What it carries.
    pub fields: Vec<FieldDef>,
    /// Where its name was declared.
    pub span: Span,
}

/// A command.
#[derive(Clone, Debug)]
pub struct CommandDef {
    /// Its name.
    pub name: Arc<str>,
    /// The aggregate it is for; a step names one with `on`.
    pub aggregate: Arc<str>,
    /// What it carries.
    pub fields: Vec<FieldDef>,
    /// The rejections it declares, each once, in file order.
    pub rejections: Vec<Arc<str>>,
    /// How many things it does when it is accepted: events it emits, or aggregates it sets.
    pub effects: usize,
    /// Where its name was declared.
    pub span: Span,
}

/// A query on one aggregate, or a view of many.
#[derive(Clone, Debug)]
pub struct QueryDef {
    /// Its name.
    pub name: Arc<str>,
    /// The aggregate it asks for, which a step names with `on`; a view has none.
    pub aggregate: Option<Arc<str>>,
    /// What it is asked with.
    pub fields: Vec<FieldDef>,
    /// What an answer holds at least: the record of a query, a row of a view, or what a view summarises. Nothing if
    /// the contract doesn't say.
    pub shows: Option<Vec<FieldDef>>,
    /// The type of the whole answer: a record, or a list of them for a view that shows rows.
    pub answer: Type,
    /// Whether it is a view.
    pub is_view: bool,
    /// The field of a row that shows the id of the aggregate which the row is of; nothing where none does.
    pub id_field: Option<Arc<str>>,
    /// Whether it is a view whose rows come in pages.
    pub paged: bool,
    /// Whether it is a view that tells how many rows there are on all pages.
    pub total: bool,
    /// Where its name was declared.
    pub span: Span,
}

impl CommandDef {
    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| &*field.name == name)
    }
}

impl QueryDef {
    /// The field called `name` that it is asked with.
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    /// The fields of an answer that the service chooses and that last for more than one read.
    pub fn lasting(&self) -> impl Iterator<Item = &FieldDef> {
        self.shows.iter().flatten().filter(|field| field.chosen && field.lasts != Lasts::OneRead)
    }

    /// Whether a step has to name an aggregate with `on`.
    pub fn needs_on(&self) -> bool {
        self.aggregate.is_some()
    }
}

impl Contract {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same, which keeps what it was read from.
    #[must_use]
    pub(crate) fn with_source(self, source: &Source) -> Self {
        Self { source: Some(Arc::new(source.clone())), ..self }
    }

    /// What it was read from, where that was kept.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_deref()
    }

    /// The declared type called `name`.
    pub fn type_named(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// The declared types with their names, in file order.
    pub fn types(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.types.iter()
    }

    /// The aggregate called `name`.
    pub fn aggregate(&self, name: &str) -> Option<&AggregateDef> {
        self.aggregates.get(name)
    }

    /// All aggregates, in file order.
    pub fn aggregates(&self) -> impl Iterator<Item = &AggregateDef> {
        self.aggregates.iter().map(|(_, aggregate)| aggregate)
    }

    /// The event called `name`, and the aggregate it happens to.
    pub fn event(&self, name: &str) -> Option<(&AggregateDef, &EventDef)> {
        let mut events =
            self.aggregates().flat_map(|aggregate| aggregate.events.iter().map(move |e| (aggregate, e)));
        events.find(|(_, event)| &*event.name == name)
    }

    /// The command called `name`.
    pub fn command(&self, name: &str) -> Option<&CommandDef> {
        self.commands.get(name)
    }

    /// All commands, in file order.
    pub fn commands(&self) -> impl Iterator<Item = &CommandDef> {
        self.commands.iter().map(|(_, command)| command)
    }

    /// The query or view called `name`.
    pub fn query(&self, name: &str) -> Option<&QueryDef> {
        self.queries.get(name)
    }

    /// All queries, then all views, in file order.
    pub fn queries(&self) -> impl Iterator<Item = &QueryDef> {
        self.queries.iter().map(|(_, query)| query)
    }

    /// Whether answers show anything that a service chooses and that lasts.
    pub fn shows_what_lasts(&self) -> bool {
        self.queries().any(|query| query.lasting().next().is_some())
    }

    /// Whether `code` is a rejection that some command declares, or one that every service may give.
    pub fn is_rejection(&self, code: &str) -> bool {
        self.rejections.get(code).is_some() || BUILT_IN_REJECTIONS.contains(&code)
    }

    /// All rejections that some command declares, each once, and then the built-in ones.
    pub fn rejections(&self) -> impl Iterator<Item = &str> {
        self.rejections.iter().map(|(name, ())| name).chain(BUILT_IN_REJECTIONS.iter().copied())
    }

    /// The command or query that `name` was probably meant to be.
    pub fn suggest_message(&self, name: &str) -> Option<&str> {
        let commands = self.commands().map(|command| &*command.name);
        did_you_mean(name, commands.chain(self.queries().map(|query| &*query.name)))
    }

    /// The rejection that `code` was probably meant to be.
    pub fn suggest_rejection(&self, code: &str) -> Option<&str> {
        did_you_mean(code, self.rejections())
    }

    /// What to do about a `code` that is none of its rejections.
    pub fn advise_rejection(&self, code: &str) -> String {
        match self.suggest_rejection(code) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "it is one that the contract declares, or one that every service may give: {}",
                BUILT_IN_REJECTIONS.join(", ")
            ),
        }
    }
}

/// Things with unique names, in the order they were declared.
#[derive(Clone, Debug)]
pub(super) struct Named<T> {
    items: Vec<(Arc<str>, T)>,
    index: HashMap<Arc<str>, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { items: Vec::new(), index: HashMap::new() }
    }
}

impl<T> Named<T> {
    /// Adds it, unless there is one of that name.
    pub(super) fn insert(&mut self, name: &str, item: T) {
        if !self.index.contains_key(name) {
            self.index.insert(name.into(), self.items.len());
            self.items.push((name.into(), item));
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.index.get(name).and_then(|at| self.items.get(*at)).map(|(_, item)| item)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let at = *self.index.get(name)?;
        self.items.get_mut(at).map(|(_, item)| item)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.items.iter().map(|(name, item)| (&**name, item))
    }
}

impl From<&crate::language::syntax::contract::TryRange> for Range {
    /// Instants in milliseconds since 1970, as a [`FieldDef`](super::FieldDef) has them.
    fn from(tried: &crate::language::syntax::contract::TryRange) -> Self {
        use crate::language::syntax::contract::TryRange;
        let ms = |moment: &crate::value::Moment| moment.unix_ms().map(crate::value::Number::from);
        match tried {
            TryRange::Numbers(bounds) => Self::from(bounds),
            TryRange::Moments { from, to, .. } => {
                Self { min: from.as_ref().and_then(ms), max: to.as_ref().and_then(ms) }
            }
        }
    }
}

impl From<&crate::language::syntax::contract::Bounds> for Range {
    fn from(bounds: &crate::language::syntax::contract::Bounds) -> Self {
        Self { min: bounds.min.clone(), max: bounds.max.clone() }
    }
}
