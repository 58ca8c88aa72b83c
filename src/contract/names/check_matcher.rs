//! Whether a matcher can match at all what the contract says is shown.

use super::check::{Literal, unknown_field, wrong};
use super::{RecordType, Type};
use crate::language::syntax::{FieldMatcher, FieldPath, Matcher, MatcherKind};
use crate::text::{Code, Diagnostic, Severity, is_typo_of};

impl Type {
    /// What is wrong with `matcher` for something of this type; `what` names that ("`total`").
    pub fn check_matcher(&self, what: &str, matcher: &Matcher) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        self.match_value(what, matcher, &mut out);
        out
    }

    fn match_value(&self, what: &str, matcher: &Matcher, out: &mut Vec<Diagnostic>) {
        let ty = match self {
            Self::Optional(inner) => inner,
            Self::Unknown => return,
            _ => self,
        };
        let needed = match &matcher.kind {
            MatcherKind::Any | MatcherKind::Present | MatcherKind::Absent => return,
            MatcherKind::Equals(value) | MatcherKind::Compare(_, value) => {
                return ty.check_value(what, value, out);
            }
            MatcherKind::Near(centre, distance) => {
                ty.check_value(what, centre, out);
                if ty.takes(Literal::Number) {
                    return Self::decimal().check_value("a distance", distance, out);
                }
                "a number"
            }
            MatcherKind::Sum(path, _, sum) => {
                Self::decimal().check_value("a sum", sum, out);
                return ty.check_summed(what, path, out);
            }
            MatcherKind::Ignoring(matcher, _) => return ty.match_value(what, matcher, out),
            MatcherKind::Record { fields, .. } => match ty {
                Self::Record(record) => return record.match_fields(what, fields, out),
                _ => "a record",
            },
            MatcherKind::List { items, .. } => match ty.element() {
                Some(element) => {
                    for item in items {
                        element.match_value(&format!("an element of {what}"), item, out);
                    }
                    return;
                }
                None => "a list",
            },
            MatcherKind::Each(each) => match ty.element() {
                Some(element) => return element.match_value(&format!("an element of {what}"), each, out),
                None => "a list",
            },
            MatcherKind::Count(_, count) => {
                if ty.element().is_some() {
                    Self::int().check_value("a count", count, out);
                    return;
                }
                "a list"
            }
            MatcherKind::Regex(_) => {
                if ty.takes(Literal::Text) {
                    return;
                }
                "a text"
            }
        };
        out.push(wrong(what, ty, needed, matcher.span));
    }
}

impl Type {
    /// Whether a path leads to numbers, through as many lists as there are on its way.
    fn check_summed(&self, what: &str, path: &FieldPath, out: &mut Vec<Diagnostic>) {
        let mut ty = self.inside();
        let mut what = what.to_owned();
        for name in &path.names {
            let record = match ty {
                Self::Record(record) => record,
                Self::Unknown => return,
                _ => {
                    out.push(wrong(&what, ty, "a record", name.span));
                    return;
                }
            };
            let Some(field) = record.field(&name.text) else {
                let mut unknown = unknown_field(&what, &record.fields, &name.text, name.span);
                if record.open && !record.fields.iter().any(|field| is_typo_of(&name.text, &field.name)) {
                    unknown.severity = Severity::Warning;
                    unknown.code = Code::UNDECLARED_FIELD;
                }
                out.push(unknown);
                return;
            };
            ty = field.ty.inside();
            what = format!("`{}`", name.text);
        }
        if !ty.takes(Literal::Number) {
            out.push(wrong(&what, ty, "a number", path.span));
        }
    }

    /// What is left of a type without `?` and lists around it.
    fn inside(&self) -> &Self {
        match self {
            Self::Optional(inner) | Self::List(inner) | Self::Bag(inner) => inner.inside(),
            other => other,
        }
    }
}

impl RecordType {
    fn match_fields(&self, what: &str, fields: &[FieldMatcher], out: &mut Vec<Diagnostic>) {
        for field in fields {
            let name = &*field.name.text;
            if let Some(declared) = self.field(name) {
                declared.ty.match_value(&format!("`{name}`"), &field.matcher, out);
                continue;
            }
            let mut diagnostic = unknown_field(what, &self.fields, name, field.name.span);
            // A service may show more than its contract says; that something is not there can always be asked.
            let is_typo = self.fields.iter().any(|declared| is_typo_of(name, &declared.name));
            if self.open && matches!(field.matcher.kind, MatcherKind::Absent) {
                continue;
            }
            if self.open && !is_typo {
                diagnostic.severity = Severity::Warning;
                diagnostic.code = Code::UNDECLARED_FIELD;
                let names: Vec<String> =
                    self.fields.iter().map(|field| format!("`{}`", field.name)).collect();
                let known = format!(
                    "`shows` in the contract has {}; add it there to have it checked",
                    names.join(", ")
                );
                diagnostic = diagnostic.advise(known);
                diagnostic.message = format!("the contract does not say that {what} has a field `{name}`");
            }
            out.push(diagnostic);
        }
    }
}
