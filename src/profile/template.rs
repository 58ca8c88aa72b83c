use std::fmt;

use super::extract::from_root;
use super::filter::{self, Filter};
use super::tree::Text;
use crate::text::{Code, Diagnostic, Span, did_you_mean};
use crate::value::Path;

/// Text with holes, such as `/orders/${on}`.
#[derive(Clone, Default, Debug)]
pub(crate) struct Template {
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Literal(String),
    Hole(Hole),
}

/// A placeholder: `${.price | string}`.
#[derive(Clone, Debug)]
pub(crate) struct Hole {
    pub(crate) origin: Origin,
    /// `${x?}`: what holds it is left out where there is no value.
    pub(crate) optional: bool,
    pub(crate) filters: Vec<Filter>,
    pub(crate) span: Span,
}

/// Where a placeholder's value comes from.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Origin {
    /// `.customer`: a field of the command or query.
    Field(Path),
    /// `on`: the aggregate's id.
    On,
    /// `fields`: all fields.
    Fields,
    /// `name`: of the command or query.
    Name,
    /// `key`: the idempotency key.
    Key,
    /// `version`: the version that is expected.
    Version,
    /// `position`: the latest position that was told.
    Position,
    /// `read_model`: the one that is waited for.
    ReadModel,
    /// `$.path`: a part of the answer at hand.
    Answer(Path),
    /// `token`: what a login brought.
    Token,
    /// `opened.owner`: a field of the command that created the aggregate.
    Opened(Path),
    /// `env:X`
    Env(String),
    /// `secret:X`
    Secret(String),
    /// The name of a variable in `[vars]`.
    Var(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(path) => write!(f, "`${{.{path}}}`"),
            Self::Opened(path) => write!(f, "`${{opened.{path}}}`"),
            Self::Env(variable) => write!(f, "`${{env:{variable}}}`"),
            Self::Secret(variable) => write!(f, "`${{secret:{variable}}}`"),
            Self::Var(name) => write!(f, "`${{{name}}}`"),
            Self::Answer(path) if path.is_root() => f.write_str("`${$}`"),
            Self::Answer(path) => write!(f, "`${{$.{path}}}`"),
            Self::Token => f.write_str("`${token}`"),
            Self::On => f.write_str("`${on}`"),
            Self::Fields => f.write_str("`${fields}`"),
            Self::Name => f.write_str("`${name}`"),
            Self::Key => f.write_str("`${key}`"),
            Self::Version => f.write_str("`${version}`"),
            Self::Position => f.write_str("`${position}`"),
            Self::ReadModel => f.write_str("`${read_model}`"),
        }
    }
}

/// The segment of a path that leads elsewhere, even escaped (RFC 3986, section 5.2.4; the URL Standard, section 4.1, "single-dot
/// URL path segment").
pub(crate) fn dots_in(path: &str) -> Option<&str> {
    // The URL Standard takes both for a slash.
    path.split(['/', '\\']).find(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

impl Template {
    /// Its only part, if that is a placeholder: then the value keeps its type.
    pub(crate) fn lone(&self) -> Option<&Hole> {
        match &*self.parts {
            [Part::Hole(hole)] => Some(hole),
            _ => None,
        }
    }

    /// The name of the parameter that it is, where it is written out: `size` of `size=${.size}`.
    pub(crate) fn parameter(&self) -> Option<&str> {
        match self.parts.first()? {
            Part::Literal(text) => text.split('=').next(),
            Part::Hole(_) => None,
        }
    }

    pub(crate) fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Literal(_) => None,
        })
    }

    /// Reads one; placeholders that can't be read are left out of it and told.
    pub(super) fn parse(text: &Text, vars: &[&str], out: &mut Vec<Diagnostic>) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = &*text.content;
        while let Some(start) = rest.find("${") {
            // `$${` is a `${` that means itself.
            if rest[..start].ends_with('$') {
                literal.push_str(&rest[..start - 1]);
                literal.push_str("${");
                rest = &rest[start + 2..];
                continue;
            }
            literal.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else {
                let span = text.slice(&rest[start..]).span();
                let what = "this placeholder is not closed";
                out.push(Diagnostic::error(Code::BAD_PLACEHOLDER, span, what).advise("close it with `}`"));
                break;
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            let inner = text.slice(&rest[start + 2..start + length]);
            parts.extend(hole(&inner, vars, out).map(Part::Hole));
            rest = &rest[start + length + 1..];
            if rest.is_empty() {
                return Self { parts };
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Self { parts }
    }
}

fn hole(inner: &Text, vars: &[&str], out: &mut Vec<Diagnostic>) -> Option<Hole> {
    let mut pieces = split(&inner.content, '|').into_iter();
    let named = pieces.next().unwrap_or_default();
    let named = named.trim();
    let at = inner.slice(named);
    let (name, optional) = match named.strip_suffix('?') {
        Some(name) => (name.trim_end(), true),
        None => (named, false),
    };
    let origin = origin(name, &at, vars, out);
    let filters = filters(inner, pieces, out);
    Some(Hole { origin: origin?, optional, filters, span: at.span() })
}

/// Reads what stands behind the first `|`.
pub(super) fn filters<'a>(
    within: &Text,
    pieces: impl Iterator<Item = &'a str>,
    out: &mut Vec<Diagnostic>,
) -> Vec<Filter> {
    let pieces = pieces.map(str::trim);
    pieces.filter_map(|piece| filter::parse(piece, within.slice(piece).span(), out)).collect()
}

