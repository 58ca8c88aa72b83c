//! What can't be decided is said so, and never passed.

use proofmark::judge::{Settings, judge};
use proofmark::protocol::Verdict;

use super::{Story, add, confirm, create};
use crate::model::{command, query, written};

/// Twelve commands at once, of which nobody knows the order.
fn burst() -> Story {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    let calls: Vec<usize> = (1..=12).map(|quantity| story.calls(add("o", quantity))).collect();
    for at in calls {
        story.ends(at, "accepted");
    }
    story.does(confirm("o"), "accepted");
    story
}

#[test]
fn past_the_bounds_it_is_inconclusive_and_says_why() {
    for (settings, why) in [
        (
            Settings { max_configurations: 50, ..Settings::default() },
            "more than 50 worlds are possible at a time",
        ),
        (
            Settings { max_steps: 100, ..Settings::default() },
            "after 100 steps of search it is still not known what was possible",
        ),
    ] {
        let judgement = burst().judged(&settings);
        assert_eq!(judgement.verdict(), Verdict::Inconclusive);
        assert_eq!(judgement.undecided.len(), 1);
        assert_eq!(judgement.undecided[0].why, why);
    }
}

const OPEN: &str = "\
contract open
aggregate Box
  state count: int = 0
  command Fill
    set count = self.count + 1
  command Shake
  query Count
    shows { count: self.count }
";

#[test]
fn what_the_rules_leave_open_is_not_judged_any_more() {
    let mut story = Story::default();
    story.does(command("Fill", "b", "{}"), "accepted");
    story.does(command("Shake", "b", "{}"), "accepted");
    story.reads(query("Count", Some("b"), "{}"), r#"{"count": 77}"#);
    let judgement = judge(&written(OPEN), &Settings::default(), &story.operations);
    // All that the rules speak of was judged.
    assert_eq!((judgement.verdict(), judgement.coverage.queries["Count"].undecided), (Verdict::Pass, 1));
    story.does(command("Fill", "b", "{}"), "accepted");
    let judgement = judge(&written(OPEN), &Settings::default(), &story.operations);
    assert_eq!(judgement.verdict(), Verdict::Inconclusive);
    assert!(judgement.undecided[0].why.contains("the rules leave open what Shake does"));
    assert_eq!(judgement.undecided[0].operation, 3);
}

const CONTRADICTION: &str = "\
contract contradiction
aggregate Box
  state count: int = 0
  command Fill
    set count = self.count + 1
  invariant \"never full\": self.count < 2
";

#[test]
fn rules_that_contradict_themselves_are_no_verdict_on_the_target() {
    let mut story = Story::default();
    story.does(command("Fill", "b", "{}"), "accepted");
    story.does(command("Fill", "b", "{}"), "accepted");
    let judgement = judge(&written(CONTRADICTION), &Settings::default(), &story.operations);
    assert_eq!(judgement.verdict(), Verdict::Inconclusive);
    assert_eq!(judgement.mismatches, []);
    assert!(judgement.broken_rules[0].to_string().contains("never full"));
}
