//! Laws of the interpreted model, for contracts and commands that nobody wrote: it never panics or hangs, is exact, gives
//! the same answer twice, and what is refused changes nothing.

use proofmark::contract::rules::{Decision, Expected, Interpreted, Law, Model, ModelError, Shown, World};
use proofmark::protocol::Command;
use proofmark::text::Source;
use proofmark::value::{Number, Record, Value};
use proptest::prelude::*;

use super::query;

/// The states and fields that expressions may speak of, all numbers with few values, so that rules do apply.
const NUMBERS: [&str; 5] = ["self.level", "self.price", "by", "price", "sum(l in self.lines, l.quantity)"];

fn number() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        4 => proptest::sample::select(&NUMBERS[..]).prop_map(str::to_owned),
        2 => (0..5_u32).prop_map(|number| number.to_string()),
        1 => proptest::sample::select(&["0.1", "0.01", "12345678901234567.89", "count(self.lines)"][..])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), proptest::sample::select(&["+", "-", "*"][..]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("(if {a} > 1 then {a} else {b})")),
            Just("sum(l in filter(l in self.lines, l.quantity > by), l.quantity * price)".to_owned()),
        ]
    })
    .boxed()
}

fn condition() -> BoxedStrategy<String> {
    let compared = (number(), proptest::sample::select(&["==", "!=", "<", "<=", ">", ">="][..]), number());
    let leaf = prop_oneof![
        4 => compared.prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => Just("self.status == closed".to_owned()),
        1 => Just("any(l in self.lines, l.name == name)".to_owned()),
        1 => Just("other.level > self.level".to_owned()),
        1 => Just("other == self".to_owned()),
    ];
    let join = |inner: BoxedStrategy<String>| {
        (inner.clone(), proptest::sample::select(&["and", "or"][..]), inner)
            .prop_map(|(a, op, b)| format!("({a} {op} {b})"))
    };
    leaf.prop_recursive(2, 6, 2, move |inner| {
        prop_oneof![join(inner.clone().boxed()), inner.prop_map(|a| format!("not ({a})"))]
    })
    .boxed()
}

/// A contract whose rules are made up and well typed.
fn contract() -> impl Strategy<Value = String> {
    let sets = proptest::sample::subsequence(
        vec![
            "status = closed",
            "lines = self.lines + [{ name, quantity: by }]",
            "lines = filter(l in self.lines, l.name != name)",
            "other.level = other.level + 1",
        ],
        0..=4,
    );
    let rejects = proptest::collection::vec(condition(), 0..4);
    (rejects, sets, number(), any::<bool>(), proptest::option::of(condition()), number()).prop_map(
        |(rejects, sets, level, in_order, invariant, shown)| {
            let mut text = String::from(
                "contract made_up\ntype Line { name: id, quantity: int }\naggregate Box\n  state status: open | closed\n  state level: decimal = 1\n  state price: decimal = 0.10\n  state lines: [Line] = []\n  command Put { name: id, by: int, price: decimal, other: Box }\n",
            );
            if in_order {
                text.push_str("    in order\n");
            }
            for (at, reject) in rejects.iter().enumerate() {
                text.extend(["    reject R", &at.to_string(), " when ", reject, "\n"]);
            }
            text.extend(["    set level = ", &level, "\n"]);
            // Two sets of one state are a mistake of their own.
            let once = sets.iter().enumerate().filter(|(at, set)| {
                !sets[..*at].iter().any(|earlier| earlier.split(' ').next() == set.split(' ').next())
            });
            text.extend(once.flat_map(|(_, set)| ["    set ", set, "\n"]));
            let free = |text: &str| !["by", "price", "name", "other"].iter().any(|field| speaks_of(text, field));
            if let Some(invariant) = invariant.filter(|text| free(text)) {
                text.extend(["  invariant \"made up\": ", &invariant, "\n"]);
            }
            let shown = if free(&shown) { shown } else { "self.level * 3".to_owned() };
            text.extend(["  query Get\n    shows { level: self.level, shown: ", &shown, " }\n"]);
            text
        },
    )
}

