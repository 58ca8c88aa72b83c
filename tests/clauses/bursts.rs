//! Bursts and pairs: histories that keep BR-4, BR-5, OC-5, EC-3 and EC-4, and histories that break them.

use proofmark::clause::{Evidence, controlled};
use proofmark::protocol::{ClauseId, Command};

use super::cases::{Is, Told};
use crate::checking::{add, cancel, confirm, create, details, list, order, row};

/// A burst, what is seen behind it, and a decision that shows what the write side believes.
fn burst(racers: Vec<(Command, &str)>, seen: (&str, &[u32]), behind: (Command, &str)) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.races(racers);
    told.story.rests();
    told.story.reads(details("o"), &order("o", seen.0, seen.1));
    told.story.does(behind.0, behind.1);
    told.story.rests();
    told
}

fn adds(said: [&'static str; 2]) -> Vec<(Command, &'static str)> {
    vec![(add("o", 1), said[0]), (add("o", 2), said[1])]
}

fn read(mut told: Told, status: &str, seen: &[u32]) -> Told {
    told.story.reads(details("o"), &order("o", status, seen));
    told
}

#[track_caller]
fn check(told: &Told, br5: Is, oc5: Is, ec4: Is, ec3: Is) {
    for (id, expected) in
        [(ClauseId::Br5, br5), (ClauseId::Oc5, oc5), (ClauseId::Ec4, ec4), (ClauseId::Ec3, ec3)]
    {
        told.check("sum", id, expected);
        told.check("conflict", id, expected);
    }
}

#[test]
fn a_burst_that_comes_to_what_it_must_speaks_for_all() {
    let sum = burst(adds(["accepted 2", "accepted 3"]), ("pending", &[1, 2]), (confirm("o"), "accepted 4"));
    check(&read(sum, "confirmed", &[1, 2]), Is::Kept, Is::Kept, Is::Kept, Is::Kept);
    let exclude = vec![(confirm("o"), "accepted 2"), (cancel("o"), "OrderNotPending")];
    let one = burst(exclude, ("confirmed", &[]), (add("o", 1), "OrderNotPending"));
    check(&read(one, "confirmed", &[]), Is::Kept, Is::Kept, Is::Kept, Is::Kept);
}

#[test]
fn what_both_were_told_and_can_not_both_be_is_no_order_of_them() {
    let exclude = vec![(confirm("o"), "accepted 2"), (cancel("o"), "accepted 3")];
    let both = burst(exclude, ("cancelled", &[]), (add("o", 1), "OrderNotPending"));
    check(&read(both, "cancelled", &[]), Is::Broken, Is::Kept, Is::Kept, Is::Kept);
}

#[test]
fn an_update_that_is_lost_is_told_by_who_has_lost_it() {
    // The versions say that the write side has both: the read model has lost one.
    let read_side =
        burst(adds(["accepted 2", "accepted 3"]), ("pending", &[2]), (confirm("o"), "accepted 4"));
    check(&read(read_side, "confirmed", &[2]), Is::Kept, Is::Kept, Is::Broken, Is::Kept);
    // However many it has lost.
    let four = (1..=4).map(|quantity| (add("o", quantity), "accepted")).collect();
    let three = read(burst(four, ("pending", &[3]), (confirm("o"), "accepted")), "confirmed", &[3]);
    three.check("sum", ClauseId::Ec3, Is::Kept);
    three.check("sum", ClauseId::Ec4, Is::Broken);
    // Without versions, another read model says it: it shows what both have come to. Where it lacks the same, nobody knows.
    let listed = |total| {
        let raced = adds(["accepted", "accepted"]);
        let mut told = burst(raced, ("pending", &[2]), (confirm("o"), "accepted"));
        told.story.reads(list(), &format!("[{}]", row("o", "confirmed", total)));
        read(told, "confirmed", &[2])
    };
    check(&listed(5), Is::Kept, Is::Kept, Is::Broken, Is::Kept);
    check(&listed(4), Is::Kept, Is::Broken, Is::Broken, Is::Kept);
    // They say that it has one.
    let lost = burst(adds(["accepted 2", "accepted 2"]), ("pending", &[2]), (confirm("o"), "accepted 3"));
    check(&read(lost, "confirmed", &[2]), Is::Kept, Is::Broken, Is::Broken, Is::Kept);
    // A later decision says so.
    let raced = || vec![(confirm("o"), "accepted"), (add("o", 1), "OrderNotPending")];
    let decided = |said| {
        let decided = burst(raced(), ("confirmed", &[]), (add("o", 1), said));
        read(decided, "confirmed", &[])
    };
    check(&decided("OrderNotPending"), Is::Kept, Is::Kept, Is::Kept, Is::Kept);
    check(&decided("accepted"), Is::Broken, Is::Broken, Is::Kept, Is::Kept);
}

/// A read model that never takes in what came behind a race has not lost it in that race.
#[test]
fn what_is_missing_of_a_command_that_raced_none_is_set_aside() {
    let raced = || adds(["accepted", "accepted"]);
    let behind = read(burst(raced(), ("pending", &[1, 2]), (add("o", 4), "accepted")), "pending", &[1, 2]);
    check(&behind, Is::Kept, Is::Aside, Is::Aside, Is::Kept);
    // Nor is it from nowhere what only lacks that, with something that came behind it.
    let mut later = burst(raced(), ("pending", &[1, 2]), (add("o", 4), "accepted"));
    later.story.does(confirm("o"), "accepted");
    later.story.rests();
    check(&read(later, "confirmed", &[1, 2]), Is::Kept, Is::Aside, Is::Aside, Is::Kept);
    // Where a racer may be what is missing, it may have been lost in the race.
    let either = burst(raced(), ("pending", &[1]), (add("o", 2), "accepted"));
    check(&read(either, "pending", &[1, 2]), Is::Kept, Is::Broken, Is::Broken, Is::Kept);
}

/// A decision that is wrong whichever of them it knew of is wrong anyway.
#[test]
fn a_decision_that_no_racer_explains_is_set_aside() {
    let decided = |racers, behind: (Command, &'static str)| {
        read(burst(racers, ("pending", &[1, 2]), behind), "pending", &[1, 2])
    };
    let anyway = decided(adds(["accepted", "accepted"]), (add("o", 3), "OrderNotPending"));
    check(&anyway, Is::Aside, Is::Aside, Is::Kept, Is::Kept);
    // One of the racers itself.
    let alone = vec![(add("o", 1), "accepted"), (add("o", 2), "accepted"), (confirm("o"), "OrderNotPending")];
    let alone = decided(alone, (add("o", 0), "InvalidQuantity"));
    alone.check("conflict", ClauseId::Br5, Is::Aside);
}

#[test]
fn what_was_never_so_is_from_nowhere() {
    let foreign =
        burst(adds(["accepted 2", "accepted 3"]), ("pending", &[7, 2]), (confirm("o"), "accepted 4"));
    check(&read(foreign, "confirmed", &[7, 2]), Is::Kept, Is::Kept, Is::Broken, Is::Broken);
}

#[test]
fn without_an_overlap_or_a_rest_a_burst_is_no_evidence() {
    let mut apart = Told::default();
    apart.story.does(create("o"), "accepted");
    apart.story.does(add("o", 1), "accepted");
    apart.story.does(add("o", 2), "accepted");
    apart.raced = vec![1, 2];
    apart.story.rests();
    apart.story.reads(details("o"), &order("o", "pending", &[1, 2]));
    check(&apart, Is::Nothing, Is::Nothing, Is::Nothing, Is::Nothing);
    let mut unseen = Told::default();
    unseen.story.does(create("o"), "accepted");
    unseen.races(adds(["accepted", "accepted"]));
    unseen.story.reads(details("o"), &order("o", "pending", &[1, 2]));
    check(&unseen, Is::Nothing, Is::Nothing, Is::Nothing, Is::Nothing);
}

fn pair(second: &str) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted");
    told.story.rests();
    told.story.does(confirm("o"), "accepted");
    told.story.does(add("o", 1), second);
    told
}

