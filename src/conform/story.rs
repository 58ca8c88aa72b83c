use std::collections::HashMap;
use std::sync::Arc;

use crate::history::{Act, Deed, Done, Operation, Quiet, Spoiled};
use crate::protocol::{Command, Expected, Seen};
use crate::step::{asked, literal, submit_in_words};
use crate::value::{Name, Value};

/// How much of an answer a sentence shows, in characters.
const SHOWN: usize = 300;

/// Something that was done beside the operations.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    /// The place of the operation that came next.
    pub(super) before: usize,
    /// Who did it; nothing for who is no client.
    client: Option<u64>,
    /// What it was, and what came of it.
    sentence: String,
    /// The command that does the same, where there is one.
    pub(super) request: Option<String>,
}

/// What of all that was done beside operations is told with them.
pub(super) fn asides(operations: &[Operation], deeds: &[Arc<Done>]) -> Vec<Aside> {
    let client = operations.first().map(|first| first.client).unwrap_or_default();
    let told = deeds.iter().filter_map(|done| {
        let before = operations.partition_point(|operation| operation.call.index < done.call.index);
        let (client, sentence, request) = match done.deed {
            Deed::Spoiled => {
                let spoiled = done.spoiled()?;
                (Some(client), spoiled_in_words(&spoiled), Some(spoiled.request.to_string()))
            }
            Deed::Status => {
                let status = done.status()?;
                let sentence = format!("asks how that command stands → {}", status.stands);
                (Some(status.client), sentence, Some(status.request.to_string()))
            }
            Deed::Rebuild => (None, format!("the read model of {} is built anew", done.rebuilt()?), None),
            Deed::AsOf => {
                let (query, version, answer) = done.as_of()?;
                let seen = match &answer.seen {
                    Seen::Found(value) => literal(value),
                    Seen::NotSent(why) => format!("no usable answer: {why}"),
                    _ => "absent".to_owned(),
                };
                (Some(client), format!("{} as of version {version} → {seen}", asked(&query)), None)
            }
            Deed::Restart => (None, "the service is started again".to_owned(), None),
            // What was told there is shown by what is wrong with it.
            Deed::Wait | Deed::Seed | Deed::Feed => return None,
        };
        Some(Aside { before, client, sentence, request })
    });
    told.collect()
}

fn spoiled_in_words(spoiled: &Spoiled) -> String {
    let Spoiled { name, on, fields, how, outcome, head, .. } = spoiled;
    let command = Command {
        id: "".into(),
        name: name.clone(),
        on: on.clone(),
        fields: fields.clone(),
        key: None,
        expected: Expected::Any,
    };
    let answered = match head {
        Some(head) => format!("{} ({outcome})", head.status),
        None => outcome.to_string(),
    };
    format!("{} sent {} → {answered}", submit_in_words(&command.into()), how.words())
}

/// Tells what was done and seen, with names in the place of ids.
pub(super) struct Story<'v> {
    /// Values, longest first, and the names that they were drawn for.
    names: Vec<(&'v str, String)>,
}

impl<'v> Story<'v> {
    pub(super) fn new(values: &'v HashMap<Name, Value>) -> Self {
        let mut names: Vec<_> =
            values.iter().filter_map(|(name, value)| Some((value.as_text()?, name.to_string()))).collect();
        // Longer values first, so that none is taken for the beginning of another.
        names.sort_by_cached_key(|(value, name)| (std::cmp::Reverse(value.len()), name.clone()));
        Self { names }
    }

    /// A text with names where it speaks of their values.
    pub(super) fn named(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (value, name)| {
            text.replace(&format!("\"{value}\""), name).replace(value, name)
        })
    }

    /// A sentence for each operation, and for each aside where it belongs.
    pub(super) fn tell(&self, operations: &[Operation], asides: &[Aside]) -> Vec<String> {
        let mut telling = Telling::default();
        for at in 0..=operations.len() {
            for aside in asides.iter().filter(|aside| aside.before == at) {
                let sentence = match aside.client {
                    Some(client) => format!("client {}: {}", telling.client(client), aside.sentence),
                    None => aside.sentence.clone(),
                };
                telling.happens(cut(&self.named(&sentence)));
            }
            if let Some(operation) = operations.get(at) {
                telling.operation(operation, |sentence| self.named(sentence));
            }
        }
        telling.end()
    }
}

/// A story up to now. Clients are numbered as they turn up. As long as nothing else happens, a read is told when it says something
/// new; how often it said that is counted.
#[derive(Default)]
struct Telling {
    /// Sentences, and how often each was so.
    told: Vec<(String, usize)>,
    clients: Vec<u64>,
    /// Where the last answer to each question is told, since something else happened.
    reads: HashMap<(u64, String), usize>,
    /// The index of the latest end of a command.
    busy_until: Option<u64>,
}

