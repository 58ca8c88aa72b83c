//! What a client sees of its own writes, and in which order: histories that keep SG-1, SG-2 and SG-5, and histories that break them.

use std::sync::Arc;

use proofmark::clause::{Bench, Evidence, Judged, Unit, Wrong, judged};
use proofmark::contract::Contract;
use proofmark::contract::rules::Interpreted;
use proofmark::history::{Act, Part};
use proofmark::judge::Settings;
use proofmark::language::parse_contract;
use proofmark::protocol::{ClauseId, Command, Outcome, Query, Version};
use proofmark::text::Source;

use super::cases::{Is, Told};
use crate::checking::{Story, add, confirm, create, details, list, order, row};
use crate::model::{command, query};

const SG1: ClauseId = ClauseId::Sg1;
const SG2: ClauseId = ClauseId::Sg2;
const SG5: ClauseId = ClauseId::Sg5;

/// A history in which commands tell positions: the first one 1, and so on.
#[derive(Default)]
struct Session {
    told: Told,
    writes: u64,
}

impl Session {
    fn writes(mut self, command: Command) -> Self {
        self.writes += 1;
        self.told.story.does(command, &format!("accepted {}", self.writes));
        let position = Some(self.writes);
        let last = self.told.story.operations.last_mut().expect("a command");
        last.client = 0;
        if let Act::Submit { outcome: Outcome::Accepted(receipt), .. } = &mut last.act {
            receipt.position = position;
        }
        self
    }

    /// A read that tells a position and a version, or none; 0 is none.
    fn reads_at(mut self, query: Query, seen: &str, (position, version): (u64, u64)) -> Self {
        self.told.story.reads(query, seen);
        let last = self.told.story.operations.last_mut().expect("a read");
        if let Act::Ask { answer, .. } = &mut last.act {
            answer.position = Some(position).filter(|position| *position > 0);
            answer.version = Some(version).filter(|version| *version > 0).map(Version::Number);
        }
        self
    }

    /// A read of the order that tells neither.
    fn shows(self, seen: &str) -> Self {
        self.reads_at(details("o"), seen, (0, 0))
    }

    /// The last operation is another session's.
    fn elsewhere(mut self, client: u64) -> Self {
        self.told.story.operations.last_mut().expect("an operation").client = client;
        self
    }

    #[track_caller]
    fn check(&self, id: ClauseId, expected: Is) -> Judged {
        self.told.check(if id == SG5 { "reconnected" } else { "session" }, id, expected)
    }

    /// What a clause says that is broken once.
    #[track_caller]
    fn says(&self, id: ClauseId, expected: &str) {
        let judged = self.check(id, Is::Broken);
        let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
        assert_eq!((&**wrong, judged.findings.len()), (expected, 1), "{judged:#?}");
    }
}

fn count(judged: &Judged, of: Unit) -> usize {
    judged.counted.iter().filter(|(unit, _)| *unit == of).count()
}

fn pending(added: &[u32]) -> String {
    order("o", "pending", added)
}

/// An order with two items more.
fn begun() -> Session {
    Session::default().writes(create("o")).writes(add("o", 1)).writes(add("o", 2))
}

#[test]
fn reads_that_go_on_keep_what_they_showed() {
    let on = begun().shows("absent").shows(&pending(&[])).shows(&pending(&[1])).shows(&pending(&[1]));
    let on = on.shows(&pending(&[1, 2])).shows(&pending(&[1, 2]));
    let judged = on.check(SG2, Is::Kept);
    // Those behind the first that showed something.
    assert_eq!(count(&judged, Unit::Rereads), 4, "{judged:?}");
    assert_eq!(count(&on.check(SG5, Is::Kept), Unit::Rereads), 4);
    // What was seen of nothing can't go back.
    begun().shows("absent").shows("absent").check(SG2, Is::Nothing);
}

/// What is said of a query that showed what a command did, and does so again.
fn went_back(query: &str, command: &str) -> String {
    format!("{query} showed what {command} did, then a state before it, then what it did again")
}

