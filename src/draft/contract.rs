use std::fmt::Write as _;

use super::aggregate::same;
use super::names::{lasts, shown};
use super::outline::{Aggregate, Asked, Changed, Field, Kind, Outline};
use super::refusals::{Refusals, undecided};
use super::types::{Types, laws};

/// What a query shows that no command sends.
pub(super) fn own<'a>(aggregate: &'a Aggregate, query: &'a Asked) -> impl Iterator<Item = &'a Field> {
    query.shown.iter().filter(|one| !aggregate.kept.iter().any(|kept| same(kept, one)))
}

pub(super) fn text(outline: &Outline) -> String {
    let mut types = Types::of(outline);
    let mut out = format!(
        "# A first draft of the rules of {}, made from its description. It is partial, and guessed in part:\n\
         # what stands here is held against the service, what is missing is not. Correct what is wrong, and go on.\n\n\
         contract {}\n\n",
        shown(if outline.title.is_empty() { "the service" } else { &outline.title }),
        outline.contract
    );
    out.push_str(&types.text());
    for aggregate in &outline.aggregates {
        members(&mut out, aggregate, &mut types);
    }
    let views = outline.aggregates.iter();
    for (aggregate, query) in views.flat_map(|one| one.queries.iter().map(move |query| (one, query))) {
        if query.view {
            view(&mut out, aggregate, query, &mut types);
        }
    }
    if !outline.left.is_empty() {
        out.push_str("# Not drafted, and why:\n");
        for left in &outline.left {
            let _ = writeln!(out, "#   {}", shown(left));
        }
    }
    out.trim_end().to_owned() + "\n"
}

/// What of a command or query is not as the document has it.
fn notes(out: &mut String, notes: &[String]) {
    for note in notes {
        let _ = writeln!(out, "  # {note}.");
    }
}

fn members(out: &mut String, aggregate: &Aggregate, types: &mut Types) {
    let (name, phase) = (&aggregate.name, &aggregate.phase);
    let _ = writeln!(out, "aggregate {name}\n  state {phase}: absent | live");
    for kept in aggregate.owners.iter().chain(&aggregate.kept) {
        let _ = writeln!(out, "  state {}: {}?", kept.name, types.bare(kept, name));
    }
    for one in &aggregate.commands {
        command(out, aggregate, one, types);
    }
    for query in aggregate.queries.iter().filter(|query| !query.view) {
        out.push('\n');
        notes(out, &query.notes);
        let _ = writeln!(out, "  query {}{}", query.name, fields(&query.filters, types, name));
        let _ = writeln!(out, "    absent when {}", missing(aggregate, &query.filters));
        shows(out, aggregate, query, types);
    }
    out.push('\n');
}

/// When there is no such one: not at all, or not with these owners.
fn missing(aggregate: &Aggregate, given: &[Field]) -> String {
    let mut text = format!("self.{} == absent", aggregate.phase);
    for owner in aggregate.owners.iter().filter(|owner| given.iter().any(|one| one.name == owner.name)) {
        let _ = write!(text, " or self.{0} != {0}", owner.name);
    }
    text
}

fn fields(fields: &[Field], types: &mut Types, owner: &str) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let each: Vec<String> = fields.iter().map(|one| types.declared(one, owner)).collect();
    format!(" {{ {} }}", each.join(", "))
}

fn command(out: &mut String, aggregate: &Aggregate, one: &Changed, types: &mut Types) {
    out.push('\n');
    notes(out, &one.notes);
    if let Some(why) = &one.off {
        let _ = writeln!(out, "  # Switched off in the profile: {why}");
    }
    let _ = writeln!(out, "  command {}{}", one.name, fields(&one.fields, types, &aggregate.name));
    let refusals = Refusals::of(aggregate, one);
    for field in &one.fields {
        let null = if field.required() { String::new() } else { format!("{} != null and ", field.name) };
        for law in laws(&field.name, &field.shape) {
            let _ = writeln!(out, "    reject Malformed when {null}{law}");
        }
    }
    if let Some(code) = &refusals.expected {
        let when = match one.kind {
            Kind::Create => format!("self.{} != absent", aggregate.phase),
            _ => missing(aggregate, &one.fields),
        };
        let _ = writeln!(out, "    reject {code} when {when}");
    }
    if let Some(need) = &one.needs {
        let each: Vec<String> =
            need.fields.iter().map(|field| format!("{field}.{} == absent", need.phase)).collect();
        let _ = writeln!(out, "    reject {} when {}", need.code, each.join(" or "));
    }
    for (theirs, ours) in &refusals.open {
        let _ = writeln!(
            out,
            "    # reject {ours} when …   (the service's code {}: when does it say that?)",
            shown(theirs)
        );
    }
    for status in
        one.statuses.iter().filter(|status| refusals.open.is_empty() && undecided(aggregate, one, **status))
    {
        let _ = writeln!(
            out,
            "    # {status} is a possible answer: which rule is behind it? `reject SomeName when …`"
        );
    }
    if one.statuses.contains(&202) {
        out.push_str("    # 202: done later. A query may take a while to show it.\n");
    }
    effect(out, aggregate, one);
}

