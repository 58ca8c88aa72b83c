use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::aggregate::same;
use super::names::quoted;
use super::outline::{Aggregate, Asked, Changed, Field, Kind, Outline};
use super::refusals::Refusals;
use super::service::{self, Bound, Shape};
use super::types::names;

/// Shorter texts could be drawn twice.
const UNIQUE_LENGTH: u64 = 10;

/// How many owners of owners are made.
const DEEPEST: usize = 4;

pub(super) fn text(outline: &Outline) -> String {
    let mut out = format!(
        "# A first example. Others go below it, or into files of their own.\n\nfeature {}\nuse {}\n",
        quoted("What is sent is shown"),
        outline.contract
    );
    // One that can be asked for by its id tells most, and one that belongs to nothing is made most easily.
    let mut able: Vec<&Aggregate> = outline.aggregates.iter().filter(|one| creator(one).is_some()).collect();
    able.sort_by_key(|one| {
        let by_id = one.queries.iter().any(|query| !query.view);
        (!by_id, one.owners.len(), one.kept.is_empty())
    });
    out.extend(able.into_iter().find_map(|aggregate| example(outline, aggregate)));
    out
}

fn creator(aggregate: &Aggregate) -> Option<&Changed> {
    aggregate.commands.iter().find(|command| command.kind == Kind::Create)
}

/// A field and its value, as scenarios write it.
type Given<'a> = (&'a Field, String);

/// The scenario of one aggregate; nothing if what it needs has no end.
fn example(outline: &Outline, aggregate: &Aggregate) -> Option<String> {
    let noun = aggregate.variable.replace('_', " ");
    let mut out = format!("\n@smoke\nscenario \"a new {noun} shows what was sent\"\n");
    let (mut lets, mut steps) = (String::new(), String::new());
    let given = create(&mut lets, &mut steps, outline, aggregate, &aggregate.variable, 0)?;
    out.push_str(&lets);
    out.push_str(&steps);
    let query = aggregate.queries.iter().find(|query| !query.view).or(aggregate.queries.first());
    out.push_str("  then  accepted\n");
    if let Some(query) = query {
        shows(&mut out, aggregate, query, &given, &format!("${}", aggregate.variable));
    }
    let command = creator(aggregate)?;
    let twice = Refusals::of(aggregate, command)
        .expected
        .filter(|_| aggregate.chosen && command.statuses.contains(&409));
    if let Some(code) = twice {
        let _ = writeln!(out, "\nscenario \"a second {noun} under the same id is refused\"\n{lets}");
        out.push_str(&steps.replace("  when  ", "  given "));
        let last = steps.lines().last().unwrap_or_default();
        let _ = writeln!(out, "{last}\n  then  rejected {code}");
    }
    Some(out)
}

/// Creates one, and first whatever it belongs to. `None` if there is no end of owners.
fn create<'a>(
    lets: &mut String,
    steps: &mut String,
    outline: &'a Outline,
    aggregate: &'a Aggregate,
    variable: &str,
    depth: usize,
) -> Option<Vec<Given<'a>>> {
    let variable = format!("${variable}");
    let command = creator(aggregate).filter(|_| depth < DEEPEST)?;
    let mut given = Vec::new();
    for field in sent(aggregate, command) {
        let owner = outline.aggregates.iter().find(|other| Some(&other.name) == field.refers.as_ref());
        if let Some(owner) = owner {
            // Two references, such as `from` and `to`, are to two.
            let theirs = match field.name.strip_suffix("_id") {
                Some(stem) if field.place.is_none() && stem != owner.variable => stem,
                _ => &owner.variable,
            };
            if !lets.contains(&format!(" ${theirs} =")) {
                create(lets, steps, outline, owner, theirs, depth + 1)?;
            }
            given.push((field, format!("${theirs}")));
            continue;
        }
        let own = if depth == 0 { format!("${}", field.name) } else { format!("{variable}_{}", field.name) };
        if own != variable && fresh(&field.shape) && !lets.contains(&format!(" {own} =")) {
            let _ = writeln!(lets, "  let   {own} = unique {}", quoted(&head(&field.name)));
            given.push((field, own));
        } else {
            given.push((field, sample(&field.shape)));
        }
    }
    let fields: Vec<String> = given.iter().map(|(field, value)| format!("{}: {value}", field.name)).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" {{ {} }}", fields.join(", ")) };
    let _ = writeln!(lets, "  let   {variable} = new {}", aggregate.name);
    let (word, name) = (if depth == 0 { "when " } else { "given" }, &command.name);
    let _ = writeln!(steps, "  {word} {name} on {variable}{fields}");
    Some(given)
}

