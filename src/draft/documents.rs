use std::collections::{BTreeMap, BTreeSet};

use crate::value::{JsonError, Limits, Value};

/// More documents beside the first one are left out.
const MOST_FILES: usize = 500;

/// How many references may lead to one another.
const LONGEST_CHAIN: usize = 16;

/// Why a text is no description of a service that can be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotADescription {
    /// It is a page.
    #[error("it is a page for people (HTML), not an OpenAPI document")]
    Page,
    /// It is YAML with a mistake.
    #[error("it can't be read as YAML: {0}")]
    Yaml(String),
    /// It is no JSON.
    #[error("it can't be read as JSON: {0}")]
    Json(JsonError),
    /// It is something else.
    #[error("it is no OpenAPI document: it has no `openapi: 3.…`")]
    Other,
    /// It is of a version before 3.
    #[error(
        "it is a Swagger 2 document; convert it to OpenAPI 3 first, such as with `npx swagger2openapi FILE`"
    )]
    Swagger,
    /// It describes GraphQL.
    #[error(
        "it describes GraphQL, which is not drafted yet: every command and query is a POST with a `query` of its own; \
         docs/target-profiles.md shows how a profile says that (look for GraphQL in the table of shapes)"
    )]
    GraphQl,
}

/// An OpenAPI document, with the files that it refers to.
///
/// Whoever has read the first one asks for [`Documents::missing`] until nothing is, and [`Documents::add`]s what there is.
#[derive(Debug)]
pub struct Documents {
    root: Value,
    /// By their places relative to the first one; nothing where there is none.
    others: BTreeMap<String, Option<Value>>,
    missing: BTreeSet<String>,
}

/// A value, with the file that it stands in: references are relative to that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    file: &'a str,
}

impl<'a> Node<'a> {
    pub(super) fn get(self, name: &str) -> Option<Self> {
        Some(Self { value: self.value.get(name)?, ..self })
    }

    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.value.get(name).and_then(Value::as_text)
    }

    /// The elements of the list called `name`.
    pub(super) fn list(self, name: &str) -> impl Iterator<Item = Self> + use<'a> {
        let list = self.value.get(name).and_then(Value::as_list).unwrap_or_default();
        list.iter().map(move |value| Self { value, ..self })
    }

    /// The fields of a record; nothing if it is none.
    pub(super) fn fields(self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        let fields = self.value.as_record().into_iter().flat_map(crate::value::Record::iter);
        fields.map(move |(name, value)| (name, Self { value, ..self }))
    }
}

impl Documents {
    /// Reads the first document, in JSON or YAML.
    pub fn parse(text: &[u8]) -> Result<Self, NotADescription> {
        let named =
            ["openapi", "swagger"].iter().any(|word| text.windows(7).any(|part| part == word.as_bytes()));
        let root = match value(text) {
            // Any text with a colon in it is nearly YAML.
            Err(NotADescription::Yaml(_)) if !named => return Err(NotADescription::Other),
            read => read?,
        };
        if root.get("swagger").is_some() {
            return Err(NotADescription::Swagger);
        }
        if root.get("__schema").or_else(|| root.get("data")?.get("__schema")).is_some() {
            return Err(NotADescription::GraphQl);
        }
        // In YAML a version of two parts is a number.
        let version = root
            .get("openapi")
            .map(|version| version.as_text().map_or_else(|| version.to_string(), str::to_owned));
        if !version.is_some_and(|version| version.starts_with("3.")) {
            return Err(NotADescription::Other);
        }
        let mut documents = Self { root, others: BTreeMap::new(), missing: BTreeSet::new() };
        let named = references(&documents.root, "");
        documents.need(named);
        Ok(documents)
    }

    /// Files that are referred to and not there yet, by their places relative to the first document: `parts/note.yaml`, `../shared.json`.
    pub fn missing(&self) -> Vec<String> {
        self.missing.iter().cloned().collect()
    }

    /// Adds a file that was [missing](Self::missing); nothing where it can't be read.
    pub fn add(&mut self, name: &str, text: Option<&[u8]>) {
        self.missing.remove(name);
        let read = text.and_then(|text| value(text).ok());
        let named = read.as_ref().map(|read| references(read, name)).unwrap_or_default();
        self.others.insert(name.to_owned(), read);
        self.need(named);
    }

    fn need(&mut self, named: BTreeSet<String>) {
        for name in named {
            if self.others.len() + self.missing.len() < MOST_FILES && !self.others.contains_key(&name) {
                self.missing.insert(name);
            }
        }
    }

