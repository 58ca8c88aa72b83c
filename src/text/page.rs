//! What `proofmark explain` says about a kind of mistake: a page of `docs/mistakes/`, one section a code.

use super::{Area, Code};

/// The pages of an area, as they are committed.
fn document(area: Area) -> &'static str {
    match area {
        Area::Text => include_str!("../../docs/mistakes/text.md"),
        Area::Words => include_str!("../../docs/mistakes/words.md"),
        Area::Scenario => include_str!("../../docs/mistakes/scenario.md"),
        Area::Contract => include_str!("../../docs/mistakes/contract.md"),
        Area::Names => include_str!("../../docs/mistakes/names.md"),
        Area::Fit => include_str!("../../docs/mistakes/fit.md"),
        Area::Plan => include_str!("../../docs/mistakes/plan.md"),
        Area::Rules => include_str!("../../docs/mistakes/rules.md"),
        Area::Profile => include_str!("../../docs/mistakes/profile.md"),
        Area::Evaluation => include_str!("../../docs/mistakes/evaluation.md"),
    }
}

/// What there is to know about one kind of mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// What it means and how to mend it.
    pub prose: &'static str,
    /// Lines that make the mistake, and such that don't.
    pub examples: Vec<Example>,
}

/// Lines that show a mistake, or how it is mended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Example {
    /// What they are: `steps` of a scenario that has named `$o` and `$customer`, `scenarios` (a whole file), a whole
    /// `contract`, or the sections of a `profile`.
    pub kind: &'static str,
    /// Whether they make the mistake.
    pub wrong: bool,
    /// The lines.
    pub text: &'static str,
}

impl Page {
    /// The page of a code; `None` for a code that the catalogue doesn't have.
    pub fn of(code: Code) -> Option<Self> {
        let document = document(code.entry()?.area);
        let mut sections = document.split("\n## ").filter_map(|section| section.split_once('\n'));
        let (_, body) = sections.find(|(name, _)| *name == code.0)?;
        let (prose, rest) = body.split_once("\n```").unwrap_or((body, ""));
        // Opening fences and the lines behind each.
        let examples = rest.split("\n```\n").filter_map(example).collect();
        Some(Self { prose: prose.trim(), examples })
    }
}

/// `steps wrong`, and the lines below; what stands before the fence is left out.
fn example(block: &'static str) -> Option<Example> {
    let block = block.rsplit_once("```").map_or(block, |(_, block)| block);
    let (fence, text) = block.split_once('\n')?;
    let (kind, sort) = fence.split_once(' ')?;
    Some(Example { kind, wrong: sort == "wrong", text })
}
