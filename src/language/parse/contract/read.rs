//! Queries and views.

use super::super::parser::{Parse, Parser};
use super::fields::{Types, at_most, carried};
use super::file::{File, Owner, repeated};
use crate::language::lexer::TokenKind;
use crate::language::syntax::contract::{
    Lasts, QueryDecl, ShownField, ShownValue, ShowsDecl, ViewDecl, ViewOrder,
};
use crate::language::syntax::{Expr, ExprKind};
use crate::text::{Span, Spanned};

impl File {
    /// `query GetOrderDetails`
    pub(super) fn query(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        self.owner = Owner::Broken;
        let name = parser.name("the name of the query")?;
        let fields = carried(parser, Types::Needed)?;
        let query = QueryDecl { name, fields, absent_when: None, shows: None, span: parser.since(start) };
        if let Some(aggregate) = self.member(parser, start, Owner::Query) {
            aggregate.queries.push(query);
        }
        Ok(())
    }

    /// `view ListCustomerOrders { … } of Order …`
    pub(super) fn view(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        self.owner = Owner::Broken;
        self.in_aggregate = false;
        let name = parser.name("the name of the view")?;
        let fields = carried(parser, Types::Needed)?;
        let span = parser.since(start);
        self.owner = Owner::View;
        self.tree.views.push(ViewDecl {
            name,
            fields,
            of: None,
            filter: None,
            shows: None,
            summarises: None,
            order: None,
            paged: None,
            total: None,
            span,
        });
        if parser.word() == "of" { self.of(parser) } else { Ok(()) }
    }

    fn last_query(&mut self) -> Option<&mut QueryDecl> {
        match self.owner {
            Owner::Query => self.tree.aggregates.last_mut()?.queries.last_mut(),
            _ => None,
        }
    }

    fn last_view(&mut self) -> Option<&mut ViewDecl> {
        match self.owner {
            Owner::View => self.tree.views.last_mut(),
            _ => None,
        }
    }

    /// `absent when …`
    pub(super) fn absent_when(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        if parser.eat_word("when").is_none() {
            return Err(parser.expected("`when` and a condition behind `absent`"));
        }
        let condition = parser.expression()?;
        let Some(query) = self.last_query() else {
            self.wrong_owner(parser, start, "a query");
            return Ok(());
        };
        if query.absent_when.replace(condition).is_some() {
            repeated(parser, start, "`absent when`");
        }
        Ok(())
    }

    /// `shows { … }`
    pub(super) fn shows(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let shows = shown(parser, start, "shows")?;
        let place = match self.owner {
            Owner::View => self.last_view().map(|view| &mut view.shows),
            _ => self.last_query().map(|query| &mut query.shows),
        };
        let again = place.map(|place| place.replace(shows).is_some());
        self.place_once(parser, start, "a query or a view", again);
        Ok(())
    }

    /// `summarises { … }`
    pub(super) fn summarises(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let shows = shown(parser, start, "summarises")?;
        let again = self.last_view().map(|view| view.summarises.replace(shows).is_some());
        self.place_once(parser, start, "a view", again);
        Ok(())
    }

    /// `of Order where …`
    pub(super) fn of(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let name = parser.name("the name of an aggregate behind `of`")?;
        let filter = match parser.eat_word("where") {
            Some(_) => Some(parser.expression()?),
            None => None,
        };
        let again = self.last_view().map(|view| {
            view.filter = filter;
            view.of.replace(name).is_some()
        });
        self.place_once(parser, start, "a view", again);
        Ok(())
    }

    /// `newest first, paged, total`
    pub(super) fn view_words(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        loop {
            let start = parser.span();
            let word = parser.word();
            let order = match word {
                "newest" | "oldest" => {
                    parser.bump();
                    if parser.eat_word("first").is_none() {
                        return Err(parser.expected(&format!("`first` behind `{word}`")));
                    }
                    Some(if word == "newest" { ViewOrder::NewestFirst } else { ViewOrder::OldestFirst })
                }
                "by" => {
                    parser.bump();
                    Some(ViewOrder::By(parser.name("the name of a field behind `by`")?))
                }
                "unordered" => {
                    parser.bump();
                    Some(ViewOrder::Unordered)
                }
                "paged" | "total" => {
                    parser.bump();
                    None
                }
                _ => {
                    return Err(parser.expected(
                        "`newest first`, `oldest first`, `by` and a field, `unordered`, `paged` or `total`",
                    ));
                }
            };
            let span = parser.since(start);
            let again = self.last_view().map(|view| match (order, word) {
                (Some(order), _) => view.order.replace(Spanned::new(order, span)).is_some(),
                (None, "paged") => view.paged.replace(span).is_some(),
                (None, _) => view.total.replace(span).is_some(),
            });
            self.place_once(parser, span, "a view", again);
            if parser.eat(TokenKind::Comma).is_none() {
                return Ok(());
            }
        }
    }

    /// Reports a clause that was in the wrong place (`None`) or there already (`Some(true)`).
    fn place_once(&mut self, parser: &mut Parser<'_>, place: Span, wanted: &str, again: Option<bool>) {
        match again {
            None => self.wrong_owner(parser, place, wanted),
            Some(true) => {
                let clause = format!("`{}`", parser.slice(place));
                repeated(parser, place, &clause);
            }
            Some(false) => {}
        }
    }
}

/// The record behind `shows` or `summarises`, which is at `start`.
fn shown(parser: &mut Parser<'_>, start: Span, word: &str) -> Parse<ShowsDecl> {
    if parser.peek() != TokenKind::BraceOpen {
        return Err(parser.expected(&format!("`{{` and the fields of the answer behind `{word}`")));
    }
    let (fields, _) = parser.bracketed("the field", shown_field)?;
    parser.unique_names("the field", fields.iter().map(|field| &field.name));
    let fields = at_most(parser, fields, "fields", |field| field.name.span);
    Ok(ShowsDecl { fields, span: parser.since(start) })
}

/// `chosen`, `chosen on change` or `volatile`, in front of a field's name.
fn chosen(parser: &mut Parser<'_>) -> Parse<Option<Lasts>> {
    if parser.peek_at(1) != TokenKind::Name {
        return Ok(None);
    }
    if parser.eat_word("volatile").is_some() {
        return Ok(Some(Lasts::OneRead));
    }
    if parser.eat_word("chosen").is_none() {
        return Ok(None);
    }
    // A field may be called `on`, too.
    if parser.peek_at(1) != TokenKind::Name || parser.eat_word("on").is_none() {
        return Ok(Some(Lasts::ForGood));
    }
    match parser.eat_word("change") {
        Some(_) => Ok(Some(Lasts::UntilChanged)),
        None => Err(parser.expected("`change`: a value is `chosen on change`")),
    }
}

fn shown_field(parser: &mut Parser<'_>) -> Parse<ShownField> {
    let chosen = chosen(parser)?;
    let name = parser.field_name()?;
    let value = match parser.eat(TokenKind::Colon) {
        Some(_) => match chosen {
            Some(lasts) => ShownValue::Chosen(parser.type_expr()?, lasts),
            None => ShownValue::Computed(parser.expression()?),
        },
        None if chosen.is_none() && matches!(parser.peek(), TokenKind::Comma | TokenKind::BraceClose) => {
            ShownValue::Computed(Expr { kind: ExprKind::Name(name.clone()), span: name.span })
        }
        None => return Err(parser.colon_missing(&name, "a value")),
    };
    Ok(ShownField { name, value })
}
