use super::aggregate::{Path, hole, inner, note};
use super::message::{Place, command};
use super::names::{singular, snake, title, unused};
use super::outline::{Aggregate, Outline};
use super::service::{self, ParameterPlace, Service, Shape};

/// Commands on what nothing in the document creates, or nothing shows, such as `POST /login`: drafted, and switched off.
pub(super) fn loose(service: &Service, paths: &[Path<'_>], used: &mut [bool], outline: &mut Outline) {
    for (at, path) in paths.iter().enumerate() {
        let operation = &service.operations[at];
        let Some(first) = path.first().filter(|first| operation.method != "GET" && !used[at] && !hole(first))
        else {
            continue;
        };
        let own = path.iter().position(|piece| hole(piece));
        let before = &path[..own.unwrap_or(path.len()).min(path.len())];
        let known = outline.aggregates.iter().rposition(|known| {
            let theirs: Vec<&str> = known.collection.iter().map(|piece| &**piece).collect();
            theirs == before || theirs[..] == path[..theirs.len().min(path.len())] && own.is_none()
        });
        let index = known.unwrap_or_else(|| {
            let here = if own.is_some() { before } else { &path[..1] };
            outline.aggregates.push(begun(service, paths, first, here, outline));
            outline.aggregates.len() - 1
        });
        let taken = |name: &str| outline.has(name);
        let made = &outline.aggregates[index];
        // One that is created in another way has its id in the place where others have theirs.
        let collection = before.to_vec();
        let mut command =
            command(made, operation, Place { path, own, collection: &collection, creates: false }, &taken);
        command.off = Some(
            if own.is_some() {
                "nothing in the document makes what it changes."
            } else {
                "nothing in the document shows what it does."
            }
            .to_owned(),
        );
        used[at] = true;
        note(outline, operation);
        outline.aggregates[index].commands.push(command);
    }
}

/// An aggregate that nothing creates.
fn begun(service: &Service, paths: &[Path<'_>], first: &str, here: &[&str], outline: &Outline) -> Aggregate {
    let word = here.last().copied().unwrap_or(first);
    let name = title(&singular(word), "Thing");
    let name = unused(name, &|name| outline.aggregates.iter().any(|known| known.name == name));
    // Its id has the form that the path says.
    let hole_in = |path: &Path<'_>| {
        path.get(here.len())
            .filter(|piece| path.starts_with(here) && hole(piece))
            .map(|piece| inner(piece).to_owned())
    };
    let shape = paths.iter().zip(&service.operations).find_map(|(path, operation)| {
        let param = hole_in(path)?;
        operation
            .parameters
            .iter()
            .find(|one| one.place == ParameterPlace::Path && one.name == param)
            .map(|one| &one.shape)
    });
    let id_form = match shape {
        Some(Shape::Whole(..)) => "int",
        Some(Shape::Text { kind: service::Kind::Uuid, .. }) => "uuid",
        _ => "string",
    };
    Aggregate {
        variable: snake(&name, "thing"),
        collection: here.iter().map(|piece| (*piece).to_owned()).collect(),
        own_id: None,
        chosen: true,
        taken: Vec::new(),
        id_form,
        kept: Vec::new(),
        owners: Vec::new(),
        phase: "phase".to_owned(),
        commands: Vec::new(),
        queries: Vec::new(),
        name,
    }
}
