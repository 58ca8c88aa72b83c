use std::fmt::Write as _;

use super::registry::GROUPS;
use super::{Clause, Exercise, Suite};
use crate::protocol::ClauseId;

/// What there is to know about one clause, as `proofmark explain` prints it. `broken_by`: the defects of the built-in
/// order system that break it.
pub fn page(clause: &Clause, broken_by: &[&str]) -> String {
    let mut told =
        format!("{} ({}, suite {}): {}\n", clause.id, clause.level, clause.suite, clause.statement);
    let mut row = |name: &str, text: &str| {
        let _ = write!(told, "\n{name:<10} {text}");
    };
    row("why", clause.why);
    row("source", clause.source);
    row("tested by", clause.how);
    row("needs", &needs(clause));
    row("evidence", &least(clause));
    if clause.stochastic {
        row("chance", "a pass means \"not observed in as many attempts as the report says\"");
    }
    match clause.exercise {
        Exercise::Tested => row("broken by", &defects(broken_by)),
        Exercise::NotYet(why) => row("not yet", why),
    }
    told
}

/// The whole catalogue as a Markdown document; `broken_by` gives the defects that break a clause.
pub fn document(broken_by: impl Fn(ClauseId) -> Vec<&'static str>) -> String {
    let mut told = INTRODUCTION.to_owned();
    told.push_str("\n| suite | what it is about | clauses |\n|---|---|---|\n");
    for suite in Suite::ALL {
        let ids: Vec<_> =
            super::all().filter(|clause| clause.suite == suite).map(|clause| clause.id).collect();
        let _ = writeln!(told, "| {} | {} | {} |", suite, suite.means(), ClauseId::line(&ids));
    }
    for (group, about, clauses) in GROUPS {
        let _ = write!(told, "\n## {group}: {}\n", about.to_lowercase());
        for clause in *clauses {
            section(clause, &broken_by(clause.id), &mut told);
        }
    }
    told
}

const INTRODUCTION: &str = "\
# The clauses

<!-- Made from the catalogue in src/clause/: UPDATE_DOCUMENTS=1 cargo test clauses:: writes it anew. -->

What `proofmark conform` puts to the test: numbered promises of CQRS systems. The words MUST, SHOULD and MAY are those of RFC 2119.
A clause binds a service only where the service claims what the clause needs; otherwise it is *not claimed*, and stands outside the
result. What a clause is about has to be there, too: in a contract that only creates, nothing changes an existing thing, and a clause
about such changes *does not bind*. That is worked out from the contract's rules and from what the service can be sent. What MAY be is
*offered* or *not offered*, and never fails. With less evidence than is asked for, the verdict is *inconclusive*, never a pass. A clause marked † rests on chance: a pass means
\"not observed in as many attempts as the report says\".

`proofmark explain EC-3` shows one of them, `proofmark list clauses` all in a line each.
";

fn section(clause: &Clause, broken_by: &[&str], told: &mut String) {
    let chance = if clause.stochastic { " †" } else { "" };
    let _ = write!(told, "\n### {}{chance}\n\n**{}** {}\n\n", clause.id, clause.level, clause.statement);
    let _ = writeln!(told, "- *Why*: {}", clause.why);
    let _ = writeln!(told, "- *Source*: {}", clause.source);
    let _ = writeln!(told, "- *Tested by*: {}", clause.how);
    let _ = writeln!(
        told,
        "- *Suite*: {}; *needs*: {}; *evidence*: {}",
        clause.suite,
        needs(clause),
        least(clause)
    );
    match clause.exercise {
        Exercise::Tested => {
            let _ = writeln!(told, "- *Broken by*: {}", defects(broken_by));
        }
        Exercise::NotYet(why) => {
            let _ = writeln!(told, "- *Not tested yet*: {why}");
        }
    }
}

fn needs(clause: &Clause) -> String {
    listed(clause.needs.iter().map(ToString::to_string), "nothing")
}

fn least(clause: &Clause) -> String {
    let least = clause.least.iter().filter(|least| least.count > 0).map(|least| format!("at least {least}"));
    listed(least, "none asked for")
}

fn defects(names: &[&str]) -> String {
    listed(names.iter().map(|name| format!("`{name}`")), "no defect of the built-in order system")
}

fn listed(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}
