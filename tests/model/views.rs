//! Views: which aggregates they are of, in which order, in pages, and what they say of all.

use proofmark::contract::rules::{Decision, Expected, Interpreted, Model, World};
use proofmark::protocol::Answer;
use proofmark::value::{Record, Tolerances, Value};

use super::{command, found, query, written};

const SHOP: &str = r"contract shop
type Line { product: id, price: decimal }

aggregate Order
  state status: open | paid
  state owner: id?
  state rank: int = 0
  state lines: [Line] = []

  command Open { owner: id, rank: int, lines: [Line] }
    set owner = owner
    set rank = rank
    set lines = lines
  command Pay
    set status = paid

view Newest { page: int 1.. = 1, page_size: int 1..100 = 20 }
  of Order
  shows { order: self.id }
  newest first, paged

view Oldest of Order
  shows { order: self.id }
  oldest first

view Ranked { status: open | paid }
  of Order where self.status == status
  shows { order: self.id, rank: self.rank }
  by rank

view Dashboard { owner: id? }
  of Order where owner == null or self.owner == owner
  summarises {
    count,
    paid: count(self.status == paid),
    share: if count == 0 then 0 else sum(self.rank) * 100 - 1,
    revenue: sum(i in self.lines, i.price),
    pieces: sum(count(self.lines)),
    dear: any(i in self.lines, i.price > 4),
    best: if any(count(self.lines) > 0) then max(i in self.lines, i.price) else 0,
    mine: count(self.owner == owner),
    chosen at: instant
  }
";

