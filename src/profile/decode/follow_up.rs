use std::time::Duration;

use super::Decoder;
use super::scope::{Fields, Scope};
use super::section::Section;
use crate::contract::FieldDef;
use crate::profile::definition::Request;
use crate::profile::extract::{from_root, path};
use crate::profile::follow_up::{Login, LoginBody, LookUp, Operation, Poll};
use crate::profile::template::{Origin, Part, Template};
use crate::profile::tree::{Node, Text};
use crate::text::{Code, Diagnostic};
use crate::value::Path;

/// How long an operation may take where the profile doesn't say.
const OPERATION: Duration = Duration::from_secs(10);

/// How long the row of a new aggregate may take to show where the profile doesn't say.
const LOOK_UP: Duration = Duration::from_secs(5);

impl Decoder<'_> {
    /// `[operation]`
    pub(super) fn operation(&mut self, node: &Node) -> Option<Operation> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "[operation]");
        let when = section.require("when", &mut self.out).map(|node| self.taken_in(node));
        let poll = section.require("poll", &mut self.out).and_then(|node| self.poll(node));
        let state = section.require("state", &mut self.out).and_then(|node| self.extraction(node));
        let done = section.require("done", &mut self.out).map(|node| self.texts(node)).unwrap_or_default();
        let failing = section.get("failed");
        let failed = failing.map(|node| self.texts(node)).unwrap_or_default();
        let within = section.get("within").and_then(|node| self.duration(node, &[])).unwrap_or(OPERATION);
        section.finish(&mut self.out);
        if let (Some(both), Some(node)) = (done.iter().find(|state| failed.contains(state)), failing) {
            let what = format!("`{both}` can't be both done and failed");
            self.out.push(Diagnostic::error(Code::BAD_VALUE, node.span, what));
        }
        Some(Operation { when: when?, poll: poll?, state: state?, done, failed, within })
    }

    /// The statuses that say that a command was taken in.
    fn taken_in(&mut self, node: &Node) -> Vec<(u16, u16)> {
        let statuses = self.statuses(node);
        if statuses.iter().any(|(from, to)| *from < 200 || *to > 299) {
            let what = "only a 2xx can say that a command was taken in";
            self.out.push(Diagnostic::error(Code::BAD_STATUS, node.span, what));
        }
        statuses
    }

    /// A place in the first answer, or a request that may use parts of it.
    fn poll(&mut self, node: &Node) -> Option<Poll> {
        let text = self.text(node)?.clone();
        let scope = Scope::with("`poll`", &["answer", "on"]);
        if from_root(&text.content).is_some() || text.content.starts_with("header ") {
            return self.extraction(node).map(Poll::Place);
        }
        let request = if text.content.starts_with('/') {
            self.target("GET", &text, &scope)
        } else {
            self.request(node, &scope)
        };
        request.map(Poll::Request)
    }

    /// The keys of `kind = "login"`.
    pub(super) fn login(&mut self, section: &mut Section<'_>, span: crate::text::Span) -> Option<Login> {
        let scope = Scope::with("a login", &["on", "opened"]);
        let request = section.require("request", &mut self.out).and_then(|node| self.request(node, &scope));
        let json = section.get("body").and_then(|node| self.body(node, &scope)).map(LoginBody::Json);
        let form = section.get("form").map(|node| LoginBody::Form(self.form(node, &scope)));
        if json.is_some() && form.is_some() {
            let what = "a login sends either `body`, as JSON, or `form`";
            self.out.push(Diagnostic::error(Code::BAD_VALUE, span, what));
        }
        let take = section.require("take", &mut self.out).and_then(|node| self.extraction(node));
        let send = match section.get("send") {
            Some(node) => self.sending(node),
            None => Some(("Authorization".to_owned(), bearer())),
        };
        let (header, value) = send?;
        Some(Login { request: request?, body: json.or(form), take: take?, header, value })
    }

    fn form(&mut self, node: &Node, scope: &Scope<'_>) -> Vec<(String, Template)> {
        let Some(table) = self.table(node) else { return Vec::new() };
        let pairs = table.entries.iter();
        pairs.filter_map(|(name, node)| Some((name.node.clone(), self.template(node, scope)?))).collect()
    }

    /// `{ header = "Cookie", value = "sid=${token}" }`
    fn sending(&mut self, node: &Node) -> Option<(String, Template)> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "`send`");
        let header = section.require("header", &mut self.out).and_then(|node| self.header_name(node));
        let scope = Scope::with("`send`", &["token"]).required();
        let value = section.require("value", &mut self.out);
        let template = value.and_then(|node| self.template(node, &scope));
        section.finish(&mut self.out);
        if let (Some(template), Some(node)) = (&template, value)
            && !template.holes().any(|hole| hole.origin == Origin::Token)
        {
            let what = "this sends no token: `${token}` has to stand in it";
            self.out.push(Diagnostic::error(Code::MISSING_KEY, node.span, what));
        }
        header.zip(template)
    }

    /// The keys of `by = "lookup"`.
    pub(super) fn look_up(&mut self, section: &mut Section<'_>, aggregate: &str) -> Option<LookUp> {
        let contract = self.contract.clone();
        let commands = contract.commands().filter(|command| *command.aggregate == *aggregate);
        // Which of them creates the aggregate is not told, so a field of any will do.
        let fields: Vec<FieldDef> = commands.flat_map(|command| command.fields.iter().cloned()).collect();
        let scope = Scope {
            fields: Fields::Of("a command that creates one", &fields),
            ..Scope::with("a look-up", &["answer", "fields"])
        };
        let query = section.require("query", &mut self.out).and_then(|node| self.look_up_query(node, &scope));
        let rows = section.get("rows").and_then(|node| self.path(node));
        let wanted = section.get("where").map(|node| self.wanted(node, &scope)).unwrap_or_default();
        let take = section.require("take", &mut self.out).and_then(|node| self.extraction(node));
        let within = section.get("within").and_then(|node| self.duration(node, &[])).unwrap_or(LOOK_UP);
        Some(LookUp { query: query?, rows, wanted, take: take?, within })
    }

    fn look_up_query(&mut self, node: &Node, scope: &Scope<'_>) -> Option<Request> {
        let request = self.request(node, scope)?;
        if request.method != "GET" {
            let what = "a look-up is asked again and again, so it has to be a GET";
            self.out.push(Diagnostic::error(Code::BAD_REQUEST_LINE, node.span, what));
        }
        Some(request)
    }

    /// `{ name = "${.name}", "$.owner.id" = "${.owner}" }`, relative to a row.
    fn wanted(&mut self, node: &Node, scope: &Scope<'_>) -> Vec<(Path, Template)> {
        let Some(table) = self.table(node) else { return Vec::new() };
        let mut wanted = Vec::new();
        for (name, node) in &table.entries {
            let place = match from_root(&name.node) {
                Some(_) => path(&Text::new(&name.node, name.span), &mut self.out),
                None => path(&Text::new(&format!("$.{}", name.node), name.span), &mut self.out),
            };
            let template = self.template(node, &Scope { place: "`where`", ..scope.clone() });
            wanted.extend(place.zip(template));
        }
        wanted
    }
}

/// `Bearer ${token}` (RFC 6750, section 2.1).
fn bearer() -> Template {
    let token = crate::profile::template::Hole {
        origin: Origin::Token,
        optional: false,
        filters: Vec::new(),
        span: crate::text::Span::new(0, 0),
    };
    Template { parts: vec![Part::Literal("Bearer ".to_owned()), Part::Hole(token)] }
}
