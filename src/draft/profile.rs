use std::fmt::Write as _;

use super::names::{literal, place, quoted, shown};
use super::outline::{Aggregate, Asked, Changed, Field, Kind, Outline, Page};
use super::refusals::Refusals;
use super::service::{self, Access, Shape};
use super::types::{Types, members, names};

/// The promise that is guessed where nobody says one.
const BOUND: &str = "5s";

pub(super) fn text(outline: &Outline, bounds: &dyn Fn(&str) -> Option<String>) -> String {
    let contract = &outline.contract;
    let mut out = format!(
        "# How the service speaks the contract `{contract}` over HTTP. A first draft: every line may be wrong.\n\n\
         schema = 1\ncontract = {}\nname = {}\n\n[base]\ndefault = {}\n",
        quoted(contract),
        quoted(&literal(&shown(if outline.title.is_empty() { contract } else { &outline.title }))),
        quoted(&outline.base),
    );
    if let Some(ready) = &outline.ready {
        let _ = writeln!(out, "ready = {}", quoted(&format!("GET {ready}")));
    }
    access(&mut out, outline);
    if let Some(media) = &outline.media {
        let _ = writeln!(out, "\n[headers]\nContent-Type = {}", quoted(&literal(media)));
    }
    if let Some((header, required)) = &outline.key {
        let more = if *required { "\nrequired = true" } else { "" };
        let _ = writeln!(out, "\n[key]\nheader = {}{more}", quoted(header));
    }
    version(&mut out, outline);
    for aggregate in &outline.aggregates {
        let _ = writeln!(out, "\n[id.{}]", aggregate.name);
        if aggregate.chosen {
            let _ = writeln!(out, "by = \"client\"\nas = \"{}\"", aggregate.id_form);
        } else {
            let take: Vec<String> = aggregate.taken.iter().map(|take| quoted(take)).collect();
            let _ = writeln!(
                out,
                "by = \"captured\"\nas = \"{}\"\ntake = [{}]",
                aggregate.id_form,
                take.join(", ")
            );
        }
    }
    answers(&mut out, outline);
    for aggregate in &outline.aggregates {
        for one in &aggregate.commands {
            command(&mut out, aggregate, one);
        }
    }
    types(&mut out, outline);
    for query in outline.aggregates.iter().flat_map(|aggregate| &aggregate.queries) {
        asked(&mut out, query, bounds);
    }
    generate(&mut out, outline);
    out
}

/// How values of their own kind look, for those that scenarios draw.
fn generate(out: &mut String, outline: &Outline) {
    let commands = || outline.aggregates.iter().flat_map(|one| &one.commands);
    let fields = || commands().flat_map(|command| &command.fields).filter(|field| field.refers.is_none());
    let mut names: Vec<&str> =
        fields().filter(|field| is_uuid(&field.shape)).map(|field| &*field.name).collect();
    names.sort_unstable();
    names.dedup();
    // A name that means something else elsewhere says nothing.
    names.retain(|name| {
        fields().all(|field| {
            (field.name != *name || is_uuid(&field.shape)) && !means_another_within(&field.shape, name)
        })
    });
    if !names.is_empty() {
        out.push_str("\n[generate]\n");
    }
    for name in names {
        let _ = writeln!(out, "{name} = {{ as = \"uuid\" }}");
    }
}

fn is_uuid(shape: &Shape) -> bool {
    matches!(shape, Shape::Text { kind: service::Kind::Uuid, .. })
}

/// Whether a field of that name, at any depth, is something else than a UUID.
fn means_another_within(shape: &Shape, name: &str) -> bool {
    match shape {
        Shape::List(element, _) => means_another_within(element, name),
        shape => names(&members(shape)).into_iter().any(|(here, member)| {
            here == name && !is_uuid(&member.shape) || means_another_within(&member.shape, name)
        }),
    }
}

