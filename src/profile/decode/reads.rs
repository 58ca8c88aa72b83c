use std::sync::Arc;

use super::Decoder;
use crate::contract::{FieldDef, Type};
use crate::profile::tree::{Kind, Node};
use crate::text::{Code, Diagnostic, Span, Spanned, did_you_mean};
use crate::value::{Number, Tolerances};

impl Decoder<'_> {
    /// The name of a parameter of a query.
    pub(super) fn parameter(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if !text.content.is_empty() {
            return Some(text.content.clone());
        }
        let what = "a parameter has a name";
        self.out.push(Diagnostic::error(Code::BAD_VALUE, node.span, what));
        None
    }

    /// `{ total = "0.005", "items.price" = "0.005" }`
    pub(super) fn tolerances(&mut self, node: &Node, query: &str) -> Tolerances {
        let mut tolerances = Tolerances::default();
        let contract = self.contract.clone();
        let Some(table) = self.table(node) else { return tolerances };
        for (path, node) in &table.entries {
            let known = contract.query(query).is_none_or(|known| {
                // A view that summarises shows fields all the same.
                let shown = known.answer.element().unwrap_or(&known.answer);
                self.numbers_at(path, query, shown, known.shows.as_deref())
            });
            let by = match &node.kind {
                Kind::Number(number) => Some(number.clone()),
                Kind::Text(text) => Number::parse(&text.content),
                _ => None,
            };
            let by = by.filter(|by| by.decimal().is_some() && *by >= Number::ZERO);
            match by {
                Some(by) if known => tolerances.allow(path.node.split('.').map(Arc::from), by),
                Some(_) => {}
                None => {
                    let what = "a tolerance is a number of at least 0";
                    let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, what);
                    self.out.push(mistake.advise("write it like `total = \"0.005\"`"));
                }
            }
        }
        tolerances
    }

    /// Whether a path leads to numbers, as far as the contract knows.
    fn numbers_at(
        &mut self,
        path: &Spanned<String>,
        query: &str,
        answer: &Type,
        shows: Option<&[FieldDef]>,
    ) -> bool {
        let mut owner = query.to_owned();
        let mut fields = match answer {
            Type::Record(record) => Some(&*record.fields),
            _ => shows,
        };
        let mut ty = &Type::Unknown;
        for name in path.node.split('.') {
            let Some(known) = fields else { return true };
            let Some(field) = known.iter().find(|field| *field.name == *name) else {
                self.no_such_field(&owner, name, known, path.span);
                return false;
            };
            ty = field.ty.innermost();
            name.clone_into(&mut owner);
            fields = match ty {
                Type::Record(record) => Some(&record.fields),
                Type::Unknown => None,
                _ => Some(&[]),
            };
        }
        let number = matches!(ty, Type::Decimal(_) | Type::Int(_) | Type::Unknown);
        if !number {
            let what = format!("`{}` is {}, and only numbers can be off a little", path.node, ty.in_words());
            self.out.push(Diagnostic::error(Code::BAD_VALUE, path.span, what));
        }
        number
    }

    fn no_such_field(&mut self, owner: &str, name: &str, known: &[FieldDef], span: Span) {
        let what = format!("{owner} shows no field `{name}`");
        let near = did_you_mean(name, known.iter().map(|field| &*field.name));
        let mistake = Diagnostic::error(Code::UNKNOWN_FIELD, span, what);
        self.out.push(match near {
            Some(near) => mistake.advise(format!("did you mean `{near}`?")),
            None => mistake,
        });
    }
}
