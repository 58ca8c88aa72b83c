use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::protocol::{Command, Expected};
use crate::step::{Sequence, Step, Submit};
use crate::value::{Number, Record, Value};

/// Makes a sequence smaller, candidate by candidate: whoever tries them says which still show what they are to show.
///
/// Steps are left out in blocks that grow smaller (Zeller & Hildebrandt, "Simplifying and isolating failure-inducing
/// input", 2002), aggregates and unique values become one, keys and demands go, values become simple. A candidate is
/// never proposed twice, and each is smaller than what it was made of, so that it ends.
#[derive(Clone, Debug)]
pub struct Reduction {
    best: Sequence,
    waiting: VecDeque<Sequence>,
    proposed: HashSet<u64>,
    last: Option<Sequence>,
}

impl Reduction {
    /// Begins with a sequence that shows it.
    pub fn new(sequence: Sequence) -> Self {
        let mut reduction =
            Self { best: sequence, waiting: VecDeque::new(), proposed: HashSet::new(), last: None };
        reduction.refill();
        reduction
    }

    /// First without the steps at these places, each of them a selection: whoever knows what they did knows what may not be needed.
    #[must_use]
    pub fn first_without(mut self, selections: impl IntoIterator<Item = Vec<usize>>) -> Self {
        let candidates = selections.into_iter().filter(|gone| !gone.is_empty()).map(|gone| {
            let mut rest = self.best.clone();
            let mut at = 0..;
            rest.steps.retain(|_| at.next().is_none_or(|at| !gone.contains(&at)));
            pruned(rest)
        });
        let candidates: Vec<Sequence> = candidates.filter(|rest| !rest.steps.is_empty()).collect();
        for candidate in candidates.into_iter().rev() {
            self.waiting.push_front(candidate);
        }
        self
    }

    /// The smallest one so far that shows it.
    pub fn best(&self) -> &Sequence {
        &self.best
    }

    /// The next one to try; `None` when nothing can be made smaller.
    pub fn propose(&mut self) -> Option<Sequence> {
        while let Some(candidate) = self.waiting.pop_front() {
            if self.proposed.insert(fingerprint(&candidate)) {
                self.last = Some(candidate.clone());
                return Some(candidate);
            }
        }
        None
    }

    /// The one that was proposed last shows it, too.
    pub fn keep(&mut self) {
        if let Some(kept) = self.last.take() {
            self.best = kept;
            self.refill();
        }
    }

    fn refill(&mut self) {
        self.waiting.clear();
        let steps = self.best.steps.len();
        let mut block = steps;
        while block > 1 {
            block = block.div_ceil(2);
            // From the end: what comes last, nothing else rests on.
            let mut end = steps;
            while end > 0 {
                let start = end.saturating_sub(block);
                self.waiting.push_back(without(&self.best, start..end));
                end = start;
            }
            if block == 1 {
                break;
            }
        }
        self.waiting.extend(unified(&self.best));
        for at in 0..steps {
            for step in simpler(&self.best.steps[at]) {
                let mut candidate = self.best.clone();
                // What is sent twice stays the same twice.
                let keyed = matches!(&self.best.steps[at], Step::Submit(submit) if submit.is_keyed());
                for other in
                    candidate.steps.iter_mut().filter(|other| keyed && **other == self.best.steps[at])
                {
                    *other = step.clone();
                }
                candidate.steps[at] = step;
                self.waiting.push_back(pruned(candidate));
            }
        }
    }
}

fn fingerprint(sequence: &Sequence) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{sequence:?}").hash(&mut hasher);
    hasher.finish()
}

fn without(sequence: &Sequence, gone: std::ops::Range<usize>) -> Sequence {
    let mut rest = sequence.clone();
    rest.steps.drain(gone);
    pruned(rest)
}

/// Without the names that no step uses.
fn pruned(mut sequence: Sequence) -> Sequence {
    let mut used = HashSet::new();
    for step in &sequence.steps {
        step.each_name(|name| {
            used.insert(name.clone());
        });
    }
    sequence.names.retain(|binding| used.contains(&binding.name));
    sequence
}

/// With two names become one: aggregates of one kind, or unique values of one kind.
fn unified(sequence: &Sequence) -> Vec<Sequence> {
    let mut found = Vec::new();
    for (at, binding) in sequence.names.iter().enumerate() {
        if let Some(earlier) = sequence.names[..at].iter().find(|earlier| earlier.draw == binding.draw) {
            let other = Value::Name(earlier.name.clone());
            let bound = sequence.bind(|name| (*name == binding.name).then(|| other.clone()));
            found.push(pruned(Sequence { names: sequence.names.clone(), steps: bound }));
        }
    }
    found
}

/// The step with one thing in it made simpler, in each way there is.
fn simpler(step: &Step) -> Vec<Step> {
    match step {
        Step::Submit(submit) => {
            let mut found = Vec::new();
            let with = |command: Command| Step::Submit(Submit { command, ..submit.clone() });
            if submit.is_keyed() {
                let command = Command { key: None, ..submit.command.clone() };
                found.push(Step::Submit(Submit { command, key: None, ..submit.clone() }));
            }
            if submit.is_demanding() {
                let command = Command { expected: Expected::Any, ..submit.command.clone() };
                found.push(Step::Submit(Submit { command, demands: None, ..submit.clone() }));
            }
            let fields = simpler_fields(&submit.command.fields).into_iter();
            found.extend(fields.map(|fields| with(Command { fields, ..submit.command.clone() })));
            found
        }
        Step::Ask(query) => {
            let fields = simpler_fields(&query.fields).into_iter();
            fields.map(|fields| Step::Ask(crate::protocol::Query { fields, ..query.clone() })).collect()
        }
        Step::Settle => Vec::new(),
    }
}

