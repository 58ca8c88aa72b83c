//! Commands side by side, and commands of which nobody knows what became.

use proofmark::judge::MismatchKind;

use super::{Story, add, cancel, confirm, create, details, list, order, row};

/// Two commands that overlap, with what they were told and what is seen at rest.
fn race(said: [&str; 2], seen: &str) -> Story {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    let (a, b) = (story.calls(confirm("o")), story.calls(cancel("o")));
    story.ends(a, said[0]);
    story.ends(b, said[1]);
    story.rests();
    story.reads(details("o"), &order("o", seen, &[]));
    story
}

#[test]
fn one_of_two_that_exclude_each_other_wins() {
    race(["accepted", "OrderNotPending"], "confirmed").passes();
    race(["OrderNotPending", "accepted"], "cancelled").passes();
    race(["accepted", "ConcurrencyConflict"], "confirmed").passes();
    race(["accepted", "accepted"], "confirmed").check(&[MismatchKind::Outcome]);
    race(["accepted", "OrderNotPending"], "cancelled").check(&[MismatchKind::Settled]);
    // Somebody must have won.
    race(["ConcurrencyConflict", "ConcurrencyConflict"], "pending").check(&[MismatchKind::Outcome]);
}

#[test]
fn commands_that_overlap_may_come_in_either_order() {
    for seen in [[1, 2], [2, 1]] {
        let mut story = Story::default();
        story.does(create("o"), "accepted");
        let (a, b) = (story.calls(add("o", 1)), story.calls(add("o", 2)));
        story.ends(b, "accepted");
        story.ends(a, "accepted");
        story.rests();
        story.reads(details("o"), &order("o", "pending", &seen));
        story.reads(details("o"), &order("o", "pending", &seen));
        story.passes();
        // Seen in one order, they can't have come in the other.
        let [first, second] = seen;
        story.reads(details("o"), &order("o", "pending", &[second, first]));
        story.check(&[MismatchKind::Settled]);
    }
}

#[test]
fn commands_that_follow_each_other_come_in_that_order() {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.does(add("o", 1), "accepted");
    story.does(add("o", 2), "accepted");
    story.rests();
    story.reads(details("o"), &order("o", "pending", &[2, 1]));
    story.check(&[MismatchKind::Settled]);
}

#[test]
fn an_unknown_outcome_leaves_both_open() {
    for said in ["accepted", "OrderNotPending"] {
        let mut story = Story::default();
        story.does(create("o"), "accepted");
        story.loses(confirm("o"));
        story.does(cancel("o"), said);
        story.passes();
    }
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.loses(add("o", 1));
    story.does(confirm("o"), "OrderNotFound");
    story.check(&[MismatchKind::Outcome]);
}

#[test]
fn what_is_seen_settles_what_was_unknown() {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.loses(confirm("o"));
    story.reads(details("o"), &order("o", "confirmed", &[]));
    story.does(add("o", 1), "OrderNotPending");
    story.passes();
    // It was seen, so it has happened.
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.loses(confirm("o"));
    story.reads(details("o"), &order("o", "confirmed", &[]));
    story.does(add("o", 2), "accepted");
    story.check(&[MismatchKind::Outcome]);
}

#[test]
fn an_unknown_command_takes_effect_at_most_once() {
    let told = |seen: &[u32]| {
        let mut story = Story::default();
        story.does(create("o"), "accepted");
        story.loses(add("o", 1));
        story.does(add("o", 2), "accepted");
        story.reads(details("o"), &order("o", "pending", seen));
        story
    };
    for seen in [&[][..], &[1], &[2], &[1, 2], &[2, 1]] {
        told(seen).passes();
    }
    told(&[1, 2, 1]).check(&[MismatchKind::Unexplained]);
    told(&[1, 1]).check(&[MismatchKind::Unexplained]);
}

#[test]
fn orders_that_were_opened_at_once_may_be_listed_either_way() {
    let told = |overlap: bool, rows: [String; 2]| {
        let mut story = Story::default();
        let a = story.calls(create("a"));
        if overlap {
            let b = story.calls(create("b"));
            story.ends(a, "accepted");
            story.ends(b, "accepted");
        } else {
            story.ends(a, "accepted");
            story.does(create("b"), "accepted");
        }
        story.rests();
        story.reads(list(), &format!("[{}]", rows.join(", ")));
        story
    };
    let (a, b) = (row("a", "pending", 2), row("b", "pending", 2));
    told(true, [a.clone(), b.clone()]).passes();
    told(true, [b.clone(), a.clone()]).passes();
    told(false, [b.clone(), a.clone()]).passes();
    told(false, [a, b]).check(&[MismatchKind::Settled]);
}

#[test]
fn an_order_is_as_old_as_its_first_command_however_often_another_was_repeated() {
    let mut story = Story::default();
    story.does(create("a"), "accepted");
    for _ in 0..2 {
        story.does(
            super::keyed(crate::model::command("RemoveItem", "a", r#"{"product": "p"}"#), "k"),
            "OrderHasNoItems",
        );
    }
    story.does(create("b"), "accepted");
    story.does(cancel("a"), "accepted");
    story.rests();
    story.reads(list(), &format!("[{}, {}]", row("b", "pending", 2), row("a", "cancelled", 2)));
    story.passes();
}
