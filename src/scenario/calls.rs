use crate::contract::{Contract, Type, check_fields};
use crate::language::syntax::{Assertion, Capture, CommandCall, Ident, Matcher, QueryCall, Shows};
use crate::text::{Code, Diagnostic, did_you_mean};

/// Checks a command's name and aggregate.
/// Its fields are checked once it is known what its outcome is to be ([`check_command_fields`]).
pub(super) fn check_command(call: &CommandCall, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    match contract.command(&call.name.text) {
        Some(command) => check_aggregate(&call.name, call.on.is_some(), Some(&command.aggregate), mistakes),
        None => mistakes.push(unknown(&call.name, "command", contract)),
    }
}

/// Checks a command's fields. One that is meant to be malformed may lack fields or have values of another kind,
/// but no fields that the contract doesn't know: a service has to ignore those.
pub(super) fn check_command_fields(
    call: &CommandCall,
    malformed: bool,
    contract: &Contract,
    mistakes: &mut Vec<Diagnostic>,
) {
    let Some(command) = contract.command(&call.name.text) else { return };
    let wrong = check_fields(&call.name.text, &command.fields, &call.fields, call.name.span);
    mistakes.extend(wrong.into_iter().filter(|mistake| !malformed || mistake.code == Code::UNKNOWN_FIELD));
}

/// Checks a query: its name, aggregate and parameters.
pub(super) fn check_query(call: &QueryCall, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    let Some(query) = contract.query(&call.name.text) else {
        if contract.command(&call.name.text).is_some() {
            let what = format!("{} is a command, and only a query can be looked at", call.name.text);
            let mistake = Diagnostic::error(Code::WRONG_PLACE, call.name.span, what);
            mistakes.push(mistake.advise("send it under `given` or `when`"));
        } else {
            mistakes.push(unknown(&call.name, "query", contract));
        }
        return;
    };
    check_aggregate(&call.name, call.on.is_some(), query.aggregate.as_deref(), mistakes);
    mistakes.extend(check_fields(&call.name.text, &query.fields, &call.fields, call.name.span));
}

/// Checks what a query is expected to show, or not to show on the way; where it is about the total, both are.
pub(super) fn check_shown(
    assertion: &Assertion,
    matcher: &Matcher,
    contract: &Contract,
    mistakes: &mut Vec<Diagnostic>,
) {
    let name = &assertion.query.name.text;
    let Some(query) = contract.query(name) else { return };
    let wrong = match assertion.shows {
        Some(Shows::Total(_)) if query.total => {
            Type::int().check_matcher(&format!("the total of {name}"), matcher)
        }
        Some(Shows::Total(_)) => {
            let what = format!("{name} tells no total, as far as the contract says");
            let advice = "a view tells one where its contract says `total`; `shows count 2` counts the rows of one answer";
            vec![Diagnostic::error(Code::WRONG_PLACE, matcher.span, what).advise(advice)]
        }
        _ => query.answer.check_matcher(&format!("what {name} shows"), matcher),
    };
    mistakes.extend(wrong);
}

/// Checks what is taken from an answer: of a query's type, or of a command (`None`), beside what every answer may
/// tell. A name that is not known may be there all the same; only one that comes near a known one is an error.
pub(super) fn check_captures(
    captures: &[Capture],
    answer: Option<&Type>,
    told: &[&'static str],
    mistakes: &mut Vec<Diagnostic>,
) {
    let (fields, is_open) = match answer {
        // What a command brings beside these, no contract says.
        None => (&[][..], false),
        Some(Type::Record(record)) => (&*record.fields, false),
        // A list, or whatever the contract leaves open.
        Some(_) => (&[][..], true),
    };
    let names = || fields.iter().map(|field| &*field.name).chain(told.iter().copied());
    for capture in captures {
        let path = &capture.path.node;
        let first = path.split(['.', '[']).next().unwrap_or_default();
        if names().any(|name| name == first) {
            continue;
        }
        let what = format!("an answer tells no `{first}`, as far as the contract says");
        match did_you_mean(first, names()) {
            Some(near) => {
                let meant = format!("{near}{}", &path[first.len()..]);
                let mistake = Diagnostic::error(Code::UNKNOWN_FIELD, capture.path.span, what);
                mistakes.push(mistake.replace(format!("did you mean `{meant}`?"), meant));
            }
            None if is_open => {}
            None => {
                let told: Vec<_> = names().map(|name| format!("`{name}`")).collect();
                let mistake = Diagnostic::warning(Code::UNDECLARED_FIELD, capture.path.span, what);
                mistakes.push(mistake.advise(format!("it tells {}", told.join(", "))));
            }
        }
    }
}

fn check_aggregate(name: &Ident, given: bool, aggregate: Option<&str>, mistakes: &mut Vec<Diagnostic>) {
    match (given, aggregate) {
        (false, Some(aggregate)) => {
            let what = format!("{} needs to know which {aggregate}", name.text);
            let mistake = Diagnostic::error(Code::MISSING_AGGREGATE, name.span, what);
            mistakes.push(mistake.advise(format!("write `{} on $…`", name.text)));
        }
        (true, None) => {
            let what = format!("{} is about no single aggregate", name.text);
            let mistake = Diagnostic::error(Code::NEEDLESS_AGGREGATE, name.span, what);
            mistakes.push(mistake.advise("leave out `on`"));
        }
        _ => {}
    }
}

fn unknown(name: &Ident, kind: &str, contract: &Contract) -> Diagnostic {
    let what = format!("{} has no {kind} `{}`", contract.name(), name.text);
    let mistake = Diagnostic::error(Code::UNKNOWN_MESSAGE, name.span, what);
    match contract.suggest_message(&name.text) {
        Some(near) => mistake.suggest(Some(near)),
        None => {
            let names: Vec<_> = match kind {
                "query" => contract.queries().map(|query| &*query.name).collect(),
                _ => contract.commands().map(|command| &*command.name).collect(),
            };
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            mistake.advise(format!("it has {names}"))
        }
    }
}
