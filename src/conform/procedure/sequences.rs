//! Sequences of commands from a fresh aggregate on: by chance, and along every transition that the rules span.

use std::sync::Arc;
use std::time::Duration;

use crate::adapter::Unreachable;
use crate::conform::lab::Lab;
use crate::conform::sequences::Bench;
use crate::contract::explore::{Bounds, Fired, Graph};
use crate::contract::rules::Interpreted;
use crate::generate::{self, Cover, Random, Walks, Weave};
use crate::protocol::{Capability, ClauseId, Deviation, Does};
use crate::run::{TrialSummary, Trials};
use crate::step::{Sequence, Source};

/// Random sequences.
const CASES: usize = 120;
/// Commands of one sequence, at most.
const LENGTH: usize = 16;
/// So often a rule has to have refused something by itself before much is known of it.
const ALONE: u64 = 3;
/// So many of those that did not are named.
const NAMED: usize = 5;
/// How long a failure is made smaller, at most.
const SHRINKING: Duration = Duration::from_secs(10);

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let engine = lab.engine_until();
    // What fails ends a run of trials; what the walks find is another thing than what chance finds.
    let settings = generate::Settings { seed: lab.engine.seed.0, max_len: LENGTH, cases: CASES };
    let sources: [(&str, Box<dyn Source + Send>); 2] = [
        ("walks", Box::new(Walks::new(lab.model.clone(), settings, Cover::Transitions, Bounds::default()))),
        ("by chance", Box::new(Random::new(lab.model.clone(), settings))),
    ];
    for (name, source) in sources {
        let begun = lab.goes_on_at(name);
        if begun == u64::MAX {
            continue;
        }
        let sequences = woven(&lab, source).into_iter().skip(usize::try_from(begun).unwrap_or(usize::MAX));
        let trials = Trials::within(&engine, lab.contract.clone(), lab.model.clone());
        let trials = trials.shrinking(SHRINKING.min(lab.left()));
        let trials = match lab.jobs {
            Some(jobs) => trials.jobs(jobs),
            None => trials,
        };
        match trials.run(sequences, |_| ()).await {
            Ok(summary) => {
                // Those behind one that fails are not tried.
                let is_cut_off = summary.out_of_time && summary.failed == 0;
                lab.has_got_to(name, if is_cut_off { begun + summary.trials } else { u64::MAX });
                conclude(&lab, &summary);
            }
            Err(error) => return Err(Unreachable { target: "the target".into(), why: error.to_string() }),
        }
    }
    Ok(())
}

fn woven(lab: &Lab, mut source: Box<dyn Source + Send>) -> Vec<Sequence> {
    let knows = |message: &str| lab.engine.target.knows(message);
    let weave = Weave {
        contract: &lab.contract,
        knows: &knows,
        keys: lab.claims(Capability::Idempotency),
        versions: lab.claims(Capability::ExpectedVersion),
    };
    let all = std::iter::from_fn(|| source.next()).zip(0_u64..);
    all.map(|(sequence, number)| weave.weave(&sequence, lab.engine.seed.0 ^ number.rotate_left(32))).collect()
}

fn conclude(lab: &Lab, summary: &TrialSummary) {
    let settings = lab.settings();
    let bench = Bench { contract: &lab.contract, model: &lab.model, settings: &settings };
    bench.note(summary, &lab.ledger, |id, example| lab.broken_in_sequence(id, example));
    for error in &summary.broken_rules {
        lab.remark(format!("the contract contradicts itself: {error}"));
    }
    let mut notes = lab.notes();
    notes.matrix.add(&summary.matrix);
    let rules = notes.rules.get_or_insert_default();
    for (rule, count) in &summary.coverage.rules {
        rules.entry(rule.clone()).or_default().alone += count.alone;
    }
    // What one of them saw was seen.
    notes.unseen = Some(match notes.unseen.take() {
        None => summary.unseen.clone(),
        Some(before) => before.into_iter().filter(|one| summary.unseen.contains(one)).collect(),
    });
    for used in &summary.deviations {
        match notes.deviations.iter_mut().find(|(known, _)| *known == used.deviation) {
            Some((_, times)) => *times += used.used,
            None => notes.deviations.push((used.deviation.clone(), used.used)),
        }
    }
}

