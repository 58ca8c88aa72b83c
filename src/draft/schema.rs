use super::documents::{Documents, Node};
use super::scalar::{among, count, decimal, default, demand, listed, text, whole};
use super::service::{Member, Note, Shape};
use crate::value::{Number, Value};

/// Deeper shapes are left out.
const DEEPEST: usize = 8;

/// More fields of one record, and more forms of one value, are left out.
const MOST: usize = 200;

/// More is not said of one operation.
const MOST_NOTES: usize = 40;

/// How many schemas one body, and one answer, may have looked at; each word of a list is one, too.
const BUDGET: usize = 4_000;

/// How many a whole document may, so that what is kept of it stays small.
const ALL: usize = 200_000;

/// Which way a value goes: some fields are only sent, others only shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Sent,
    Shown,
}

/// Finds out what schemas describe, as long as the budget lasts.
pub(super) struct Reader<'a> {
    pub(super) documents: &'a Documents,
    way: Way,
    budget: usize,
    all: usize,
    /// The schemas that are open: one that is in itself has no end.
    open: Vec<&'a Value>,
    /// The place of what is looked at.
    trail: Vec<String>,
    notes: Vec<Note>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(documents: &'a Documents) -> Self {
        Self {
            documents,
            way: Way::Sent,
            budget: 0,
            all: ALL,
            open: Vec::new(),
            trail: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// What a `$ref` leads to, or the value itself; nothing, and a note, where it leads nowhere.
    pub(super) fn follow(&mut self, node: Node<'a>) -> Option<Node<'a>> {
        match self.documents.follow(node) {
            Ok(node) => Some(node),
            Err(to) => {
                self.note(&format!("is left out: its reference {to} leads nowhere"));
                None
            }
        }
    }

    /// The shape of a parameter.
    pub(super) fn parameter(&mut self, name: &str, schema: Node<'a>) -> Shape {
        self.trail.push(name.to_owned());
        let shape = self.begin(schema, Way::Sent);
        self.trail.pop();
        shape
    }

    /// The shape of one body or answer.
    pub(super) fn begin(&mut self, schema: Node<'a>, way: Way) -> Shape {
        self.way = way;
        self.budget = BUDGET.min(self.all);
        self.all -= self.budget;
        let shape = self.shape(schema, 0).0;
        self.all += self.budget;
        shape
    }

    /// What has been noted since this was asked last.
    pub(super) fn noted(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    fn note(&mut self, what: &str) {
        let note = Note { at: self.trail.join("."), what: what.to_owned() };
        if self.notes.len() < MOST_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What only concerns those who send it.
    fn note_sent(&mut self, what: &str) {
        if self.way == Way::Sent {
            self.note(what);
        }
    }

    /// What a schema describes, and whether `null` is allowed beside it.
    fn shape(&mut self, schema: Node<'a>, depth: usize) -> (Shape, bool) {
        let Some(schema) = self.follow(schema) else { return (Shape::Lost, false) };
        if schema.value.as_record().is_none() {
            return (Shape::Any, false);
        }
        let within = self.open.iter().any(|open| std::ptr::eq(*open, schema.value));
        let why = match () {
            () if within => "is left out: it holds itself",
            () if depth > DEEPEST => "is left out: it stands too deep in other values",
            () if self.budget == 0 => "is left out: there is too much of it",
            () => "",
        };
        if !why.is_empty() {
            self.note_sent(why);
            return (Shape::Lost, false);
        }
        self.budget -= 1;
        self.open.push(schema.value);
        let found = self.described(schema, depth);
        self.open.pop();
        found
    }

    fn described(&mut self, schema: Node<'a>, depth: usize) -> (Shape, bool) {
        let mut null = schema.value.get("nullable").and_then(Value::as_bool).unwrap_or(false);
        for name in ["oneOf", "anyOf"] {
            if schema.list(name).next().is_some() {
                let (shape, also) = self.one_of(schema, name, depth);
                return (shape, null || also);
            }
        }
        if schema.list("allOf").next().is_some() {
            return (self.all_of(schema, depth), null);
        }
        let kind = match schema.value.get("type") {
            Some(Value::List(kinds)) => {
                null |= kinds.iter().any(|kind| kind.as_text() == Some("null"));
                kinds.iter().filter_map(Value::as_text).find(|kind| *kind != "null")
            }
            kind => kind.and_then(Value::as_text),
        };
        null |= schema.list("enum").any(|value| *value.value == Value::Null);
        if let Some(listed) = listed(schema).filter(|_| kind != Some("array") && kind != Some("object")) {
            if let Shape::Choice(words) = &listed {
                self.budget = self.budget.saturating_sub(words.len());
            }
            return (listed, null);
        }
        let has = |name: &str| schema.value.get(name).is_some();
        let kind = match kind {
            None if has("properties") || has("additionalProperties") => "object",
            None if has("items") => "array",
            kind => kind.unwrap_or_default(),
        };
        (self.of_kind(schema, kind, depth), null)
    }

    fn of_kind(&mut self, schema: Node<'a>, kind: &str, depth: usize) -> Shape {
        match kind {
            "string" => {
                if let Some(demand) = demand(schema) {
                    self.note_sent(&format!(
                        "{demand}: values that are made up don't, unless [generate] says how"
                    ));
                }
                text(schema)
            }
            "integer" | "number" => {
                let step = schema.value.get("multipleOf").filter(|step| **step != Value::from(1));
                if let Some(step) = step.filter(|step| step.as_number().is_some_and(Number::is_whole)) {
                    self.note_sent(&format!("is a multiple of {step}, which no type says"));
                }
                if kind == "integer" { whole(schema) } else { decimal(schema, false) }
            }
            "boolean" => Shape::Truth,
            "array" => {
                let fewest = count(schema, "minItems").unwrap_or(0);
                match schema.get("items").map(|items| self.within("[]", items, depth)) {
                    Some(Shape::Lost) => Shape::Lost,
                    items => Shape::List(Box::new(items.unwrap_or_default()), fewest),
                }
            }
            "object" => self.object(schema, depth),
            _ => Shape::Any,
        }
    }

    /// The shape of a value that stands in another one.
    fn within(&mut self, name: &str, schema: Node<'a>, depth: usize) -> Shape {
        self.trail.push(name.to_owned());
        let (shape, _) = self.shape(schema, depth + 1);
        self.trail.pop();
        shape
    }

    /// A record, or a map where no names are said.
    fn object(&mut self, schema: Node<'a>, depth: usize) -> Shape {
        let members = self.members(schema, depth);
        if !members.is_empty() || schema.fields().any(|(name, _)| name == "properties") && self.hides(schema)
        {
            return Shape::Record(members);
        }
        let more = schema.get("additionalProperties");
        if more.is_some_and(|more| *more.value == Value::Bool(false)) {
            return Shape::Record(Vec::new());
        }
        let patterns = schema.get("patternProperties").and_then(|patterns| patterns.fields().next());
        let value = more.or(patterns.map(|(_, value)| value));
        // What a map holds may be unknown; that it is a map is not.
        let value = value.map(|value| self.within("*", value, depth)).filter(|value| *value != Shape::Lost);
        Shape::Map(Box::new(value.unwrap_or_default()))
    }

    /// Whether a record has fields that don't go this way.
    fn hides(&self, schema: Node<'a>) -> bool {
        let properties = schema.get("properties");
        properties.is_some_and(|properties| properties.fields().any(|(_, property)| self.is_hidden(property)))
    }

    fn is_hidden(&self, property: Node<'a>) -> bool {
        let mark = if self.way == Way::Sent { "readOnly" } else { "writeOnly" };
        let marked = |node: Node<'_>| node.value.get(mark).and_then(Value::as_bool) == Some(true);
        marked(property) || self.documents.follow(property).is_ok_and(marked)
    }

    /// One of several forms.
    fn one_of(&mut self, schema: Node<'a>, name: &'static str, depth: usize) -> (Shape, bool) {
        let mut null = false;
        let mut found: Vec<(Shape, Node<'a>)> = Vec::new();
        for variant in schema.list(name).take(MOST) {
            if variant.text("type") == Some("null") {
                null = true;
                continue;
            }
            let (shape, also) = self.shape(variant, depth + 1);
            null |= also;
            found.push((shape, variant));
        }
        let own = self.members(schema, depth);
        // Forms that say no more than what has to be there, or nothing: the fields stand beside them.
        found.retain(|(shape, _)| *shape != Shape::Any && *shape != Shape::Lost);
        if let Some(listed) = together(&found) {
            return (listed, null);
        }
        let as_text = found.iter().position(|(shape, _)| matches!(shape, Shape::Decimal { text: true, .. }));
        let many = found.len();
        let alike = found.iter().all(|(shape, _)| *shape == found[0].0);
        let chosen = as_text.unwrap_or(0);
        let Some((mut shape, variant)) = found.get(chosen).cloned() else {
            return if own.is_empty() { (Shape::Any, null) } else { (Shape::Record(own), null) };
        };
        if !alike && self.way == Way::Shown {
            return (common(own, &found), null);
        }
        if !alike && as_text.is_none() {
            self.note_sent(&format!("has {many} forms, of which this is the first"));
        }
        if let Shape::Record(members) = &mut shape {
            for member in own {
                if members.iter().all(|known| known.name != member.name) {
                    members.push(member);
                }
            }
            discriminate(schema, variant, members);
        }
        (shape, null)
    }

    /// The fields of all parts together; a part that is no record, where none is.
    fn all_of(&mut self, schema: Node<'a>, depth: usize) -> Shape {
        let mut members = self.members(schema, depth);
        let mut other = Shape::Any;
        let mut needed: Vec<&str> = Vec::new();
        let mut empty = false;
        for part in schema.list("allOf").take(MOST) {
            // What a part demands may be a field of another one.
            if let Ok(part) = self.documents.follow(part) {
                needed.extend(part.list("required").filter_map(|name| name.value.as_text()));
            }
            match self.shape(part, depth + 1).0 {
                Shape::Record(more) => {
                    empty = true;
                    for member in more {
                        if members.iter().all(|known| known.name != member.name) {
                            members.push(member);
                        }
                    }
                }
                shape if other == Shape::Any || matches!(other, Shape::Map(_)) => other = shape,
                _ => {}
            }
        }
        needed.extend(schema.list("required").filter_map(|name| name.value.as_text()));
        for member in &mut members {
            member.needed |= needed.contains(&&*member.name);
        }
        if members.is_empty() && !(empty && other == Shape::Any) { other } else { Shape::Record(members) }
    }

    fn members(&mut self, schema: Node<'a>, depth: usize) -> Vec<Member> {
        let needed: Vec<&str> = schema.list("required").filter_map(|name| name.value.as_text()).collect();
        let mut members = Vec::new();
        let Some(properties) = schema.get("properties") else { return members };
        for (name, property) in properties.fields() {
            if self.is_hidden(property) {
                continue;
            }
            if members.len() == MOST {
                self.note(&format!("has more than {MOST} fields; the others are left out"));
                break;
            }
            self.trail.push(name.to_owned());
            let (shape, null) = self.shape(property, depth + 1);
            let needed = needed.contains(&name);
            if shape == Shape::Lost && needed {
                self.note_sent("has to be there");
            }
            self.trail.pop();
            if shape == Shape::Lost {
                continue;
            }
            let default = self.documents.follow(property).ok().and_then(|property| default(property, &shape));
            members.push(Member { name: name.to_owned(), shape, needed, null, default });
        }
        members
    }
}

/// The words or numbers of all forms, where they are nothing else.
fn together(found: &[(Shape, Node<'_>)]) -> Option<Shape> {
    let (mut words, mut numbers) = (Vec::<String>::new(), Vec::new());
    for (shape, _) in found {
        match shape {
            Shape::Choice(more) => {
                for word in more {
                    if !words.contains(word) {
                        words.push(word.clone());
                    }
                }
            }
            Shape::Among(more) => numbers.extend(more.iter().cloned()),
            Shape::Whole(Some(least), Some(most)) if least == most => numbers.push(Number::from(*least)),
            _ => return None,
        }
    }
    match (words.is_empty(), numbers.is_empty()) {
        (false, true) => Some(Shape::Choice(words)),
        (true, false) => Some(among(numbers)),
        _ => None,
    }
}

/// What is known of an answer that has several forms: fields that all have alike.
fn common(own: Vec<Member>, found: &[(Shape, Node<'_>)]) -> Shape {
    let records: Option<Vec<&[Member]>> = found
        .iter()
        .map(|(shape, _)| if let Shape::Record(members) = shape { Some(&**members) } else { None })
        .collect();
    let Some(records) = records else {
        return if own.is_empty() { Shape::Any } else { Shape::Record(own) };
    };
    let mut members = own;
    for member in records[0] {
        let each: Option<Vec<&Member>> = records
            .iter()
            .map(|record| {
                record.iter().find(|other| other.name == member.name && other.shape == member.shape)
            })
            .collect();
        if let Some(each) = each.filter(|_| members.iter().all(|known| known.name != member.name)) {
            let needed = each.iter().all(|other| other.needed);
            let null = each.iter().any(|other| other.null);
            members.push(Member { needed, null, default: None, ..member.clone() });
        }
    }
    Shape::Record(members)
}

/// The word that says which form it is.
fn discriminate(schema: Node<'_>, variant: Node<'_>, members: &mut Vec<Member>) {
    let Some(discriminator) = schema.get("discriminator") else { return };
    let (Some(name), Some(to)) = (discriminator.text("propertyName"), variant.text("$ref")) else { return };
    let named = to.rsplit(['/', '#']).next().unwrap_or_default();
    let mapped = discriminator.get("mapping").and_then(|mapping| {
        let fits = |target: &str| target == to || target == named;
        mapping.fields().find(|(_, target)| target.value.as_text().is_some_and(fits)).map(|(word, _)| word)
    });
    let shape = Shape::Choice(vec![mapped.unwrap_or(named).to_owned()]);
    match members.iter_mut().find(|member| member.name == name) {
        Some(member) if matches!(&member.shape, Shape::Choice(words) if words.len() == 1) => {}
        Some(member) => *member = Member { name: name.to_owned(), shape, needed: true, ..Member::default() },
        None => members.push(Member { name: name.to_owned(), shape, needed: true, ..Member::default() }),
    }
}
