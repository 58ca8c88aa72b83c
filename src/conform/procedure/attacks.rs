//! Requests that are made to hurt, each followed by a plain command that has to do what it did before.

use std::sync::Arc;

use super::bases::{Base, bases};
use crate::adapter::{Malformation, Unreachable};
use crate::clause::Unit;
use crate::conform::canary::{Health, look};
use crate::conform::lab::Lab;
use crate::contract::FieldDef;
use crate::protocol::{ClauseId, Doubt, Outcome, Unknown};

const CLAUSE: ClauseId = ClauseId::Se2;
const FIRST: &str = "bound what is read before it is parsed: bytes, depth, and what a field may hold";
/// Kinds of commands that are attacked, at most.
const KINDS: usize = 2;

/// Texts that are data and nothing else, and that much has been made of: markup, SQL, templates, formats, paths, odd Unicode.
pub(super) const TEXTS: [&str; 8] = [
    "<script>alert(1)</script>",
    "'; DROP TABLE orders; --",
    "${7*7}{{7*7}}#{7*7}",
    "%s%n%x%00",
    "../../../../etc/passwd",
    "a\r\nX-Injected: 1\r\n\r\n",
    "\u{202e}\u{200b}\u{fffe}\u{1f4a5}e\u{301}",
    "__proto__",
];

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    if let Health::Sick { why, .. } = look(&lab).await {
        lab.ledger.doubt(CLAUSE, format!("it was not tried, since the target was not well before: {why}"));
        return Ok(());
    }
    let mut all = bases(&lab, "command to attack", CLAUSE).await?;
    // Only what is said in fields can be said wrongly.
    let fields = |base: &Base| lab.contract.command(&base.command.name).map_or(&[][..], |def| &*def.fields);
    all.retain(|base| fields(base).iter().any(FieldDef::is_required));
    all.sort_by_key(|base| std::cmp::Reverse(fields(base).len()));
    let mut number = 0;
    for base in all.iter().take(KINDS) {
        for how in attacks() {
            if lab.over() {
                return Ok(());
            }
            number += 1;
            if !attack(&lab, base, &how, number).await? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// From the mildest to the worst.
fn attacks() -> Vec<Malformation> {
    let texts = TEXTS.into_iter().map(|text| Malformation::HostileText(text.to_owned()));
    let others = [
        Malformation::NullByte,
        Malformation::InvalidUtf8,
        Malformation::HugeNumber,
        Malformation::ManyHeaders(2000),
        Malformation::LongPath(50_000),
        Malformation::DeepNesting(1000),
        Malformation::DeepNesting(100_000),
        Malformation::Oversized(32 * 1024 * 1024),
    ];
    texts.chain(others).collect()
}

/// Sends one, and sees how the target is. `false` once it is not well any more.
async fn attack(lab: &Lab, base: &Base, how: &Malformation, number: u64) -> Result<bool, Unreachable> {
    let Some(mut case) = base.stage(lab, "attack", number).await? else { return Ok(true) };
    let bound = case.bound(&base.command);
    let Some(reaction) = case.misbehave(&bound, how).await else { return Ok(true) };
    let name = &base.command.name;
    let sent = format!("{name} sent {}", how.words());
    let decided = match reaction.outcome {
        Outcome::Unknown(Unknown { doubt: Doubt::ServerError, detail, .. }) => {
            lab.broken(CLAUSE, case.example(format!("{sent} is answered with {detail}"), FIRST));
            false
        }
        Outcome::Unknown(Unknown { doubt: Doubt::Lost, detail, .. }) if !how.is_of_request() => {
            lab.broken(CLAUSE, case.example(format!("{sent} has no answer: {detail}"), FIRST));
            false
        }
        Outcome::Accepted(_) if matches!(how, Malformation::DeepNesting(_) | Malformation::Oversized(_)) => {
            lab.broken(CLAUSE, case.example(format!("{sent} is accepted"), FIRST));
            false
        }
        Outcome::Accepted(_)
        | Outcome::Rejected(_)
        | Outcome::Unknown(Unknown { doubt: Doubt::Lost, .. }) => true,
        Outcome::Unknown(unknown) => {
            lab.ledger.doubt(CLAUSE, format!("{sent}: {}", unknown.detail));
            false
        }
        Outcome::NotSent(_) => false,
    };
    match look(lab).await {
        Health::Well => {
            lab.ledger.count(CLAUSE, Unit::Attacks, u32::from(decided));
            Ok(true)
        }
        Health::Sick { why, .. } => {
            lab.broken(CLAUSE, case.example(format!("since {sent}, the service is not well: {why}"), FIRST));
            Ok(false)
        }
    }
}
