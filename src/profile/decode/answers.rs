use super::Decoder;
use super::section::Section;
use crate::profile::definition::{Like, Looks, Meaning, RejectionCode, Rule};
use crate::profile::extract::{Extraction, path, regex};
use crate::profile::tree::{Kind, Node, Text};
use crate::text::{Code, Diagnostic, Span};

impl Decoder<'_> {
    /// `[[answer]]`, in order.
    pub(super) fn rules(&mut self, node: &Node) -> Vec<Rule> {
        let Some(list) = self.list(node) else { return Vec::new() };
        list.iter().filter_map(|node| self.rule(node)).collect()
    }

    fn rule(&mut self, node: &Node) -> Option<Rule> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "an [[answer]]");
        let mut messages = section.get("command").map(|node| self.commands_of(node)).unwrap_or_default();
        let query = section.get("query");
        if messages.is_empty() {
            messages.extend(query.and_then(|node| self.message(node, false)));
        }
        let looks = self.looks(&mut section, node.span, "this [[answer]]");
        let is = section.require("is", &mut self.out);
        let meanings = [
            ("accepted", Meaning::Accepted),
            ("rejected", Meaning::Rejected),
            ("absent", Meaning::Absent),
            ("unknown", Meaning::Unknown),
        ];
        let is = is.and_then(|node| self.word(node, &meanings));
        if is == Some(Meaning::Rejected) {
            self.tells_a_no_from_a_yes(&looks, node.span);
        }
        let code = section.get("code");
        if let (Some(code), Some(is)) = (code, is)
            && is != Meaning::Rejected
        {
            let what = "only a rejection has a code";
            self.out.push(Diagnostic::error(Code::BAD_VALUE, code.span, what));
        }
        let code = code.and_then(|node| self.code(node));
        section.finish(&mut self.out);
        Some(Rule { messages, looks, is: is?, code })
    }

    /// `["AddItem", "RemoveItem"]`, or one of them alone.
    fn commands_of(&mut self, node: &Node) -> Vec<String> {
        match &node.kind {
            Kind::List(list) if list.is_empty() => {
                let what = "this is a rule for no command";
                let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, what);
                self.out.push(
                    mistake.advise("name the commands, or leave `command` out for a rule that is for all"),
                );
                Vec::new()
            }
            Kind::List(list) => list.iter().filter_map(|node| self.message(node, true)).collect(),
            _ => self.message(node, true).into_iter().collect(),
        }
    }

    /// A 2xx is a yes unless something in it says otherwise: by its status alone, a rule would refuse all that is accepted.
    fn tells_a_no_from_a_yes(&mut self, looks: &Looks, span: Span) {
        let takes_yes = looks.statuses.iter().any(|(from, to)| *from < 300 && *to >= 200);
        if takes_yes && looks.like.is_none() && looks.at.is_none() {
            let what = "by this [[answer]] whatever is answered with a 2xx is rejected, and nothing is ever accepted";
            let mistake = Diagnostic::error(Code::BAD_VALUE, span, what);
            self.out.push(
                mistake.advise("say what a no has that a yes lacks: `at = \"$.errors[0]\"`, or `like`"),
            );
        }
    }

    /// `status`, `like` and `at`, of which one at least has to be there.
    pub(super) fn looks(&mut self, section: &mut Section<'_>, span: Span, what: &str) -> Looks {
        let status = section.get("status");
        let statuses = status.map(|node| self.statuses(node)).unwrap_or_default();
        let like = section.get("like").and_then(|node| self.like(node));
        let at = section.get("at").and_then(|node| self.path(node));
        if status.is_none() && like.is_none() && at.is_none() {
            let what = format!("{what} says nothing about what an answer looks like");
            let mistake = Diagnostic::error(Code::MISSING_KEY, span, what);
            self.out.push(mistake.advise("say `status`, `like` or `at`"));
        }
        Looks { statuses, like, at }
    }

    fn message(&mut self, node: &Node, command: bool) -> Option<String> {
        let name = &self.text(node)?.content;
        let known =
            if command { self.contract.command(name).is_some() } else { self.contract.query(name).is_some() };
        if !known {
            let what = format!("the contract has no {} `{name}`", if command { "command" } else { "query" });
            let mistake = Diagnostic::error(Code::UNKNOWN_MESSAGE, node.span, what);
            self.out.push(match self.contract.suggest_message(name) {
                Some(near) => mistake.advise(format!("did you mean `{near}`?")),
                None => mistake,
            });
        }
        Some(name.clone())
    }

    /// `[412, "4xx"]`, or one of them alone.
    pub(super) fn statuses(&mut self, node: &Node) -> Vec<(u16, u16)> {
        match &node.kind {
            Kind::List(list) => list.iter().filter_map(|node| self.status(node)).collect(),
            _ => self.status(node).into_iter().collect(),
        }
    }

    fn status(&mut self, node: &Node) -> Option<(u16, u16)> {
        let range = match &node.kind {
            Kind::Number(number) => number
                .to_u64()
                .and_then(|status| u16::try_from(status).ok())
                .filter(|status| (100..600).contains(status))
                .map(|status| (status, status)),
            Kind::Text(text) => match text.content.as_bytes() {
                [digit @ b'1'..=b'5', b'x', b'x'] => {
                    let first = u16::from(digit - b'0') * 100;
                    Some((first, first + 99))
                }
                _ => None,
            },
            _ => None,
        };
        if range.is_none() {
            let what = "this is no status of HTTP";
            let mistake = Diagnostic::error(Code::BAD_STATUS, node.span, what);
            self.out.push(mistake.advise("write a number such as 412, or a class such as \"4xx\""));
        }
        range
    }

    fn like(&mut self, node: &Node) -> Option<Like> {
        let text = self.text(node)?.clone();
        self.like_text(&text)
    }

    fn like_text(&mut self, text: &Text) -> Option<Like> {
        match text.content.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            Some(pattern) => regex(&text.slice(pattern), &mut self.out).map(Like::Pattern),
            None => Some(Like::Part(text.content.clone())),
        }
    }

    pub(super) fn path(&mut self, node: &Node) -> Option<crate::value::Path> {
        let text = self.text(node)?.clone();
        path(&text, &mut self.out)
    }

    pub(super) fn extraction(&mut self, node: &Node) -> Option<Extraction> {
        let text = self.text(node)?.clone();
        Extraction::parse(&text, &mut self.out)
    }

    fn code(&mut self, node: &Node) -> Option<RejectionCode> {
        let table = match &node.kind {
            Kind::Text(text) => {
                self.rejection(text);
                return Some(RejectionCode::Is(text.content.clone()));
            }
            Kind::Table(table) => table,
            _ => {
                self.wrong(node, "the name of a rejection, or { from = …, map = … },");
                return None;
            }
        };
        let mut section = Section::new(table, node.span, "`code`");
        let from = section.require("from", &mut self.out).and_then(|node| self.extraction(node));
        let mut map = Vec::new();
        if let Some(node) = section.get("map")
            && let Some(table) = self.table(node)
        {
            for (word, node) in &table.entries {
                let Some(code) = self.text(node).cloned() else { continue };
                self.rejection(&code);
                let like = match word.node.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
                    Some(pattern) => match regex_lite::Regex::new(pattern) {
                        Ok(pattern) => Like::Pattern(pattern),
                        Err(error) => {
                            let what = format!("this is no regular expression: {error}");
                            self.out.push(Diagnostic::error(Code::BAD_REGEX, word.span, what));
                            continue;
                        }
                    },
                    None => Like::Part(word.node.clone()),
                };
                map.push((like, code.content));
            }
        }
        section.finish(&mut self.out);
        Some(RejectionCode::From { from: from?, map })
    }

    fn rejection(&mut self, text: &Text) {
        if !self.contract.is_rejection(&text.content) {
            let what = format!("the contract has no rejection `{}`", text.content);
            let mistake = Diagnostic::error(Code::UNKNOWN_REJECTION, text.span(), what);
            self.out.push(mistake.advise(self.contract.advise_rejection(&text.content)));
        }
    }
}