/// Whether a rule speaks of a field of the command.
fn speaks_of(text: &str, field: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'))
        .any(|word| word == field || word.split('.').next() == Some(field))
}

fn command() -> impl Strategy<Value = Command> {
    let price = proptest::sample::select(&["0.10", "3", "-1", "99999999999999999999.99"][..]);
    let odd = prop_oneof![9 => Just(None), 1 => Just(Some(Value::Null)), 1 => Just(Some("text".into()))];
    (0..3_usize, 0..2_usize, -1..4_i64, price, 0..3_usize, odd).prop_map(
        |(on, name, by, price, other, odd)| {
            let ids = ["a", "b", "c"];
            let price = Number::parse(price).expect("a number");
            let fields = Record::from_iter([
                ("name", Value::from(["n", "m"][name])),
                ("by", odd.unwrap_or_else(|| Value::Number(Number::from(by)))),
                ("price", Value::Number(price)),
                ("other", ids[other].into()),
            ]);
            Command { fields, ..super::command("Put", ids[on], "{}") }
        },
    )
}

/// What is wrong with the rules themselves is a typed error; anything else of a command is an outcome.
fn decided(model: &Interpreted, world: &World<Record>, sent: &Command) -> Option<Vec<Decision<Record>>> {
    let first = model.decide(world, sent);
    assert_eq!(first, model.decide(world, sent), "the same twice");
    match first {
        Ok(decisions) => {
            assert!(!decisions.is_empty(), "there is always an outcome");
            Some(decisions)
        }
        Err(ModelError::Rule(_) | ModelError::Unlawful { .. } | ModelError::Invariant { .. }) => None,
        Err(error @ ModelError::UnknownMessage { .. }) => panic!("{error}"),
    }
}

/// Whether a number has been kept to its last digit: shown and worked out apart, it is the same.
fn exact(model: &Interpreted, world: &World<Record>, on: &str) {
    let Ok(Expected::Shows(row)) = model.answer(world, &query("Get", Some(on), "{}")) else { return };
    let [(_, Shown::Is(Value::Number(level))), ..] = &row[..] else { panic!("{row:?}") };
    let state = model.state(world, "Box", &on.into()).expect("a state");
    assert_eq!(state.get("level"), Some(&Value::Number(level.clone())));
    assert_eq!(Number::parse(&level.to_string()).as_ref(), Some(level), "written and read it is the same");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_made_up_contract_keeps_the_laws_of_models(
        text in contract(),
        commands in proptest::collection::vec(command(), 1..12),
    ) {
        let model = match Interpreted::read(&Source::new("made_up.contract", &*text)) {
            Ok(model) => model,
            Err(mistakes) => panic!("not well typed: {mistakes:?}\n{text}"),
        };
        let mut world = World::new();
        for sent in &commands {
            let before = world.clone();
            let Some(decisions) = decided(&model, &world, sent) else { continue };
            prop_assert_eq!(&before, &world, "to decide changes nothing");
            let accepted: Vec<_> = decisions
                .iter()
                .filter_map(|decision| match decision {
                    Decision::Accepted(acceptance) => Some(acceptance),
                    Decision::Rejected(_) => None,
                })
                .collect();
            prop_assert!(accepted.len() <= 1);
            let stops = model.stops(&world, sent).expect("rules");
            if !stops.rules.is_empty() || matches!(stops.law, Law::Unlawful(_)) {
                prop_assert!(accepted.is_empty(), "what a rule stops is not accepted: {}", text);
            }
            if let Some(acceptance) = accepted.first() {
                // Only what the command is on or refers to may have changed.
                for entry in acceptance.world.entries() {
                    let own = sent.on.as_ref() == Some(&entry.id);
                    let other = sent.fields.get("other") == Some(&entry.id);
                    prop_assert!(own || other || world.get(&entry.aggregate, &entry.id) == Some(entry));
                }
                world = acceptance.world.clone();
            }
            for on in ["a", "b", "c"] {
                exact(&model, &world, on);
            }
        }
    }
}