fn shows(out: &mut String, aggregate: &Aggregate, query: &Asked, given: &[Given<'_>], variable: &str) {
    let shown = given.iter().filter(|(field, _)| query.shown.iter().any(|shown| same(field, shown)));
    let mut fields: Vec<String> = shown.map(|(field, value)| format!("{}: {value}", field.name)).collect();
    if query.id.is_some() {
        fields.insert(0, format!("id: {variable}"));
    }
    let record = if fields.is_empty() { "any".to_owned() } else { format!("{{ {} }}", fields.join(", ")) };
    let filters = filters(&query.filters, given);
    let _ = if query.view {
        writeln!(out, "  and   eventually {}{filters} shows contains [{record}]", query.name)
    } else {
        writeln!(out, "  and   eventually {} on {variable}{filters} shows {record}", query.name)
    };
    let deletes = aggregate.commands.iter().find(|command| {
        let known = |field: &Field| given.iter().any(|(known, _)| known.name == field.name);
        command.kind == Kind::Delete && command.fields.iter().all(|field| !field.needed || known(field))
    });
    if let Some(delete) = deletes.filter(|_| !query.view && query.says_absent) {
        let fields = self::filters(&delete.fields, given);
        let _ = writeln!(out, "  when  {} on {variable}{fields}\n  then  accepted", delete.name);
        let _ = writeln!(out, "  and   eventually {} on {variable}{filters} absent", query.name);
    }
}

/// What has to be asked for: as it was given, or something that fits.
fn filters(fields: &[Field], given: &[Given<'_>]) -> String {
    let each = fields.iter().filter(|field| field.required()).map(|field| {
        let known = given.iter().find(|(known, _)| known.name == field.name);
        format!("{}: {}", field.name, known.map_or_else(|| sample(&field.shape), |(_, value)| value.clone()))
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() { String::new() } else { format!(" {{ {} }}", each.join(", ")) }
}

/// What is sent: all that must be, and where nothing must, the first that may be and is shown.
fn sent<'a>(aggregate: &'a Aggregate, create: &'a Changed) -> Vec<&'a Field> {
    let needed: Vec<&Field> = create.fields.iter().filter(|field| field.required()).collect();
    let kept = |field: &&Field| aggregate.kept.iter().any(|kept| kept.name == field.name);
    if needed.is_empty() { create.fields.iter().find(kept).into_iter().collect() } else { needed }
}

/// Whether a text that nobody else uses will do. It is drawn so that it fits the contract's type.
fn fresh(shape: &Shape) -> bool {
    match shape {
        Shape::Text { kind: service::Kind::Uuid, .. } => true,
        Shape::Text { sample: None, length: (_, most), alphabet, .. } => {
            let many =
                alphabet.as_ref().is_none_or(|alphabet| alphabet.contains("a-z") || alphabet.contains("A-Z"));
            many && most.is_none_or(|most| most >= UNIQUE_LENGTH)
        }
        _ => false,
    }
}

/// What a unique text begins with: short, as there may be a limit.
fn head(name: &str) -> String {
    name.chars().take(3).filter(char::is_ascii_alphanumeric).collect()
}

/// A value that fits.
fn sample(shape: &Shape) -> String {
    match shape {
        Shape::Text { sample: Some(sample), .. } => quoted(sample),
        Shape::Text { length: (least, most), alphabet, .. } => {
            let least = usize::try_from(least.unwrap_or(0).min(1_000)).unwrap_or(0);
            let most = usize::try_from(most.unwrap_or(1_000).min(1_000)).unwrap_or(1_000);
            let word = match alphabet.as_ref().and_then(|alphabet| alphabet.chars().next()) {
                Some(first) => first.to_string().repeat(least.max(1)),
                None => "example".chars().cycle().take(least.max(7)).collect(),
            };
            quoted(&word.chars().take(most).collect::<String>())
        }
        Shape::Whole(least, most) => {
            let one = 1.max(least.unwrap_or(1));
            most.map_or(one, |most| one.min(most)).to_string()
        }
        Shape::Among(numbers) => numbers.first().map_or_else(|| "1".to_owned(), ToString::to_string),
        Shape::Decimal { least, most, .. } => between(least.as_ref(), most.as_ref()).to_string(),
        Shape::Truth => "true".to_owned(),
        Shape::Choice(words) => quoted(words.first().map_or("", |word| word)),
        Shape::List(element, fewest) => {
            let many = usize::try_from((*fewest).min(20)).unwrap_or(1);
            format!("[{}]", vec![sample(element); many].join(", "))
        }
        // The contract has no record without fields: it takes it for text.
        Shape::Record(members) if members.is_empty() => sample(&Shape::Any),
        Shape::Record(members) => {
            let needed = names(members).into_iter().filter(|(_, member)| member.required());
            let fields: Vec<String> =
                needed.map(|(name, member)| format!("{name}: {}", sample(&member.shape))).collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Shape::Map(_) => "{}".to_owned(),
        Shape::Any | Shape::Lost => quoted("example"),
    }
}

/// A number that is within both ends, and one where that will do.
fn between(least: Option<&Bound>, most: Option<&Bound>) -> Decimal {
    let above = |n: Decimal| least.is_none_or(|end| n > end.at || n == end.at && !end.outside);
    let below = |n: Decimal| most.is_none_or(|end| n < end.at || n == end.at && !end.outside);
    let ends = [least, most].map(|end| end.map(|end| end.at));
    let middle = match ends {
        [Some(least), Some(most)] => (least / Decimal::TWO).checked_add(most / Decimal::TWO),
        [Some(least), None] => least.checked_add(Decimal::ONE),
        [None, Some(most)] => most.checked_sub(Decimal::ONE),
        [None, None] => None,
    };
    let candidates = [Some(Decimal::ONE), ends[0], ends[1], middle];
    candidates.into_iter().flatten().find(|n| above(*n) && below(*n)).unwrap_or(Decimal::ONE)
}
