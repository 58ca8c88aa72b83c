//! How finely a service tells instants, by the forms that its profile says.

use super::Profile;
use super::definition::{MemberForm, Query, Spoken};
use super::filter::Filter;
use super::template::Origin;
use crate::contract::{FieldDef, Type};
use crate::value::{PathStep, Precision, Precisions};

impl Profile {
    /// How finely instants are sent in the fields of the command or query called `message`: what is finer, the service never gets to
    /// know. A field that is sent in several forms is known as finely as the finest tells it.
    pub(crate) fn sent(&self, message: &str) -> Precisions {
        let mut sent = Precisions::default();
        let (fields, holes) = match (self.contract.command(message), self.contract.query(message)) {
            (Some(command), _) => match self.spoken(message) {
                Some(spoken) => (&command.fields, spoken.holes()),
                None => return sent,
            },
            (None, Some(query)) => match self.queries.get(message) {
                Some(Spoken::As(Query { by, keep, .. })) => {
                    let kept = keep.iter().flat_map(|(_, wanted)| wanted.holes());
                    (&query.fields, by.holes().into_iter().chain(kept).collect())
                }
                _ => return sent,
            },
            (None, None) => return sent,
        };
        for field in fields {
            let by_type = self.form(message, &field.name);
            let uses = holes.iter().filter_map(|hole| match &hole.origin {
                Origin::Fields => Some(by_type),
                Origin::Field(path) => match path.steps() {
                    [PathStep::Field(name)] if **name == *field.name => {
                        Some(by_type.max(filtered(&hole.filters)))
                    }
                    [PathStep::Field(name), ..] if **name == *field.name => Some(None),
                    _ => None,
                },
                _ => None,
            });
            // Nothing, which is as it is, comes before the finest.
            match uses.min().flatten() {
                Some(precision) => sent.tell([field.name.clone()], precision),
                None => self.nested(&field.ty, &mut vec![field.name.clone()], &mut sent),
            }
        }
        sent
    }

    /// How finely the answers of `query` tell instants.
    pub(crate) fn shown(&self, query: &str) -> Precisions {
        let mut shown = Precisions::default();
        let (Some(def), Some(Spoken::As(spoken))) = (self.contract.query(query), self.queries.get(query))
        else {
            return shown;
        };
        let fields: &[FieldDef] = match def.answer.element().unwrap_or(&def.answer) {
            Type::Record(record) => &record.fields,
            _ => def.shows.as_deref().unwrap_or_default(),
        };
        for field in fields {
            let from = spoken.fields.iter().find(|(name, _)| **name == *field.name);
            match from.and_then(|(_, from)| filtered(&from.filters)) {
                Some(precision) => shown.tell([field.name.clone()], precision),
                None => self.nested(&field.ty, &mut vec![field.name.clone()], &mut shown),
            }
        }
        shown
    }

    /// How finely the fields of the event called `name` tell instants.
    pub(crate) fn happened(&self, name: &str) -> Precisions {
        let mut happened = Precisions::default();
        if let Some((_, ty)) = self.event_type(name) {
            self.nested(&ty, &mut Vec::new(), &mut happened);
        }
        happened
    }

    /// What the forms of declared types say of the instants within a value of this type. No type contains itself.
    fn nested(&self, ty: &Type, path: &mut Vec<std::sync::Arc<str>>, out: &mut Precisions) {
        let Type::Record(record) = ty.innermost() else { return };
        for field in &record.fields {
            path.push(field.name.clone());
            match record.name.as_deref().and_then(|name| self.form(name, &field.name)) {
                Some(precision) => out.tell(path.iter().cloned(), precision),
                None => self.nested(&field.ty, path, out),
            }
            path.pop();
        }
    }

    /// How finely a field of a declared type, of an event, a command or a query is told by `[type.…]`.
    fn form(&self, owner: &str, field: &str) -> Option<Precision> {
        match self.types.get(owner)?.get(field)?.form {
            MemberForm::Instant(form) => form.precision(),
            MemberForm::Same | MemberForm::Text | MemberForm::Cents => None,
        }
    }
}

/// How finely filters leave an instant, one behind the other.
fn filtered(filters: &[Filter]) -> Option<Precision> {
    let forms = filters.iter().map(|filter| match filter {
        Filter::Instant(form) => form.precision(),
        _ => None,
    });
    forms.max().flatten()
}
