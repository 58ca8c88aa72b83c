use std::fmt::Write as _;

use super::names::{field, shown, title, unused};
use super::outline::{Aggregate, Asked, Changed, Field, Kind, Outline, same};
use super::service::{Member, Shape};

/// The types that a contract declares for records and choices.
#[derive(Default)]
pub(super) struct Types {
    /// Name, shape.
    declared: Vec<(String, Shape)>,
}

impl Types {
    /// All types of an outline, in a fixed order: contract and profile make the same ones.
    pub(super) fn of(outline: &Outline) -> Self {
        let mut types = Self::default();
        for aggregate in &outline.aggregates {
            for command in &aggregate.commands {
                command.fields.iter().for_each(|one| drop(types.name(one, &aggregate.name)));
            }
            for query in &aggregate.queries {
                for one in query.filters.iter().chain(own(aggregate, query)) {
                    types.name(one, &aggregate.name);
                }
            }
        }
        types
    }

    pub(super) fn records(&self) -> impl Iterator<Item = (&str, &[Member])> {
        let records = self.declared.iter().filter(|(_, shape)| matches!(shape, Shape::Record(_)));
        records.map(|(name, shape)| (&**name, shape.members()))
    }

    fn name(&mut self, one: &Field, owner: &str) -> String {
        self.ty(&one.shape, &one.name, owner)
    }

    /// The type of a shape, with its law.
    fn ty(&mut self, shape: &Shape, hint: &str, owner: &str) -> String {
        match shape {
            Shape::Text { most: Some(most), .. } => format!("string ..{most}"),
            Shape::Text { .. } | Shape::Any => "string".to_owned(),
            Shape::Whole(None, None) => "int".to_owned(),
            Shape::Whole(least, most) => {
                let end = |end: &Option<i64>| end.map(|end| end.to_string()).unwrap_or_default();
                format!("int {}..{}", end(least), end(most))
            }
            Shape::Decimal { least: Some(least), .. } => format!("decimal {least}.."),
            Shape::Decimal { .. } => "decimal".to_owned(),
            Shape::Truth => "bool".to_owned(),
            Shape::Choice(words) if !choosable(words) => "string".to_owned(),
            Shape::List(element, _) => {
                format!("[{}]", self.ty(element, &super::names::singular(hint), owner))
            }
            Shape::Record(members) if members.is_empty() => "string".to_owned(),
            Shape::Choice(_) | Shape::Record(_) => {
                for member in shape.members() {
                    self.ty(&member.shape, &field(&member.name), &title(hint, owner));
                }
                self.declare(shape, hint, owner)
            }
        }
    }

    fn declare(&mut self, shape: &Shape, hint: &str, owner: &str) -> String {
        if let Some((name, _)) = self.declared.iter().find(|(_, known)| known == shape) {
            return name.clone();
        }
        let name = format!("{owner}{}", title(hint, "Part"));
        let name = unused(name, &|name| self.declared.iter().any(|(known, _)| known == name));
        self.declared.push((name.clone(), shape.clone()));
        name
    }

    fn text(&mut self) -> String {
        let mut out = String::new();
        for (name, shape) in self.declared.clone() {
            if let Shape::Choice(words) = &shape {
                let _ = writeln!(out, "type {name} = {}", words.join(" | "));
                continue;
            }
            let fields = names(shape.members()).into_iter().map(|(here, member)| {
                let ty = self.ty(&member.shape, &field(&member.name), &title(&name, "Part"));
                let ty = self.known(&member.shape).unwrap_or(ty);
                if member.required { format!("{here}: {ty}") } else { format!("{here}: {ty}?") }
            });
            let fields: Vec<String> = fields.collect();
            let _ = writeln!(out, "type {name} {{ {} }}", fields.join(", "));
        }
        if out.is_empty() { out } else { out + "\n" }
    }

    fn known(&self, shape: &Shape) -> Option<String> {
        self.declared.iter().find(|(_, known)| known == shape).map(|(name, _)| name.clone())
    }
}

/// The names of a record's fields, each once.
pub(super) fn names(members: &[Member]) -> Vec<(String, &Member)> {
    let mut names: Vec<(String, &Member)> = Vec::new();
    for member in members {
        let name = unused(field(&member.name), &|name| names.iter().any(|(known, _)| known == name));
        names.push((name, member));
    }
    names
}

/// What a query shows that no command sends.
fn own<'a>(aggregate: &'a Aggregate, query: &'a Asked) -> impl Iterator<Item = &'a Field> {
    query.shown.iter().filter(|one| !aggregate.kept.iter().any(|kept| same(kept, one)))
}

/// Whether the words can be members of an enum.
fn choosable(words: &[String]) -> bool {
    let plain = |word: &String| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.len() <= 40
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && field(word) == *word
            && !["id", "string", "int", "decimal", "bool", "instant", "bag"].contains(&&**word)
    };
    let twice = (1..words.len()).any(|at| words[..at].contains(&words[at]));
    words.len() >= 2 && words.iter().all(plain) && !twice
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
        out.push_str("# Not covered: nothing here says what these are about.\n");
        for left in outline.left.iter().take(50) {
            let _ = writeln!(out, "#   {}", shown(left));
        }
    }
    out.trim_end().to_owned() + "\n"
}