fn access(out: &mut String, outline: &Outline) {
    let variable = |end: &str| format!("${{secret:{}_{end}}}", outline.contract.to_ascii_uppercase());
    let _ = match &outline.access {
        Access::Open => Ok(()),
        Access::Optional => {
            writeln!(out, "\n# The service need not be told who is asking. If it is to be: a section [auth].")
        }
        Access::Basic => writeln!(
            out,
            "\n[auth]\nkind = \"basic\"\nuser = \"{}\"\npassword = \"{}\"",
            variable("USER"),
            variable("PASSWORD")
        ),
        Access::Bearer => writeln!(out, "\n[auth]\nkind = \"bearer\"\ntoken = \"{}\"", variable("TOKEN")),
        Access::Header(name) => writeln!(
            out,
            "\n[auth]\nkind = \"header\"\nname = {}\nvalue = \"{}\"",
            quoted(name),
            variable("TOKEN")
        ),
        Access::Other(name) => {
            writeln!(
                out,
                "\n# The service wants to know who is asking, in a way that the document calls `{}`: a section [auth] says how.",
                shown(name)
            )
        }
    };
}

fn version(out: &mut String, outline: &Outline) {
    let Some(version) = &outline.version else { return };
    let (note, order) = if version.number {
        (
            "Versions are taken for numbers that count up. If they are marks without an order: `order = \"opaque\"`.",
            "number",
        )
    } else {
        (
            "Entity tags are versions. If they are numbers that count up, say `order = \"number\"` and how they are read.",
            "opaque",
        )
    };
    let write = match &version.field {
        Some(field) => format!("{{ field = {} }}", quoted(field)),
        None if version.number => "{ header = \"If-Match\", value = '\"${version}\"' }".to_owned(),
        None => "{ header = \"If-Match\", value = \"${version}\" }".to_owned(),
    };
    let read = quoted(&version.read);
    let _ = writeln!(out, "\n# {note}\n[version]\norder = \"{order}\"\nread = {read}\nwrite = {write}");
}

/// What a no means: by its code where the document lists codes, else by the command and the status.
fn answers(out: &mut String, outline: &Outline) {
    out.push_str("\n# What a no means: the first that matches.\n");
    let commands =
        || outline.aggregates.iter().flat_map(|one| one.commands.iter().map(move |command| (one, command)));
    for (aggregate, command) in commands() {
        let Some(place) = command.coded.as_ref().filter(|_| !command.codes.is_empty()) else { continue };
        let refusals = Refusals::of(aggregate, command);
        let named = refusals.named.iter().map(|(theirs, ours)| format!("{} = \"{ours}\"", key(theirs)));
        let named: Vec<String> = named.collect();
        let map =
            if named.is_empty() { String::new() } else { format!(", map = {{ {} }}", named.join(", ")) };
        let _ = writeln!(
            out,
            "[[answer]]\ncommand = \"{}\"\nstatus = [\"4xx\"]\nat = \"{place}\"\nis = \"rejected\"\ncode = {{ from = \"{place}\"{map} }}\n",
            command.name
        );
    }
    for (aggregate, command) in commands() {
        let status = if command.kind == Kind::Create { 409 } else { 404 };
        // Where the service makes ids up, nothing is created twice.
        let never = command.kind == Kind::Create && !aggregate.chosen;
        if let Some(code) = Refusals::of(aggregate, command).expected.filter(|_| !never) {
            let _ = writeln!(
                out,
                "[[answer]]\ncommand = \"{}\"\nstatus = {status}\nis = \"rejected\"\ncode = \"{code}\"\n",
                command.name
            );
        }
        if let Some(need) = &command.needs {
            let _ = writeln!(
                out,
                "[[answer]]\ncommand = \"{}\"\nstatus = 404\nis = \"rejected\"\ncode = \"{}\"\n",
                command.name, need.code
            );
        }
    }
    worded(out, outline);
    let mut places: Vec<&String> = commands().filter_map(|(_, command)| command.coded.as_ref()).collect();
    places.sort();
    places.dedup();
    for place in places {
        let _ = writeln!(
            out,
            "[[answer]]\nstatus = [\"4xx\"]\nat = \"{place}\"\nis = \"rejected\"\ncode = {{ from = \"{place}\" }}\n"
        );
    }
    let says = |status: u16| commands().any(|(_, command)| command.statuses.contains(&status));
    let malformed: &[u16] = if says(422) && !says(400) { &[422] } else { &[400] };
    let general = [
        (malformed, "Malformed", true),
        (&[401, 403], "Unauthorized", says(401) || says(403)),
        (&[412], "ConcurrencyConflict", says(412)),
        (&[428], "PreconditionRequired", says(428)),
    ];
    let general = general.iter().filter(|(_, _, said)| *said).map(|(statuses, code, _)| {
        format!("[[answer]]\nstatus = {statuses:?}\nis = \"rejected\"\ncode = \"{code}\"\n")
    });
    out.push_str(&general.collect::<Vec<_>>().join("\n"));
}

