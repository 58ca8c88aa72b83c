use std::collections::BTreeMap;
use std::time::Duration;

use super::Decoder;
use super::scope::{Fields, Scope};
use super::section::Section;
use crate::profile::control::{Controls, Exec, Feed, FeedFields};
use crate::profile::definition::{Body, Command, Query, Request, Spoken};
use crate::profile::template::{Hole, Origin, Template};
use crate::profile::tree::{Kind, Node};
use crate::text::{Code, Diagnostic, did_you_mean};

/// How long reading a whole feed may take.
const FEED: Duration = Duration::from_secs(30);

impl Decoder<'_> {
    /// What the service does for its examiner.
    pub(super) fn controls(
        &mut self,
        file: &mut Section<'_>,
        queries: &BTreeMap<String, Spoken<Query>>,
    ) -> Controls {
        let event = Scope::with("[seed-events]", &["on", "name", "fields"]);
        let read_model = Scope::with("[rebuild]", &["read_model"]);
        let nothing = Scope::config("[reset]");
        Controls {
            events: file.get("events").and_then(|node| self.feed(node)),
            seed: file.get("seed-events").and_then(|node| self.sent(node, "[seed-events]", &event)),
            rebuild: file.get("rebuild").and_then(|node| self.sent(node, "[rebuild]", &read_model)),
            reset: file.get("reset").and_then(|node| self.sent(node, "[reset]", &nothing)),
            temporal: file.get("temporal").map(|node| self.temporal(node, queries)).unwrap_or_default(),
            exec: file.get("exec").and_then(|node| self.exec(node)),
        }
    }

    /// A section that is a request and its body.
    fn sent(&mut self, node: &Node, what: &str, scope: &Scope<'_>) -> Option<Command> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, what);
        let request = section.require("request", &mut self.out).and_then(|node| self.request(node, scope));
        let body = section.get("body").and_then(|node| self.body(node, scope));
        section.finish(&mut self.out);
        Some(Command { request: request?, body })
    }

    fn feed(&mut self, node: &Node) -> Option<Feed> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "[events]");
        let scope = Scope::with("[events]", &["on", "position"]);
        let request = section.require("request", &mut self.out).and_then(|node| self.request(node, &scope));
        let body = section.get("body").and_then(|node| self.body(node, &scope));
        let rows = section.get("rows").and_then(|node| self.path(node));
        let names = section.get("names").map(|node| self.event_names(node)).unwrap_or_default();
        let ignore = section.get("ignore").map(|node| self.texts(node)).unwrap_or_default();
        let within = section.get("within").and_then(|node| self.duration(node, &[])).unwrap_or(FEED);
        let (on, position) = match &request {
            Some(request) => {
                (asks(request, body.as_ref(), &Origin::On), asks(request, body.as_ref(), &Origin::Position))
            }
            None => (Asks::Needs, Asks::No),
        };
        let fields = section.require("fields", &mut self.out);
        let fields = fields.and_then(|node| self.feed_fields(node, on, position));
        section.finish(&mut self.out);
        let (of_one, paged) = (on == Asks::Needs, position != Asks::No);
        Some(Feed { request: request?, body, rows, fields: fields?, names, ignore, of_one, paged, within })
    }

    fn feed_fields(&mut self, node: &Node, on: Asks, position: Asks) -> Option<FeedFields> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "`fields` of [events]");
        let name = section.require("type", &mut self.out).and_then(|node| self.extraction(node));
        let mut take = |key, needed| {
            let node = if needed { section.require(key, &mut self.out) } else { section.get(key) };
            node.and_then(|node| self.extraction(node))
        };
        // A feed of many has to say whose each event is, and one that is read on, how far it is.
        let (aggregate, place) =
            (take("aggregate", on != Asks::Needs), take("position", position != Asks::No));
        let (data, version) = (take("data", false), take("version", false));
        let (id, causation) = (take("id", false), take("causation", false));
        section.finish(&mut self.out);
        Some(FeedFields { name: name?, data, aggregate, version, position: place, id, causation })
    }

    /// `{ "order-created" = "OrderCreated" }`
    fn event_names(&mut self, node: &Node) -> Vec<(String, String)> {
        let contract = self.contract.clone();
        let Some(table) = self.table(node) else { return Vec::new() };
        let mut names = Vec::new();
        for (theirs, node) in &table.entries {
            let Some(ours) = self.text(node).map(|text| text.content.clone()) else { continue };
            if contract.event(&ours).is_none() {
                let known = contract.aggregates().flat_map(|aggregate| &aggregate.events);
                let what = format!("the contract has no event `{ours}`");
                let near = did_you_mean(&ours, known.map(|event| &*event.name));
                let mistake = Diagnostic::error(Code::UNKNOWN_EVENT, node.span, what);
                self.out.push(match near {
                    Some(near) => mistake.advise(format!("did you mean `{near}`?")),
                    None => mistake,
                });
            }
            names.push((theirs.node.clone(), ours));
        }
        names
    }

    fn temporal(
        &mut self,
        node: &Node,
        queries: &BTreeMap<String, Spoken<Query>>,
    ) -> BTreeMap<String, Command> {
        let mut temporal = BTreeMap::new();
        let contract = self.contract.clone();
        let Some(table) = self.table(node) else { return temporal };
        for (name, node) in &table.entries {
            let Some(known) = contract.query(&name.node) else {
                self.unknown("query", name, contract.queries().map(|known| &*known.name));
                continue;
            };
            if !matches!(queries.get(&name.node), Some(Spoken::As(_))) {
                let what = format!(
                    "[temporal.{0}] needs [query.{0}]: what its answer looks like stands there",
                    name.node
                );
                self.out.push(Diagnostic::error(Code::MISSING_KEY, name.span, what));
            }
            if !known.needs_on() {
                let what = format!("{} asks for no aggregate, and only an aggregate has versions", name.node);
                self.out.push(Diagnostic::error(Code::BAD_VALUE, name.span, what));
            }
            let fields = Fields::Of(&known.name, &known.fields);
            let scope = Scope {
                fields,
                ..Scope::with("a temporal query", &["on", "opened", "name", "fields", "version"])
            };
            let Some(asked) = self.sent(node, "a [temporal]", &scope) else { continue };
            if asks(&asked.request, asked.body.as_ref(), &Origin::Version) == Asks::No {
                let what = "this asks for no version: `${version}` has to stand in it";
                self.out.push(Diagnostic::error(Code::MISSING_KEY, node.span, what));
            }
            temporal.insert(name.node.clone(), asked);
        }
        temporal
    }

    /// `"./my-service --port {port}"`, or `{ command = …, grace = "5s" }`.
    fn exec(&mut self, node: &Node) -> Option<Exec> {
        let Kind::Table(table) = &node.kind else {
            return self.text(node).map(|text| Exec { command: text.content.clone(), grace: None });
        };
        let mut section = Section::new(table, node.span, "[exec]");
        let command = section.require("command", &mut self.out);
        let grace = section.get("grace").and_then(|node| self.duration(node, &[]));
        section.finish(&mut self.out);
        let text = self.text(command?)?;
        if text.content.contains("${") {
            let (what, advice) = (
                "a command line has no placeholders but `{port}`",
                "the service is started with the environment that Proofmark has: a secret needs no place in its arguments",
            );
            self.out.push(Diagnostic::error(Code::BAD_PLACEHOLDER, text.span(), what).advise(advice));
        }
        Some(Exec { command: text.content.clone(), grace })
    }
}

/// Whether a request uses a placeholder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    No,
    /// Where there is a value for it.
    May,
    Needs,
}

fn asks(request: &Request, body: Option<&Body>, origin: &Origin) -> Asks {
    let templates = request.query.iter().chain([&request.path]);
    let mut holes: Vec<&Hole> = templates.flat_map(Template::holes).collect();
    if let Some(body) = body {
        gather(body, &mut holes);
    }
    holes.retain(|hole| hole.origin == *origin);
    match &*holes {
        [] => Asks::No,
        holes if holes.iter().all(|hole| hole.optional) => Asks::May,
        _ => Asks::Needs,
    }
}

fn gather<'b>(body: &'b Body, holes: &mut Vec<&'b Hole>) {
    match body {
        Body::Text(template) => holes.extend(template.holes()),
        Body::Number(_) | Body::Bool(_) => {}
        Body::List(elements) => elements.iter().for_each(|element| gather(element, holes)),
        Body::Record(fields) => fields.iter().for_each(|(_, body)| gather(body, holes)),
    }
}