fn members(out: &mut String, aggregate: &Aggregate, types: &mut Types) {
    let (name, phase) = (&aggregate.name, &aggregate.phase);
    let _ = writeln!(out, "aggregate {name}\n  state {phase}: absent | live");
    for kept in &aggregate.kept {
        let ty = types.name(kept, name);
        // What a state holds has come through a command: its law is there.
        let bare = ty.split(' ').next().unwrap_or("string");
        let _ = writeln!(out, "  state {}: {bare}?", kept.name);
    }
    for one in &aggregate.commands {
        command(out, aggregate, one, types);
    }
    for query in aggregate.queries.iter().filter(|query| !query.view) {
        let _ = writeln!(out, "\n  query {}{}", query.name, fields(&query.filters, types, name));
        let _ = writeln!(out, "    absent when self.{phase} == absent");
        shows(out, aggregate, query, types);
    }
    out.push('\n');
}

fn fields(fields: &[Field], types: &mut Types, owner: &str) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let each = fields.iter().map(|one| {
        let ty = types.name(one, owner);
        if one.required { format!("{}: {ty}", one.name) } else { format!("{}: {ty}? = null", one.name) }
    });
    format!(" {{ {} }}", each.collect::<Vec<_>>().join(", "))
}

fn command(out: &mut String, aggregate: &Aggregate, one: &Changed, types: &mut Types) {
    let (name, phase) = (&aggregate.name, &aggregate.phase);
    let _ = writeln!(out, "\n  command {}{}", one.name, fields(&one.fields, types, name));
    if let Some(code) = refusal(aggregate, one) {
        let when = if one.kind == Kind::Create { "!=" } else { "==" };
        let _ = writeln!(out, "    reject {code} when self.{phase} {when} absent");
    }
    for status in one.statuses.iter().filter(|status| undecided(aggregate, one, **status)) {
        let _ = writeln!(
            out,
            "    # {status} is a possible answer: which rule is behind it? `reject SomeName when …`"
        );
    }
    if one.statuses.contains(&202) {
        out.push_str("    # 202: done later. A query may take a while to show it.\n");
    }
    let given = |kept: &&Field| one.fields.iter().any(|given| same(kept, given));
    match one.kind {
        Kind::Create => {
            let _ = writeln!(out, "    set {phase} = live");
            for kept in &aggregate.kept {
                let _ = writeln!(out, "    set {0} = {0}", kept.name);
            }
        }
        Kind::Replace | Kind::Change if aggregate.kept.iter().any(|kept| given(&kept)) => {
            for kept in aggregate.kept.iter().filter(given) {
                let name = &kept.name;
                let _ = match one.kind {
                    Kind::Replace => writeln!(out, "    set {name} = {name}"),
                    _ => writeln!(out, "    set {name} = if {name} == null then self.{name} else {name}"),
                };
            }
        }
        Kind::Delete => {
            let _ = writeln!(out, "    set {phase} = absent");
        }
        _ => out.push_str(
            "    # What does it change? `set …`, or `no effect`. Nothing is concluded until that is said.\n",
        ),
    }
}

/// The rejection that is proposed for a command.
pub(super) fn refusal(aggregate: &Aggregate, one: &Changed) -> Option<String> {
    match one.kind {
        Kind::Create if aggregate.own_id.is_some() => Some(format!("{}AlreadyExists", aggregate.name)),
        Kind::Create => None,
        _ => Some(format!("{}NotFound", aggregate.name)),
    }
}

/// Whether a status says no for a reason that isn't known.
pub(super) fn undecided(aggregate: &Aggregate, one: &Changed, status: u16) -> bool {
    match status {
        409 => one.kind != Kind::Create || aggregate.own_id.is_none(),
        404 => one.kind == Kind::Create,
        422 => one.statuses.contains(&400),
        _ => false,
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
            let optional = if one.required { "" } else { "?" };
            let ty = types.name(one, &aggregate.name);
            // The service's own values are not held to the document's bounds here.
            let bare = ty.split(' ').next().unwrap_or("string");
            parts.push(format!("chosen {}: {bare}{optional}", one.name));
        }
    }
    if parts.is_empty() {
        out.push_str("    # What does it show? `shows { … }`. Until then it may answer anything.\n");
    } else {
        let _ = writeln!(out, "    shows {{\n      {}\n    }}", parts.join(",\n      "));
    }
}

fn view(out: &mut String, aggregate: &Aggregate, query: &Asked, types: &mut Types) {
    let _ = writeln!(out, "view {}{}", query.name, fields(&query.filters, types, &aggregate.name));
    let mut wheres = vec![format!("self.{} != absent", aggregate.phase)];
    let mut open = Vec::new();
    for filter in &query.filters {
        let name = &filter.name;
        match aggregate.kept.iter().any(|kept| same(kept, filter)) {
            true if filter.required => wheres.push(format!("self.{name} == {name}")),
            true => wheres.push(format!("({name} == null or self.{name} == {name})")),
            false => open.push(&**name),
        }
    }
    let _ = writeln!(out, "  of {} where {}", aggregate.name, wheres.join(" and "));
    if !open.is_empty() {
        let _ = writeln!(out, "  # Which rows does {} let through? Say it in `where`.", open.join(", "));
    }
    shows(out, aggregate, query, types);
    out.push_str("  unordered\n\n");
}