impl Telling {
    fn operation(&mut self, operation: &Operation, named: impl Fn(&str) -> String) {
        let client = self.client(operation.client);
        let (asked, sentence) = sentence(operation, &named);
        let sentence = match &operation.act {
            Act::Quiet(_) => sentence,
            Act::Submit { .. } if self.busy_until.is_some_and(|until| operation.call.index < until) => {
                format!("client {client}, at the same time: {sentence}")
            }
            _ => format!("client {client}: {sentence}"),
        };
        if let Act::Submit { .. } = operation.act {
            self.busy_until = self.busy_until.max(operation.end.map(|end| end.index));
        }
        match asked {
            Some(asked) => self.reads(operation.client, asked, named(&sentence)),
            None => self.happens(named(&sentence)),
        }
    }

    fn reads(&mut self, client: u64, asked: String, sentence: String) {
        let last = self.reads.get(&(client, asked.clone())).and_then(|at| self.told.get_mut(*at));
        match last {
            Some((last, times)) if *last == sentence => *times += 1,
            _ => {
                self.reads.insert((client, asked), self.told.len());
                self.told.push((sentence, 1));
            }
        }
    }

    fn happens(&mut self, sentence: String) {
        self.reads.clear();
        match self.told.last_mut() {
            Some((last, times)) if *last == sentence => *times += 1,
            _ => self.told.push((sentence, 1)),
        }
    }

    fn client(&mut self, client: u64) -> usize {
        let at = self.clients.iter().position(|known| *known == client).unwrap_or_else(|| {
            self.clients.push(client);
            self.clients.len() - 1
        });
        at + 1
    }

    fn end(self) -> Vec<String> {
        let counted = self.told.into_iter().map(|(sentence, times)| match times {
            1 => sentence,
            _ => format!("{sentence} ({times} times)"),
        });
        counted.collect()
    }
}

/// What was asked, if something was, and the sentence without who did it. Names take the place of ids before a long answer is
/// cut: half an id is none.
fn sentence(operation: &Operation, named: impl Fn(&str) -> String) -> (Option<String>, String) {
    match &operation.act {
        Act::Submit { command, attempt, outcome } => {
            let again = if *attempt > 0 { "again: " } else { "" };
            let key = command.key.as_ref().map(|key| format!(" key \"{key}\"")).unwrap_or_default();
            let plain = crate::protocol::Command { key: None, ..(**command).clone() };
            let step = submit_in_words(&plain.into());
            (None, format!("{again}{step}{key} → {outcome}"))
        }
        Act::Ask { query, answer } => {
            let seen = match &answer.seen {
                Seen::Found(value) => cut(&named(&literal(value))),
                Seen::Absent => "absent".to_owned(),
                Seen::Refused(rejection) => {
                    format!("refused: {}", cut(&named(&literal(&rejection.to_value()))))
                }
                Seen::Broken(unknown) => format!("no usable answer: {}", unknown.detail),
                Seen::NotSent(why) => format!("not sent: {why}"),
            };
            let asked = asked(query);
            let sentence = format!("{asked} → {seen}");
            (Some(asked), sentence)
        }
        Act::Quiet(Quiet::Proved) => {
            (None, "nothing is under way, and the read models have caught up".to_owned())
        }
        Act::Quiet(Quiet::Assumed) => {
            (None, "nothing is under way, and what is read next is as it must be".to_owned())
        }
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
    use crate::protocol::{Answer, Outcome, Query, Receipt};

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
        Story::new(&HashMap::new()).tell(operations, &[])
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
    fn ids_have_their_names_where_a_long_answer_is_cut_in_one() {
        let id = "o".repeat(40);
        let long = "x".repeat(SHOWN - 20);
        let seen = Value::List(vec![Value::from(long.as_str()), Value::from(id.as_str())]);
        let values = HashMap::from([(Name::new("order1"), Value::from(id.as_str()))]);
        let told = Story::new(&values).tell(&[ask(1, 0, "A", Seen::Found(seen))], &[]);
        assert!(told[0].contains("$order1") && !told[0].contains("ooo"), "{told:?}");
    }

    #[test]
    fn commands_that_overlap_are_said_to() {
        let story = [submit(7, 0, 4), submit(9, 1, 3), submit(7, 5, 6)];
        let told = told(&story);
        let who: Vec<_> = told.iter().map(|line| line.split(": ").next().unwrap_or_default()).collect();
        assert_eq!(who, ["client 1", "client 2, at the same time", "client 1"]);
    }
}
