use super::resolve::Planned;
use super::{Action, Block};
use crate::language::syntax::Role;

/// Groups steps into blocks: a `given` or `when` behind a `then` begins a new one.
pub(super) fn group<'a>(steps: impl Iterator<Item = &'a Planned>) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    let mut asserted = false;
    for planned in steps {
        let begins = match planned {
            Planned::Watch(_) => false,
            Planned::Step(step) => step.role != Role::Then && !matches!(*step.action, Action::Let { .. }),
        };
        if begins && asserted {
            blocks.push(Block::default());
        }
        asserted = !begins && (asserted || is_then(planned));
        // There is one from the start.
        let Some(block) = blocks.last_mut() else { continue };
        match planned {
            Planned::Step(step) => block.steps.push(step.clone()),
            Planned::Watch(watch) => block.watches.push(watch.clone()),
        }
    }
    for block in &mut blocks {
        let sets_up = |step: &super::Step| {
            step.role == Role::Given || step.role != Role::Then && matches!(*step.action, Action::Let { .. })
        };
        block.arm = block.steps.iter().take_while(|step| sets_up(step)).count();
    }
    blocks
}

fn is_then(planned: &Planned) -> bool {
    match planned {
        Planned::Watch(_) => true,
        Planned::Step(step) => step.role == Role::Then,
    }
}
