use super::names::title;
use super::outline::{Aggregate, Changed, Kind};

/// How a command says no.
pub(super) struct Refusals {
    /// The rejection whose rule is known: it is there already, or it is not there.
    pub(super) expected: Option<String>,
    /// The service's codes, and the contract's names for them.
    pub(super) named: Vec<(String, String)>,
    /// Codes whose rule no document tells, with a proposal for a name.
    pub(super) open: Vec<(String, String)>,
}

impl Refusals {
    pub(super) fn of(aggregate: &Aggregate, one: &Changed) -> Self {
        let expected = match one.kind {
            // A second one under the same id; `PUT` replaces the first one instead.
            Kind::Create if one.request.starts_with("PUT ") => None,
            Kind::Create => Some(format!("{}AlreadyExists", aggregate.name)),
            _ if one.off.is_some() => None,
            _ => Some(format!("{}NotFound", aggregate.name)),
        };
        let (mut named, mut open) = (Vec::new(), Vec::new());
        for theirs in &one.codes {
            let ours = title(&spaced(theirs), "Code");
            match meaning(&ours, &aggregate.name, expected.as_deref()) {
                Some(known) => named.push((theirs.clone(), known)),
                None => open.push((theirs.clone(), ours)),
            }
        }
        Self { expected, named, open }
    }
}

/// `ORDER_CLOSED` has the words of `order_closed`; other codes keep their capitals.
fn spaced(code: &str) -> String {
    if code.chars().any(|c| c.is_ascii_lowercase()) { code.to_owned() } else { code.to_ascii_lowercase() }
}

/// What a code means that is called like this.
fn meaning(code: &str, aggregate: &str, expected: Option<&str>) -> Option<String> {
    let rest = code.strip_prefix(aggregate).unwrap_or(code);
    let own = match rest {
        "NotFound" | "DoesNotExist" | "Unknown" => format!("{aggregate}NotFound"),
        "AlreadyExists" | "Exists" | "Duplicate" => format!("{aggregate}AlreadyExists"),
        _ => String::new(),
    };
    if expected.is_some_and(|expected| expected == own) {
        return Some(own);
    }
    let built_in = match code {
        "Malformed" | "BadRequest" | "InvalidRequest" | "ValidationError" | "ValidationFailed" => "Malformed",
        "Unauthorized" | "Forbidden" | "Unauthenticated" => "Unauthorized",
        "ConcurrencyConflict" | "VersionConflict" | "VersionMismatch" | "Stale" => "ConcurrencyConflict",
        "KeyReused" | "IdempotencyKeyReused" => "KeyReused",
        "PreconditionRequired" => "PreconditionRequired",
        _ => return None,
    };
    Some(built_in.to_owned())
}

/// Whether a status says no for a reason that isn't known.
pub(super) fn undecided(aggregate: &Aggregate, one: &Changed, status: u16) -> bool {
    match status {
        409 => one.kind != Kind::Create || !aggregate.chosen,
        404 => one.kind == Kind::Create && one.needs.is_none(),
        422 => one.statuses.contains(&400),
        _ => false,
    }
}
