use std::collections::BTreeMap;
use std::time::Duration;

use super::Decoder;
use super::scope::{Fields, Scope};
use super::section::Section;
use crate::contract::{FieldDef, QueryDef, Type};
use crate::profile::definition::{Absent, AnsweredBy, Command, Member, MemberForm, Query, Spoken};
use crate::profile::extract::{Extraction, Place, from_root};
use crate::profile::filter::Filter;
use crate::profile::instant::{FORMS, InstantForm};
use crate::profile::template::Template;
use crate::profile::tree::{Kind, Node, Table};
use crate::text::{Code, Diagnostic, Span, Spanned, did_you_mean};
use crate::value::Path;

type Commands = (BTreeMap<String, Spoken<Command>>, Option<Command>);

impl Decoder<'_> {
    pub(super) fn commands(&mut self, node: &Node) -> Commands {
        let mut commands = BTreeMap::new();
        let mut any = None;
        let contract = self.contract.clone();
        let Some(table) = self.table(node) else { return (commands, any) };
        for (name, node) in &table.entries {
            let words: &[_] = &["on", "opened", "name", "fields", "key"];
            if name.node == "*" {
                if let Some(Spoken::As(command)) = self.command(node, &Scope::with("[command.\"*\"]", words))
                {
                    any = Some(command);
                }
                continue;
            }
            let Some(known) = contract.command(&name.node) else {
                self.unknown("command", name, contract.commands().map(|known| &*known.name));
                continue;
            };
            let fields = Fields::Of(&known.name, &known.fields);
            let scope = Scope { fields, ..Scope::with("a command", words) };
            if let Some(command) = self.command(node, &scope) {
                commands.insert(name.node.clone(), command);
            }
        }
        (commands, any)
    }

    fn command(&mut self, node: &Node, scope: &Scope<'_>) -> Option<Spoken<Command>> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "a [command]");
        if self.none(&mut section) {
            section.finish(&mut self.out);
            return Some(Spoken::None);
        }
        let request = section.require("request", &mut self.out).and_then(|node| self.request(node, scope));
        let body = section.get("body").and_then(|node| self.body(node, scope));
        section.finish(&mut self.out);
        Some(Spoken::As(Command { request: request?, body }))
    }

    /// `none = true`
    fn none(&mut self, section: &mut Section<'_>) -> bool {
        let Some(node) = section.get("none") else { return false };
        self.truth(node).unwrap_or(true)
    }

    pub(super) fn unknown<'n>(
        &mut self,
        kind: &str,
        name: &Spanned<String>,
        known: impl Iterator<Item = &'n str>,
    ) {
        let what = format!("the contract has no {kind} `{}`", name.node);
        let near = did_you_mean(&name.node, known);
        self.out.push(Diagnostic::error(Code::UNKNOWN_MESSAGE, name.span, what).suggest(near));
    }

    pub(super) fn queries(&mut self, node: &Node) -> BTreeMap<String, Spoken<Query>> {
        let mut queries = BTreeMap::new();
        let contract = self.contract.clone();
        let Some(table) = self.table(node) else { return queries };
        for (name, node) in &table.entries {
            let Some(known) = contract.query(&name.node) else {
                self.unknown("query", name, contract.queries().map(|known| &*known.name));
                continue;
            };
            let fields = Fields::Of(&known.name, &known.fields);
            let words: &[_] =
                if known.needs_on() { &["on", "opened", "name", "fields"] } else { &["name", "fields"] };
            let scope = Scope { fields, ..Scope::with("a query", words) };
            if let Some(query) = self.query(node, known, &scope) {
                queries.insert(name.node.clone(), query);
            }
        }
        queries
    }

    fn query(&mut self, node: &Node, known: &QueryDef, scope: &Scope<'_>) -> Option<Spoken<Query>> {
        let (name, shown) = (&*known.name, shown(known.shows.as_deref(), &known.answer));
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "a [query]");
        if self.none(&mut section) {
            section.finish(&mut self.out);
            return Some(Spoken::None);
        }
        let by_sql = section.get("sql");
        let (by, asked) = match by_sql {
            Some(node) => (self.answered_by_sql(&mut section, node, scope), node.span),
            None => self.requested(&mut section, node.span, scope),
        };
        let rows = section.get("rows").and_then(|node| self.path(node));
        let total = section.get("total").filter(|_| by_sql.is_none()).and_then(|node| self.path(node));
        let absent = section.get("absent").map(|node| self.absent(node)).unwrap_or_default();
        let fields = section.get("fields").map(|node| self.fields(node, name, shown)).unwrap_or_default();
        let version = section.get("version").and_then(|node| self.extraction(node));
        let bound =
            section.get("bound").and_then(|node| self.duration(node, &[("immediate", Duration::ZERO)]));
        let read_model =
            section.get("read_model").and_then(|node| self.text(node)).map(|text| text.content.clone());
        let ignore = section.get("ignore").map(|node| self.texts(node)).unwrap_or_default();
        let keep = section.get("keep").map(|node| self.keep(node, scope)).unwrap_or_default();
        let paged = section.get("page");
        let page = paged.and_then(|node| self.page(node));
        let tolerances = section.get("tolerance").map(|node| self.tolerances(node, name)).unwrap_or_default();
        if total.is_some() && !keep.is_empty() {
            let what =
                "`total` is of rows that `keep` leaves out, too, so it can't be held against what is kept";
            self.out
                .push(Diagnostic::error(Code::BAD_VALUE, node.span, what).advise("leave out one of them"));
        }
        let private = section.get("private").and_then(|node| self.truth(node)).unwrap_or_default();
        let fresh = section.get("fresh").and_then(|node| self.parameter(node));
        section.finish(&mut self.out);
        let query = Query {
            by: by?,
            rows,
            total,
            absent,
            fields,
            version,
            bound,
            read_model: read_model.unwrap_or_else(|| name.to_owned()),
            ignore,
            keep,
            page,
            tolerances,
            private,
            fresh,
        };
        // A `page` that can't be read is told already.
        if paged.is_some() == query.page.is_some() {
            self.pages_fit(known, &query, (asked, paged));
        }
        Some(Spoken::As(query))
    }

    /// What is sent to the service, and where that stands.
    fn requested(
        &mut self,
        section: &mut Section<'_>,
        span: Span,
        scope: &Scope<'_>,
    ) -> (Option<AnsweredBy>, Span) {
        let requested = section.require("request", &mut self.out);
        let request = requested.and_then(|node| self.request(node, scope));
        let body = section.get("body").and_then(|node| self.body(node, scope));
        let by = request.map(|request| AnsweredBy::Request(Command { request, body }));
        (by, requested.map_or(span, |node| node.span))
    }

    pub(super) fn texts(&mut self, node: &Node) -> Vec<String> {
        let Some(list) = self.list(node) else { return Vec::new() };
        list.iter().filter_map(|node| self.text(node)).map(|text| text.content.clone()).collect()
    }

    /// `[404]`, or `{ at = "$.data.unit", is = "null" }`.
    fn absent(&mut self, node: &Node) -> Vec<Absent> {
        let Kind::Table(table) = &node.kind else {
            return self.statuses(node).into_iter().map(|(from, to)| Absent::Status(from, to)).collect();
        };
        let mut section = Section::new(table, node.span, "`absent`");
        let at = section.require("at", &mut self.out).and_then(|node| self.path(node));
        if let Some(is) = section.require("is", &mut self.out) {
            self.word(is, &[("null", ())]);
        }
        section.finish(&mut self.out);
        at.map(Absent::Null).into_iter().collect()
    }

    fn fields(&mut self, node: &Node, query: &str, shown: Option<&[FieldDef]>) -> Vec<(String, Extraction)> {
        let Some(table) = self.table(node) else { return Vec::new() };
        let mut fields = Vec::new();
        for (name, node) in &table.entries {
            if let Some(shown) = shown
                && !shown.iter().any(|field| *field.name == *name.node)
            {
                let what = format!("{query} shows no field `{}`", name.node);
                let near = did_you_mean(&name.node, shown.iter().map(|field| &*field.name));
                self.out.push(Diagnostic::error(Code::UNKNOWN_FIELD, name.span, what).suggest(near));
            }
            if let Some(extraction) = self.extraction(node) {
                let reads = extraction.filters.iter().any(|filter| matches!(filter, Filter::Instant(_)));
                let known = shown.and_then(|shown| shown.iter().find(|field| *field.name == *name.node));
                if let Some(known) = known.filter(|_| reads) {
                    self.is_instant(known, node.span);
                }
                fields.push((name.node.clone(), extraction));
            }
        }
        fields
    }

    fn keep(&mut self, node: &Node, scope: &Scope<'_>) -> Vec<(Path, Template)> {
        let Some(table) = self.table(node) else { return Vec::new() };
        let mut keep = Vec::new();
        for (place, node) in &table.entries {
            let Some(Ok(path)) = from_root(&place.node).map(Path::parse) else {
                let what = format!("`{}` is no path to one place", place.node);
                self.out.push(
                    Diagnostic::error(Code::BAD_PATH, place.span, what)
                        .advise("write it like `\"$.customerId\"`"),
                );
                continue;
            };
            if let Some(wanted) = self.template(node, &scope.required()) {
                keep.push((path, wanted));
            }
        }
        keep
    }

    /// `[type.Item]`: nested renames.
    pub(super) fn types(&mut self, node: &Node) -> BTreeMap<String, BTreeMap<String, Member>> {
        let mut types = BTreeMap::new();
        let contract = self.contract.clone();
        let Some(table) = self.table(node) else { return types };
        for (name, node) in &table.entries {
            let declared = match contract.type_named(&name.node) {
                Some(Type::Record(record)) => Some(&*record.fields),
                // The fields of events, commands and queries are renamed like those of a type.
                _ => contract
                    .event(&name.node)
                    .map(|(_, event)| &*event.fields)
                    .or_else(|| contract.command(&name.node).map(|command| &*command.fields))
                    .or_else(|| contract.query(&name.node).map(|query| &*query.fields)),
            };
            let Some(declared) = declared else {
                let what = format!("the contract has no type `{}` with fields", name.node);
                let near = did_you_mean(&name.node, contract.types().map(|(name, _)| name));
                self.out.push(Diagnostic::error(Code::UNKNOWN_TYPE, name.span, what).suggest(near));
                continue;
            };
            let Some(table) = self.table(node) else { continue };
            let members = self.members(table, &name.node, declared);
            types.insert(name.node.clone(), members);
        }
        types
    }

    fn members(&mut self, table: &Table, name: &str, fields: &[FieldDef]) -> BTreeMap<String, Member> {
        let mut members = BTreeMap::new();
        for (field, node) in &table.entries {
            let known = fields.iter().find(|known| *known.name == *field.node);
            if known.is_none() {
                let what = format!("{name} has no field `{}`", field.node);
                let near = did_you_mean(&field.node, fields.iter().map(|known| &*known.name));
                self.out.push(Diagnostic::error(Code::UNKNOWN_FIELD, field.span, what).suggest(near));
            }
            if let Some(member) = self.member(node, &field.node, field.span) {
                if let (MemberForm::Instant(_), Some(known)) = (member.form, known) {
                    self.is_instant(known, node.span);
                }
                members.insert(field.node.clone(), member);
            }
        }
        members
    }

    /// `"productId"`, or `{ field = "unit_price_cents", as = "cents" }`.
    fn member(&mut self, node: &Node, own: &str, span: Span) -> Option<Member> {
        match &node.kind {
            Kind::Text(text) => Some(Member { field: text.content.clone(), form: MemberForm::Same }),
            Kind::Table(table) => {
                let mut section = Section::new(table, span, "a member");
                let field = section.get("field").and_then(|node| self.text(node));
                let field = field.map_or_else(|| own.to_owned(), |text| text.content.clone());
                let form = section.get("as").and_then(|node| self.member_form(node));
                section.finish(&mut self.out);
                Some(Member { field, form: form.unwrap_or(MemberForm::Same) })
            }
            _ => {
                self.wrong(node, "a name, or { field = …, as = … },");
                None
            }
        }
    }
}

