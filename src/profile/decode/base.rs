use std::collections::BTreeMap;

use super::Decoder;
use super::scope::Scope;
use super::section::Section;
use crate::profile::definition::{Base, Request};
use crate::profile::template::Template;
use crate::profile::tree::{Kind, Node, Table};
use crate::text::{Code, Diagnostic, Span};

/// What `[base]` says: the address, what tells that it is ready, and the further ones.
#[derive(Default)]
pub(super) struct Bases {
    pub(super) default: Option<Template>,
    pub(super) ready: Option<Request>,
    pub(super) named: BTreeMap<String, Base>,
}

impl Decoder<'_> {
    pub(super) fn base(&mut self, node: Option<&Node>) -> Bases {
        let Some(node) = node else { return Bases::default() };
        let Some(table) = self.table(node) else { return Bases::default() };
        // Tables within are further bases.
        let (named, own): (Vec<_>, Vec<_>) = table
            .entries
            .iter()
            .partition(|(name, node)| matches!(node.kind, Kind::Table(_)) && !is_own(&name.node));
        self.bases = named.iter().map(|(name, _)| name.node.clone()).collect();
        let own = Table { entries: own.into_iter().cloned().collect() };
        let mut section = Section::new(&own, node.span, "[base]");
        let scope = Scope::config("[base]");
        self.in_base = true;
        let default = section.get("default").and_then(|node| self.template(node, &scope.required()));
        self.in_base = false;
        let ready = section.get("ready").and_then(|node| self.ready(node, &scope));
        section.finish(&mut self.out);
        let mut bases = Bases { default, ready, named: BTreeMap::new() };
        for (name, node) in named {
            if !name.node.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
                let what = format!(
                    "`{}` can't stand in a request: a base's name has letters, digits, `-` and `_`",
                    name.node
                );
                self.out.push(Diagnostic::error(Code::BAD_VALUE, name.span, what));
            }
            if let Some(base) = self.named_base(node, name.span) {
                bases.named.insert(name.node.clone(), base);
            }
        }
        bases
    }

    fn named_base(&mut self, node: &Node, span: Span) -> Option<Base> {
        let table = self.table(node)?;
        let mut section = Section::new(table, span, "a further [base]");
        let scope = Scope::config("[base]");
        let url = section.require("url", &mut self.out);
        let url = url.and_then(|node| self.template(node, &scope.required()));
        let ready = section.get("ready").and_then(|node| self.ready(node, &scope));
        let trusted = section.get("auth").and_then(|node| self.truth(node)).unwrap_or_default();
        section.finish(&mut self.out);
        Some(Base { url: url?, ready, trusted })
    }

    /// What is asked of the very base in whose section it stands.
    fn ready(&mut self, node: &Node, scope: &Scope<'_>) -> Option<Request> {
        let request = self.request(node, scope)?;
        if request.base.is_some() {
            let what = "`ready` is asked of the base it stands in";
            let mistake = Diagnostic::error(Code::BAD_REQUEST_LINE, node.span, what);
            self.out.push(mistake.advise("write `GET /health`"));
        }
        Some(request)
    }
}

fn is_own(key: &str) -> bool {
    matches!(key, "default" | "ready")
}
