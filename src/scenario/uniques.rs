//! Where values go that are drawn for a scenario: what they have to look like follows from it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Action, Block};
use crate::contract::{Contract, FieldDef, Type};
use crate::language::syntax::{CommandCall, Expr, ExprKind, FieldExpr, QueryCall};
use crate::text::{Code, Diagnostic, Span};
use crate::value::Demand;

/// What each `unique` and `new` of a scenario is used for, by where it is written.
#[derive(Clone, Default, Debug)]
pub struct Uniques(HashMap<(u32, u32), Use>);

/// What a drawn value is used for.
#[derive(Clone, Default, Debug)]
pub struct Use {
    /// What the contract asks of it; nothing where any text will do.
    pub demand: Option<Demand>,
    /// The fields it is sent in.
    pub fields: Vec<Arc<str>>,
    /// Whether a command is sent under it.
    pub is_key: bool,
    /// Whether all that it is sent in is a text of any characters.
    pub is_prose: bool,
}

impl Uniques {
    /// What the value is used for that is drawn where `span` is.
    pub fn of(&self, span: Span) -> Option<&Use> {
        self.0.get(&(span.start, span.end))
    }
}

/// Finds out where drawn values are sent, and tells those that fit nowhere. Only what is sent counts: an answer must
/// look like what was sent, not the other way round.
pub(super) fn find(blocks: &[Block], contract: &Contract, mistakes: &mut Vec<Diagnostic>) -> Uniques {
    let mut finder = Finder { contract, drawn: BTreeMap::new(), uses: Uniques::default(), mistakes };
    for step in blocks.iter().flat_map(|block| &block.steps) {
        match &*step.action {
            Action::Let { name, value } => finder.name(name, value),
            Action::Submit(call) => finder.command(call),
            Action::Race(race) => race.calls().for_each(|call| finder.command(call)),
            Action::Read(assertion)
            | Action::Eventually { assertion, .. }
            | Action::Consistently { assertion, .. } => finder.query(&assertion.query),
            _ => {}
        }
    }
    for watch in blocks.iter().flat_map(|block| &block.watches) {
        finder.query(&watch.assertion.query);
    }
    finder.told_narrow();
    finder.uses
}

struct Finder<'a> {
    contract: &'a Contract,
    /// Where the value of a variable is drawn.
    drawn: BTreeMap<Arc<str>, Span>,
    uses: Uniques,
    mistakes: &'a mut Vec<Diagnostic>,
}

impl<'a> Finder<'a> {
    fn name(&mut self, name: &Arc<str>, value: &Expr) {
        if let Some(at) = self.drawn_at(value) {
            self.drawn.insert(name.clone(), at);
        }
    }

    /// Where the value of an expression is drawn, if it is drawn and nothing else happens to it.
    fn drawn_at(&self, value: &Expr) -> Option<Span> {
        match &value.kind {
            ExprKind::Unique(_) | ExprKind::New(_) => Some(value.span),
            ExprKind::Variable(name) => self.drawn.get(&*name.text).copied(),
            _ => None,
        }
    }

    fn command(&mut self, call: &CommandCall) {
        if let Some(command) = self.contract.command(&call.name.text) {
            self.fields(&command.fields, &call.fields);
        }
        if let Some(at) = call.key.as_ref().and_then(|key| self.drawn_at(key)) {
            self.uses.0.entry((at.start, at.end)).or_default().is_key = true;
        }
    }

    fn query(&mut self, call: &QueryCall) {
        if let Some(query) = self.contract.query(&call.name.text) {
            self.fields(&query.fields, &call.fields);
        }
    }

    fn fields(&mut self, declared: &'a [FieldDef], given: &[FieldExpr]) {
        for field in given {
            if let Some(def) = declared.iter().find(|def| *def.name == *field.name.text) {
                self.sent(&def.name, &def.ty, &field.value);
            }
        }
    }

    fn sent(&mut self, field: &str, ty: &'a Type, value: &Expr) {
        match (ty, &value.kind) {
            (Type::Optional(inner), _) => self.sent(field, inner, value),
            (Type::List(element) | Type::Bag(element), ExprKind::List(values)) => {
                for value in values {
                    self.sent(field, element, value);
                }
            }
            (Type::Record(record), ExprKind::Record(given)) => self.fields(&record.fields, given),
            _ => {
                if let Some(at) = self.drawn_at(value) {
                    self.goes(at, field, ty, value.span);
                }
            }
        }
    }

    /// The value that is drawn at `at` goes into a field.
    fn goes(&mut self, at: Span, field: &str, ty: &Type, span: Span) {
        let known = self.uses.0.entry((at.start, at.end)).or_default();
        known.is_prose = ty.is_prose() && (known.is_prose || known.fields.is_empty());
        let Ok(demand) = ty.demand() else {
            let what = format!(
                "`{field}` is {}, and no value that nobody else has can be made up for that",
                ty.in_words()
            );
            self.mistakes
                .push(Diagnostic::error(Code::UNIQUE_FITS_NOWHERE, span, what).advise("write a value"));
            return;
        };
        let both = match (&known.demand, demand) {
            (Some(known), Some(demand)) => known.and(&demand),
            (None, Some(demand)) => demand.and(&demand),
            (known, None) => {
                let known = known.clone();
                self.keep(at, field, known);
                return;
            }
        };
        if both.is_some() {
            return self.keep(at, field, both);
        }
        let others: Vec<String> = known.fields.iter().map(|field| format!("`{field}`")).collect();
        let what = match &*others {
            [] => format!("`{field}` is {} that no value can be", ty.in_words()),
            others => format!(
                "no value that fits {} fits `{field}`, which is {}",
                others.join(" and "),
                ty.in_words()
            ),
        };
        let mistake = Diagnostic::error(Code::UNIQUE_FITS_NOWHERE, span, what);
        self.mistakes.push(mistake.advise("draw a value for each of them: `let $x = unique \"…\"`"));
    }

    fn keep(&mut self, at: Span, field: &str, demand: Option<Demand>) {
        let known = self.uses.0.entry((at.start, at.end)).or_default();
        known.demand = demand;
        if !known.fields.iter().any(|known| **known == *field) {
            known.fields.push(Arc::from(field));
        }
    }

    /// Says where so few values fit that they may meet.
    fn told_narrow(&mut self) {
        let mut narrow: Vec<_> = self.uses.0.iter().collect();
        narrow.sort_unstable_by_key(|(at, _)| **at);
        for ((start, end), known) in narrow {
            let Some(demand) = known.demand.as_ref().filter(|demand| demand.is_narrow()) else { continue };
            let fields: Vec<String> = known.fields.iter().map(|field| format!("`{field}`")).collect();
            let what = format!(
                "only {} values fit {}: this may draw one that another scenario or run has drawn",
                demand.count(),
                fields.join(" and ")
            );
            self.mistakes.push(Diagnostic::warning(Code::FEW_VALUES, Span::new(*start, *end), what));
        }
    }
}
