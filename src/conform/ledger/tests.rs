use super::*;
use crate::clause::{self, Wrong};

fn example(wrong: &str, steps: usize) -> Counterexample {
    Counterexample {
        wrong: wrong.into(),
        story: vec!["something was done".into(); steps],
        ..Counterexample::default()
    }
}

fn judged(ledger: &Ledger, id: ClauseId) -> ClauseResult {
    ledger.judge(clause::of(id))
}

#[test]
fn too_little_evidence_is_never_a_pass() {
    let ledger = Ledger::default();
    let why = |ledger: &Ledger| judged(ledger, ClauseId::Ec3).stand;
    assert!(matches!(why(&ledger), Stand::Inconclusive(_)));
    ledger.count(ClauseId::Ec3, Unit::ProbedWrites, 150);
    ledger.count(ClauseId::Ec3, Unit::Bursts, 59);
    ledger.doubt(ClauseId::Ec3, "the read side has stopped");
    let Stand::Inconclusive(told) = why(&ledger) else { panic!("{:?}", why(&ledger)) };
    assert_eq!(told, "59 of at least 60 bursts that overlapped; the read side has stopped");
    ledger.count(ClauseId::Ec3, Unit::Bursts, 1);
    assert_eq!(why(&ledger), Stand::Pass);
}

/// What comes by chance anyway is told under what it breaks one by one, and nothing that is wrong gets lost.
#[test]
fn what_is_as_often_wrong_without_the_race_is_not_the_races_doing() {
    let class = |name: &str| RaceClass { experiment: "sum".into(), commands: vec![name.into()] };
    let raced = |controls: &[bool], is_told: bool| {
        let (ledger, add) = (Ledger::default(), class("Add"));
        ledger.count(ClauseId::Oc5, Unit::Bursts, 60);
        for number in 0..20 {
            let wrong = number % 4 == 0;
            ledger.raced(&add, wrong.then_some((number, number)));
            ledger.raced(&class("Close"), None);
            if wrong {
                ledger.found(ClauseId::Oc5, Some(&add), Some(example("lost", 3)));
            }
        }
        assert_eq!(ledger.of(ClauseId::Oc5).broken, 0, "it is not known yet");
        assert!(ledger.next_alone().is_some_and(|(class, _)| class == add));
        for dirty in controls {
            ledger.alone(&add, Some(*dirty));
        }
        if is_told {
            ledger.broken(ClauseId::Br6, example("wrong", 2));
        }
        ledger
    };
    let race = raced(&[false; 12], true);
    assert!(race.next_alone().is_none());
    assert_eq!(race.of(ClauseId::Oc5).broken, 5, "it is known by now");
    let race = judged(&race, ClauseId::Oc5);
    assert_eq!((&race.stand, race.broken), (&Stand::Fail, 5));
    let likely = race.counterexamples[0].likely.as_deref();
    assert!(likely.is_some_and(|likely| likely.starts_with("the race: ")), "{likely:?}");
    let chance = judged(&raced(&[false, false, true], true), ClauseId::Oc5);
    assert_eq!((&chance.stand, chance.broken), (&Stand::Pass, 0));
    assert_eq!(
        judged(&raced(&[false, false, true], false), ClauseId::Oc5).stand,
        Stand::Fail,
        "nobody else tells it"
    );
    let Stand::Inconclusive(untried) = judged(&raced(&[], true), ClauseId::Oc5).stand else {
        panic!("nobody had the time to find out")
    };
    assert_eq!(untried, format!("{UNTRIED} (5 times; the first: lost)"));
    assert_eq!(
        judged(&raced(&[], false), ClauseId::Oc5).stand,
        Stand::Fail,
        "nothing is wrong without a race"
    );
}

#[test]
fn what_was_set_aside_keeps_a_clause_from_passing_until_it_is_explained() {
    let ledger = Ledger::default();
    ledger.count(ClauseId::Oc5, Unit::Bursts, 60);
    ledger.count(ClauseId::Oc5, Unit::ProbedWrites, 60);
    assert_eq!(judged(&ledger, ClauseId::Oc5).stand, Stand::Pass);
    for _ in 0..2 {
        let explained_by = &[ClauseId::Ec1, ClauseId::Br6];
        let wrong = Wrong::Said("Q was 1, not 2".into());
        let aside = SetAside { why: "a read shows something else", wrong, explained_by };
        ledger.set_aside(ClauseId::Oc5, &aside, "Q was 1, not 2");
    }
    let Stand::Inconclusive(told) = judged(&ledger, ClauseId::Oc5).stand else { panic!("it passed") };
    assert_eq!(
        told,
        "a read shows something else (2 times; the first: Q was 1, not 2), and nothing that was found explains it"
    );
    ledger.broken(ClauseId::Br6, example("short", 2));
    assert_eq!(judged(&ledger, ClauseId::Oc5).stand, Stand::Pass);
    let explained = ledger.explained(ClauseId::Oc5);
    let told: Vec<_> = explained.iter().map(|one| (one.by, one.times, &*one.first)).collect();
    assert_eq!(told, [(ClauseId::Br6, 2, "a read shows something else: Q was 1, not 2")]);
}

