//! RB-1: what is built anew is the same.

use crate::clause::rebuilds::{Rebuilds, Shot, is_answered};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::contract::rules::{Expected, Model as _};
use crate::contract::{FieldDef, Lasts};
use crate::protocol::{Answer, Capability, ClauseId, Query, Seen, Version};
use crate::value::{Record, Value};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Rb1,
    level: Level::Must,
    suite: Suite::Operable,
    statement: "A read model that was built anew equals the one before.",
    why: "Rebuilding is how read models are mended; it must not break them.",
    source: "Fowler, \"Event Sourcing\", 2005 (complete rebuild)",
    how: "Reads are compared before and behind a rebuild.",
    needs: &[Need::Capability(Capability::Rebuild)],
    least: &[Least { count: 1, of: Unit::Rebuilds }, Least { count: 20, of: Unit::Comparisons }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "rebuild", judge }],
};

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 300;
const FIRST: &str = "look at which events a rebuild reads, and whether it computes from them what the read model did when they \
                     came in one by one";
const READS: &str = "look at which events a rebuild reads";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some((rebuilds, _)) = Rebuilds::behind_what_was_right(evidence, &mut judged) else { return judged };
    for shot in rebuilds.shots(evidence).iter().filter(|shot| evidence.is_ours_alone(shot.query)) {
        compare(evidence, shot, &mut judged);
    }
    judged.counted.push((Unit::Rebuilds, rebuilds.count()));
    judged
}

fn compare(evidence: &Evidence<'_>, Shot { query, before, behind, .. }: &Shot<'_>, judged: &mut Judged) {
    let name = &query.name;
    let shown = |answer| shown(evidence, query, answer);
    let (Some(was), Some(behind)) = (shown(before), behind.filter(|answer| is_answered(answer))) else {
        judged.doubts.push(format!("{name} was not answered behind a rebuild"));
        return;
    };
    let Some(now) = shown(behind) else { return };
    if !evidence.promises().tolerances_of(name).equal(&now, &was) {
        let wrong = format!("{name} shows something else since its read model was built anew");
        let more = vec![
            format!("before the rebuild: {}", was.brief(SHOWN)),
            format!("behind it: {}", now.brief(SHOWN)),
        ];
        judged.broken_as(wrong, Shows::Whole, more, FIRST);
    } else if is_lower(before, behind) {
        judged.broken(format!("{name} tells another version since its read model was built anew"), READS);
    } else {
        judged.count(Unit::Comparisons);
    }
}

/// Whether the version behind lacks what was there; a higher one has come to what was not, and is another clause's to tell.
fn is_lower(before: &Answer, behind: &Answer) -> bool {
    match (&before.version, &behind.version) {
        (Some(Version::Number(before)), Some(Version::Number(now))) => now < before,
        (Some(_), None) => matches!(behind.seen, Seen::Found(_)),
        (before, now) => {
            matches!((before, now), (Some(Version::Opaque(_)), _))
                && before != now
                && matches!(behind.seen, Seen::Found(_))
        }
    }
}

/// What an answer shows of what the contract declares, of a list our own rows; nothing where it was none.
fn shown(evidence: &Evidence<'_>, query: &Query, answer: &Answer) -> Option<Value> {
    let def = evidence.contract().query(&query.name)?;
    // What each read may show otherwise says nothing of a rebuild.
    let lasting = |field: &FieldDef| field.lasts != Lasts::OneRead;
    let declared = |name: &str| {
        let mut shows = def.shows.iter().flatten();
        def.shows.is_none() || shows.any(|field| *field.name == *name && lasting(field))
    };
    let part = |value: &Value| match value {
        Value::Record(record) => {
            let own: Record = record.fields().iter().filter(|(name, _)| declared(name)).cloned().collect();
            Value::Record(own)
        }
        other => other.clone(),
    };
    match &answer.seen {
        Seen::Absent => Some(Value::Null),
        Seen::Found(Value::List(rows)) => {
            let mut rows: Vec<Value> = rows.iter().filter(|row| evidence.has_ours(row)).map(part).collect();
            let world = evidence.world(evidence.operations.len());
            if let Ok(Expected::Rows(must)) = evidence.model().answer(&world, query)
                && must.unordered
            {
                rows.sort_by_key(ToString::to_string);
            }
            Some(Value::List(rows))
        }
        Seen::Found(value) => Some(part(value)),
        _ => None,
    }
}
