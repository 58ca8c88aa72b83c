use super::names::snake;
use super::outline::{Field, Kind, Need, Outline};
use super::service::Shape;

/// Makes references of fields that hold the id of another aggregate: `customer_id` where there are customers.
pub(super) fn refer(outline: &mut Outline) {
    let known: Vec<(String, String, &'static str)> = outline
        .aggregates
        .iter()
        .filter(|one| one.commands.iter().any(|command| command.kind == Kind::Create))
        .map(|one| (format!("{}_id", one.variable), one.name.clone(), one.id_form))
        .collect();
    let mark = |own: &str, field: &mut Field| {
        if field.refers.is_some() {
            return;
        }
        let name = snake(&field.wire, "");
        let found = known.iter().find(|(id, _, form)| {
            let named =
                name == *id || name.strip_suffix(id.as_str()).is_some_and(|before| before.ends_with('_'));
            named && fits(&field.shape, form)
        });
        // What holds its own id is no other one; `parent_note_id` is.
        let found = found.filter(|(id, aggregate, _)| aggregate != own || name != *id);
        field.refers = found.map(|(_, aggregate, _)| aggregate.clone());
    };
    for aggregate in &mut outline.aggregates {
        let own = aggregate.name.clone();
        let commands = aggregate.commands.iter_mut().flat_map(|command| &mut command.fields);
        let queries =
            aggregate.queries.iter_mut().flat_map(|query| query.filters.iter_mut().chain(&mut query.shown));
        commands.chain(queries).chain(&mut aggregate.kept).for_each(|field| mark(&own, field));
    }
    need(outline);
}

/// A 404 to what creates something means that what it refers to is not there, where all that is one kind of thing.
fn need(outline: &mut Outline) {
    let phases: Vec<(String, String)> =
        outline.aggregates.iter().map(|one| (one.name.clone(), one.phase.clone())).collect();
    for command in outline.aggregates.iter_mut().flat_map(|one| &mut one.commands) {
        if command.kind != Kind::Create || !command.statuses.contains(&404) || !command.codes.is_empty() {
            continue;
        }
        let referring: Vec<&Field> = command.fields.iter().filter(|field| field.refers.is_some()).collect();
        let alike = referring.windows(2).all(|pair| pair[0].refers == pair[1].refers);
        let other = referring
            .first()
            .and_then(|field| phases.iter().find(|(name, _)| Some(name) == field.refers.as_ref()));
        // A reference that may be left out is no way to the state of another.
        if let Some((name, phase)) = other.filter(|_| alike && referring.iter().all(|field| field.required()))
        {
            command.needs = Some(Need {
                fields: referring.iter().map(|field| field.name.clone()).collect(),
                phase: phase.clone(),
                code: format!("{name}NotFound"),
            });
        }
    }
}

/// Whether a field may hold ids of that form.
fn fits(shape: &Shape, form: &str) -> bool {
    match shape {
        Shape::Whole(..) => form == "int",
        Shape::Text { alphabet: None, .. } => form != "int",
        _ => false,
    }
}