#[test]
fn what_may_be_is_offered_or_not_and_never_broken() {
    let ledger = Ledger::default();
    ledger.count(ClauseId::Ec6, Unit::Answers, 30);
    assert_eq!(judged(&ledger, ClauseId::Ec6).stand, Stand::Offered);
    for _ in 0..2 {
        ledger.broken(ClauseId::Ec6, example("Q states nothing", 1));
    }
    let told = judged(&ledger, ClauseId::Ec6);
    assert_eq!(told.stand, Stand::NotOffered("Q states nothing (2 times)".into()));
    assert_eq!((told.broken, told.counterexamples.len()), (0, 0));
}

/// Whoever reads that there was too little wants to know why.
#[test]
fn evidence_is_never_short_without_a_reason() {
    let why = |ledger: &Ledger| match judged(ledger, ClauseId::Br4).stand {
        Stand::Inconclusive(why) => why,
        other => panic!("{other:?}"),
    };
    let ledger = Ledger::default();
    let nothing = "0 of at least 30 pairs of commands; all that was planned was tried, and brought no more";
    assert_eq!(why(&ledger), nothing);
    ledger.tried(ClauseId::Br4, None);
    for at in 0..2 {
        ledger.tried(ClauseId::Br4, Some(("it was turned away", Some(format!("A was refused, {at}")))));
    }
    ledger.tried(ClauseId::Br4, Some(("no state has what it takes", None)));
    assert_eq!(
        why(&ledger),
        "0 of at least 30 pairs of commands; 2 of 4 cases came to nothing: it was turned away (the first: A was \
         refused, 0); 1 of 4 cases came to nothing: no state has what it takes"
    );
    ledger.doubt(ClauseId::Br4, "the time was up");
    assert!(why(&ledger).contains("commands; the time was up; 2 of 4 cases"), "{}", why(&ledger));
}

#[test]
fn what_one_case_says_is_held_against_what_others_said() {
    let ledger = Ledger::default();
    let note = |about: &str, says| {
        let wrong = Wrong::Said(format!("{about} is {says}"));
        Note { about: about.into(), says, otherwise: Finding::new(wrong, "look") }
    };
    let compared = |id, notes| ledger.compare(id, notes).len();
    assert_eq!(compared(ClauseId::Oc2, vec![note("A", "so"), note("B", "else")]), 0);
    assert_eq!(compared(ClauseId::Oc2, vec![note("A", "so"), note("B", "else")]), 0);
    assert_eq!(compared(ClauseId::Qs1, vec![note("A", "else")]), 0, "another clause's");
    assert_eq!(compared(ClauseId::Oc2, vec![note("A", "else"), note("B", "else")]), 1);
    assert_eq!(compared(ClauseId::Oc1, vec![note("C", "so"), note("C", "else")]), 1, "in one case");
}

#[test]
fn what_may_be_chance_breaks_a_clause_when_it_comes_often_enough() {
    let ledger = Ledger::default();
    ledger.count(ClauseId::Ec1, Unit::ProbedWrites, 150);
    let finding = |wrong: &str, takes| Finding { takes, ..Finding::new(Wrong::Said(wrong.into()), "look") };
    let says = |wrong: &Wrong| match wrong {
        Wrong::Said(wrong) => wrong.clone(),
        Wrong::Mismatch(_) => unreachable!("it is said"),
    };
    let noted = |finding: Finding| {
        ledger.note(ClauseId::Ec1, Judged { findings: vec![finding], ..Judged::default() }, says).len()
    };
    assert_eq!([noted(finding("late", 3)), noted(finding("gone", 1)), noted(finding("late", 3))], [0, 1, 0]);
    assert_eq!(judged(&ledger, ClauseId::Ec1).stand, Stand::Pass, "whoever found it tells it");
    let doubt = "late, and it takes 3 such cases to tell that from chance";
    assert_eq!(ledger.of(ClauseId::Ec1).doubts, [doubt]);
    assert_eq!([noted(finding("late", 3)), noted(finding("late", 3))], [1, 1]);
}

#[test]
fn one_counterexample_outweighs_all_evidence() {
    let ledger = Ledger::default();
    ledger.count(ClauseId::Qs1, Unit::Queries, 1000);
    ledger.broken(ClauseId::Qs1, example("long", 9));
    for _ in 0..7 {
        ledger.broken(ClauseId::Qs1, example("short", 2));
    }
    let result = judged(&ledger, ClauseId::Qs1);
    assert_eq!((result.stand, result.broken), (Stand::Fail, 8));
    assert_eq!(result.counterexamples.len(), TOLD);
    assert!(result.counterexamples.iter().all(|example| example.wrong == "short"), "the smallest are kept");
    ledger.broken_above_all(ClauseId::Qs1, example("the cause", 9));
    let told = judged(&ledger, ClauseId::Qs1).counterexamples;
    assert_eq!((told.len(), &*told[0].wrong), (TOLD, "the cause"));
}
