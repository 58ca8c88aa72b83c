//! Retries, other bodies, copies and other keys: histories that keep the clauses ID, and histories that break them.

use proofmark::clause::Wrong;
use proofmark::history::Act;
use proofmark::protocol::{ClauseId, Command, Outcome, Query, Version};
use proofmark::value::Value;

use super::cases::{Is, Told};
use crate::checking::{add, cancel, confirm, create, details, keyed, order};

/// An order that items are added to under keys, and what is seen of it at rest.
fn told(does: impl FnOnce(&mut Told), seen: &[u32]) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted");
    does(&mut told);
    rests(&mut told, details("o"), &order("o", "pending", seen));
    told
}

fn rests(told: &mut Told, query: Query, seen: &str) {
    told.story.rests();
    told.story.reads(query, seen);
}

fn retried(first: &str, second: &str, seen: &[u32]) -> Told {
    let twice = |told: &mut Told| {
        told.story.does(keyed(add("o", 1), "k"), first);
        told.retries(1, second);
    };
    told(twice, seen)
}

#[test]
fn a_retry_has_the_effect_and_the_outcome_of_the_first() {
    let check = |told: Told, expected| told.check("retry", ClauseId::Id1, expected);
    check(retried("accepted 2", "accepted 2", &[1]), Is::Kept);
    let twice = check(retried("accepted 2", "accepted 2", &[1, 1]), Is::Broken);
    assert!(matches!(&twice.findings[0].wrong, Wrong::Said(wrong) if wrong.contains("took effect twice")));
    check(retried("accepted 2", "accepted 3", &[1, 1]), Is::Broken);
    check(retried("accepted 2", "OrderNotPending", &[1]), Is::Broken);
    // What never came there is nobody's retry.
    check(retried("accepted 2", "accepted 2", &[]), Is::Aside);
    check(retried("accepted 2", "accepted 2", &[7]), Is::Aside);
    let mut lost = retried("accepted 2", "accepted 2", &[1]);
    lost.loses(2);
    check(lost, Is::Nothing);
    let mut unread = retried("accepted 2", "accepted 2", &[1]);
    unread.story.operations.truncate(3);
    check(unread, Is::Nothing);
}

#[test]
fn what_was_refused_is_refused_again() {
    let refused = |second: &str| {
        let mut told = Told::default();
        told.story.does(create("o"), "accepted");
        told.story.does(confirm("o"), "accepted");
        told.story.does(keyed(add("o", 1), "k"), "OrderNotPending");
        told.retries(2, second);
        told
    };
    refused("OrderNotPending").check("retry", ClauseId::Id1, Is::Kept);
    refused("CreditLimitExceeded").check("retry", ClauseId::Id1, Is::Broken);
    refused("accepted").check("retry", ClauseId::Id1, Is::Broken);
}

#[test]
fn a_key_is_good_for_one_request() {
    let other = |said: &'static str, seen: &[u32]| {
        let does = |told: &mut Told| {
            told.story.does(keyed(add("o", 1), "k"), "accepted");
            told.story.does(keyed(add("o", 2), "k"), said);
        };
        told(does, seen)
    };
    let check = |told: Told, expected| told.check("other-body", ClauseId::Id2, expected);
    check(other("KeyReused", &[1]), Is::Kept);
    // However it is refused.
    check(other("OrderNotPending", &[1]), Is::Kept);
    check(other("accepted", &[1]), Is::Broken);
    check(other("KeyReused", &[1, 2]), Is::Broken);
    check(other("KeyReused", &[2]), Is::Broken);
    check(other("KeyReused", &[7]), Is::Aside);
    // What was wrong before says nothing of the key.
    let mut before = Told::default();
    before.story.does(create("o"), "accepted");
    before.story.does(confirm("o"), "accepted");
    before.story.does(keyed(add("o", 1), "k"), "accepted");
    before.story.does(keyed(add("o", 2), "k"), "accepted");
    check(before, Is::Aside);
}