/// What a no means by its words, where it has no code.
fn worded(out: &mut String, outline: &Outline) {
    let commands =
        outline.aggregates.iter().flat_map(|one| one.commands.iter().map(move |command| (one, command)));
    let mut places: Vec<&String> = Vec::new();
    for (aggregate, command) in
        commands.filter(|(_, command)| command.coded.is_none() && command.off.is_none())
    {
        let Some(place) = &command.worded else { continue };
        if !places.contains(&place) {
            places.push(place);
        }
        let create = command.kind == Kind::Create;
        let words =
            if create { "already|exist|duplicate|taken" } else { "not found|not exist|no such|unknown" };
        let known = Refusals::of(aggregate, command).expected.filter(|_| !create || aggregate.chosen);
        if let Some(code) = known {
            let _ = writeln!(
                out,
                "[[answer]]\ncommand = \"{}\"\nstatus = [400, 409, 422]\nat = {place}\nlike = \"/(?i){words}/\"\nis = \"rejected\"\n\
                 code = \"{code}\"\n",
                command.name,
                place = quoted(place)
            );
        }
    }
    for place in places {
        let place = quoted(place);
        let _ = writeln!(
            out,
            "# A no has its words at {place}. A rule of your own, `reject SomeName when …`, is told by them:\n\
             # [[answer]]\n# status = [409, 422]\n# at = {place}\n# is = \"rejected\"\n\
             # code = {{ from = {place}, map = {{ \"/some of the words/\" = \"SomeName\" }} }}\n"
        );
    }
}

fn command(out: &mut String, aggregate: &Aggregate, one: &Changed) {
    let _ = writeln!(out, "\n[command.{}]", one.name);
    let mut lines = format!("request = {}\n", quoted(&one.request));
    if let Some(body) = body(aggregate, one) {
        let _ = writeln!(lines, "body = {body}");
    }
    match &one.off {
        None => out.push_str(&lines),
        Some(why) => {
            let _ = writeln!(out, "none = true\n# {why} To have it sent: these lines instead of `none`.");
            for line in lines.lines() {
                let _ = writeln!(out, "# {line}");
            }
        }
    }
}

/// The body that a command sends, as TOML.
fn body(aggregate: &Aggregate, one: &Changed) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(id) = aggregate.own_id.as_deref().filter(|_| one.kind == Kind::Create) {
        parts.push(format!("{} = \"${{on}}\"", key(id)));
    }
    for (wire, word) in &one.body.constants {
        let value = word.as_ref().map_or_else(|| "{}".to_owned(), |word| quoted(&literal(word)));
        parts.push(format!("{} = {value}", key(wire)));
    }
    let mut whole = None;
    for field in one.fields.iter().filter(|field| field.place.is_none()) {
        let filter = if matches!(field.shape, Shape::Decimal { text: true, .. }) { " | string" } else { "" };
        // What need not be there is left out rather than sent as null.
        let mark = if field.needed { "" } else { "?" };
        let value = format!("\"${{.{}{mark}{filter}}}\"", field.name);
        if one.body.whole {
            whole = Some(value);
        } else {
            parts.push(format!("{} = {value}", key(&field.wire)));
        }
    }
    let record = || format!("{{ {} }}", parts.join(", ")).replace("{  }", "{}");
    let inner = whole.or_else(|| (one.body.there || !parts.is_empty()).then(record))?;
    let around = one.body.around.iter().rev();
    Some(around.fold(inner, |inner, name| format!("{{ {} = {inner} }}", key(name))))
}

