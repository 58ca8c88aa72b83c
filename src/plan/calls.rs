use super::codes;
use super::variables::suggest;
use crate::contract::{Contract, FieldDef};
use crate::language::syntax::{CommandCall, FieldExpr, Ident, Matcher, QueryCall};
use crate::text::Diagnostic;

/// Checks a command's name and aggregate. `None`: it is no command at all, and a mistake says so.
/// Its fields are checked once it is known what its outcome is to be ([`check_fields`]).
pub(super) fn check_command(
    call: &CommandCall,
    contract: &Contract,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<()> {
    let Some(command) = contract.command(&call.name.text) else {
        mistakes.push(unknown(&call.name, "command", contract));
        return None;
    };
    check_aggregate(&call.name, call.on.is_some(), command.aggregate.as_deref(), mistakes);
    check_unknown_fields(&call.name, &call.fields, &command.fields, mistakes);
    Some(())
}

/// Checks a query: its name, aggregate and parameters.
pub(super) fn check_query(call: &QueryCall, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    let Some(query) = contract.query(&call.name.text) else {
        if contract.command(&call.name.text).is_some() {
            let what = format!("{} is a command, and only a query can be looked at", call.name.text);
            let mistake = Diagnostic::error(codes::WRONG_PLACE, call.name.span, what);
            mistakes.push(mistake.advise("send it under `given` or `when`"));
        } else {
            mistakes.push(unknown(&call.name, "query", contract));
        }
        return;
    };
    check_aggregate(&call.name, call.on.is_some(), query.aggregate.as_deref(), mistakes);
    check_unknown_fields(&call.name, &call.fields, &query.fields, mistakes);
    check_fields(&call.name, &call.fields, &query.fields, mistakes);
}

/// Checks what a query is expected to show.
pub(super) fn check_shown(
    call: &QueryCall,
    matcher: &Matcher,
    contract: &Contract,
    mistakes: &mut Vec<Diagnostic>,
) {
    if let Some(query) = contract.query(&call.name.text) {
        for mismatch in query.answer().check_matcher(matcher) {
            let code = if mismatch.unknown_field { codes::UNKNOWN_FIELD } else { codes::MISTYPED };
            mistakes.push(mismatch.into_diagnostic(code));
        }
    }
}

/// Whether every demanded field is there and every literal is of its field's type.
pub(super) fn check_fields(
    name: &Ident,
    fields: &[FieldExpr],
    known: &[FieldDef],
    mistakes: &mut Vec<Diagnostic>,
) {
    let missing: Vec<_> = known
        .iter()
        .filter(|field| field.is_required() && !fields.iter().any(|given| *given.name.text == *field.name))
        .map(|field| format!("`{}`", field.name))
        .collect();
    if !missing.is_empty() {
        let what = format!("{} needs {}", name.text, missing.join(" and "));
        mistakes.push(Diagnostic::error(codes::MISSING_FIELD, name.span, what));
    }
    for given in fields {
        if let Some(field) = known.iter().find(|field| *field.name == *given.name.text) {
            for mismatch in field.ty.check(&given.value) {
                mistakes.push(mismatch.into_diagnostic(codes::MISTYPED));
            }
        }
    }
}

fn check_unknown_fields(
    name: &Ident,
    fields: &[FieldExpr],
    known: &[FieldDef],
    mistakes: &mut Vec<Diagnostic>,
) {
    for given in fields {
        if known.iter().any(|field| *field.name == *given.name.text) {
            continue;
        }
        let what = format!("{} has no field `{}`", name.text, given.name.text);
        let mistake = Diagnostic::error(codes::UNKNOWN_FIELD, given.name.span, what);
        mistakes.push(suggest(mistake, &given.name, known.iter().map(|field| &*field.name), ""));
    }
}

fn check_aggregate(name: &Ident, given: bool, aggregate: Option<&str>, mistakes: &mut Vec<Diagnostic>) {
    match (given, aggregate) {
        (false, Some(aggregate)) => {
            let what = format!("{} needs to know which {aggregate}", name.text);
            let mistake = Diagnostic::error(codes::MISSING_AGGREGATE, name.span, what);
            mistakes.push(mistake.advise(format!("write `{} on $…`", name.text)));
        }
        (true, None) => {
            let what = format!("{} is about no single aggregate", name.text);
            let mistake = Diagnostic::error(codes::NEEDLESS_AGGREGATE, name.span, what);
            mistakes.push(mistake.advise("leave out `on`"));
        }
        _ => {}
    }
}

fn unknown(name: &Ident, kind: &str, contract: &Contract) -> Diagnostic {
    let what = format!("{} has no {kind} `{}`", contract.name(), name.text);
    let names = contract.command_names().chain(contract.query_names());
    suggest(Diagnostic::error(codes::UNKNOWN_NAME, name.span, what), name, names, "")
}
