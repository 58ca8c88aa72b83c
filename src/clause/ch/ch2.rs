//! CH-2: what is malformed is refused.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Shows, Submitted, Suite, Unit,
};
use crate::history::{Role, Spoiled};
use crate::judge::MismatchKind;
use crate::protocol::{ClauseId, Doubt, Malformation, Outcome, Unknown};
use crate::value::{Record, Value};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ch2,
    level: Level::Must,
    suite: Suite::Core,
    statement: "A malformed or unknown command is refused as the client's mistake, and has no effect.",
    why: "What half fits is half stored: the read models then show what no rule ever allowed.",
    source: "RFC 9110 sections 15.5.1 (400) and 15.5.21 (422)",
    how: "Valid commands are made wrong, one way each: unreadable, a required field missing or null, an object or a list for a scalar, a value out of the contract's range, a command of no known name; what is no command to begin with (half a body, another name) needs HTTP. A declared rejection will do as well. Effects are looked for behind a fence, in reads and in whether the right command is accepted then. Further fields are not malformed.",
    needs: &[Need::Matter(Matter::Command)],
    least: &[Least { count: 12, of: Unit::Malformed }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "malformed", judge }],
};

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 40;
const FIRST: &str =
    "look at where the body is read: what is missing or of another type must not become a default";

/// A case brings about what it begins with, sends what is malformed, looks at everything, and sends what is right.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let refused = answers(evidence, &mut judged);
    // Where one was the right one after all, the right one is sent twice: nothing is expected of the second.
    if judged.findings.is_empty() && judged.doubts.is_empty() && refused > 0 {
        left_behind(evidence, refused, &mut judged);
    }
    judged
}

/// How many were refused; what was answered otherwise breaks the clause.
fn answers(evidence: &Evidence<'_>, judged: &mut Judged) -> u32 {
    let mut refused = 0;
    for sent in wrong_fields(evidence) {
        let name = &sent.command.name;
        match sent.outcome {
            Outcome::Rejected(_) => refused += 1,
            Outcome::Accepted(_)
                if right(evidence).is_some_and(|right| evidence.is_same_request(&sent, &right)) =>
            {
                judged.doubts.push(format!("what was made wrong with a {name} is not sent by the profile"));
            }
            outcome => {
                if let Some(wrong) = wrong(outcome) {
                    let shown = Shows::Operations(begun(evidence).chain([sent.at]).collect());
                    let how = right(evidence)
                        .and_then(|right| how(&right.command.fields, &sent.command.fields, ""));
                    let how = how.unwrap_or_else(|| "that is malformed".to_owned());
                    judged.certainly_broken(format!("{name} {how} {wrong}"), shown, FIRST);
                }
            }
        }
    }
    for (at, spoiled) in evidence.spoiled().filter(|(_, spoiled)| is_no_command(spoiled)) {
        match &spoiled.outcome {
            Outcome::Rejected(_) => refused += 1,
            outcome => {
                if let Some(wrong) = wrong(outcome) {
                    let wrong = format!("{} sent {} {wrong}", spoiled.name, spoiled.how.words());
                    judged.certainly_broken(wrong, Shows::Deed(at), FIRST);
                }
            }
        }
    }
    refused
}

/// What is wrong with an answer to something malformed; nothing where it was not sent, or nobody knows what came of it.
fn wrong(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Accepted(_) => Some("is accepted".to_owned()),
        Outcome::Unknown(Unknown { doubt: Doubt::ServerError | Doubt::Lost, detail, .. }) => {
            Some(format!("is answered with {detail}"))
        }
        Outcome::Rejected(_) | Outcome::Unknown(_) | Outcome::NotSent(_) => None,
    }
}