#[test]
fn reads_that_go_back_break_it_each_time() {
    let (all, one) = (pending(&[1, 2]), pending(&[1]));
    let back = || begun().shows(&all).shows(&one);
    let wrong = went_back("GetOrderDetails", "AddItem");
    back().shows(&all).says(SG2, &wrong);
    back().shows(&all).says(SG5, &wrong);
    let gone = begun().shows(&pending(&[])).shows("absent").shows(&one);
    gone.says(SG2, &went_back("GetOrderDetails", "CreateOrder"));
    // That it is there again is no second time, and that it goes once more is one.
    let twice = back().shows(&all).shows(&pending(&[])).shows(&all);
    assert_eq!(twice.check(SG2, Is::Broken).findings.len(), 2);
    // What never comes back is lost, and no copy's doing.
    back().check(SG2, Is::Aside);
    back().shows(&one).check(SG5, Is::Aside);
}

#[test]
fn a_list_goes_back_by_its_rows() {
    let rows = |total| format!("[{}]", row("o", "pending", total));
    let listed = |totals: &[u32]| {
        totals.iter().fold(begun(), |session, total| session.reads_at(list(), &rows(*total), (0, 0)))
    };
    listed(&[2, 3, 5]).check(SG2, Is::Kept);
    listed(&[3, 5, 3, 5]).says(SG2, &went_back("ListCustomerOrders", "AddItem"));
    // A row that is gone again.
    let gone = listed(&[2]).reads_at(list(), "[]", (0, 0)).reads_at(list(), &rows(3), (0, 0));
    gone.says(SG2, &went_back("ListCustomerOrders", "CreateOrder"));
    // Each read model goes on by itself.
    listed(&[5]).shows(&pending(&[1])).reads_at(list(), &rows(5), (0, 0)).check(SG2, Is::Kept);
}

#[test]
fn several_rows_go_each_on_by_itself() {
    let two =
        || Session::default().writes(create("o")).writes(create("p")).writes(add("o", 1)).writes(remove("o"));
    let rows = |o: Option<u32>, p: Option<u32>| {
        let rows = [o.map(|total| row("o", "pending", total)), p.map(|total| row("p", "pending", total))];
        format!("[{}]", rows.into_iter().flatten().collect::<Vec<_>>().join(","))
    };
    let listed = |seen: &[(Option<u32>, Option<u32>)]| {
        seen.iter().fold(two(), |session, (o, p)| session.reads_at(list(), &rows(*o, *p), (0, 0)))
    };
    // The one is what it was before the other came, and the other lags.
    listed(&[(Some(3), None), (Some(2), None), (Some(2), Some(2))]).check(SG2, Is::Kept);
    listed(&[(None, Some(2)), (Some(2), None), (Some(2), Some(2))])
        .says(SG2, &went_back("ListCustomerOrders", "CreateOrder"));
}

#[test]
fn sessions_are_held_against_themselves_alone() {
    let (all, one) = (pending(&[1, 2]), pending(&[1]));
    let apart = begun().shows(&all).shows(&one).elsewhere(7).shows(&all);
    apart.check(SG2, Is::Kept);
    // A client that connects anew is still the same.
    apart.says(SG5, &went_back("GetOrderDetails", "AddItem"));
}

