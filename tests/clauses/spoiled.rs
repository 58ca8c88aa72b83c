//! Commands that are malformed, hostile or only taken in: cases that keep CH-2, CH-4 and SE-2, and cases that break them.

use proofmark::clause::{Judged, Unit, Wrong, controlled};
use proofmark::history::{Act, Deed, Role, Spoiled, Status};
use proofmark::protocol::{
    ClauseId, Doubt, Malformation, Outcome, Receipt, Rejection, Seen, Stands, Unknown,
};

use super::cases::{Is, Told};
use crate::checking::{add, confirm, create, details, order};
use crate::model::command;

#[track_caller]
fn says(judged: &Judged, part: &str) {
    assert!(matches!(&judged.findings[0].wrong, Wrong::Said(wrong) if wrong.contains(part)), "{judged:#?}");
}

fn refused() -> Outcome {
    Outcome::Rejected(Rejection::named("Malformed"))
}

fn failed(doubt: Doubt) -> Outcome {
    Outcome::Unknown(Unknown { doubt, status: None, detail: "status 500".into() })
}

impl Told {
    fn plays(&mut self, role: Role) {
        self.roles.push((self.story.operations.len() - 1, role));
    }

    fn spoils(&mut self, how: &Malformation, outcome: &Outcome) {
        let told = Spoiled::ask(&add("o", 1), how);
        self.story.deed(Deed::Spoiled, told, Spoiled::told(outcome, None, "curl"), |_| ());
    }
}

/// An order; a malformed item and half a command; and the right one.
fn malformed(fields: &str, said: &str, half: &Outcome, then: &str) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.plays(Role::SetUp);
    told.story.does(command("AddItem", "o", fields), said);
    told.spoils(&Malformation::Truncated, half);
    told.story.rests();
    told.story.reads(details("o"), &order("o", "pending", &[]));
    told.story.does(add("o", 1), "accepted 2");
    told.plays(Role::Canary);
    told.story.rests();
    told.story.reads(details("o"), then);
    told
}

const WITHOUT: &str = r#"{"product": "q", "price": 1}"#;

#[track_caller]
fn check(told: &Told, expected: Is) -> Judged {
    told.check("malformed", ClauseId::Ch2, expected)
}

