//! The tree becomes a profile: a file a part of the notation.

mod answers;
mod base;
mod claims;
mod control;
mod deviations;
mod follow_up;
mod generate;
mod messages;
mod paging;
mod reads;
mod request;
mod scope;
mod section;
mod service;
mod sql;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::{Limits, Outside, Profile};
use super::template::{Origin, Template};
use super::tree::{self, Kind, Node, Table};
use crate::contract::Contract;
use crate::text::{Code, Diagnostic, Source, Span, Spanned};
use scope::Scope;
use section::Section;

/// The version of the notation.
const SCHEMA: i64 = 1;

/// What a file came to.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The profile. Usable only where no diagnostic is an error.
    pub profile: Profile,
    /// All that is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Which contract a profile says it speaks.
///
/// # Errors
/// With what is wrong where that can't be read: without its contract, nothing more can be said of a profile.
pub fn contract_name(source: &Source) -> Result<Spanned<String>, Vec<Diagnostic>> {
    let mut mistakes = Vec::new();
    let table = tree::read(source, &mut mistakes);
    match table.entries.into_iter().find(|(key, _)| key.node == "contract") {
        Some((_, Node { span, kind: Kind::Text(text) })) => return Ok(Spanned::new(text.content, span)),
        Some((_, node)) => {
            let what = format!("text is needed here, not {}", node.in_words());
            mistakes.push(Diagnostic::error(Code::WRONG_KIND_OF_VALUE, node.span, what));
        }
        None => {
            let what = "a profile needs `contract`, the name of the contract that its service speaks";
            let mistake = Diagnostic::error(Code::MISSING_KEY, Span::new(0, 0), what);
            mistakes.push(mistake.advise("write `contract = \"orders\"`, for a file `orders.contract` beside this one or in a directory above"));
        }
    }
    Err(mistakes)
}

impl Profile {
    /// Reads a profile and holds it against the contract it speaks.
    pub fn read(source: &Source, contract: &Arc<Contract>) -> Reading {
        let mut decoder = Decoder {
            contract,
            vars: Vec::new(),
            out: Vec::new(),
            outside: Vec::new(),
            bases: Vec::new(),
            in_base: false,
            keys: Vec::new(),
        };
        let table = tree::read(source, &mut decoder.out);
        let profile = decoder.profile(&table);
        Reading { profile, diagnostics: decoder.out }
    }
}

/// Decodes one file.
struct Decoder<'a> {
    contract: &'a Arc<Contract>,
    /// The names in `[vars]`.
    vars: Vec<String>,
    out: Vec<Diagnostic>,
    outside: Vec<Outside>,
    /// Where the idempotency key is written in a template, and whether it may be left out there.
    keys: Vec<(Span, bool)>,
    /// The names of further bases.
    bases: Vec<String>,
    in_base: bool,
}