impl Decoder<'_> {
    /// How a field is written: `"cents"`, `"epoch ms"`.
    fn member_form(&mut self, node: &Node) -> Option<MemberForm> {
        if let Kind::Text(text) = &node.kind
            && let Some(form) = InstantForm::named(&text.content)
        {
            return Some(MemberForm::Instant(form));
        }
        let mut forms = vec![("cents", MemberForm::Cents), ("string", MemberForm::Text)];
        forms.extend(FORMS.map(|(name, form)| (name, MemberForm::Instant(form))));
        self.word(node, &forms)
    }

    /// A form of instants is for a field that is one.
    fn is_instant(&mut self, field: &FieldDef, span: Span) {
        let ty = field.ty.innermost();
        if !matches!(ty, Type::Instant | Type::Unknown) {
            let what = format!("`{}` is {}, and this is a form of instants", field.name, ty.in_words());
            self.out.push(Diagnostic::error(Code::BAD_VALUE, span, what));
        }
    }
}

/// The fields of an answer, or of a row of it, where the contract says so.
fn shown<'c>(shows: Option<&'c [FieldDef]>, answer: &'c Type) -> Option<&'c [FieldDef]> {
    match answer.element().unwrap_or(answer) {
        Type::Record(record) => Some(&record.fields),
        _ => shows,
    }
}

impl Query {
    /// The top-level names of the answer that went into fields of other names.
    pub(crate) fn used_up(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter_map(|(name, extraction)| match &extraction.place {
            Place::Body(path) => match path.steps() {
                [crate::value::PathStep::Field(step)] if **step != **name => Some(&**step),
                _ => None,
            },
            Place::Header { .. } => None,
        })
    }
}
