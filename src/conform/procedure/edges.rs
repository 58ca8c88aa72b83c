//! Numbers at the edges of what machines hold, in commands that are right otherwise. The rules take them or the service refuses them: what
//! it takes has to be shown as it is, and nobody else may suffer from it.

use super::bases::Base;
use crate::adapter::Unreachable;
use crate::conform::canary::{Health, look};
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::contract::explore::fire;
use crate::contract::rules::{Law, lawful};
use crate::contract::{FieldDef, Type};
use crate::history::Role;
use crate::protocol::{ClauseId, Command};
use crate::value::{Number, Record, Value};

/// One more than fits in 32 bits with a sign, the first whole number that a float has none for, one more than fits in 64 bits, and the
/// largest power of ten that a float has.
const EDGES: [&str; 4] = ["2147483648", "9007199254740993", "9223372036854775808", "1e308"];
/// Kinds of commands that are tried, at most.
const KINDS: usize = 2;
/// Fields of each that are at an edge by themselves, at most.
const ALONE: usize = 3;
/// How often each is sent: sums get beyond the edge, too.
const TIMES: usize = 2;

pub(super) const NUMBERS: Experiment = Experiment {
    name: "edges",
    cases: (KINDS * (1 + ALONE) * EDGES.len()) as u64,
    lanes: 1,
    control: Control::Behind,
    needed,
    act: |case, number| Box::pin(course(case, number)),
    ..PLAIN
};

/// What a case sends, and what it makes the edge of: all numbers, so that products meet it, or a single one.
fn plan(lab: &Lab, number: u64) -> Option<(&Base, Command)> {
    let bases = lab.bases.get()?;
    let plans = bases.iter().filter_map(|base| {
        let commands = at_edges(lab, base);
        (!commands.is_empty()).then_some((base, commands))
    });
    let mut all =
        plans.take(KINDS).flat_map(|(base, commands)| commands.into_iter().map(move |one| (base, one)));
    all.nth(usize::try_from(number).ok()?)
}

fn needed(lab: &Lab, number: u64) -> bool {
    lab.bases.get().is_none() || plan(lab, number).is_some()
}

/// The command of a base with its numbers at each edge that their types and the target take.
fn at_edges(lab: &Lab, base: &Base) -> Vec<Command> {
    let Some(def) = lab.contract.command(&base.command.name) else { return Vec::new() };
    // Who keeps numbers in floats, and says so, has cents of the first edge alone.
    let is_exact = lab.engine.target.describe().promises.tolerances.is_empty();
    let edges = EDGES.iter().take(if is_exact { EDGES.len() } else { 1 });
    let edges = edges.filter_map(|edge| Number::parse(edge));
    let edges: Vec<Value> = edges.map(Value::Number).collect();
    let numbers = of_fields(&def.fields, &base.command.fields, &mut |_, _| None).1;
    // Alone, each is what all are together where there is but one.
    let alone = (0..numbers.min(ALONE)).filter(|_| numbers > 1).map(Some);
    let mut all: Vec<Command> = Vec::new();
    let together = std::iter::once(None).filter(|_: &Option<usize>| is_exact || numbers == 1);
    for which in together.chain(alone) {
        for edge in &edges {
            let mut put = |at: usize, ty: &Type| {
                let meant = which.is_none_or(|which| which == at);
                (meant && !matches!(lawful(ty, edge), Law::Unlawful(_))).then(|| edge.clone())
            };
            let (fields, _) = of_fields(&def.fields, &base.command.fields, &mut put);
            let command = Command { fields, ..base.command.clone() };
            if command != base.command
                && lab.naming.takes(&def.fields, &command.fields)
                && !all.contains(&command)
            {
                all.push(command);
            }
        }
    }
    all
}

/// What is to stand for the number with this place, of this type; nothing where it stays.
type Put<'p> = dyn FnMut(usize, &Type) -> Option<Value> + 'p;

/// The fields with other numbers in them; and how many numbers they have.
fn of_fields(defs: &[FieldDef], fields: &Record, put: &mut Put<'_>) -> (Record, usize) {
    let mut count = 0;
    let changed = fields.iter().map(|(name, value)| {
        let def = defs.iter().find(|def| *def.name == *name);
        (name, def.map_or_else(|| value.clone(), |def| of_value(&def.ty, value, &mut count, put)))
    });
    (changed.collect(), count)
}

fn of_value(ty: &Type, value: &Value, count: &mut usize, put: &mut Put<'_>) -> Value {
    match (ty, value) {
        (Type::Optional(ty), value) if !value.is_null() => of_value(ty, value, count, put),
        (Type::Int(_) | Type::Decimal(_), Value::Number(_)) => {
            let at = *count;
            *count += 1;
            put(at, ty).unwrap_or_else(|| value.clone())
        }
        (Type::Record(ty), Value::Record(fields)) => {
            let from = *count;
            let (fields, more) = of_fields(&ty.fields, fields, &mut |at, ty| put(from + at, ty));
            *count += more;
            Value::Record(fields)
        }
        (Type::List(ty) | Type::Bag(ty), Value::List(elements)) => {
            elements.iter().map(|element| of_value(ty, element, count, put)).collect()
        }
        _ => value.clone(),
    }
}

/// Sends it, and once more where the rules take it again; reads everything, and sees how the target is.
async fn course(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    lab.bases().await?;
    let Some((base, command)) = plan(lab, number) else { return Ok(()) };
    if number == 0
        && let Health::Sick { why, .. } = look(lab).await
    {
        lab.ledger.doubt(ClauseId::Se2, format!("the target was not well before: {why}"));
        lab.poisoned();
        return Ok(());
    }
    if !base.brought(case).await {
        return Ok(());
    }
    case.role(Role::Act);
    let command = if case.is_in_turn() { &base.command } else { &command };
    for _ in 0..TIMES {
        let taken = matches!(fire(&lab.model, &case.world, command), Ok((_, Some(_))));
        if !taken || !case.send(0, command).await.is_accepted() {
            break;
        }
    }
    case.role(Role::Canary);
    case.settle().await;
    // Who does not get well any more is not attacked further.
    if look(lab).await != Health::Well {
        lab.poisoned();
    }
    Ok(())
}
