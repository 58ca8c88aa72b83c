//! Declarations of fields: `{ product: id, quantity: int 1.. try 0..12, page: int = 1 }`.

use super::super::parser::{Parse, Parser};
use crate::language::lexer::TokenKind;
use crate::language::syntax::contract::FieldDecl;
use crate::text::{Code, Diagnostic, Span};

/// How many fields, states, events or members belong to one thing at most.
const MAX_PARTS: usize = 1000;

/// Whether fields need a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Types {
    Needed,
    /// An event's field may take its type from what it is emitted with.
    Optional,
}

/// `{ … }`, if it comes next.
pub(super) fn fields(parser: &mut Parser<'_>, types: Types) -> Parse<Vec<FieldDecl>> {
    if parser.peek() != TokenKind::BraceOpen {
        return Ok(Vec::new());
    }
    let (fields, _) = parser.bracketed("the field", |parser| field(parser, types))?;
    parser.unique_names("the field", fields.iter().map(|field| &field.name));
    Ok(at_most(parser, fields, "fields", |field| field.span))
}

/// The same for what a command, an event or a query carries, which rules speak of by its name alone.
pub(super) fn carried(parser: &mut Parser<'_>, types: Types) -> Parse<Vec<FieldDecl>> {
    let fields = fields(parser, types)?;
    if let Some(field) = fields.iter().find(|field| &*field.name.text == "self") {
        parser.note(|| {
            let message = "no field is called `self`: rules call the aggregate so";
            Diagnostic::error(Code::DUPLICATE_NAME, field.name.span, message)
                .advise("give it another name here; the profile says what it is called in requests and answers (`fields`, templates)")
        });
    }
    Ok(fields)
}

/// `parts`, cut if there are more than a contract has: names are looked up in them one by one.
pub(super) fn at_most<T>(
    parser: &mut Parser<'_>,
    mut parts: Vec<T>,
    what: &str,
    place: fn(&T) -> Span,
) -> Vec<T> {
    if let Some(extra) = parts.get(MAX_PARTS) {
        let span = place(extra);
        parser.note(|| too_many(what, span));
        parts.truncate(MAX_PARTS);
    }
    parts
}

/// Adds `part`, unless there are as many as a contract has.
pub(super) fn add<T>(parser: &mut Parser<'_>, parts: &mut Vec<T>, part: T, what: &str, place: Span) {
    if parts.len() < MAX_PARTS {
        parts.push(part);
    } else {
        parser.note(|| too_many(what, place));
    }
}

fn too_many(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::TOO_MANY_PARTS, span, format!("more than {MAX_PARTS} {what}"))
        .advise("split it: nobody could read that")
}

fn field(parser: &mut Parser<'_>, types: Types) -> Parse<FieldDecl> {
    let start = parser.span();
    let chosen = if parser.peek_at(1) == TokenKind::Name { parser.eat_word("chosen") } else { None };
    let name = parser.field_name()?;
    let ty = match parser.eat(TokenKind::Colon) {
        Some(_) => Some(parser.type_expr()?),
        None if types == Types::Optional
            && matches!(parser.peek(), TokenKind::Comma | TokenKind::BraceClose) =>
        {
            None
        }
        None => {
            parser.whole(&name, '`')?;
            return Err(parser.colon_missing(&name, "a type"));
        }
    };
    let try_range = match parser.eat_word("try") {
        Some(_) => Some(parser.try_range()?),
        None => None,
    };
    let default = match parser.eat(TokenKind::Assign) {
        Some(_) => Some(parser.value()?),
        None => None,
    };
    Ok(FieldDecl { name, chosen, ty, try_range, default, span: parser.since(start) })
}