/// What a command changes, as far as its method and its fields tell.
fn effect(out: &mut String, aggregate: &Aggregate, one: &Changed) {
    let given: Vec<(&Field, &Field)> = aggregate
        .kept
        .iter()
        .filter_map(|kept| Some((kept, one.fields.iter().find(|given| same(kept, given))?)))
        .collect();
    let whole = given.iter().all(|(_, given)| given.needed || given.default.is_some());
    let any_needed = given.iter().any(|(_, given)| given.needed);
    match one.kind {
        Kind::Create => {
            let _ = writeln!(out, "    set {} = live", aggregate.phase);
            for kept in aggregate.owners.iter().chain(&aggregate.kept) {
                let _ = writeln!(out, "    set {0} = {0}", kept.name);
            }
        }
        Kind::Delete => {
            let _ = writeln!(out, "    set {} = absent", aggregate.phase);
        }
        Kind::Replace if whole && !given.is_empty() || any_needed && one.kind == Kind::Replace => {
            if !whole {
                out.push_str("    # Replaced as a whole: what is left out is empty afterwards. Is that so?\n");
            }
            for (kept, _) in given {
                let _ = writeln!(out, "    set {0} = {0}", kept.name);
            }
        }
        Kind::Change if !given.is_empty() => {
            for (kept, given) in given {
                let name = &kept.name;
                // What has to be there is never kept as it was.
                let _ = if given.required() {
                    writeln!(out, "    set {name} = {name}")
                } else {
                    writeln!(out, "    set {name} = if {name} == null then self.{name} else {name}")
                };
            }
        }
        Kind::Replace if !given.is_empty() => out.push_str(
            "    # Does it clear what is left out (`set x = x`), or leave that as it was (`set x = if x == null then self.x else x`)?\n    \
             # Nothing is concluded until that is said.\n",
        ),
        _ => out.push_str(
            "    # What does it change? `set …`, or `no effect`. Nothing is concluded until that is said.\n",
        ),
    }
}

fn shows(out: &mut String, aggregate: &Aggregate, query: &Asked, types: &mut Types) {
    let mut parts = Vec::new();
    if query.id.is_some() {
        parts.push("id: self.id".to_owned());
    }
    for one in &query.shown {
        if aggregate.kept.iter().any(|kept| same(kept, one)) {
            parts.push(format!("{0}: self.{0}", one.name));
        } else {
            let optional = if one.required() { "" } else { "?" };
            let chosen = lasts(&one.name);
            parts.push(format!("{chosen} {}: {}{optional}", one.name, types.bare(one, &aggregate.name)));
        }
    }
    if parts.is_empty() {
        out.push_str("    # What does it show? `shows { … }`. Until then it may answer anything.\n");
    } else {
        let _ = writeln!(out, "    shows {{\n      {}\n    }}", parts.join(",\n      "));
    }
}

fn view(out: &mut String, aggregate: &Aggregate, query: &Asked, types: &mut Types) {
    for note in &query.notes {
        let _ = writeln!(out, "# {note}.");
    }
    let _ = writeln!(out, "view {}{}", query.name, fields(&query.filters, types, &aggregate.name));
    let mut wheres = vec![format!("self.{} != absent", aggregate.phase)];
    let mut open = Vec::new();
    let kept = |filter: &Field| {
        let owned =
            aggregate.owners.iter().any(|owner| owner.name == filter.name && owner.refers == filter.refers);
        owned || aggregate.kept.iter().any(|kept| same(kept, filter))
    };
    for filter in &query.filters {
        let name = &filter.name;
        match kept(filter) {
            true if filter.needed => wheres.push(format!("self.{name} == {name}")),
            true => wheres.push(format!("({name} == null or self.{name} == {name})")),
            false => open.push(&**name),
        }
    }
    let _ = writeln!(out, "  of {} where {}", aggregate.name, wheres.join(" and "));
    if !open.is_empty() {
        let _ = writeln!(out, "  # Which rows does {} let through? Say it in `where`.", open.join(", "));
    }
    shows(out, aggregate, query, types);
    out.push_str("  unordered\n");
    if query.total.is_some() {
        out.push_str("  total\n");
    }
    out.push('\n');
}