/// Copies of one command that came to this, and what is seen of them.
fn copies(said: &[&'static str], seen: &[u32]) -> Told {
    let racers: Vec<(Command, &str)> = said.iter().map(|said| (keyed(add("o", 1), "k"), *said)).collect();
    told(|told| told.races(racers), seen)
}

#[test]
fn copies_at_the_same_time_have_one_effect() {
    let check = |told: Told, expected| told.check("copies", ClauseId::Id3, expected);
    check(copies(&["accepted", "accepted"], &[1]), Is::Kept);
    check(copies(&["accepted", "InProgress", "accepted"], &[1]), Is::Kept);
    let twice = check(copies(&["accepted", "accepted", "accepted"], &[1, 1]), Is::Broken);
    assert!(matches!(&twice.findings[0].wrong, Wrong::Said(wrong)
        if wrong == "3 copies of one AddItem came at the same time, and 2 took effect"));
    // A copy that was refused and took effect all the same.
    check(copies(&["accepted", "InProgress"], &[1, 1]), Is::Broken);
    check(copies(&["accepted", "accepted"], &[]), Is::Aside);
    check(copies(&["InProgress", "InProgress"], &[]), Is::Nothing);
    let mut lost = copies(&["accepted", "accepted"], &[1]);
    lost.loses(2);
    check(lost, Is::Nothing);
}

/// What is twice in a read model, and once on the write side by the version that is read, is the read model's.
#[test]
fn what_a_read_model_applies_twice_is_no_copys_doing() {
    let seen_at = |version: u64| {
        let mut told = Told::default();
        told.story.does(create("o"), "accepted 1");
        told.races(vec![(keyed(add("o", 1), "k"), "accepted 2"), (keyed(add("o", 1), "k"), "accepted 2")]);
        rests(&mut told, details("o"), &order("o", "pending", &[1, 1]));
        if let Some(Act::Ask { answer, .. }) = told.story.operations.last_mut().map(|last| &mut last.act) {
            answer.version = Some(Version::Number(version));
        }
        told
    };
    seen_at(2).check("copies", ClauseId::Id3, Is::Aside);
    seen_at(3).check("copies", ClauseId::Id3, Is::Broken);
}

#[test]
fn two_keys_are_two_commands() {
    let keys = |second: &'static str, seen: &[u32]| {
        let does = |told: &mut Told| {
            told.story.does(keyed(add("o", 1), "a"), "accepted 2");
            told.story.does(keyed(add("o", 1), "b"), second);
        };
        told(does, seen)
    };
    let check = |told: Told, expected| told.check("two-keys", ClauseId::Id4, expected);
    check(keys("accepted 3", &[1, 1]), Is::Kept);
    check(keys("accepted 2", &[1]), Is::Broken);
    check(keys("OrderNotPending", &[1]), Is::Broken);
    // Accepted as something new, and it does not show.
    check(keys("accepted 3", &[1]), Is::Aside);
    check(keys("accepted 3", &[1, 7]), Is::Aside);
}

/// That both answers name what the commands were sent to says nothing of what they did.
#[test]
fn an_id_alone_does_not_tell_that_two_keys_were_one_command() {
    let keys = |body: &[(&str, u32)]| {
        let mut told = told(
            |told| {
                told.story.does(keyed(add("o", 1), "a"), "accepted");
                told.story.does(keyed(add("o", 1), "b"), "accepted");
            },
            &[1],
        );
        for operation in &mut told.story.operations {
            if let Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } = &mut operation.act {
                receipt.id.clone_from(&command.on);
                receipt.body = body.iter().map(|(name, value)| (*name, Value::from(*value))).collect();
            }
        }
        told
    };
    keys(&[]).check("two-keys", ClauseId::Id4, Is::Aside);
    keys(&[("change", 7)]).check("two-keys", ClauseId::Id4, Is::Broken);
}

#[test]
fn what_others_do_under_keys_of_their_own_is_no_retry() {
    let mut told = Told::default();
    told.story.does(keyed(create("o"), "a"), "accepted");
    told.story.does(keyed(add("o", 1), "b"), "accepted");
    told.story.does(keyed(cancel("o"), "c"), "accepted");
    rests(&mut told, details("o"), &order("o", "cancelled", &[1]));
    told.check("retry", ClauseId::Id1, Is::Nothing);
    told.check("other-body", ClauseId::Id2, Is::Nothing);
    told.check("copies", ClauseId::Id3, Is::Nothing);
    told.check("two-keys", ClauseId::Id4, Is::Nothing);
}
