use std::collections::BTreeMap;

use super::Decoder;
use super::scope::Scope;
use super::section::Section;
use crate::profile::definition::{AnsweredBy, Query, Spoken};
use crate::profile::sql::{Sql, Statement};
use crate::profile::template::{Part, Template};
use crate::profile::tree::{Kind, Node};
use crate::text::{Code, Diagnostic, Span};

/// Keys of a query that speak of requests and their answers, and why they have no meaning where a statement answers.
const OF_REQUESTS: [(&str, &str); 6] = [
    ("request", "one of them answers the query: leave out the other"),
    ("body", "a statement has no body: what it needs is bound to its placeholders"),
    ("rows", "the rows are those of the statement"),
    ("page", "nothing is read page by page: let the statement bring all rows, or the page that is asked for"),
    ("fresh", "there is no cache to get past"),
    ("private", "a database doesn't know who asks: only the service itself can turn somebody away"),
];

/// How an address of a database can begin.
const SCHEMES: [&str; 3] = ["postgres://", "postgresql://", "sqlite:"];

impl Decoder<'_> {
    /// `sql = "SELECT …"` of a query, and `total` beside it.
    pub(super) fn answered_by_sql(
        &mut self,
        section: &mut Section<'_>,
        node: &Node,
        scope: &Scope<'_>,
    ) -> Option<AnsweredBy> {
        for (key, why) in OF_REQUESTS {
            if let Some(node) = section.get(key) {
                let what = format!("`{key}` does not go with `sql`");
                self.out.push(Diagnostic::error(Code::BAD_SQL, node.span, what).advise(why));
            }
        }
        if let Some(absent) = section.get("absent").filter(|absent| !matches!(absent.kind, Kind::Table(_))) {
            let what = "a statement is answered without a status: where there is no row, there is no record";
            let mistake = Diagnostic::error(Code::BAD_SQL, absent.span, what);
            self.out.push(
                mistake.advise("leave it out, or write `absent = { at = \"$.column\", is = \"null\" }`"),
            );
        }
        let rows = self.statement(node, scope);
        let total = section.get("total");
        let counted = total.and_then(|node| self.statement(node, scope));
        (total.is_some() == counted.is_some()).then_some(())?;
        Some(AnsweredBy::Statement(Sql { rows: rows?, total: counted }))
    }

    fn statement(&mut self, node: &Node, scope: &Scope<'_>) -> Option<Statement> {
        let template = self.template(node, scope)?;
        Some(Statement::read(template, node.span, &mut self.out))
    }

    /// `[database]`, which queries with `sql` need.
    pub(super) fn database(
        &mut self,
        node: Option<&Node>,
        queries: &BTreeMap<String, Spoken<Query>>,
    ) -> Option<Template> {
        let mut by_sql = queries.iter().filter_map(|(name, query)| match query {
            Spoken::As(Query { by: AnsweredBy::Statement(_), .. }) => Some(name),
            _ => None,
        });
        let (node, reader) = match (node, by_sql.next()) {
            (Some(node), reader) => (node, reader),
            (None, Some(name)) => {
                let what = format!("[query.{name}] is answered by `sql`, and there is no [database]");
                let mistake = Diagnostic::error(Code::MISSING_KEY, Span::new(0, 0), what);
                self.out.push(mistake.advise("write `[database]` with `url = \"${secret:DATABASE_URL}\"`"));
                return None;
            }
            (None, None) => return None,
        };
        if reader.is_none() {
            let what = "no query is answered from this database";
            let warning = Diagnostic::warning(Code::BAD_SQL, node.span, what);
            self.out.push(warning.advise("write `sql = \"SELECT …\"` in the [query] that it answers"));
        }
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "[database]");
        let url = section.require("url", &mut self.out);
        section.finish(&mut self.out);
        let url = url?;
        let template = self.template(url, &Scope::config("[database]").required())?;
        self.is_address(&template, url.span);
        Some(template)
    }

    /// What of an address stands in the file is that of a database, and no password.
    fn is_address(&mut self, template: &Template, span: Span) {
        let Some(Part::Literal(begins)) = template.parts.first() else { return };
        // A placeholder may be any part of it.
        let whole = template.parts.len() == 1;
        let known = SCHEMES
            .iter()
            .any(|scheme| begins.starts_with(scheme) || (!whole && scheme.starts_with(&**begins)));
        if !known {
            // Not repeated: it may hold a password.
            let what = "this is no address of a database that can be read";
            let advice = "write `postgres://USER@HOST:PORT/DATABASE`, `sqlite:FILE`, or `${secret:DATABASE_URL}` for one in the environment";
            self.out.push(Diagnostic::error(Code::BAD_SQL, span, what).advise(advice));
        }
        let user = begins.split_once("://").and_then(|(scheme, rest)| {
            (!scheme.starts_with("sqlite")).then_some(rest.split(['/', '?']).next().unwrap_or_default())
        });
        let password = user.and_then(|user| user.rsplit_once('@')).and_then(|(user, _)| user.split_once(':'));
        if password.is_some_and(|(_, password)| !password.is_empty()) {
            let what = "a password does not belong into a profile";
            let advice = "write `postgres://USER:${secret:DATABASE_PASSWORD}@HOST/DATABASE`, or the whole address as `${secret:DATABASE_URL}`";
            self.out.push(Diagnostic::error(Code::BAD_SQL, span, what).advise(advice));
        }
    }
}