impl Decoder<'_> {
    fn profile(&mut self, table: &Table) -> Profile {
        let whole = Span::new(0, 0);
        let mut file = Section::new(table, whole, "a profile");
        self.schema(&mut file);
        if let Some(node) = file.require("contract", &mut self.out)
            && let Some(text) = self.text(node)
            && text.content != self.contract.name()
        {
            let what = format!("this is held against the contract `{}`", self.contract.name());
            self.out.push(Diagnostic::error(Code::UNKNOWN_CONTRACT, node.span, what));
        }
        let name = file.get("name").and_then(|node| self.text(node)).map(|text| text.content.clone());
        let test = file.get("test").and_then(|node| self.truth(node)).unwrap_or_default();
        let vars = self.vars(file.get("vars"));
        let base::Bases { default: base, ready, named: bases } = self.base(file.get("base"));
        let auth = file.get("auth").map(|node| self.auth(node)).unwrap_or_default();
        let headers = file.get("headers").map(|node| self.headers(node)).unwrap_or_default();
        let version = file.get("version").and_then(|node| self.version(node));
        let ids = file.get("id").map(|node| self.ids(node)).unwrap_or_default();
        let rules = file.get("answer").map(|node| self.rules(node)).unwrap_or_default();
        let types = file.get("type").map(|node| self.types(node)).unwrap_or_default();
        let (commands, any_command) = file.get("command").map(|node| self.commands(node)).unwrap_or_default();
        let key = file.get("key").map(|node| self.key(node));
        self.keys_fit(key.as_ref());
        let key = key.flatten();
        let database = file.get("database");
        let queries = file.get("query").map(|node| self.queries(node)).unwrap_or_default();
        let database = self.database(database, &queries);
        let wait = file.get("wait").and_then(|node| self.wait(node));
        let (command_position, query_position) =
            file.get("position").map(|node| self.position(node)).unwrap_or_default();
        let control = self.controls(&mut file, &queries);
        let operation = file.get("operation").and_then(|node| self.operation(node));
        let claims = file.get("claims").map(|node| self.claims(node)).unwrap_or_default();
        let limits = file.get("limits").map_or_else(Limits::default, |node| self.limits(node));
        let tls = file.get("tls").map(|node| self.tls(node)).unwrap_or_default();
        let generate = file.get("generate").map(|node| self.generate(node)).unwrap_or_default();
        let deviations =
            file.get("deviates").map(|node| self.deviations(node, &commands)).unwrap_or_default();
        file.finish(&mut self.out);
        let profile = Profile {
            name: name.unwrap_or_else(|| self.contract.name().to_owned()),
            contract: self.contract.clone(),
            test,
            base,
            ready,
            bases,
            database,
            auth,
            headers,
            vars,
            key,
            version,
            ids,
            rules,
            commands,
            any_command,
            queries,
            types,
            wait,
            command_position,
            query_position,
            control,
            operation,
            claims,
            limits,
            tls,
            generate,
            deviations,
            outside: std::mem::take(&mut self.outside),
        };
        self.uncovered(&profile);
        profile
    }

    fn schema(&mut self, file: &mut Section<'_>) {
        let Some(node) = file.require("schema", &mut self.out) else { return };
        match &node.kind {
            Kind::Number(number) if number.to_i64() == Some(SCHEMA) => {}
            Kind::Number(_) => {
                let what = "this version of Proofmark reads `schema = 1` only";
                self.out.push(Diagnostic::error(Code::BAD_VALUE, node.span, what).replace("write `1`", "1"));
            }
            _ => self.wrong(node, "a number"),
        }
    }

    fn vars(&mut self, node: Option<&Node>) -> BTreeMap<String, Template> {
        let Some(node) = node else { return BTreeMap::new() };
        let Some(table) = self.table(node) else { return BTreeMap::new() };
        let mut vars = BTreeMap::new();
        for (name, node) in &table.entries {
            let template = self.template(node, &Scope::config("a variable"));
            self.vars.push(name.node.clone());
            vars.insert(name.node.clone(), template.unwrap_or_default());
        }
        vars
    }

    /// What scenarios can't use for lack of a section.
    fn uncovered(&mut self, profile: &Profile) {
        let contract = self.contract.clone();
        let commands = contract.commands().map(|command| ("command", &command.name));
        let queries = contract.queries().map(|query| ("query", &query.name));
        for (kind, name) in commands.chain(queries) {
            let said = profile.commands.contains_key(&**name) || profile.queries.contains_key(&**name);
            if !said && !profile.speaks(name) {
                let what =
                    format!("the {kind} {name} is not covered: scenarios that need it are not claimed");
                let advice =
                    format!("add [{kind}.{name}], with `none = true` if the service has no such {kind}");
                let warning = Diagnostic::warning(Code::NOT_COVERED, Span::new(0, 0), what);
                self.out.push(warning.advise(advice));
            }
        }
    }

    /// A text with placeholders, which may use what the scope has.
    fn template(&mut self, node: &Node, scope: &Scope<'_>) -> Option<Template> {
        let text = self.text(node)?.clone();
        let vars: Vec<&str> = self.vars.iter().map(String::as_str).collect();
        let template = Template::parse(&text, &vars, &mut self.out);
        self.held_against(&template, scope);
        Some(template)
    }

    fn held_against(&mut self, template: &Template, scope: &Scope<'_>) {
        for hole in template.holes() {
            scope.check(hole, &mut self.out);
            if hole.origin == Origin::Key {
                self.keys.push((hole.span, hole.optional));
            }
            let (variable, secret) = match &hole.origin {
                Origin::Env(variable) => (variable, false),
                Origin::Secret(variable) => (variable, true),
                _ => continue,
            };
            let (variable, for_base) = (variable.clone(), self.in_base);
            self.outside.push(Outside { variable, secret, for_base, span: hole.span });
        }
    }
}
