use super::Decoder;
use super::section::Section;
use crate::contract::QueryDef;
use crate::profile::definition::{AnsweredBy, PageStyle, Paging, Query};
use crate::profile::template::{Hole, Origin, Template};
use crate::profile::tree::{Kind, Node};
use crate::text::{Code, Diagnostic, Span};
use crate::value::PathStep;

/// The fields by which a view of a contract is asked for one of its pages.
const FIELDS: [&str; 2] = ["page", "page_size"];

/// Keys that name parameters.
const PARAMETERS: [&str; 4] = ["number", "offset", "cursor", "size"];

#[derive(Clone, Copy)]
enum Style {
    Page,
    Offset,
    Cursor,
    Next,
    Link,
}

impl Decoder<'_> {
    /// `{ style = "page", number = "page", size = "size", first = 1, max = 100 }`; or by offset, cursor, next URL or `Link`.
    pub(super) fn page(&mut self, node: &Node) -> Option<Paging> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "`page`");
        let style = section.require("style", &mut self.out)?;
        let styles = [
            ("page", Style::Page),
            ("offset", Style::Offset),
            ("cursor", Style::Cursor),
            ("next", Style::Next),
            ("link", Style::Link),
        ];
        let style = self.word(style, &styles)?;
        let size = section.get("size");
        let max = section.get("max");
        let (size_span, max_span) = (size.map(|node| node.span), max.map(|node| node.span));
        let size = size.and_then(|node| self.parameter(node)).zip(max.and_then(|node| self.whole(node, 1)));
        let lacks = match (style, size_span, max_span) {
            (Style::Page | Style::Offset, None, _) | (_, None, Some(_)) => Some("size"),
            (Style::Page | Style::Offset, _, None) | (_, Some(_), None) => Some("max"),
            _ => None,
        };
        if let Some(key) = lacks {
            let what = format!("`page` needs `{key}`");
            self.out.push(Diagnostic::error(Code::MISSING_KEY, node.span, what));
        }
        let style = match style {
            Style::Page => {
                let number = section.require("number", &mut self.out).and_then(|node| self.parameter(node));
                let first = section.get("first").and_then(|node| self.whole(node, 0)).unwrap_or(1);
                number.map(|number| PageStyle::Page { number, first })
            }
            Style::Offset => {
                let offset = section.require("offset", &mut self.out).and_then(|node| self.parameter(node));
                let first = section.get("first").and_then(|node| self.whole(node, 0)).unwrap_or(0);
                offset.map(|offset| PageStyle::Offset { offset, first })
            }
            Style::Cursor => {
                let cursor = section.require("cursor", &mut self.out).and_then(|node| self.parameter(node));
                let next = section.require("next", &mut self.out).and_then(|node| self.extraction(node));
                cursor.zip(next).map(|(cursor, next)| PageStyle::Cursor { cursor, next })
            }
            Style::Next => {
                let next = section.require("next", &mut self.out).and_then(|node| self.extraction(node));
                next.map(|next| PageStyle::Next { next })
            }
            Style::Link => Some(PageStyle::Link),
        };
        section.finish(&mut self.out);
        Some(Paging { style: style?, size })
    }

    /// A list is cut into pages once: by what a `paged` view of the contract is asked with, or by what the service takes, where all pages are read.
    /// `spans` are those of the request and of `page`.
    pub(super) fn pages_fit(&mut self, known: &QueryDef, query: &Query, spans: (Span, Option<&Node>)) {
        let holes = query.by.holes();
        let sent = |field: &&str| holes.iter().any(|hole| asks_for(hole, field));
        let (request, page) = spans;
        if query.page.is_none() {
            let lacking = FIELDS.iter().filter(|field| known.field(field).is_some() && !sent(field));
            let lacking: Vec<String> = lacking.map(|field| format!("`${{.{field}}}`")).collect();
            if known.paged && !lacking.is_empty() {
                let (sent, advice) = match query.by {
                    AnsweredBy::Request(_) => (
                        "request",
                        "send both, as in `GET /rows?page=${.page}&size=${.page_size}`; or, where the service cuts its pages in another way, let all of them be \
                         read: `page = { style = … }`",
                    ),
                    AnsweredBy::Statement(_) => (
                        "statement",
                        "write `… ORDER BY … LIMIT ${.page_size} OFFSET (${.page} - 1) * ${.page_size}`",
                    ),
                };
                let what = format!(
                    "{} is `paged` in the contract, but its {sent} doesn't say which page is wanted: there is no {}",
                    known.name,
                    lacking.join(", no ")
                );
                self.out.push(Diagnostic::error(Code::BAD_PAGE, request, what).advise(advice));
            }
            return;
        }
        for hole in
            holes.iter().filter(|hole| known.paged && FIELDS.iter().any(|field| asks_for(hole, field)))
        {
            let what = "one page is asked for here, while `page` has all pages read";
            let mistake = Diagnostic::error(Code::BAD_PAGE, hole.span, what);
            self.out.push(mistake.advise("leave out one of them"));
        }
        let (Some(Node { kind: Kind::Table(table), .. }), AnsweredBy::Request(asked)) = (page, &query.by)
        else {
            return;
        };
        let own: Vec<&str> = asked.request.query.iter().filter_map(Template::parameter).collect();
        for (key, node) in &table.entries {
            let Kind::Text(text) = &node.kind else { continue };
            if PARAMETERS.contains(&&*key.node) && own.contains(&&*text.content) {
                let what = format!("the request has the parameter `{}` already", text.content);
                let mistake = Diagnostic::error(Code::BAD_PAGE, node.span, what);
                self.out.push(mistake.related(request, "the request").advise(
                    "leave it out of the request: which value it has depends on the page that is read",
                ));
            }
        }
    }
}

fn asks_for(hole: &Hole, field: &str) -> bool {
    match &hole.origin {
        Origin::Fields => true,
        Origin::Field(path) => {
            matches!(path.steps().first(), Some(PathStep::Field(name)) if **name == *field)
        }
        _ => false,
    }
}
