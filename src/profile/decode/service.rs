use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Decoder;
use super::scope::Scope;
use super::section::{Section, is_header_name};
use crate::profile::definition::{
    Auth, Credential, Form, Id, IdBy, Key, KeyPlace, Limits, Looks, Versions, WriteVersion,
};
use crate::profile::extract::Extraction;
use crate::profile::template::Template;
use crate::profile::tls::Tls;
use crate::profile::tree::{Kind, Node, Table};
use crate::protocol::IdForm;
use crate::text::{Code, Diagnostic, Span, Spanned, did_you_mean};

/// Keys of a login that hold tables, so that no actor can be called like them.
const OF_LOGINS: [&str; 3] = ["body", "form", "send"];

impl Decoder<'_> {
    pub(super) fn auth(&mut self, node: &Node) -> Auth {
        let Some(table) = self.table(node) else { return Auth::default() };
        // Tables within are actors; the rest is what goes for everybody else.
        let (actors, own): (Vec<_>, Vec<_>) = table.entries.iter().partition(|(name, node)| {
            matches!(node.kind, Kind::Table(_)) && !OF_LOGINS.contains(&&*name.node)
        });
        let own = Table { entries: own.into_iter().cloned().collect() };
        let default = if own.entries.is_empty() {
            Credential::None
        } else {
            self.credential(&own, node.span).unwrap_or_default()
        };
        let mut auth = Auth { default, actors: BTreeMap::new() };
        for (name, node) in actors {
            if let Some(table) = self.table(node)
                && let Some(credential) = self.credential(table, node.span)
            {
                auth.actors.insert(name.node.clone(), credential);
            }
        }
        auth
    }

    fn credential(&mut self, table: &Table, span: Span) -> Option<Credential> {
        let mut section = Section::new(table, span, "[auth]");
        let scope = Scope::with("a credential", &["on", "opened"]).required();
        let kind = section.require("kind", &mut self.out)?;
        let word = self.text(kind)?.content.clone();
        let credential = match &*word {
            "none" => Some(Credential::None),
            "basic" => {
                let user = section.require("user", &mut self.out).and_then(|n| self.template(n, &scope));
                let password =
                    section.require("password", &mut self.out).and_then(|n| self.template(n, &scope));
                user.zip(password).map(|(user, password)| Credential::Basic { user, password })
            }
            "bearer" => {
                let token = section.require("token", &mut self.out).and_then(|n| self.template(n, &scope));
                token.map(|token| Credential::Bearer { token })
            }
            "header" => {
                let name = section.require("name", &mut self.out).and_then(|n| self.header_name(n));
                let value = section.require("value", &mut self.out).and_then(|n| self.template(n, &scope));
                name.zip(value).map(|(name, value)| Credential::Header { name, value })
            }
            "login" => self.login(&mut section, span).map(Arc::new).map(Credential::Login),
            _ => {
                let kinds = [("none", ()), ("basic", ()), ("bearer", ()), ("header", ()), ("login", ())];
                self.word(kind, &kinds);
                return None;
            }
        };
        section.finish(&mut self.out);
        credential
    }

    pub(super) fn headers(&mut self, node: &Node) -> Vec<(String, Template)> {
        let Some(table) = self.table(node) else { return Vec::new() };
        let mut headers = Vec::new();
        for (name, node) in &table.entries {
            if !is_header_name(&name.node) {
                let what = format!("`{}` is no name of a header field", name.node);
                self.out.push(Diagnostic::error(Code::BAD_VALUE, name.span, what));
            }
            if let Some(value) = self.template(node, &Scope::with("a header field", &["name", "key"])) {
                headers.push((name.node.clone(), value));
            }
        }
        headers
    }

    pub(super) fn key(&mut self, node: &Node) -> Option<Key> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "[key]");
        let header = section.get("header").and_then(|node| self.header_name(node));
        let field = section.get("field").and_then(|node| self.text(node)).map(|text| text.content.clone());
        let forms = [("uuid", IdForm::Uuid), ("string", IdForm::Text)];
        let form = section.get("as").and_then(|node| self.word(node, &forms)).unwrap_or(IdForm::Text);
        let required = section.get("required").and_then(|node| self.truth(node)).unwrap_or_default();
        let replayed = section.get("replayed").and_then(|node| self.replayed(node));
        section.finish(&mut self.out);
        let place = match (header, field) {
            (Some(header), None) => KeyPlace::Header(header),
            (None, Some(field)) => KeyPlace::Field(field),
            (None, None) if !self.keys.is_empty() => KeyPlace::Written,
            _ => {
                let what = "[key] needs either `header` or `field`";
                let advice = "or write `${key?}` where it goes, in a path, a body or a field of [headers]";
                self.out.push(Diagnostic::error(Code::MISSING_KEY, node.span, what).advise(advice));
                return None;
            }
        };
        Some(Key { place, form, required, replayed })
    }

    /// Whether `${key}` stands for something wherever it is written.
    pub(super) fn keys_fit(&mut self, section: Option<&Option<Key>>) {
        for (span, optional) in std::mem::take(&mut self.keys) {
            let told = match section {
                None => ("without a section [key] there are no keys", "write `[key]`; it may be empty"),
                Some(Some(key)) if !optional && !key.required => {
                    ("not every command has a key", "write `${key?}`, or `required = true` in [key]")
                }
                Some(_) => continue,
            };
            self.out.push(Diagnostic::error(Code::BAD_PLACEHOLDER, span, told.0).advise(told.1));
        }
    }

    /// `{ status = [409], like = "already done" }`
    fn replayed(&mut self, node: &Node) -> Option<Looks> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "`replayed`");
        let looks = self.looks(&mut section, node.span, "`replayed`");
        section.finish(&mut self.out);
        Some(looks)
    }

    pub(super) fn version(&mut self, node: &Node) -> Option<Versions> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "[version]");
        let order = section.require("order", &mut self.out);
        let numbers = order.and_then(|node| self.word(node, &[("number", true), ("opaque", false)]));
        if let Some(counts) = section.get("counts") {
            self.word(counts, &[("events", ()), ("commands", ()), ("other", ())]);
        }
        let reads = section.get("reads");
        let comparable = reads.and_then(|node| self.word(node, &[("aggregate", true), ("own", false)]));
        let asked = section.get("ask");
        let ask = asked.and_then(|node| self.request(node, &Scope::with("[version]", &["on"])));
        let read = section.get("read").and_then(|node| self.extraction(node));
        if let (Some(node), None) = (asked, &read) {
            let what = "[version] needs `read`: where the version is in what `ask` brings";
            self.out.push(Diagnostic::error(Code::MISSING_KEY, node.span, what));
        }
        let write = section.get("write").and_then(|node| self.write_version(node));
        section.finish(&mut self.out);
        Some(Versions { numbers: numbers?, comparable: comparable.unwrap_or(true), ask, read, write })
    }

    fn write_version(&mut self, node: &Node) -> Option<WriteVersion> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "`write`");
        if let Some(field) = section.get("field") {
            section.finish(&mut self.out);
            return self.text(field).map(|text| WriteVersion::Field(text.content.clone()));
        }
        let scope = Scope::with("`write`", &["version"]).required();
        let name = section.require("header", &mut self.out).and_then(|node| self.header_name(node));
        let value = section.require("value", &mut self.out).and_then(|node| self.template(node, &scope));
        let mut for_absent = None;
        if let Some(node) = section.get("none")
            && let Some(table) = self.table(node)
        {
            let mut section = Section::new(table, node.span, "`none`");
            let name = section.require("header", &mut self.out).and_then(|node| self.header_name(node));
            let scope = Scope::config("`none`").required();
            let value = section.require("value", &mut self.out).and_then(|node| self.template(node, &scope));
            section.finish(&mut self.out);
            for_absent = name.zip(value);
        }
        section.finish(&mut self.out);
        Some(WriteVersion::Header { name: name?, value: value?, none: for_absent })
    }

    pub(super) fn ids(&mut self, node: &Node) -> BTreeMap<String, Id> {
        let mut ids = BTreeMap::new();
        let Some(table) = self.table(node) else { return ids };
        for (aggregate, node) in &table.entries {
            if self.contract.aggregate(&aggregate.node).is_none() {
                let what = format!("the contract has no aggregate `{}`", aggregate.node);
                let near =
                    did_you_mean(&aggregate.node, self.contract.aggregates().map(|known| &*known.name));
                self.out.push(Diagnostic::error(Code::UNKNOWN_AGGREGATE, aggregate.span, what).suggest(near));
            }
            if let Some(id) = self.id(node, &aggregate.node) {
                ids.insert(aggregate.node.clone(), id);
            }
        }
        ids
    }

    fn id(&mut self, node: &Node, aggregate: &str) -> Option<Id> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "an [id]");
        let by = section.require("by", &mut self.out)?;
        let forms = [("uuid", Form::Uuid), ("int", Form::Int), ("string", Form::Text)];
        let form = section.get("as").and_then(|node| self.word(node, &forms)).unwrap_or(Form::Uuid);
        let by = match &*self.text(by)?.content.clone() {
            "client" => Some(IdBy::Client),
            "captured" => {
                let take = section.require("take", &mut self.out).map(|node| self.places(node));
                take.map(IdBy::Captured)
            }
            "derived" => {
                let from = section.require("from", &mut self.out);
                from.and_then(|node| self.template(node, &Scope::with("an [id]", &["on"]).required()))
                    .map(IdBy::Derived)
            }
            "lookup" => self.look_up(&mut section, aggregate).map(Box::new).map(IdBy::LookUp),
            _ => {
                self.word(by, &[("client", ()), ("captured", ()), ("derived", ()), ("lookup", ())]);
                return None;
            }
        };
        section.finish(&mut self.out);
        Some(Id { by: by?, form })
    }

    /// One place, or a list of them.
    fn places(&mut self, node: &Node) -> Vec<Extraction> {
        match &node.kind {
            Kind::List(list) => list.iter().filter_map(|node| self.extraction(node)).collect(),
            _ => self.extraction(node).into_iter().collect(),
        }
    }

    pub(super) fn position(&mut self, node: &Node) -> (Option<Extraction>, Option<Extraction>) {
        let Some(table) = self.table(node) else { return (None, None) };
        let mut section = Section::new(table, node.span, "[position]");
        let command = section.get("command").and_then(|node| self.extraction(node));
        let query = section.get("query").and_then(|node| self.extraction(node));
        section.finish(&mut self.out);
        (command, query)
    }

    pub(super) fn limits(&mut self, node: &Node) -> Limits {
        let mut limits = Limits::default();
        let Some(table) = self.table(node) else { return limits };
        let mut section = Section::new(table, node.span, "[limits]");
        for (key, limit) in [
            ("connect", &mut limits.connect),
            ("idle", &mut limits.idle),
            ("total", &mut limits.total),
            ("ready", &mut limits.ready),
        ] {
            if let Some(duration) = section.get(key).and_then(|node| self.duration(node, &[])) {
                *limit = duration;
            }
        }
        for (key, limit) in [
            ("bytes", &mut limits.bytes),
            ("depth", &mut limits.depth),
            ("digits", &mut limits.digits),
            ("values", &mut limits.values),
            ("rows", &mut limits.rows),
            ("read_bytes", &mut limits.read_bytes),
            ("redirects", &mut limits.redirects),
        ] {
            let number = section.get(key).and_then(|node| self.whole(node, u64::from(key != "redirects")));
            if let Some(number) = number.and_then(|number| usize::try_from(number).ok()) {
                *limit = number;
            }
        }
        section.finish(&mut self.out);
        limits
    }

    pub(super) fn tls(&mut self, node: &Node) -> Tls {
        let Some(table) = self.table(node) else { return Tls::default() };
        let mut section = Section::new(table, node.span, "[tls]");
        let file = section.require("ca", &mut self.out);
        let ca = file.and_then(|node| Some(Spanned::new(self.text(node)?.content.clone(), node.span)));
        section.finish(&mut self.out);
        Tls { ca, authorities: Vec::new() }
    }

    /// `"2s"`, `"50ms"`, or one of the words that stand for a duration.
    pub(super) fn duration(&mut self, node: &Node, words: &[(&str, Duration)]) -> Option<Duration> {
        let text = &self.text(node)?.content;
        if let Some((_, duration)) = words.iter().find(|(word, _)| word == text) {
            return Some(*duration);
        }
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(split);
        let each = match unit {
            "ms" => Some(1),
            "s" => Some(1_000),
            "m" => Some(60_000),
            _ => None,
        };
        let millis = each.and_then(|each: u64| digits.parse::<u64>().ok()?.checked_mul(each));
        if millis.is_none() {
            let what = format!("`{text}` is no duration");
            let mistake = Diagnostic::error(Code::BAD_DURATION, node.span, what);
            self.out.push(mistake.advise("write a whole number and a unit: 50ms, 2s, 1m"));
        }
        millis.map(Duration::from_millis)
    }
}