fn remove(on: &str) -> Command {
    command("RemoveItem", on, r#"{"product": "q"}"#)
}

/// An item that comes, goes and comes: on, off, on.
fn on_off_on() -> Session {
    Session::default().writes(create("o")).writes(add("o", 1)).writes(remove("o")).writes(add("o", 1))
}

#[test]
fn what_only_looks_like_an_older_state_is_none() {
    let (on, off) = (pending(&[1]), pending(&[]));
    on_off_on().shows(&off).shows(&on).shows(&off).shows(&on).check(SG2, Is::Kept);
    on_off_on().shows(&on).shows(&off).shows(&on).check(SG2, Is::Kept);
    // But there is no way from there to off.
    on_off_on().shows(&on).shows(&off).shows(&on).shows(&off).shows(&on).check(SG2, Is::Broken);
    // Versions tell which of them it was.
    let at = |session: Session, seen: &str, version| session.reads_at(details("o"), seen, (0, version));
    at(at(on_off_on(), &on, 2), &off, 3).check(SG2, Is::Kept);
    at(at(on_off_on(), &on, 4), &on, 4).check(SG2, Is::Kept);
    at(at(at(on_off_on(), &on, 4), &on, 2), &on, 4).check(SG2, Is::Broken);
    // A version that fits no state that looks so is another kind of number.
    at(at(on_off_on(), &on, 4), &off, 2).check(SG2, Is::Nothing);
}

#[test]
fn what_nothing_explains_or_nobody_knows_says_nothing() {
    begun().shows(&pending(&[1, 2])).shows(&pending(&[7])).check(SG2, Is::Nothing);
    // What was refused changed nothing.
    let mut refused = begun();
    refused.told.story.does(create("o"), "OrderAlreadyExists");
    refused.shows(&pending(&[1, 2])).shows(&pending(&[1])).shows(&pending(&[1, 2])).check(SG2, Is::Broken);
}

#[test]
fn what_comes_at_the_same_time_ends_what_is_known() {
    // Which of the two came first, nobody knows: that it is there once more may be going on.
    let mut raced = Session::default().writes(create("o")).writes(add("o", 1)).shows(&pending(&[1]));
    raced.told.races(vec![(add("o", 1), "accepted"), (remove("o"), "accepted")]);
    raced.shows(&pending(&[])).shows(&pending(&[1])).check(SG2, Is::Nothing);
}

#[test]
fn a_command_of_no_known_outcome_ends_what_is_known() {
    let mut lost = Session::default().writes(create("o")).writes(add("o", 1)).shows(&pending(&[1]));
    lost.told.story.does(remove("o"), "accepted");
    lost.told.loses(3);
    // It took effect, and what came behind it did as well.
    let lost = lost.shows(&pending(&[])).writes(add("o", 1)).shows(&pending(&[1]));
    lost.check(SG2, Is::Nothing);
}

#[test]
fn half_of_a_command_is_no_older_state() {
    // An item that goes for another one: two events, and in between there is none of either.
    let other = r#"{"product": "q", "replacement": "r", "quantity": 1, "price": 1}"#;
    let replaced = || {
        Session::default().writes(create("o")).writes(add("o", 1)).writes(command("ReplaceItem", "o", other))
    };
    replaced().shows(&pending(&[1])).shows(&pending(&[])).shows(&pending(&[1])).check(SG2, Is::Nothing);
    // Not before it was sent.
    let before = Session::default().writes(create("o")).writes(add("o", 1));
    before.shows(&pending(&[1])).shows(&pending(&[])).shows(&pending(&[1])).check(SG2, Is::Broken);
}

#[test]
fn who_tells_a_position_shows_what_was_written_by_then() {
    let at = |session: Session, added: &[u32], position| {
        session.reads_at(details("o"), &pending(added), (position, 0))
    };
    let honest = at(at(at(begun(), &[], 1), &[1], 2), &[1, 2], 3);
    let judged = honest.check(SG1, Is::Kept);
    assert_eq!(count(&judged, Unit::ProbedWrites), 3, "{judged:?}");
    assert_eq!(count(&honest.check(SG5, Is::Kept), Unit::ProbedWrites), 3);
    // Later than it says is no harm, and no proof for what it does not say.
    let modest = at(begun(), &[1, 2], 1);
    assert_eq!(count(&modest.check(SG1, Is::Kept), Unit::ProbedWrites), 1);
    let early = at(at(begun(), &[1], 3), &[1, 2], 3);
    early.says(
        SG1,
        "GetOrderDetails told position 3 and did not show AddItem, which is at position 3, until later",
    );
    assert_eq!(early.check(SG5, Is::Broken).findings.len(), 1);
    // What never shows is lost, and no fault of the position.
    at(at(begun(), &[1], 3), &[1], 3).check(SG1, Is::Aside);
}

#[test]
fn a_write_counts_where_every_read_model_showed_it() {
    let both = |total: u32, position| {
        let session = begun().reads_at(details("o"), &pending(&[1, 2]), (3, 0));
        session.reads_at(list(), &format!("[{}]", row("o", "pending", total)), (position, 0))
    };
    assert_eq!(count(&both(5, 3).check(SG1, Is::Kept), Unit::ProbedWrites), 3);
    // The list says "not yet" to the last one.
    assert_eq!(count(&both(3, 2).check(SG1, Is::Kept), Unit::ProbedWrites), 2);
    // What shows later than its position says does not count, however often.
    let at = |session: Session, added: &[u32]| session.reads_at(details("o"), &pending(added), (1, 0));
    let modest = at(at(begun(), &[]), &[1, 2]);
    assert_eq!(count(&modest.check(SG1, Is::Kept), Unit::ProbedWrites), 1);
    // What looks the same without the write does not count.
    let same = on_off_on().reads_at(details("o"), &pending(&[1]), (4, 0));
    assert_eq!(
        count(&same.check(SG1, Is::Kept), Unit::ProbedWrites),
        2,
        "the order, and its item the first time"
    );
}

#[test]
fn answers_without_a_position_are_in_doubt() {
    let silent = begun().shows(&pending(&[1])).shows(&pending(&[1, 2]));
    let judged = silent.check(SG1, Is::Nothing);
    assert_eq!(judged.doubts, ["no answer tells the position that it reflects"]);
    // Somebody else's write is no write of one's own.
    let other = begun().elsewhere(7).reads_at(details("o"), &pending(&[1]), (3, 0));
    let other = other.reads_at(details("o"), &pending(&[1, 2]), (3, 0));
    other.check(SG1, Is::Kept);
    other.check(SG5, Is::Broken);
    // A state from nowhere is not late.
    begun().reads_at(details("o"), &pending(&[7]), (3, 0)).check(SG1, Is::Nothing);
    // Behind a confirmation the order is what it was but for that.
    let confirmed = begun().writes(confirm("o")).reads_at(details("o"), &pending(&[1, 2]), (4, 0));
    let confirmed = confirmed.reads_at(details("o"), &order("o", "confirmed", &[1, 2]), (4, 0));
    confirmed.check(SG1, Is::Broken);
}

/// Lamps, and which of them are not like one of them.
const LAMPS: &str = "contract lamps

aggregate Lamp
  state status: absent | dark | lit

  command Make
    reject MadeAlready when self.status != absent
    set status = dark

  command Light
    reject NotDark when self.status != dark
    set status = lit

  command Dim
    reject NotLit when self.status != lit
    set status = dark

view Others { like: Lamp }
  of Lamp where self.status != like.status
  shows { lamp: self.id, status: self.status }
";

/// Whether a row is there depends on another lamp than its own.
#[test]
fn a_row_that_others_have_a_part_in_says_nothing() {
    let source = Source::new("lamps.contract", LAMPS.to_owned());
    let parsed = parse_contract(&source);
    assert_eq!(parsed.diagnostics.len(), 0, "{:?}", parsed.diagnostics);
    let contract = Arc::new(Contract::resolve(&parsed.tree).contract);
    let model = Arc::new(Interpreted::read(&source).expect("rules"));
    let bench = Bench { contract, model, settings: Settings::default(), exclusive: false };
    let others = |on: &str| query("Others", None, &format!(r#"{{"like": "{on}"}}"#));
    let mut story = Story::default();
    for (name, on) in [("Make", "a"), ("Make", "b"), ("Light", "b")] {
        story.does(command(name, on, "{}"), "accepted");
    }
    let lit = r#"[{"lamp": "b", "status": "lit"}]"#;
    story.reads(others("a"), lit);
    story.does(command("Light", "a", "{}"), "accepted");
    story.reads(others("a"), "[]");
    story.does(command("Dim", "a", "{}"), "accepted");
    story.reads(others("a"), lit);
    story.operations.iter_mut().for_each(|operation| operation.client = 0);
    let parts = vec![Part::of(0); story.operations.len()];
    let evidence = Evidence::new(&bench, (&story.operations, &parts), story.ids());
    Told::is(judged("session", &evidence), SG2, Is::Nothing);
}
