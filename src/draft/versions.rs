use super::names::place;
use super::outline::{Kind, Outline, Version};
use super::service::{ParameterPlace, Service, Shape};

/// What a version is called where an answer has it.
const TOLD: [&str; 4] = ["version", "revision", "rev", "lock_version"];

/// What it is called where a body expects it, and nowhere means something else.
const EXPECTED: [&str; 6] = [
    "expectedVersion",
    "expected_version",
    "baseVersion",
    "base_version",
    "expectedRevision",
    "expected_revision",
];

/// How versions are told and expected, where the document tells both.
pub(super) fn version(service: &Service, outline: &mut Outline) {
    let matched = service.operations.iter().any(|operation| {
        let mut headers = operation.parameters.iter().filter(|one| one.place == ParameterPlace::Header);
        let by_header = headers.any(|one| one.name.eq_ignore_ascii_case("if-match"));
        operation.method != "GET" && (by_header || operation.statuses.contains(&412))
    });
    let tagged = service.operations.iter().any(|one| {
        one.method == "GET" && one.path.ends_with('}') && one.tells.iter().any(|name| name == "etag")
    });
    if matched && tagged {
        outline.version = Some(Version { read: "header ETag".to_owned(), number: false, field: None });
        return;
    }
    let Some(read) = told(outline) else { return };
    let field = expected(outline);
    if field.is_none() && !matched {
        return;
    }
    if let Some(field) = &field {
        // It is written where the profile says, not where the contract does.
        for command in outline.aggregates.iter_mut().flat_map(|one| &mut one.commands) {
            command.fields.retain(|one| one.place.is_some() || one.wire != *field);
        }
        for aggregate in &mut outline.aggregates {
            aggregate.kept.retain(|one| one.wire != *field);
        }
    }
    outline.version = Some(Version { read, number: true, field });
}

/// Where the answers of all queries that are asked by an id tell a whole number as the version.
fn told(outline: &Outline) -> Option<String> {
    let queries = outline.aggregates.iter().flat_map(|one| &one.queries).filter(|query| !query.view);
    let mut places = queries.map(|query| {
        let fits = |name: &&&str| {
            query.shown.iter().any(|one| one.wire == ***name && matches!(one.shape, Shape::Whole(..)))
        };
        let name = TOLD.iter().find(fits)?;
        Some(format!("{}{}", query.rows.as_deref().unwrap_or("$"), &place(name)[1..]))
    });
    let first = places.next()??;
    places.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// The field in which all changes with a body expect a version.
fn expected(outline: &Outline) -> Option<String> {
    let changes = outline.aggregates.iter().flat_map(|one| &one.commands);
    let mut changes =
        changes.filter(|one| one.kind != Kind::Create && one.off.is_none() && one.body.there).peekable();
    changes.peek()?;
    let all: Vec<_> = changes.collect();
    let has = |name: &str| {
        all.iter().all(|command| {
            let mut fields = command.fields.iter().filter(|one| one.place.is_none());
            command.body.around.is_empty()
                && !command.body.whole
                && fields.any(|one| one.wire == name && matches!(one.shape, Shape::Whole(..)))
        })
    };
    EXPECTED.iter().chain(&TOLD).find(|name| has(name)).map(|name| (*name).to_owned())
}
