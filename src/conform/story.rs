use std::collections::HashMap;
use std::sync::Arc;

use crate::generate::{Step, literal, step_in_words};
use crate::history::{Act, Operation};
use crate::protocol::Seen;
use crate::value::Value;

/// How much of an answer a sentence shows, in characters.
const SHOWN: usize = 300;

/// Something that was done beside the operations.
#[derive(Debug)]
pub(super) struct Aside {
    /// The place of the operation that came next.
    pub(super) before: usize,
    /// What it was, and what came of it.
    pub(super) sentence: String,
    /// The command that does the same.
    pub(super) request: String,
}

/// Tells what was done and seen, with names in the place of ids.
pub(super) struct Story<'v> {
    names: Vec<(&'v str, &'v str)>,
}

impl<'v> Story<'v> {
    pub(super) fn new(values: &'v HashMap<Arc<str>, Value>) -> Self {
        let mut names: Vec<_> =
            values.iter().filter_map(|(name, value)| Some((value.as_text()?, &**name))).collect();
        // Longer values first, so that none is taken for the beginning of another.
        names.sort_by_key(|(value, name)| (std::cmp::Reverse(value.len()), *name));
        Self { names }
    }

    /// A text with names where it speaks of their values.
    pub(super) fn named(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (value, name)| {
            text.replace(&format!("\"{value}\""), name).replace(value, name)
        })
    }

    /// A sentence for each operation. Reads that say the same as the one before are counted.
    pub(super) fn tell(&self, operations: &[Operation], asides: &[Aside]) -> Vec<String> {
        let mut told: Vec<(String, usize)> = Vec::new();
        let mut tell = |sentence: String| match told.last_mut() {
            Some((last, times)) if *last == sentence => *times += 1,
            _ => told.push((sentence, 1)),
        };
        for at in 0..=operations.len() {
            for aside in asides.iter().filter(|aside| aside.before == at) {
                tell(self.named(&aside.sentence));
            }
            if let Some(operation) = operations.get(at) {
                tell(self.named(&sentence(operation)));
            }
        }
        let counted = told.into_iter().map(|(sentence, times)| match times {
            1 => sentence,
            _ => format!("{sentence} ({times} times)"),
        });
        counted.collect()
    }
}

fn sentence(operation: &Operation) -> String {
    match &operation.act {
        Act::Submit { command, attempt, outcome } => {
            let again = if *attempt > 0 { "again: " } else { "" };
            let key = command.key.as_ref().map(|key| format!(" key \"{key}\"")).unwrap_or_default();
            let plain = crate::protocol::Command { key: None, ..(**command).clone() };
            let step = step_in_words(&Step::Submit(plain));
            format!("client {}: {again}{step}{key} → {outcome}", operation.client)
        }
        Act::Ask { query, answer } => {
            let seen = match &answer.seen {
                Seen::Found(value) => cut(&literal(value)),
                Seen::Absent => "absent".to_owned(),
                Seen::Refused(rejection) => format!("refused: {}", cut(&literal(&rejection.to_value()))),
                Seen::Broken(unknown) => format!("no usable answer: {}", unknown.detail),
                Seen::NotSent(why) => format!("not sent: {why}"),
            };
            format!("client {}: {} → {seen}", operation.client, step_in_words(&Step::Ask((**query).clone())))
        }
        Act::Quiet => "nothing is under way, and the read models have caught up".to_owned(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