    pub(super) fn root(&self) -> Node<'_> {
        Node { value: &self.root, file: "" }
    }

    /// What a reference leads to, or the node itself; the reference that leads nowhere otherwise.
    pub(super) fn follow<'a>(&'a self, mut node: Node<'a>) -> Result<Node<'a>, &'a str> {
        let mut last = "";
        for _ in 0..LONGEST_CHAIN {
            // A field may be called like this, too; then it is a schema.
            let Some(to) = node.text("$ref") else { return Ok(node) };
            node = self.at(node.file, to).ok_or(to)?;
            last = to;
        }
        Err(last)
    }

    fn at(&self, file: &str, to: &str) -> Option<Node<'_>> {
        let (name, fragment) = to.split_once('#').unwrap_or((to, ""));
        let name = if name.is_empty() { file.to_owned() } else { beside(file, name)? };
        let (name, mut value) = if name.is_empty() {
            ("", &self.root)
        } else {
            let (name, read) = self.others.get_key_value(&name)?;
            (&**name, read.as_ref()?)
        };
        let steps = fragment.strip_prefix('/');
        if steps.is_none() && !fragment.is_empty() {
            return None;
        }
        for step in steps.into_iter().flat_map(|steps| steps.split('/')) {
            let step = decoded(step).replace("~1", "/").replace("~0", "~");
            value = match value {
                Value::List(list) => list.get(step.parse::<usize>().ok()?)?,
                other => other.get(&step)?,
            };
        }
        Some(Node { value, file: name })
    }
}

/// A text as JSON or YAML.
fn value(text: &[u8]) -> Result<Value, NotADescription> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let error = match Value::from_json(text, &Limits::default()) {
        Ok(json) => return Ok(json),
        Err(error) => error,
    };
    match (text.iter().find(|byte| !byte.is_ascii_whitespace()), std::str::from_utf8(text)) {
        (Some(b'<'), _) => Err(NotADescription::Page),
        (Some(b'{' | b'['), _) => Err(NotADescription::Json(error)),
        (_, Ok(text)) if text.contains(':') => super::yaml::read(text).map_err(NotADescription::Yaml),
        _ => Err(NotADescription::Json(error)),
    }
}

/// All files that a document refers to.
fn references(root: &Value, file: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value {
            Value::List(list) => open.extend(list),
            Value::Record(record) => {
                let to = record.get("$ref").and_then(Value::as_text).unwrap_or_default();
                let name = to.split('#').next().unwrap_or_default();
                found.extend(Some(name).filter(|name| !name.is_empty()).and_then(|name| beside(file, name)));
                open.extend(record.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    found.remove("");
    found
}

/// The place of `name`, as a document at `file` says it, relative to the first document. Other hosts, and paths from the root of a
/// disk, are out of reach.
fn beside(file: &str, name: &str) -> Option<String> {
    let name = decoded(name);
    let inert = name.chars().all(|c| !c.is_control() && !"\\?*|<>\"".contains(c));
    if name.starts_with('/') || name.contains(':') || !inert || name.len() > 500 {
        return None;
    }
    let mut steps: Vec<&str> = file.split('/').collect();
    steps.pop();
    for step in name.split('/') {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

/// `%20` and the like, where they are UTF-8.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.filter(|_| *first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, name: &str, expected: Option<&str>) {
        assert_eq!(beside(file, name).as_deref(), expected, "{name} of {file}");
    }

    #[test]
    fn files_beside_a_document() {
        check("", "note.yaml", Some("note.yaml"));
        check("", "./parts/note.yaml", Some("parts/note.yaml"));
        check("parts/note.yaml", "tag.yaml", Some("parts/tag.yaml"));
        check("parts/note.yaml", "../tag.yaml", Some("tag.yaml"));
        check("", "../shared/a%20b.json", Some("../shared/a b.json"));
        check("../shared/a.json", "../b.json", Some("../b.json"));
        for elsewhere in ["/etc/passwd", "https://example.com/a.json", "//example.com/a", "file:a", "a\u{0}b"]
        {
            check("", elsewhere, None);
        }
    }

    #[test]
    fn references_lead_from_file_to_file() {
        let mut documents = Documents::parse(
            br##"{"openapi": "3.0.0", "a": {"$ref": "parts/one.yaml#/x"}, "b": {"$ref": "#/a"}, "c": {"$ref": "#/c"}, "d": {"$ref": "gone.json"}}"##,
        )
        .unwrap();
        assert_eq!(documents.missing(), ["gone.json", "parts/one.yaml"]);
        documents.add("gone.json", None);
        documents.add("parts/one.yaml", Some(b"x: {$ref: 'two.json'}\n"));
        assert_eq!(documents.missing(), ["parts/two.json"]);
        documents.add("parts/two.json", Some(br#"{"list": [{"type": "string"}], "type": "object"}"#));
        assert_eq!(documents.missing(), [""; 0]);
        let root = documents.root();
        let found = documents.follow(root.get("b").unwrap()).unwrap();
        assert_eq!(found.text("type"), Some("object"));
        assert_eq!(found.list("list").count(), 1);
        for nowhere in ["c", "d"] {
            assert!(documents.follow(root.get(nowhere).unwrap()).is_err(), "{nowhere}");
        }
    }
}