fn simpler_fields(fields: &Record) -> Vec<Record> {
    let mut found = Vec::new();
    for (name, value) in fields.iter() {
        for simpler in simpler_values(value) {
            let mut other = fields.clone();
            other.insert(name, simpler);
            found.push(other);
        }
    }
    found
}

fn simpler_values(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => {
            let mut found: Vec<Value> = (0..items.len())
                .rev()
                .map(|gone| {
                    let rest = items.iter().enumerate().filter(|(at, _)| *at != gone);
                    Value::List(rest.map(|(_, item)| item.clone()).collect())
                })
                .collect();
            for (at, item) in items.iter().enumerate() {
                for simpler in simpler_values(item) {
                    let mut other = items.clone();
                    other[at] = simpler;
                    found.push(Value::List(other));
                }
            }
            found
        }
        Value::Record(record) => simpler_fields(record).into_iter().map(Value::Record).collect(),
        Value::Number(number) => {
            let simple = [0_i64, 1, 2].map(|simple| Number::from(rust_decimal::Decimal::from(simple)));
            let known = simple.iter().position(|simple| simple == number).unwrap_or(simple.len());
            simple.into_iter().take(known).map(Value::Number).collect()
        }
        Value::Text(text) if text.chars().count() <= 1 => Vec::new(),
        Value::Text(text) => {
            text.chars().next().map(|first| Value::from(&*first.to_string())).into_iter().collect()
        }
        Value::Bool(true) => vec![Value::Bool(false)],
        Value::Bool(false) | Value::Null | Value::Name(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Binding, Draw};
    use crate::value::Name;

    fn command(name: &str, on: &str, quantity: i64) -> Step {
        let number = Value::Number(Number::from(rust_decimal::Decimal::from(quantity)));
        let command = Command {
            name: name.into(),
            on: Some(Name::new(on).into()),
            fields: [("quantity", number)].into_iter().collect(),
            key: None,
            expected: Expected::Any,
            id: "".into(),
        };
        Step::Submit(Submit { key: Some(Name::new("key1")), ..command.into() })
    }

    fn binding(text: &str, draw: Draw) -> Binding {
        Binding { name: Name::new(text), draw }
    }

    fn sequence() -> Sequence {
        let mut steps: Vec<Step> = (0..20).map(|at| command("Noise", "box1", at)).collect();
        steps.insert(7, command("First", "box1", 40));
        steps.insert(15, command("Second", "box2", 50));
        steps.push(Step::Settle);
        let names = ["box1", "box2"].map(|text| binding(text, Draw::New("Box".into())));
        let key = binding("key1", Draw::Key);
        Sequence { names: names.into_iter().chain([key]).collect(), steps }
    }

    /// Reduces with a test that needs `First` before `Second`, and a quantity of at least 2 in the latter.
    fn reduced() -> (Sequence, usize) {
        let shows = |sequence: &Sequence| {
            let place = |wanted: &str| {
                sequence
                    .steps
                    .iter()
                    .position(|step| matches!(step, Step::Submit(c) if &*c.command.name == wanted))
            };
            let enough = sequence.steps.iter().any(|step| match step {
                Step::Submit(submit) if &*submit.command.name == "Second" => {
                    submit.command.fields.get("quantity").and_then(Value::as_number).and_then(Number::to_u64)
                        >= Some(2)
                }
                _ => false,
            });
            enough && place("First").zip(place("Second")).is_some_and(|(first, second)| first < second)
        };
        let mut reduction = Reduction::new(sequence());
        let mut tries = 0;
        while let Some(candidate) = reduction.propose() {
            tries += 1;
            if shows(&candidate) {
                reduction.keep();
            }
        }
        (reduction.best().clone(), tries)
    }

    #[test]
    fn what_is_not_needed_goes() {
        let (small, tries) = reduced();
        let mut first = command("First", "box1", 0);
        let mut second = command("Second", "box1", 2);
        for step in [&mut first, &mut second] {
            if let Step::Submit(submit) = step {
                submit.key = None;
            }
        }
        assert_eq!(small.steps, [first, second]);
        assert_eq!(small.names, [binding("box1", Draw::New("Box".into()))]);
        assert!(tries < 100, "{tries} tries");
    }

    #[test]
    fn what_is_known_to_be_idle_is_left_out_first() {
        let noise = |sequence: &Sequence| {
            let is_noise =
                |step: &&Step| matches!(step, Step::Submit(submit) if &*submit.command.name == "Noise");
            sequence.steps.iter().filter(is_noise).count()
        };
        let idle = (0..22).filter(|at| ![7, 15].contains(at)).collect();
        let mut reduction = Reduction::new(sequence()).first_without([idle, Vec::new(), vec![7]]);
        let first = reduction.propose().expect("a candidate");
        assert_eq!((first.steps.len(), noise(&first)), (3, 0), "{first:#?}");
        let second = reduction.propose().expect("a candidate");
        assert_eq!((second.steps.len(), noise(&second)), (22, 20), "an empty selection is none");
        // What is made of the one that is kept begins with halves.
        reduction.keep();
        assert_eq!(reduction.propose().expect("a candidate").steps.len(), 11);
    }
}