fn world(model: &Interpreted) -> World<Record> {
    let mut world = World::new();
    for (name, on, fields) in [
        ("Open", "a", r#"{"owner": "ann", "rank": 2, "lines": [{"product": "p", "price": 1.5}]}"#),
        ("Open", "b", r#"{"owner": "bob", "rank": 1, "lines": []}"#),
        (
            "Open",
            "c",
            r#"{"owner": "ann", "rank": 3, "lines": [{"product": "p", "price": 5}, {"product": "q", "price": 0.25}]}"#,
        ),
        ("Pay", "b", "{}"),
    ] {
        let decisions = model.decide(&world, &command(name, on, fields)).expect("a decision");
        let [Decision::Accepted(accepted)] = &decisions[..] else { panic!("{decisions:?}") };
        world = accepted.world.clone();
    }
    world
}

/// How many differences there are between what a view must answer and this answer.
fn check(fields: (&str, &str), answer: &str, differences: usize) {
    let model = written(SHOP);
    let expected = model.answer(&world(&model), &query(fields.0, None, fields.1)).expect("an answer");
    let told = expected.differences(&found(answer), &Tolerances::EXACT);
    assert_eq!(told.len(), differences, "{fields:?} {answer}: {told:?}");
}

#[test]
fn rows_come_in_their_order_and_in_pages() {
    let order = |names: [&str; 3]| {
        let rows: Vec<String> = names.iter().map(|name| format!(r#"{{"order": "{name}"}}"#)).collect();
        format!("[{}]", rows.join(", "))
    };
    check(("Newest", "{}"), &order(["c", "b", "a"]), 0);
    check(("Newest", "{}"), &order(["a", "b", "c"]), 2);
    check(("Oldest", "{}"), &order(["a", "b", "c"]), 0);
    check(("Oldest", "{}"), &order(["c", "b", "a"]), 2);
    check(("Newest", r#"{"page": 2, "page_size": 2}"#), r#"[{"order": "a"}]"#, 0);
    check(("Newest", r#"{"page": 2, "page_size": 2}"#), r#"[{"order": "b"}]"#, 1);
    check(("Newest", r#"{"page": 9, "page_size": 2}"#), "[]", 0);
    let ranked = |rows: [(&str, u32); 2]| {
        let rows = rows.map(|(order, rank)| format!(r#"{{"order": "{order}", "rank": {rank}}}"#));
        format!("[{}]", rows.join(", "))
    };
    check(("Ranked", r#"{"status": "open"}"#), &ranked([("a", 2), ("c", 3)]), 0);
    check(("Ranked", r#"{"status": "open"}"#), &ranked([("c", 3), ("a", 2)]), 4);
}

#[test]
fn a_summary_is_of_all_that_the_filter_lets_through() {
    let all = r#"{"count": 3, "paid": 1, "share": 599, "revenue": 6.75, "pieces": 3, "dear": true, "best": 5, "mine": 0,
        "at": "2026-01-01T00:00:00Z"}"#;
    check(("Dashboard", "{}"), all, 0);
    check(("Dashboard", "{}"), &all.replace("6.75", "6.74"), 1);
    let bobs = r#"{"count": 1, "paid": 1, "share": 99, "revenue": 0, "pieces": 0, "dear": false, "best": 0, "mine": 1, "at": "2026-01-01T02:00:00+02:00"}"#;
    check(("Dashboard", r#"{"owner": "bob"}"#), bobs, 0);
    let none = r#"{"count": 0, "paid": 0, "share": 0, "revenue": 0, "pieces": 0, "dear": false, "best": 0, "mine": 0, "at": "2026-01-01T00:00:00Z"}"#;
    check(("Dashboard", r#"{"owner": "eve"}"#), none, 0);
    check(("Dashboard", r#"{"owner": "eve"}"#), &none.replace("2026-01-01T00:00:00Z", "x"), 1);
    check(("Dashboard", r#"{"owner": "eve"}"#), &none.replace(r#", "at": "2026-01-01T00:00:00Z""#, ""), 1);
}

/// What the guide says of its example.
#[test]
fn the_guides_dashboard_answers_as_it_says() {
    let guide = std::fs::read_to_string("docs/language.md").expect("the guide");
    let (_, example) = guide.split_once("```contract\n").expect("an example");
    let (text, behind) = example.split_once("```").expect("its end");
    let model = written(text);
    let mut world = World::new();
    for (name, on, fields) in
        [("OpenTill", "a", "{}"), ("OpenTill", "b", "{}"), ("Pay", "b", r#"{"amount": 5}"#)]
    {
        let decisions = model.decide(&world, &command(name, on, fields)).expect("a decision");
        let [Decision::Accepted(accepted)] = &decisions[..] else { panic!("{decisions:?}") };
        world = accepted.world.clone();
    }
    let expected = model.answer(&world, &query("Dashboard", None, "{}")).expect("an answer");
    let differs = |answer: &str| expected.differences(&found(answer), &Tolerances::EXACT).len();
    assert!(behind.contains("{ tills: 2, open: 2, in_hand: 5 }"), "the guide says something else");
    assert_eq!(differs(r#"{"tills": 2, "open": 2, "in_hand": 5}"#), 0);
    assert_eq!(differs(r#"{"tills": 2, "open": 1, "in_hand": 5}"#), 1);
}

#[test]
fn a_view_that_says_nothing_may_answer_anything() {
    let model = written("contract c\naggregate A\n  command B\nview V of A\n");
    let expected = model.answer(&World::new(), &query("V", None, "{}")).expect("an answer");
    assert!(matches!(expected, Expected::Anything));
    assert_eq!(expected.differences(&Answer::new(proofmark::protocol::Seen::Absent), &Tolerances::EXACT), []);
}

/// What was taken away and made again is as new as it was made last.
#[test]
fn the_newest_is_what_came_into_being_last() {
    let text = "contract c\naggregate Task\n  state status: absent | open\n  command Open\n    set status = open\n  \
                command Remove\n    set status = absent\n  query GetTask\n    absent when self.status == absent\n    \
                shows { id: self.id }\nview Tasks of Task where self.status == open\n  shows { id: self.id }\n  \
                newest first\n";
    let model = written(text);
    let mut world = World::new();
    for (command, on) in
        [("Open", "a"), ("Open", "b"), ("Open", "a"), ("Remove", "a"), ("Open", "a"), ("Open", "c")]
    {
        let command = proofmark::contract::explore::command(command, &Value::from(on), Record::new());
        world = model.behind(&world, &command).expect("rules").expect("accepted");
    }
    let expected = model.answer(&world, &query("Tasks", None, "{}")).expect("an answer");
    let differences = |rows: &str| expected.differences(&found(rows), &Tolerances::EXACT).len();
    assert_eq!(differences(r#"[{"id": "c"}, {"id": "a"}, {"id": "b"}]"#), 0);
    assert_eq!(differences(r#"[{"id": "c"}, {"id": "b"}, {"id": "a"}]"#), 2);
}
