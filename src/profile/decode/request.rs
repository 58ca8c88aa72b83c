use super::Decoder;
use super::scope::Scope;
use super::section::Section;
use crate::profile::definition::{Body, Request};
use crate::profile::template::{Template, split};
use crate::profile::tree::{Kind, Node};
use crate::text::{Code, Diagnostic};

/// The methods (RFC 9110, section 9, and RFC 5789).
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

impl Decoder<'_> {
    /// `"POST /orders/${on}?notify=${.notify?}"`
    pub(super) fn request(&mut self, node: &Node, scope: &Scope<'_>) -> Option<Request> {
        let text = self.text(node)?.clone();
        let (method, target) = text.content.split_once(' ').unwrap_or(("", &text.content));
        if !METHODS.contains(&method) {
            let what = "a request is a method and a path";
            let mistake = Diagnostic::error(Code::BAD_REQUEST_LINE, node.span, what);
            self.out.push(
                mistake.advise(format!(
                    "write it like `GET /orders/${{on}}`; methods are {}",
                    METHODS.join(", ")
                )),
            );
            return None;
        }
        let target = target.trim();
        if !target.starts_with('/') {
            let span = text.slice(target).span();
            let what = "a path begins with `/`: the service's address stands in [base] or --url";
            self.out.push(Diagnostic::error(Code::BAD_REQUEST_LINE, span, what));
            return None;
        }
        if target.contains('#') {
            let what = "a fragment is never sent to a server";
            self.out.push(Diagnostic::error(Code::BAD_REQUEST_LINE, text.slice(target).span(), what));
        }
        let (path, query) = match split(target, '?').first() {
            Some(path) if path.len() < target.len() => (*path, Some(&target[path.len() + 1..])),
            _ => (target, None),
        };
        let vars: Vec<String> = self.vars.clone();
        let vars: Vec<&str> = vars.iter().map(String::as_str).collect();
        let path = Template::parse(&text.slice(path), &vars, &mut self.out);
        self.held_against(&path, &Scope { place: "a path", ..scope.required() });
        let pairs = query.map(|query| split(query, '&')).unwrap_or_default();
        let query = pairs
            .into_iter()
            .map(|pair| {
                let pair = Template::parse(&text.slice(pair), &vars, &mut self.out);
                self.held_against(&pair, scope);
                pair
            })
            .collect();
        Some(Request { method: method.to_owned(), path, query })
    }

    /// A value with placeholders in its texts.
    pub(super) fn body(&mut self, node: &Node, scope: &Scope<'_>) -> Option<Body> {
        match &node.kind {
            Kind::Text(_) => self.template(node, scope).map(Body::Text),
            Kind::Number(number) => Some(Body::Number(number.clone())),
            Kind::Bool(truth) => Some(Body::Bool(*truth)),
            Kind::List(elements) => {
                Some(Body::List(elements.iter().filter_map(|element| self.body(element, scope)).collect()))
            }
            Kind::Table(table) => {
                let fields = table.entries.iter();
                Some(Body::Record(
                    fields
                        .filter_map(|(name, node)| Some((name.node.clone(), self.body(node, scope)?)))
                        .collect(),
                ))
            }
            Kind::Foreign => {
                self.wrong(node, "something that JSON has");
                None
            }
        }
    }

    /// `[wait]`
    pub(super) fn wait(&mut self, node: &Node) -> Option<Request> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "[wait]");
        let request = section.require("request", &mut self.out);
        section.finish(&mut self.out);
        self.request(request?, &Scope::with("[wait]", &["read_model", "position"]))
    }
}