fn key(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if plain { name.to_owned() } else { quoted(name) }
}

/// What fields of declared types are called on the wire, where that is different.
fn types(out: &mut String, outline: &Outline) {
    let types = Types::of(outline);
    for (name, members) in types.records() {
        let mut lines = String::new();
        for (here, member) in names(&members) {
            let text = matches!(member.shape, Shape::Decimal { text: true, .. });
            let _ = match (here != member.name, text) {
                (true, true) => {
                    writeln!(lines, "{here} = {{ field = {}, as = \"string\" }}", quoted(&member.name))
                }
                (true, false) => writeln!(lines, "{here} = {}", quoted(&member.name)),
                (false, true) => writeln!(lines, "{here} = {{ as = \"string\" }}"),
                (false, false) => Ok(()),
            };
        }
        if !lines.is_empty() {
            let _ = write!(out, "\n[type.{name}]\n{lines}");
        }
    }
}

fn asked(out: &mut String, query: &Asked, bounds: &dyn Fn(&str) -> Option<String>) {
    let _ = writeln!(out, "\n[query.{}]\nrequest = {}", query.name, quoted(&query.request));
    if let Some(rows) = &query.rows {
        let _ = writeln!(out, "rows = {}", quoted(rows));
    }
    if !query.view {
        out.push_str("absent = [404]\n");
    }
    let mut places = Vec::new();
    if let Some(id) = &query.id {
        places.push(format!("id = {}", quoted(&place(id))));
    }
    for field in &query.shown {
        if let Some(place) = differs(field) {
            places.push(format!("{} = {}", field.name, quoted(&place)));
        }
    }
    if !places.is_empty() {
        let _ = writeln!(out, "fields = {{ {} }}", places.join(", "));
    }
    if let Some(page) = &query.page {
        let _ = writeln!(out, "page = {}", paged(page));
    }
    if let Some(total) = &query.total {
        let _ = writeln!(out, "total = {}", quoted(total));
    }
    let _ = match bounds(&query.name) {
        Some(bound) => writeln!(out, "bound = {}", quoted(&bound)),
        None => {
            writeln!(out, "bound = \"{BOUND}\" # guessed: how long may an accepted change take to show here?")
        }
    };
}

fn paged(page: &Page) -> String {
    match page {
        Page::Number { number, size, first, most } => format!(
            "{{ style = \"page\", number = {}, size = {}, first = {first}, max = {most} }}",
            quoted(number),
            quoted(size)
        ),
        Page::Offset { offset, size, most } => {
            format!(
                "{{ style = \"offset\", offset = {}, size = {}, max = {most} }}",
                quoted(offset),
                quoted(size)
            )
        }
        Page::Cursor { cursor, next, size } => format!(
            "{{ style = \"cursor\", cursor = {}, next = {}{} }}",
            quoted(cursor),
            quoted(next),
            sized(size.as_ref())
        ),
        Page::Url { next: Some(next), size } => {
            format!("{{ style = \"next\", next = {}{} }}", quoted(next), sized(size.as_ref()))
        }
        Page::Url { next: None, size } => format!("{{ style = \"link\"{} }}", sized(size.as_ref())),
    }
}

fn sized(size: Option<&(String, i64)>) -> String {
    size.map(|(size, most)| format!(", size = {}, max = {most}", quoted(size))).unwrap_or_default()
}

/// The place of a field, where it isn't simply what it is called.
fn differs(field: &Field) -> Option<String> {
    match field.shape {
        Shape::Decimal { text: true, .. } => Some(format!("{} | decimal", place(&field.wire))),
        _ if field.name != field.wire => Some(place(&field.wire)),
        _ => None,
    }
}
