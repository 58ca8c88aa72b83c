use std::fmt::Write as _;

use crate::value::inert_within;

/// Longer names are cut.
const LONGEST: usize = 40;

/// What means something in expressions can't be a name there.
const TAKEN: [&str; 28] = [
    "absent", "present", "self", "true", "false", "null", "not", "if", "new", "unique", "on", "key", "at",
    "shows", "unless", "within", "every", "for", "when", "then", "else", "in", "and", "or", "with", "given",
    "let", "as",
];

/// The words of a name: `order-items`, `orderItems` and `order_items` are the same two.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut fresh = true;
    let mut low = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() {
            fresh = true;
            continue;
        }
        if fresh || (low && c.is_ascii_uppercase()) {
            words.push(String::new());
        }
        fresh = false;
        low = !c.is_ascii_uppercase();
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words
}

/// How long a value lasts that the service fills in under this name, in the words of contracts. A document doesn't say what changes it: so
/// one that says by its name that it doesn't change is held to that, and every other one may change with each command.
pub(super) fn lasts(name: &str) -> &'static str {
    let words = words(name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&&**word));
    if has(&["created", "creation", "inserted", "registered", "made"]) {
        "chosen"
    } else if has(&["now", "served", "elapsed", "uptime", "ago"]) {
        "volatile"
    } else {
        "chosen on change"
    }
}

/// The words of a name like `OrderItem`, as they are in it.
pub(super) fn capitals(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() || words.is_empty() {
            words.push(String::new());
        }
        words.last_mut().into_iter().for_each(|word| word.push(c));
    }
    words
}

fn cut(mut name: String) -> String {
    name.truncate(LONGEST);
    name
}

/// A name of a command or an aggregate: `OrderItem`; `other` where nothing is left of it.
pub(super) fn title(text: &str, other: &str) -> String {
    let capital = |word: String| word[..1].to_ascii_uppercase() + &word[1..];
    let name: String = words(text).into_iter().map(capital).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        cut(name)
    } else {
        format!("{other}{}", cut(name))
    }
}

/// A name of a field or a file: `order_item`; `other` where nothing is left of it.
pub(super) fn snake(text: &str, other: &str) -> String {
    let name = words(text).join("_");
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        cut(name)
    } else {
        format!("{other}{}", cut(name))
    }
}

/// A field's name, as it is if it can be one.
pub(super) fn field(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= LONGEST
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let name = if plain { text.to_owned() } else { snake(text, "field") };
    if TAKEN.contains(&&*name) { format!("{name}_") } else { name }
}

/// One of many.
pub(super) fn singular(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    if let Some(stem) = lower.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{}y", &word[..stem.len()]);
    }
    let es = ["sses", "xes", "ches", "shes"].iter().any(|end| lower.ends_with(end));
    let s = lower.ends_with('s') && !["ss", "us", "is"].iter().any(|end| lower.ends_with(end));
    match (es, s) {
        (true, _) => word[..word.len() - 2].to_owned(),
        (_, true) if word.len() > 2 => word[..word.len() - 1].to_owned(),
        _ => word.to_owned(),
    }
}

/// A name that none of `taken` is.
pub(super) fn unused(name: String, taken: &dyn Fn(&str) -> bool) -> String {
    if !taken(&name) {
        return name;
    }
    (2..u32::MAX).map(|n| format!("{name}{n}")).find(|name| !taken(name)).unwrap_or(name)
}

/// A text from a document as a comment may show it: one line, cut, inert.
pub(super) fn shown(text: &str) -> String {
    inert_within(text, 120).replace(['\n', '\r'], " ")
}

/// A TOML basic string, and a JSON and a scenario text likewise.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "?");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text of a profile that stands for itself: `${` in it begins no placeholder.
pub(super) fn literal(text: &str) -> String {
    text.replace("${", "$${")
}

/// The place of a field in a body: `$.name`.
pub(super) fn place(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!("$.{name}") } else { format!("$[{}]", quoted(name)) }
}
