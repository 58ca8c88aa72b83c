use super::Decoder;
use crate::profile::tree::{Kind, Node, Table, Text};
use crate::text::{Code, Diagnostic, Span, did_you_mean};

/// A table whose keys are taken one by one; what is left over in the end is unknown.
pub(super) struct Section<'a> {
    table: &'a Table,
    span: Span,
    what: &'a str,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) fn new(table: &'a Table, span: Span, what: &'a str) -> Self {
        Self { table, span, what, known: Vec::new() }
    }

    pub(super) fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        self.table.entries.iter().find(|(name, _)| name.node == key).map(|(_, node)| node)
    }

    pub(super) fn require(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<&'a Node> {
        let node = self.get(key);
        if node.is_none() {
            let what = format!("{} needs `{key}`", self.what);
            out.push(Diagnostic::error(Code::MISSING_KEY, self.span, what));
        }
        node
    }

    pub(super) fn finish(self, out: &mut Vec<Diagnostic>) {
        for (name, _) in &self.table.entries {
            if !self.known.contains(&name.node.as_str()) {
                let what = format!("{} has no `{}`", self.what, name.node);
                let near = did_you_mean(&name.node, self.known.iter().copied());
                let mistake = Diagnostic::error(Code::UNKNOWN_KEY, name.span, what);
                out.push(match near {
                    Some(_) => mistake.suggest(near),
                    None => mistake.advise(format!("it has {}", self.known.join(", "))),
                });
            }
        }
    }
}

impl Decoder<'_> {
    pub(super) fn wrong(&mut self, node: &Node, needed: &str) {
        let what = format!("{needed} is needed here, not {}", node.in_words());
        self.out.push(Diagnostic::error(Code::WRONG_KIND_OF_VALUE, node.span, what));
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n Text> {
        match &node.kind {
            Kind::Text(text) => Some(text),
            _ => {
                self.wrong(node, "text");
                None
            }
        }
    }

    pub(super) fn table<'n>(&mut self, node: &'n Node) -> Option<&'n Table> {
        match &node.kind {
            Kind::Table(table) => Some(table),
            _ => {
                self.wrong(node, "a table");
                None
            }
        }
    }

    pub(super) fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(list) => Some(list),
            _ => {
                self.wrong(node, "a list");
                None
            }
        }
    }

    pub(super) fn truth(&mut self, node: &Node) -> Option<bool> {
        match node.kind {
            Kind::Bool(truth) => Some(truth),
            _ => {
                self.wrong(node, "`true` or `false`");
                None
            }
        }
    }

    /// A whole number of at least `least`.
    pub(super) fn whole(&mut self, node: &Node, least: u64) -> Option<u64> {
        let whole = match &node.kind {
            Kind::Number(number) => number.to_u64().filter(|whole| *whole >= least),
            _ => {
                self.wrong(node, "a whole number");
                return None;
            }
        };
        if whole.is_none() {
            let what = format!("a whole number of at least {least} is needed here");
            self.out.push(Diagnostic::error(Code::BAD_VALUE, node.span, what));
        }
        whole
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.content) {
            return Some(*meaning);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let what = format!("`{}` is none of {}", text.content, names.join(", "));
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, what);
        let near = did_you_mean(&text.content, names.iter().copied());
        self.out.push(match near {
            Some(near) => mistake.advise(format!("did you mean `{near}`?")),
            None => mistake,
        });
        None
    }

    /// A name of a header field (RFC 9110, section 5.1).
    pub(super) fn header_name(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node)?;
        if is_header_name(&text.content) {
            return Some(text.content.clone());
        }
        let what = format!("`{}` is no name of a header field", text.content);
        self.out.push(Diagnostic::error(Code::BAD_VALUE, node.span, what));
        None
    }
}

pub(super) fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}
