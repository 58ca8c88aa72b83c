//! Rules that compare aggregates of one kind: it takes two of them.

use proofmark::contract::explore::{Bounds, Fired, contradictions, explore};

use crate::model::written;

const CONTRACT: &str = "contract library

aggregate Member
  state there: bool = false

  command Join
    reject MemberExists when self.there
    set there = true

aggregate Copy
  state there: bool = false
  state borrower: Member?

  command Add
    reject CopyExists when self.there
    set there = true

  command Lend { member: Member }
    reject NoSuchCopy   when not self.there
    reject NoSuchMember when not member.there
    reject YoursAlready when self.borrower == member
    reject LentToOther  when self.borrower != null and self.borrower != member
    set borrower = member
";

#[test]
fn a_rule_that_compares_two_of_a_kind_has_two() {
    let model = written(CONTRACT);
    let graphs = explore(&model, Bounds::default());
    let [graph] = &graphs[..] else { panic!("they refer to each other") };
    let mut kinds: Vec<&str> = graph.subjects.iter().map(|subject| &*subject.kind).collect();
    assert_eq!(kinds, ["Member", "Member", "Copy"]);
    kinds.dedup();
    let other = |edge: &proofmark::contract::explore::Edge| {
        *edge.sent.name == *"Lend" && edge.fired == Fired::Alone(3)
    };
    assert!(graph.edges.iter().any(other), "it stops somebody else");
    assert_eq!(contradictions(&model, &graphs), []);
    // Where one is enough, there is no second one.
    let simple = CONTRACT
        .replace("    reject LentToOther  when self.borrower != null and self.borrower != member\n", "");
    let model = written(&simple);
    assert_eq!(explore(&model, Bounds::default())[0].subjects.len(), 2);
}
