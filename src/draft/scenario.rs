use std::fmt::Write as _;

use super::contract::names;
use super::names::quoted;
use super::outline::{Aggregate, Asked, Changed, Field, Kind, Outline, same};
use super::service::Shape;

/// `unique` puts some twenty characters behind the word.
const UNIQUE_LENGTH: u64 = 24;

pub(super) fn text(outline: &Outline) -> String {
    let mut out = format!(
        "# A first example. Others go below it, or into files of their own.\n\nfeature {}\nuse {}\n",
        quoted("What is sent is shown"),
        outline.contract
    );
    // One that can be asked for by its id tells most.
    let best = outline.aggregates.iter().max_by_key(|one| {
        let by_id = one.queries.iter().any(|query| !query.view);
        (by_id, !one.kept.is_empty())
    });
    let Some((aggregate, create)) = best.and_then(|one| Some((one, creator(one)?))) else { return out };
    example(&mut out, aggregate, create);
    out
}

fn creator(aggregate: &Aggregate) -> Option<&Changed> {
    aggregate.commands.iter().find(|command| command.kind == Kind::Create)
}

fn example(out: &mut String, aggregate: &Aggregate, create: &Changed) {
    let variable = format!("${}", aggregate.variable);
    let noun = aggregate.variable.replace('_', " ");
    let sent = sent(aggregate, create);
    let query = aggregate.queries.iter().find(|query| !query.view).or(aggregate.queries.first());
    let _ = writeln!(out, "\n@smoke\nscenario \"a new {noun} shows what was sent\"");
    let _ = writeln!(out, "  let   {variable} = new {}", aggregate.name);
    let mut given = Vec::new();
    for field in &sent {
        let own = format!("${}", field.name);
        if own != variable && fresh(&field.shape) {
            let _ = writeln!(out, "  let   {own} = unique {}", quoted(&head(&field.name)));
            given.push((*field, own));
        } else {
            given.push((*field, sample(&field.shape)));
        }
    }
    let fields: Vec<String> = given.iter().map(|(field, value)| format!("{}: {value}", field.name)).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" {{ {} }}", fields.join(", ")) };
    let _ = writeln!(out, "  when  {} on {variable}{fields}\n  then  accepted", create.name);
    if let Some(query) = query {
        shows(out, aggregate, query, &given, &variable);
    }
}

fn shows(out: &mut String, aggregate: &Aggregate, query: &Asked, given: &[(&Field, String)], variable: &str) {
    let shown = given.iter().filter(|(field, _)| query.shown.iter().any(|shown| same(field, shown)));
    let mut fields: Vec<String> = shown.map(|(field, value)| format!("{}: {value}", field.name)).collect();
    if query.id.is_some() {
        fields.insert(0, format!("id: {variable}"));
    }
    let record = if fields.is_empty() { "any".to_owned() } else { format!("{{ {} }}", fields.join(", ")) };
    let _ = if query.view {
        let filters = query.filters.iter().filter(|filter| filter.required).map(|filter| {
            let known = given.iter().find(|(field, _)| field.name == filter.name);
            format!(
                "{}: {}",
                filter.name,
                known.map_or_else(|| sample(&filter.shape), |(_, value)| value.clone())
            )
        });
        let filters: Vec<String> = filters.collect();
        let filters =
            if filters.is_empty() { String::new() } else { format!(" {{ {} }}", filters.join(", ")) };
        writeln!(out, "  and   eventually {}{filters} shows contains [{record}]", query.name)
    } else {
        writeln!(out, "  and   eventually {} on {variable} shows {record}", query.name)
    };
    let deletes =
        aggregate.commands.iter().find(|command| command.kind == Kind::Delete && command.fields.is_empty());
    if let Some(delete) = deletes.filter(|_| !query.view && query.says_absent) {
        let _ = writeln!(out, "  when  {} on {variable}\n  then  accepted", delete.name);
        let _ = writeln!(out, "  and   eventually {} on {variable} absent", query.name);
    }
}

/// What is sent: all that must be, and where nothing must, the first that may be and is shown.
fn sent<'a>(aggregate: &'a Aggregate, create: &'a Changed) -> Vec<&'a Field> {
    let needed: Vec<&Field> = create.fields.iter().filter(|field| field.required).collect();
    let kept = |field: &&Field| aggregate.kept.iter().any(|kept| kept.name == field.name);
    if needed.is_empty() { create.fields.iter().find(kept).into_iter().collect() } else { needed }
}

/// Whether a text that nobody else uses will do.
fn fresh(shape: &Shape) -> bool {
    matches!(shape, Shape::Text { sample: None, most, .. } if most.is_none_or(|most| most > UNIQUE_LENGTH))
}

/// What a unique text begins with: short, as there may be a limit.
fn head(name: &str) -> String {
    name.chars().take(3).filter(char::is_ascii_alphanumeric).collect()
}

/// A value that fits.
fn sample(shape: &Shape) -> String {
    match shape {
        Shape::Text { sample: Some(sample), .. } => quoted(sample),
        Shape::Text { most, .. } => {
            let most = usize::try_from(most.unwrap_or(20)).unwrap_or(20);
            quoted(&"example".chars().take(most).collect::<String>())
        }
        Shape::Whole(least, most) => {
            let one = 1.max(least.unwrap_or(1));
            most.map_or(one, |most| one.min(most)).to_string()
        }
        Shape::Decimal { least, .. } => {
            least.clone().filter(|least| !least.starts_with(['-', '0'])).unwrap_or_else(|| "1".into())
        }
        Shape::Truth => "true".to_owned(),
        Shape::Choice(words) => quoted(words.first().map_or("", |word| word)),
        Shape::List(element, fewest) => {
            let many = usize::try_from((*fewest).min(20)).unwrap_or(1);
            format!("[{}]", vec![sample(element); many].join(", "))
        }
        Shape::Record(members) => {
            let needed = names(members).into_iter().filter(|(_, member)| member.required);
            let fields: Vec<String> =
                needed.map(|(name, member)| format!("{name}: {}", sample(&member.shape))).collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Shape::Any => quoted("example"),
    }
}
