//! CH-6: what was accepted can be looked for.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Shows, Suite, Unit,
};
use crate::protocol::{ClauseId, Command, Head, Outcome, Receipt};
use crate::value::{Limits, Value};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ch6,
    level: Level::Should,
    suite: Suite::Core,
    statement: "The answer to an accepted command names an id, a version or a location.",
    why: "Without one, the client has nothing to look for in the read models.",
    source: "RFC 9110 sections 15.3.2 (201) and 10.2.2 (Location)",
    how: "Every answer to an accepted command is looked at.",
    needs: &[Need::Matter(Matter::Command)],
    least: &[Least { count: 30, of: Unit::Commands }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: Check::EVERY, judge }],
};

const FIRST: &str = "answer with the aggregate's id and its version behind the command";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for sent in evidence.submitted() {
        let Outcome::Accepted(receipt) = sent.outcome else { continue };
        if names_something(sent.command, receipt, evidence.head(sent.at)) {
            judged.count(Unit::Commands);
        } else {
            let name = &sent.command.name;
            let wrong = format!("the answer to {name} names neither an id nor a version nor a location");
            judged.broken_as(wrong, Shows::Operations(vec![sent.at]), Vec::new(), FIRST);
        }
    }
    judged
}

/// Whether an answer says where to look for what it accepted. What a receipt says over HTTP may come from elsewhere, such as from the
/// command itself: there the header and the body decide.
fn names_something(command: &Command, receipt: &Receipt, head: Option<&Head>) -> bool {
    let on = command.on.as_ref().and_then(Value::as_text);
    let Some(head) = head else {
        let mut texts = receipt.body.iter().filter_map(|(_, value)| value.as_text());
        let location = texts.any(|text| on.is_some_and(|on| text.contains(on)));
        return receipt.id.is_some() || receipt.version.is_some() || location;
    };
    let body = head.body.as_deref().unwrap_or_default();
    head.location.is_some()
        || head.etag.is_some()
        || !head.whole
        || on.is_some_and(|on| body.contains(on))
        || Value::from_json(body, &Limits::default()).is_ok_and(|body| tells(&body))
}

/// Whether a value is an id by itself, or has a member that is called one or a version.
fn tells(value: &Value) -> bool {
    match value {
        Value::Text(text) => !text.is_empty(),
        Value::Number(_) => true,
        Value::Record(members) => members.iter().any(|(name, value)| {
            let small = name.to_ascii_lowercase();
            let called = small == "id"
                || ["Id", "ID", "_id", "-id"].iter().any(|end| name.ends_with(end))
                || ["version", "revision", "position", "location"].iter().any(|word| small.contains(word));
            called && !value.is_null() || matches!(value, Value::Record(_)) && tells(value)
        }),
        _ => false,
    }
}
