//! The laws of the one layout. The fuzz targets hold them too.

use proofmark::language::{FormatError, format_contract, format_scenarios, parse_contract, parse_scenarios};
use proofmark::text::Source;

pub(crate) fn laid_out(text: &str, contract: bool) -> Result<String, FormatError> {
    let source = Source::new("t", text);
    if contract { format_contract(&source) } else { format_scenarios(&source) }
}

/// A tree without the places of its parts.
fn meaning(text: &str, contract: bool) -> String {
    let source = Source::new("t", text);
    let tree = if contract {
        format!("{:?}", parse_contract(&source).tree)
    } else {
        format!("{:?}", parse_scenarios(&source).tree)
    };
    let mut parts = tree.split("Span { start: ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('}').unwrap_or_default().1);
    }
    plain
}

/// The two laws: laid out twice is laid out once, and the trees are the same. `None` where the text has mistakes.
#[track_caller]
pub(crate) fn laws(text: &str, contract: bool) -> Option<String> {
    let once = match laid_out(text, contract) {
        Ok(once) => once,
        Err(FormatError::Mistakes(_)) => return None,
        Err(error) => panic!("{error}\n{text}"),
    };
    let twice = laid_out(&once, contract).unwrap_or_else(|error| panic!("{error:?}\n{once}"));
    assert_eq!(once, twice, "from\n{text}");
    assert_eq!(meaning(text, contract), meaning(&once, contract), "{text}\n{once}");
    let comments = |text: &str| text.lines().filter(|line| line.contains('#')).count();
    assert_eq!(comments(text), comments(&once), "{text}\n{once}");
    Some(once)
}