fn origin(name: &str, at: &Text, vars: &[&str], out: &mut Vec<Diagnostic>) -> Option<Origin> {
    const WORDS: &[&str] = &["on", "fields", "name", "key", "version", "position", "read_model", "token"];
    let path = |path: &str, out: &mut Vec<Diagnostic>| match Path::parse(path) {
        Ok(path) if !path.is_root() => Some(path),
        _ => {
            let what = format!("`{path}` is not the way to a field");
            out.push(
                Diagnostic::error(Code::BAD_PATH, at.span(), what).advise("write it like `.items[0].price`"),
            );
            None
        }
    };
    if let Some(field) = name.strip_prefix('.') {
        return path(field, out).map(Origin::Field);
    }
    if let Some(field) = name.strip_prefix("opened.") {
        return path(field, out).map(Origin::Opened);
    }
    if from_root(name).is_some() {
        return super::extract::path(&Text::new(name, at.span()), out).map(Origin::Answer);
    }
    match name.split_once(':') {
        Some(("env", variable)) if !variable.is_empty() => return Some(Origin::Env(variable.to_owned())),
        Some(("secret", variable)) if !variable.is_empty() => {
            return Some(Origin::Secret(variable.to_owned()));
        }
        _ => {}
    }
    match name {
        "on" => Some(Origin::On),
        "fields" => Some(Origin::Fields),
        "name" => Some(Origin::Name),
        "key" => Some(Origin::Key),
        "version" => Some(Origin::Version),
        "position" => Some(Origin::Position),
        "read_model" => Some(Origin::ReadModel),
        "token" => Some(Origin::Token),
        name if vars.contains(&name) => Some(Origin::Var(name.to_owned())),
        name => {
            let what = format!("`${{{name}}}` stands for nothing");
            let mistake = Diagnostic::error(Code::UNKNOWN_PLACEHOLDER, at.span(), what);
            let near = did_you_mean(name, WORDS.iter().chain(vars).copied());
            out.push(match near {
                Some(near) => mistake.advise(format!("did you mean `{near}`?")),
                None => mistake.advise(
                    "a field is written with a point, `${.field}`, and a variable of your own goes into `[vars]`",
                ),
            });
            None
        }
    }
}

/// The pieces between `mark`s that stand in no brackets or braces. The name in `["{"]` is no bracket of its own.
pub(super) fn split(text: &str, mark: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if text[..at].ends_with('[') => {
                let mut escaped = false;
                chars.by_ref().find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                });
            }
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            c if c == mark && depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_name_in_quotes_hides_marks_and_is_no_bracket() {
        let check = |text: &str, pieces: &[&str]| assert_eq!(split(text, '|'), pieces, "{text}");
        check(r#"$["{"] | decimal"#, &[r#"$["{"] "#, " decimal"]);
        check(r#"$["a|]\"|["].b|text"#, &[r#"$["a|]\"|["].b"#, "text"]);
        check("map(a|b)|text", &["map(a|b)", "text"]);
        check(r#"$["{ | decimal"#, &[r#"$["{ | decimal"#]);
    }
}
