//! What to add to a profile: sections for what it says nothing about, and rules for answers that it has no name for.

use std::fmt::Write as _;

use super::Profile;
use crate::contract::FieldDef;
use crate::value::{Limits, Path, Value};

/// Where services commonly keep the code of a refusal, in a JSON body.
const CODES: [&str; 9] = [
    "code",
    "error.code",
    "errors[0].code",
    "errors[0].extensions.code",
    "error",
    "errorCode",
    "reason",
    "type",
    "title",
];

/// A longer text is no code.
const LONGEST_CODE: usize = 60;

/// As deep as any body with a code in it is.
const DEEPEST: usize = 32;

impl Profile {
    /// A section for a command or query that the profile says nothing about: its request is a guess by the contract's names.
    /// `None` where the profile says that the service has none (`none = true`), or how it is spoken, or the contract doesn't
    /// know it.
    pub fn section_for(&self, message: &str) -> Option<String> {
        if self.commands.contains_key(message) || self.queries.contains_key(message) || self.speaks(message) {
            return None;
        }
        if let Some(command) = self.contract.command(message) {
            let path = format!("/{}/${{on}}/{}", plural(&kebab(&command.aggregate)), kebab(message));
            let mut section =
                format!("[command.{message}]\nrequest = \"POST {path}\"   # wherever the service takes it\n");
            if !command.fields.is_empty() {
                section.push_str("body = \"${fields}\"\n");
            }
            return Some(section);
        }
        let query = self.contract.query(message)?;
        let mut path = match &query.aggregate {
            Some(aggregate) => format!("/{}/${{on}}", plural(&kebab(aggregate))),
            None => format!("/{}", kebab(message.trim_start_matches("List").trim_start_matches("Get"))),
        };
        let parameter = |field: &FieldDef| {
            let mark = if field.is_required() { "" } else { "?" };
            format!("{0}=${{.{0}{mark}}}", field.name)
        };
        let parameters: Vec<String> = query.fields.iter().map(parameter).collect();
        if !parameters.is_empty() {
            let _ = write!(path, "?{}", parameters.join("&"));
        }
        let absent = if query.is_view { "" } else { "absent = [404]\n" };
        Some(format!(
            "[query.{message}]\nrequest = \"GET {path}\"   # wherever the service answers it\n{absent}"
        ))
    }

    /// A rule by which an answer to `command` with this status and body is a rejection called like one of `codes`. If that is
    /// none: like its own code, which may be new to the contract; where it has none, like one that the contract declares for the
    /// command. `None` for a 2xx in which nothing tells a no from a yes: such a rule would refuse what was accepted.
    pub fn rule_for(&self, command: &str, status: u16, body: &str, codes: &[&str]) -> Option<String> {
        let declared = self.contract.command(command).map_or(&[][..], |command| &command.rejections);
        let mut names: Vec<&str> = codes.to_vec();
        let word = coded(body);
        let plain = plain(body).filter(|_| word.is_none());
        let is_yes = (200..300).contains(&status);
        if is_yes && word.is_none() && plain.is_none() {
            return None;
        }
        let own = word.as_ref().map(|(_, word)| title(word)).unwrap_or_default();
        if names.is_empty() {
            names = declared.iter().map(|code| &**code).chain(["Malformed"]).collect();
            match names.iter().position(|name| *name == own) {
                Some(at) => names.swap(0, at),
                None if own.is_empty() => {}
                None => names.insert(0, &own),
            }
        }
        let (name, others) =
            names.split_first().map_or(("Malformed", &[][..]), |(first, others)| (*first, others));
        let or = if others.is_empty() { String::new() } else { format!("   # or {}", others.join(", ")) };
        let mut rule = String::new();
        if !self.rules.is_empty() {
            rule.push_str("# in front of the other [[answer]]: the first that fits decides\n");
        }
        if !self.contract.is_rejection(name) {
            let _ = writeln!(rule, "# and in the contract, at {command}: `reject {name} when …`");
        }
        let _ = write!(rule, "[[answer]]\ncommand = \"{command}\"\nstatus = {status}\n");
        if let Some(said) = word.as_ref().map(|(_, word)| word).or(plain.as_ref()).filter(|_| is_yes) {
            // What stands at its place in a yes is another word, if there is one.
            let _ = writeln!(rule, "like = \"{}\"", escaped(said));
        }
        match word {
            Some((place, word)) if word == name => {
                let _ = writeln!(
                    rule,
                    "at = \"$.{place}\"\nis = \"rejected\"\ncode = {{ from = \"$.{place}\" }}{or}"
                );
            }
            Some((place, word)) => {
                let word = escaped(&word);
                let _ = writeln!(
                    rule,
                    "at = \"$.{place}\"\nis = \"rejected\"\ncode = {{ from = \"$.{place}\", map = {{ \"{word}\" = \"{name}\" }} }}{or}"
                );
            }
            None => {
                let code = match plain.filter(|_| !is_yes) {
                    // Other reasons in other words have the same status.
                    Some(said) => {
                        format!("{{ from = \"$\", map = {{ \"{}\" = \"{name}\" }} }}", escaped(&said))
                    }
                    None => format!("\"{name}\""),
                };
                let _ = writeln!(rule, "is = \"rejected\"\ncode = {code}{or}");
            }
        }
        Some(rule)
    }
}

/// A word in a body that looks like a code, and its place.
fn coded(body: &str) -> Option<(&'static str, String)> {
    let json =
        Value::from_json(body.as_bytes(), &Limits { depth: DEEPEST, size: body.len(), ..Limits::default() })
            .ok()?;
    CODES.into_iter().find_map(|place| {
        let word = Path::parse(place).ok()?.get(&json)?.as_text()?.to_owned();
        let strange = |c: char| c.is_whitespace() || c.is_control();
        let is_code = !word.is_empty()
            && word.len() <= LONGEST_CODE
            && !word.contains(strange)
            && word != "about:blank";
        is_code.then_some((place, word))
    })
}

/// A body that is a plain sentence, which may say the reason; nothing where it seems to hold values, which are others next time.
fn plain(body: &str) -> Option<String> {
    let said = body.trim();
    let strange = |c: char| c.is_control() || c.is_ascii_digit() || "<>{}[]\"/".contains(c);
    (!said.is_empty() && said.len() <= LONGEST_CODE && !said.contains(strange)).then(|| said.to_owned())
}

/// As it stands between the quotes of TOML.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `sold_out` and `SOLD-OUT` as `SoldOut`; nothing of what can't be a name.
fn title(code: &str) -> String {
    let mut name = String::new();
    for word in code.split(|c: char| !c.is_ascii_alphanumeric()) {
        let shouted = !word.contains(|c: char| c.is_ascii_lowercase());
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(&if shouted { rest.to_ascii_lowercase() } else { rest.to_owned() });
    }
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { String::new() }
}

/// `ConfirmOrder` as `confirm-order`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    out
}

fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if word.ends_with(['s', 'x']) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}