#[test]
fn a_decision_rests_on_what_was_accepted_just_before() {
    let check = |told: Told, expected| told.check("in-a-row", ClauseId::Br4, expected);
    check(pair("OrderNotPending"), Is::Kept);
    check(pair("accepted"), Is::Broken);
    check(pair("CreditLimitExceeded"), Is::Broken);
    let mut lost = pair("accepted");
    lost.loses(3);
    check(lost, Is::Nothing);
    // What stands before the pair is not what is tried.
    let mut before = Told::default();
    before.story.does(create("o"), "accepted");
    before.story.does(cancel("o"), "accepted");
    before.story.does(confirm("o"), "accepted");
    before.story.does(add("o", 1), "accepted");
    check(before, Is::Aside);
}

/// What a case begins with is no pair, whatever becomes of it; nor are commands with a rest between them, or of which the first does
/// not forbid the second.
#[test]
fn only_what_forbids_what_comes_next_is_a_pair() {
    let told = |commands: Vec<Command>, rests: bool| {
        let mut told = Told::default();
        told.story.does(create("o"), "accepted");
        for command in commands {
            if rests {
                told.story.rests();
            }
            let said = if command.name.starts_with("Add") { "accepted" } else { "OrderNotPending" };
            told.story.does(command, said);
        }
        told
    };
    let check = |told: Told| told.check("in-a-row", ClauseId::Br4, Is::Nothing);
    check(told(vec![add("o", 1)], true));
    check(told(vec![add("o", 1), add("o", 2)], false));
    let mut rested = pair("OrderNotPending");
    let second = rested.story.operations.pop().expect("the second");
    rested.story.rests();
    rested.story.operations.push(second);
    check(rested);
}

#[test]
fn what_is_wrong_without_the_race_as_well_is_set_aside() {
    let (subject, clean) = (pair("accepted"), pair("OrderNotPending"));
    let judged = |control: &Told| {
        let bench = control.bench();
        let parts = control.parts();
        let control = Evidence::new(&bench, (&control.story.operations, &parts), []);
        let own = subject.check("in-a-row", ClauseId::Br4, Is::Broken);
        controlled(vec![(ClauseId::Br4, own)], control.judgement())
    };
    assert_eq!(judged(&clean)[0].1.findings.len(), 1, "it is the hurry");
    let (_, dirty) = &judged(&subject)[0];
    assert!(dirty.findings.is_empty() && dirty.asides.len() == 1 && dirty.is_wrong(), "{dirty:?}");
}
