use super::Decoder;
use super::scope::Scope;
use super::section::Section;
use crate::profile::definition::{Body, Request};
use crate::profile::template::{Template, dots_in, split};
use crate::profile::tree::{Kind, Node, Text};
use crate::text::{Code, Diagnostic, did_you_mean};

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
        self.target(method, &text.slice(target.trim()), scope)
    }

    /// `/orders/${on}`, or `reads:/orders/${on}` at a further base.
    pub(super) fn target(&mut self, method: &str, text: &Text, scope: &Scope<'_>) -> Option<Request> {
        let (base, target) = self.base_of(text)?;
        if target.contains('#') {
            let what = "a fragment is never sent to a server";
            self.out.push(Diagnostic::error(Code::BAD_REQUEST_LINE, text.slice(target).span(), what));
        }
        let (path, query) = match split(target, '?').first() {
            Some(path) if path.len() < target.len() => (*path, Some(&target[path.len() + 1..])),
            _ => (target, None),
        };
        if let Some(dots) = dots_in(path) {
            let what = format!("`{dots}` in a path leads to another place than what is written here");
            let mistake = Diagnostic::error(Code::BAD_REQUEST_LINE, text.slice(dots).span(), what);
            self.out.push(mistake.advise("write the path that is meant, behind its base"));
        }
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
        Some(Request { method: method.to_owned(), base, path, query })
    }

    /// The further base that is named before the path, if one is, and the path.
    fn base_of<'t>(&mut self, text: &'t Text) -> Option<(Option<String>, &'t str)> {
        let target = &*text.content;
        let (base, path) = match target.split_once(":/") {
            _ if target.starts_with('/') => return Some((None, target)),
            Some((base, path)) if !path.starts_with('/') => (base, &target[base.len() + 1..]),
            _ => {
                let what = "a path begins with `/`: the service's address stands in [base] or --url";
                self.out.push(Diagnostic::error(Code::BAD_REQUEST_LINE, text.span(), what));
                return None;
            }
        };
        if !self.bases.iter().any(|known| known == base) {
            let what = format!("there is no [base.{base}]");
            let near = did_you_mean(base, self.bases.iter().map(String::as_str));
            let mistake = Diagnostic::error(Code::BAD_REQUEST_LINE, text.slice(base).span(), what);
            self.out.push(match near {
                Some(near) => mistake.advise(format!("did you mean `{near}`?")),
                None => mistake.advise("a further base is declared with its `url` in a section of its own"),
            });
        }
        Some((Some(base.to_owned()), path))
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
