//! A file's scenarios, each with the background's steps: from the tree to plans.

use std::sync::Arc;

use super::resolve::{Planned, Planner};
use super::tags::unknown_clause;
use super::{Action, Block, Plan, Step, block, events, outcomes, uniques};
use crate::contract::Contract;
use crate::language::syntax::{Example, Role};
use crate::language::syntax::{Scenario, ScenarioFile};
use crate::text::{Code, Diagnostic, Source, Span, Spanned};

/// A file's scenarios may have so many steps in all, each with the background's.
const MOST_STEPS: usize = 1_000_000;

/// Plans every scenario of a file, and says what is wrong with it. A plan of a file with errors must not run.
pub fn plan(source: &Arc<Source>, file: &ScenarioFile, contract: &Contract) -> (Vec<Plan>, Vec<Diagnostic>) {
    let mut planner = Planner::new(contract);
    let background = planner.steps(&file.background);
    // What is wrong with the background's outcomes is told here, once, and not with every scenario.
    check_outcomes(&mut block::group(background.iter()), contract, &mut planner.mistakes);
    let before = planner.variables.mark();
    let racers = planner.racers.clone();
    let mut plans = Vec::with_capacity(file.scenarios.len());
    let mut room = MOST_STEPS;
    for scenario in &file.scenarios {
        let steps = background.len() + scenario.steps.len();
        let Some(left) = room.checked_sub(steps) else {
            let what = format!("the scenarios of this file have more than {MOST_STEPS} steps in all");
            let mistake = Diagnostic::error(Code::FILE_TOO_LARGE, scenario.name.span, what);
            planner.mistakes.push(mistake.advise("split the file, or shorten its background"));
            break;
        };
        room = left;
        let own = planner.steps(&scenario.steps);
        planner.variables.back_to(&before);
        planner.racers = racers.clone();
        plans.push(finish(
            source,
            scenario,
            file.locks.iter(),
            contract,
            &background,
            &own,
            &mut planner.mistakes,
        ));
    }
    planner.mistakes.sort_by_key(|mistake| mistake.span.start);
    // An outline's steps are planned once for each of its rows.
    planner.mistakes.dedup();
    (plans, planner.mistakes)
}

/// Decides what each command must bring by itself, and checks what is said of outcomes.
fn check_outcomes(blocks: &mut [Block], contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    let (mut sent, mut touched) = (false, false);
    for block in blocks {
        events::settle(block, &mut touched, mistakes);
        outcomes::settle(block, &mut sent, contract, mistakes);
    }
}

fn finish(
    source: &Arc<Source>,
    scenario: &Scenario,
    locks: std::slice::Iter<'_, Spanned<Arc<str>>>,
    contract: &Contract,
    background: &[Planned],
    own: &[Planned],
    mistakes: &mut Vec<Diagnostic>,
) -> Plan {
    let mut blocks = block::group(background.iter().chain(own));
    let before = mistakes.len();
    check_outcomes(&mut blocks, contract, mistakes);
    // The background's own mistakes have been told.
    let told = |span: Span| background.iter().any(|step| step.holds(span));
    let mut index = 0;
    mistakes.retain(|mistake| {
        index += 1;
        index <= before || !told(mistake.span)
    });
    let uniques = uniques::find(&blocks, contract, mistakes);
    mistakes.extend(scenario.tags.iter().filter_map(unknown_clause));
    let asserts = |step: &Step| {
        let only_asks = matches!(&*step.action, Action::Read(assertion) if assertion.shows.is_none());
        let only_prepares =
            matches!(*step.action, Action::Let { .. } | Action::Settled { .. } | Action::Rebuild(_));
        step.role != Role::Given && !only_asks && !only_prepares
    };
    let can_fail = blocks.iter().any(|block| !block.watches.is_empty() || block.steps.iter().any(asserts));
    if !can_fail && !scenario.steps.is_empty() {
        let what = "this scenario can't fail: it has neither `when` nor `then`";
        mistakes.push(
            Diagnostic::error(Code::NOTHING_ASSERTED, scenario.name.span, what)
                .advise("say what the target must do: `when` a command, `then` what it brings"),
        );
    }
    let last = scenario.steps.last().map_or(scenario.name.span, |step| step.span);
    // A row in a file of its own is called by the outline's line.
    let row = scenario.example.map(|example| example.row).filter(|row| source.is_own(*row));
    let last = row.or(scenario.example.map(|example| example.outline)).unwrap_or(last);
    Plan {
        source: source.clone(),
        contract: contract.name().into(),
        name: Arc::from(&*scenario.name.node),
        line: source.line(row.unwrap_or(scenario.name.span).start),
        last_line: source.line(last.end.saturating_sub(1)),
        row: scenario.example.map(|example| example.number),
        outline: scenario.example.map(|Example { outline, .. }| {
            (source.line(outline.start), source.line(outline.end.saturating_sub(1)))
        }),
        tags: scenario.tags.iter().map(|tag| Arc::from(&*tag.text)).collect(),
        rounds: scenario.repeat.as_ref().map_or(1, |repeat| repeat.node),
        locks: locks.chain(&scenario.locks).map(|lock| Arc::from(&*lock.node)).collect(),
        blocks,
        uniques,
        lasting: None,
    }
}
