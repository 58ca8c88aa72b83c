use std::collections::HashMap;
use std::sync::Arc;

use crate::generate::{Step, literal, step_in_words};
use crate::history::{Act, Operation};
use crate::protocol::Seen;
use crate::value::Value;

/// How much of an answer a sentence shows, in characters.
const SHOWN: usize = 300;

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

    /// A sentence for each operation, with clients numbered as they turn up. As long as nothing else happens, a read is told when
    /// it says something new; how often it said that is counted.
    pub(super) fn tell(&self, operations: &[Operation]) -> Vec<String> {
        let mut told: Vec<(String, usize)> = Vec::new();
        let mut clients: Vec<u64> = Vec::new();
        // Where the last answer to each question is told, since something else happened.
        let mut reads: HashMap<(u64, String), usize> = HashMap::new();
        let mut busy_until = None;
        for operation in operations {
            let client = match clients.iter().position(|client| *client == operation.client) {
                Some(at) => at + 1,
                None => {
                    clients.push(operation.client);
                    clients.len()
                }
            };
            let (asked, sentence) = sentence(operation);
            let sentence = match &operation.act {
                Act::Quiet => sentence,
                Act::Submit { .. } if busy_until.is_some_and(|until| operation.call.index < until) => {
                    format!("client {client}, at the same time: {sentence}")
                }
                _ => format!("client {client}: {sentence}"),
            };
            let sentence = self.named(&sentence);
            let Some(asked) = asked else {
                if let Act::Submit { .. } = operation.act {
                    busy_until = busy_until.max(operation.end.map(|end| end.index));
                }
                reads.clear();
                told.push((sentence, 1));
                continue;
            };
            match reads.get(&(operation.client, asked.clone())).and_then(|at| told.get_mut(*at)) {
                Some((last, times)) if *last == sentence => *times += 1,
                _ => {
                    reads.insert((operation.client, asked), told.len());
                    told.push((sentence, 1));
                }
            }
        }
        let counted = told.into_iter().map(|(sentence, times)| match times {
            1 => sentence,
            _ => format!("{sentence} ({times} times)"),
        });
        counted.collect()
    }
}

/// What was asked, if something was, and the sentence without who did it.
fn sentence(operation: &Operation) -> (Option<String>, String) {
    match &operation.act {
        Act::Submit { command, attempt, outcome } => {
            let again = if *attempt > 0 { "again: " } else { "" };
            let key = command.key.as_ref().map(|key| format!(" key \"{key}\"")).unwrap_or_default();
            let plain = crate::protocol::Command { key: None, ..(**command).clone() };
            let step = step_in_words(&Step::Submit(plain));
            (None, format!("{again}{step}{key} → {outcome}"))
        }
        Act::Ask { query, answer } => {
            let seen = match &answer.seen {
                Seen::Found(value) => cut(&literal(value)),
                Seen::Absent => "absent".to_owned(),
                Seen::Refused(rejection) => format!("refused: {}", cut(&literal(&rejection.to_value()))),
                Seen::Broken(unknown) => format!("no usable answer: {}", unknown.detail),
                Seen::NotSent(why) => format!("not sent: {why}"),
            };
            let asked = step_in_words(&Step::Ask((**query).clone()));
            let sentence = format!("{asked} → {seen}");
            (Some(asked), sentence)
        }
        Act::Quiet => (None, "nothing is under way, and the read models have caught up".to_owned()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::history::Stamp;
    use crate::protocol::{Answer, Command, Expected, Outcome, Query, Receipt};

    fn stamp(index: u64) -> Stamp {
        Stamp { index, at: Duration::from_millis(index) }
    }

    fn submit(client: u64, call: u64, end: u64) -> Operation {
        let command = Arc::new(Command {
            id: "c-1".into(),
            name: "Add".into(),
            on: Some(Value::from("o-1")),
            fields: crate::value::Record::new(),
            key: None,
            expected: Expected::Any,
        });
        let act = Act::Submit { command, attempt: 0, outcome: Outcome::Accepted(Receipt::default()) };
        Operation { client, call: stamp(call), end: Some(stamp(end)), act }
    }

    fn ask(client: u64, call: u64, name: &str, seen: Seen) -> Operation {
        let query = Query { name: name.into(), on: None, fields: crate::value::Record::new() };
        let act = Act::Ask { query: Arc::new(query), answer: Answer::new(seen) };
        Operation { client, call: stamp(call), end: Some(stamp(call)), act }
    }

    fn told(operations: &[Operation]) -> Vec<String> {
        Story::new(&HashMap::new()).tell(operations)
    }

    #[test]
    fn polls_are_told_where_they_say_something_new() {
        let found = || Seen::Found(Value::from("x"));
        let story = [
            submit(1805, 0, 1),
            ask(1805, 2, "A", Seen::Absent),
            ask(1805, 3, "B", Seen::Absent),
            ask(1805, 4, "A", Seen::Absent),
            ask(1805, 5, "B", found()),
            ask(1805, 6, "A", Seen::Absent),
            ask(1805, 7, "B", Seen::Absent),
            submit(1805, 8, 9),
            ask(1805, 10, "A", Seen::Absent),
        ];
        assert_eq!(
            told(&story),
            [
                "client 1: Add on \"o-1\" → accepted",
                "client 1: A → absent (3 times)",
                "client 1: B → absent",
                "client 1: B → \"x\"",
                "client 1: B → absent",
                "client 1: Add on \"o-1\" → accepted",
                "client 1: A → absent",
            ]
        );
    }

    #[test]
    fn commands_that_overlap_are_said_to() {
        let story = [submit(7, 0, 4), submit(9, 1, 3), submit(7, 5, 6)];
        let told = told(&story);
        let who: Vec<_> = told.iter().map(|line| line.split(": ").next().unwrap_or_default()).collect();
        assert_eq!(who, ["client 1", "client 2, at the same time", "client 1"]);
    }
}