#[test]
fn what_is_malformed_is_refused_and_leaves_nothing() {
    let then = order("o", "pending", &[1]);
    let sound = check(&malformed(WITHOUT, "Malformed", &refused(), &then), Is::Kept);
    assert_eq!(sound.counted, [(Unit::Malformed, 2)]);
    // A reason of the contract will do as well.
    check(&malformed(WITHOUT, "OrderNotPending", &refused(), &then), Is::Kept);
    for (fields, wrong) in [
        (WITHOUT, "AddItem without `quantity` is accepted"),
        (r#"{"product": "q", "quantity": null, "price": 1}"#, "AddItem with null for `quantity` is accepted"),
        (r#"{"product": ["q"], "quantity": 1, "price": 1}"#, "AddItem with a list for `product` is accepted"),
        (r#"{"product": "q", "quantity": -1, "price": 1}"#, "AddItem with -1 for `quantity` is accepted"),
    ] {
        let accepted = check(&malformed(fields, "accepted 2", &refused(), &then), Is::Broken);
        says(&accepted, wrong);
        assert!(accepted.findings[0].certain, "no control clears it");
    }
    let half = |outcome: &Outcome| malformed(WITHOUT, "Malformed", outcome, &then);
    let taken = Outcome::Accepted(Receipt::default());
    says(&check(&half(&taken), Is::Broken), "AddItem sent with half of its body is accepted");
    says(&check(&half(&failed(Doubt::ServerError)), Is::Broken), "is answered with status 500");
    // What nobody knows, or was not sent, says nothing; the other one was refused.
    assert_eq!(check(&half(&failed(Doubt::Timeout)), Is::Kept).counted, [(Unit::Malformed, 1)]);
}

#[test]
fn what_it_leaves_behind_is_found_and_cleared_by_a_control() {
    let mut seen = malformed(WITHOUT, "Malformed", &refused(), &order("o", "pending", &[1, 1]));
    let judged = check(&seen, Is::Broken);
    says(&judged, "reads show another state behind the right one");
    let wrong_as_well = malformed(WITHOUT, "Malformed", &refused(), &order("o", "pending", &[1, 1]));
    let mut without = Told::default();
    without.story.operations = wrong_as_well.story.operations;
    without.story.operations.remove(1);
    let control = without.story.judged(&proofmark::judge::Settings::default());
    let cleared = controlled(vec![(ClauseId::Ch2, judged)], &control);
    assert!(cleared[0].1.findings.is_empty() && cleared[0].1.asides.len() == 1, "{cleared:#?}");
    // At once, and in what is decided next.
    seen.story.operations.truncate(4);
    seen.story.reads(details("o"), &order("o", "pending", &[7]));
    let mut early = malformed(WITHOUT, "Malformed", &refused(), &order("o", "pending", &[1]));
    let last = seen.story.operations.pop().expect("a read");
    early.story.operations[3].act = last.act;
    says(&check(&early, Is::Broken), "is refused, and reads show another state");
    let mut next = malformed(WITHOUT, "Malformed", &refused(), &order("o", "pending", &[]));
    next.story.ends(4, "OrderNotPending");
    says(&check(&next, Is::Broken), "the right one is rejected OrderNotPending");
}

#[test]
fn what_the_profile_does_not_send_was_never_wrong() {
    let mut told = malformed(WITHOUT, "accepted 2", &refused(), &order("o", "pending", &[1]));
    told.requests = vec![(1, "curl -d '{}' x"), (4, "curl -d '{}' x")];
    // The right one was sent before: what comes of it now is no sign of anything.
    told.story.ends(4, "OrderNotPending");
    let judged = check(&told, Is::Nothing);
    assert_eq!(judged.doubts, ["what was made wrong with a AddItem is not sent by the profile"]);
    told.requests[1].1 = "curl -d '{\"quantity\":1}' x";
    check(&told, Is::Broken);
}

/// An order, a hostile request, and a plain command.
fn attack(how: &Malformation, outcome: &Outcome, said: Option<&str>) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.plays(Role::SetUp);
    told.spoils(how, outcome);
    match said {
        Some(said) => told.story.does(confirm("o"), said),
        None => told.story.loses(confirm("o")),
    }
    told.plays(Role::Canary);
    told.story.rests();
    let status = if said.is_some_and(|said| said.starts_with("accepted")) { "confirmed" } else { "pending" };
    told.story.reads(details("o"), &order("o", status, &[]));
    told
}

#[test]
fn hostile_input_does_no_harm() {
    let check = |told: &Told, expected| told.check("attack", ClauseId::Se2, expected);
    let (deep, text) = (Malformation::DeepNesting(1000), Malformation::HostileText("'".into()));
    let (taken, path) = (Outcome::Accepted(Receipt::default()), Malformation::LongPath(50_000));
    let kept = check(&attack(&deep, &refused(), Some("accepted 2")), Is::Kept);
    assert_eq!(kept.counted, [(Unit::Attacks, 1)]);
    // A text is data; a path that is too long may be turned away without a word.
    check(&attack(&text, &taken, Some("OrderNotPending")), Is::Kept);
    check(&attack(&path, &failed(Doubt::Lost), Some("accepted 2")), Is::Kept);
    says(
        &check(&attack(&deep, &taken, Some("accepted 2")), Is::Broken),
        "1000 lists within each other is accepted",
    );
    says(
        &check(&attack(&text, &failed(Doubt::ServerError), None), Is::Broken),
        "is answered with status 500",
    );
    says(&check(&attack(&text, &failed(Doubt::Lost), None), Is::Broken), "has no answer");
    says(
        &check(&attack(&deep, &refused(), None), Is::Broken),
        "the service is not well: a plain ConfirmOrder",
    );
    says(&check(&attack(&deep, &refused(), Some("OrderNotPending")), Is::Broken), "the service is not well");
    check(&attack(&deep, &failed(Doubt::Timeout), Some("accepted 2")), Is::Nothing);
}

/// A command that was only taken in, and what is told of it then.
fn taken_in(said: Option<&str>, told: &[Stands]) -> Told {
    let mut story = Told::default();
    story.story.does(create("o"), said.unwrap_or("accepted"));
    if let (None, Act::Submit { outcome, .. }) = (said, &mut story.story.operations[0].act) {
        *outcome = failed(Doubt::Timeout);
    }
    let client = story.story.operations[0].client;
    for stands in told {
        let came = Status::told(stands, "curl");
        story.story.deed(Deed::Status, Status::ask(client), came, |_| ());
    }
    story
}

#[test]
fn what_is_taken_in_comes_to_one_end() {
    let check = |told: &Told, expected| told.check("taken-in", ClauseId::Ch4, expected);
    let (done, no) = (Stands::Done, || Stands::Refused(Rejection::named("OrderAlreadyExists")));
    let runs = || Stands::Open("running".into());
    assert_eq!(
        check(&taken_in(Some("accepted 1"), &[done.clone(), done.clone()]), Is::Kept).counted,
        [(Unit::Commands, 1)]
    );
    check(&taken_in(Some("OrderAlreadyExists"), &[no(), no()]), Is::Kept);
    for (said, told) in [("accepted 1", no()), ("accepted 1", runs()), ("OrderAlreadyExists", done.clone())] {
        says(&check(&taken_in(Some(said), &[told]), Is::Broken), "; and later it is ");
    }
    says(&check(&taken_in(None, &[runs()]), Is::Broken), "was taken in and came to no end");
    // What is not kept for ever, and what was answered at once, say nothing.
    check(&taken_in(Some("accepted 1"), &[done, Stands::Unclear("404".into())]), Is::Nothing);
    check(&taken_in(Some("accepted 1"), &[]), Is::Nothing);
}

/// An order, and an item of 2^31 pieces at 1 each; what is said of it, and what is read then.
fn at_the_edge(said: &str, then: &str) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.plays(Role::SetUp);
    told.story.does(command("AddItem", "o", r#"{"product": "q", "quantity": 2147483648, "price": 1}"#), said);
    told.story.rests();
    told.story.reads(details("o"), then);
    told
}

#[test]
fn a_number_at_the_edge_is_refused_or_kept() {
    let edge = |told: &Told, expected: Is| told.check("edges", ClauseId::Se2, expected);
    let large = order("o", "pending", &[2_147_483_648]);
    edge(&at_the_edge("accepted 2", &large), Is::Nothing);
    let plain = order("o", "pending", &[]);
    edge(&at_the_edge("Malformed", &plain), Is::Nothing);
    // A reason that doesn't apply will do, too: how large a number may be is seldom said.
    edge(&at_the_edge("InvalidQuantity", &plain), Is::Nothing);
    let wrapped = edge(&at_the_edge("accepted 2", &large.replace("2147483650", "-2147483646")), Is::Broken);
    says(&wrapped, "since AddItem with a number at the edge of what machines hold was accepted, ");
    assert!(!wrapped.findings[0].certain, "a control may clear it");
    let half = edge(&at_the_edge("Malformed", &large), Is::Broken);
    says(&half, "since AddItem with a number at the edge of what machines hold was refused, ");
    for (doubt, expected) in
        [(Doubt::ServerError, Is::Broken), (Doubt::Lost, Is::Broken), (Doubt::Timeout, Is::Nothing)]
    {
        let mut failing = at_the_edge("accepted 2", &plain);
        if let Act::Submit { outcome, .. } = &mut failing.story.operations[1].act {
            *outcome = failed(doubt);
        }
        let judged = edge(&failing, expected);
        assert_eq!(judged.doubts.len(), usize::from(doubt == Doubt::Timeout), "{judged:#?}");
    }
    let mut failing = at_the_edge("accepted 2", &plain);
    if let Some(Act::Ask { answer, .. }) = failing.story.operations.last_mut().map(|last| &mut last.act) {
        let Outcome::Unknown(why) = failed(Doubt::ServerError) else { unreachable!() };
        answer.seen = Seen::Broken(why);
    }
    says(&edge(&failing, Is::Broken), "GetOrderDetails is answered with status 500");
}