/// In which field the one differs from the other, in words.
fn how(right: &Record, wrong: &Record, within: &str) -> Option<String> {
    let names = right.iter().chain(wrong.iter()).map(|(name, _)| name);
    names.into_iter().find_map(|name| {
        let path = format!("{within}{name}");
        match (right.get(name), wrong.get(name)) {
            (right, wrong) if right == wrong => None,
            (_, None) => Some(format!("without `{path}`")),
            (right, Some(wrong)) => Some(how_value(right, wrong, &path)),
        }
    })
}

fn how_value(right: Option<&Value>, wrong: &Value, path: &str) -> String {
    let inside = match (right, wrong) {
        (Some(Value::Record(right)), Value::Record(wrong)) => how(right, wrong, &format!("{path}.")),
        (Some(Value::List(right)), Value::List(wrong)) if right.len() == wrong.len() => {
            let at = right.iter().zip(wrong).position(|(right, wrong)| right != wrong);
            at.map(|at| how_value(right.get(at), &wrong[at], &format!("{path}[{at}]")))
        }
        _ => None,
    };
    inside.unwrap_or_else(|| {
        let what = match wrong {
            Value::Null => "null".to_owned(),
            Value::Record(_) => "an object".to_owned(),
            Value::List(_) => "a list".to_owned(),
            value => value.brief(SHOWN),
        };
        format!("with {what} for `{path}`")
    })
}

/// What commands that were refused have left behind: in reads, and in what is decided next.
fn left_behind(evidence: &Evidence<'_>, refused: u32, judged: &mut Judged) {
    let Some(right) = right(evidence) else { return };
    let name = &right.command.name;
    let malformed: Vec<usize> = wrong_fields(evidence).map(|sent| sent.at).collect();
    let all = evidence.operations.len();
    let judgement = evidence.judge(&evidence.without(&malformed, all));
    // By their places among all.
    let place = |at: usize| (0..all).filter(|place| !malformed.contains(place)).nth(at).unwrap_or(all);
    match judgement.mismatches.iter().min_by_key(|mismatch| mismatch.operation) {
        Some(mismatch) if mismatch.kind == MismatchKind::Outcome && place(mismatch.operation) < right.at => {
            judged.is_set_aside(&judgement);
        }
        Some(mismatch) if place(mismatch.operation) < right.at => {
            let wrong = format!("a malformed {name} is refused, and reads show another state");
            judged.broken_by_then(place(mismatch.operation) + 1, wrong, FIRST);
        }
        Some(mismatch) if place(mismatch.operation) == right.at => {
            let wrong = format!("since a malformed {name} was refused, the right one is {}", right.outcome);
            judged.broken_by_then(right.at + 1, wrong, FIRST);
        }
        Some(_) => {
            let wrong = format!(
                "since a malformed {name} was refused, reads show another state behind the right one"
            );
            judged.broken(wrong, FIRST);
        }
        // What the right one does came behind whatever the wrong ones did: where that shows, so would this.
        None if !right.outcome.is_known() || !evidence.is_settled(right.at, all) => {
            judged.doubts.push("the target did not come to rest behind malformed commands".to_owned());
        }
        None => judged.counted.push((Unit::Malformed, refused)),
    }
}

/// Commands whose fields no client of the contract may send.
fn wrong_fields<'e>(evidence: &'e Evidence<'_>) -> impl Iterator<Item = Submitted<'e>> {
    evidence.submitted().filter(|sent| sent.part.role == Role::Act)
}

/// What the case begins with.
fn begun(evidence: &Evidence<'_>) -> impl Iterator<Item = usize> {
    evidence.submitted().filter(|sent| sent.part.role == Role::SetUp).map(|sent| sent.at)
}

/// The command that is right.
fn right<'e>(evidence: &'e Evidence<'_>) -> Option<Submitted<'e>> {
    evidence.submitted().find(|sent| sent.part.role == Role::Canary)
}

/// Whether it is no command to begin with.
fn is_no_command(spoiled: &Spoiled) -> bool {
    matches!(spoiled.how, Malformation::Truncated | Malformation::Unparsable | Malformation::UnknownCommand)
}