/// What sequences say little of: rules that can refuse a command by themselves, and hardly did. Another rule would have refused it as well,
/// so that nobody knows whether they are there.
pub(in crate::conform) fn hardly_tried(lab: &Lab) -> Option<String> {
    let rules = lab.notes().rules.clone().filter(|_| lab.ledger.of(ClauseId::Br6).broken == 0)?;
    let alone =
        |command: &Arc<str>, place| rules.get(&(command.clone(), place)).map_or(0, |count| count.alone);
    let deviations = &lab.engine.target.describe().promises.deviations;
    // What the service means to accept can't refuse anything.
    let refuses = |command: &str, rule: &str| {
        let accepts =
            |own: &&Deviation| own.does == Does::Accepts && *own.rule == *rule && *own.command == *command;
        lab.engine.target.knows(command) && !deviations.iter().any(|own| accepts(&own))
    };
    let hardly = hardly(&lab.model, &lab.graphs, alone, refuses);
    let more = hardly.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!hardly.is_empty()).then(|| {
        let rules = hardly.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        format!("rules that refused something by themselves fewer than {ALONE} times, so that little is known of them: {rules}{more}")
    })
}

/// The rules that can refuse a command by themselves and did so too seldom, each with how often: of those that are in force at a target, by
/// their command and their name.
fn hardly(
    model: &Interpreted,
    graphs: &[Graph],
    alone: impl Fn(&Arc<str>, usize) -> u64,
    refuses: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let mut hardly: Vec<String> = Vec::new();
    let edges = graphs.iter().flat_map(|graph| &graph.edges).map(|edge| (edge.fired, &edge.sent.name));
    let ways = graphs.iter().flat_map(|graph| &graph.ways);
    let ways = ways.filter_map(|way| Some((way.fired, &way.goal()?.name)));
    for (fired, name) in edges.chain(ways) {
        let Fired::Alone(place) = fired else { continue };
        let times = alone(name, place);
        let code = model.rules(name).and_then(|rules| Some(&rules.rejects.get(place)?.code.text));
        if times < ALONE && code.is_some_and(|code| refuses(name, code)) {
            let rule = format!("{} of {name} ({times})", fired.in_words(model, name));
            if !hardly.contains(&rule) {
                hardly.push(rule);
            }
        }
    }
    let own = model.contract().commands();
    for (name, rules) in own.filter_map(|command| Some((&command.name, model.rules(&command.name)?))) {
        for (place, reject) in rules.rejects.iter().enumerate() {
            // Nothing that was explored comes to it: it may take more of a kind, or more steps, than were tried.
            let led_to = |graph: &Graph| graph.ways.iter().any(|way| way.is_to(name, Fired::Alone(place)));
            let applies = graphs
                .iter()
                .any(|graph| graph.applied.contains_key(&(name.clone(), place)) || led_to(graph));
            if !applies && alone(name, place) < ALONE && refuses(name, &reject.code.text) {
                hardly.push(format!("{} of {name} ({})", reject.code.text, alone(name, place)));
            }
        }
    }
    hardly
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::explore::explore;
    use crate::text::Source as Text;

    const LOCKS: &str = "contract locks

aggregate Lock
  state open: bool = false
  state broken: bool = false

  command Open
    reject IsOpen   when self.open
    reject IsBroken when self.broken
    emits Opened

  command Break
    reject IsOpen when self.open
    emits Broke

  event Opened
    set open = true

  event Broke
    set broken = true
";

    #[test]
    fn rules_that_hardly_refused_anything_by_themselves_are_named() {
        let model = Interpreted::read(&Text::new("locks.contract", LOCKS)).expect("a contract");
        let graphs = explore(&model, Bounds::default());
        let told =
            |times: fn(&str, usize) -> u64| hardly(&model, &graphs, |name, at| times(name, at), |_, _| true);
        assert_eq!(told(|_, _| ALONE), Vec::<String>::new());
        assert_eq!(told(|name, at| if name == "Open" && at == 1 { 2 } else { 3 }), ["IsBroken of Open (2)"]);
        let never = "    reject IsLost   when self.open and not self.open\n    reject IsBroken";
        let text = LOCKS.replace("    reject IsBroken", never);
        let model = Interpreted::read(&Text::new("locks.contract", &*text)).expect("a contract");
        let graphs = explore(&model, Bounds::default());
        let more =
            hardly(&model, &graphs, |_, place| if place == 1 { 0 } else { 3 }, |name, _| name == "Open");
        assert_eq!(more, ["IsLost of Open (0)"], "nothing that is explored comes to it");
        let known = hardly(&model, &graphs, |_, _| 0, |name, _| name == "Break");
        assert_eq!(known, ["IsOpen of Break (0)"]);
        let meant = hardly(&model, &graphs, |_, _| 0, |name, rule| name == "Open" && rule != "IsOpen");
        assert_eq!(meant, ["IsBroken of Open (0)", "IsLost of Open (0)"], "one that is accepted on purpose");
    }
}
