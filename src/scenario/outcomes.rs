use super::{Action, Block, Expects, calls, race};
use crate::contract::{BUILT_IN_REJECTIONS, Contract};
use crate::language::syntax::{CommandCall, Ident};
use crate::text::{Code, Diagnostic};

/// Decides what each command of the block must bring by itself, and checks what is said of outcomes.
/// `sent` says whether a block before this one has sent a command.
pub(super) fn settle(
    block: &mut Block,
    sent: &mut bool,
    contract: &Contract,
    mistakes: &mut Vec<Diagnostic>,
) {
    let mut last: Option<Spoken> = None;
    let mut raced = false;
    for index in 0..block.steps.len() {
        let span = block.steps[index].span;
        let action = block.steps[index].action.clone();
        match &*action {
            Action::Submit(_) | Action::Resubmit => {
                if matches!(*action, Action::Resubmit) {
                    if !*sent {
                        let what = "there is no command before this one to repeat";
                        mistakes.push(Diagnostic::error(Code::NO_COMMAND, span, what));
                    }
                    retried(block, index);
                }
                *sent = true;
                if let Some(spoken) = last.replace(Spoken { index, by: None }) {
                    spoken.check(block, contract, mistakes);
                }
            }
            Action::Race(_) => {
                *sent = true;
                raced = true;
                if let Some(spoken) = last.take() {
                    spoken.check(block, contract, mistakes);
                }
                race::settle(block, index, contract, mistakes);
            }
            Action::Accepted | Action::Rejected { .. } | Action::SameOutcome | Action::AnyOutcome => {
                let Some(spoken) = &mut last else {
                    if raced {
                        continue; // Refused when its names were resolved.
                    }
                    let what = "there is no command before this one whose outcome it could be";
                    mistakes.push(Diagnostic::error(Code::NO_COMMAND, span, what));
                    continue;
                };
                spoken.by(index, block, mistakes);
            }
            _ => {}
        }
    }
    if let Some(spoken) = last {
        spoken.check(block, contract, mistakes);
    }
}

/// The step at `index` repeats a command. If that stands right before it, its outcome may stay unknown.
fn retried(block: &mut Block, index: usize) {
    if let Some(before) = index.checked_sub(1).and_then(|before| block.steps.get_mut(before))
        && matches!(*before.action, Action::Submit(_) | Action::Resubmit)
        && before.expects == Expects::Accepted
    {
        before.expects = Expects::Retried;
    }
}

/// A command of the block and the step that says what became of it.
struct Spoken {
    index: usize,
    by: Option<usize>,
}

impl Spoken {
    /// Step `index` says what became of the command.
    fn by(&mut self, index: usize, block: &mut Block, mistakes: &mut Vec<Diagnostic>) {
        let span = block.steps[index].span;
        let same = matches!(*block.steps[index].action, Action::SameOutcome);
        let expects = &mut block.steps[self.index].expects;
        if *expects == Expects::Setup {
            let what = "a `given` must be accepted, and no other word can be said on it";
            let mistake = Diagnostic::error(Code::WRONG_PLACE, span, what);
            mistakes.push(mistake.advise("put the command under `when`"));
            return;
        }
        *expects = Expects::Said;
        if same && !matches!(*block.steps[self.index].action, Action::Resubmit) {
            let what = "only a `repeat last` can have the same outcome as the command before it";
            mistakes.push(Diagnostic::error(Code::NO_COMMAND, span, what));
        }
        let first = self.by.replace(index).map(|first| std::mem::discriminant(&*block.steps[first].action));
        let again = first == Some(std::mem::discriminant(&*block.steps[index].action));
        if again || self.contradicts(block, index) {
            let what = "what this command brought has been said already";
            mistakes.push(
                Diagnostic::error(Code::SPOKEN_TWICE, span, what)
                    .advise("several rejections that will do are written `rejected A | B`"),
            );
        }
    }

    /// Whether `accepted` and `rejected` are both said of the command, or that anything will do and something else.
    fn contradicts(&self, block: &Block, index: usize) -> bool {
        let now = &*block.steps[index].action;
        let says = |action: &Action| {
            matches!(action, Action::Accepted | Action::Rejected { .. } | Action::SameOutcome)
        };
        block.steps[self.index..index].iter().any(|step| match (&*step.action, now) {
            (Action::Accepted, Action::Rejected { .. }) | (Action::Rejected { .. }, Action::Accepted) => true,
            (Action::AnyOutcome, other) | (other, Action::AnyOutcome) => says(other),
            _ => false,
        })
    }

    /// Checks the codes that are said, and the fields, unless they are meant to be wrong.
    fn check(&self, block: &Block, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
        let Action::Submit(call) = &*block.steps[self.index].action else { return };
        let said = self.by.map(|index| &*block.steps[index].action);
        let codes: &[Ident] = match said {
            Some(Action::Rejected { codes, .. }) => codes,
            _ => &[],
        };
        check_codes(call, codes, contract, mistakes);
        // Where anything will do, it is known that it may be refused as `Malformed`.
        let malformed =
            matches!(said, Some(Action::AnyOutcome)) || codes.iter().any(|code| &*code.text == "Malformed");
        calls::check_command_fields(call, malformed, contract, mistakes);
    }
}

fn check_codes(call: &CommandCall, codes: &[Ident], contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    for code in codes {
        check_code(std::iter::once(call), code, contract, mistakes);
    }
}

/// Checks a rejection that is said of one of several commands.
pub(super) fn check_code<'a>(
    mut calls: impl Iterator<Item = &'a CommandCall> + Clone,
    code: &Ident,
    contract: &Contract,
    mistakes: &mut Vec<Diagnostic>,
) {
    if !contract.is_rejection(&code.text) {
        let what = format!("{} has no rejection `{}`", contract.name(), code.text);
        let mistake = Diagnostic::error(Code::UNKNOWN_REJECTION, code.span, what);
        mistakes.push(mistake.suggest(contract.suggest_rejection(&code.text)));
    } else if !BUILT_IN_REJECTIONS.contains(&&*code.text)
        && let Some(call) = calls.clone().next()
        && calls.all(|call| {
            contract.command(&call.name.text).is_some_and(|command| !command.rejections.contains(&code.text))
        })
    {
        mistakes.push(foreign(call, code));
    }
}

fn foreign(call: &CommandCall, code: &Ident) -> Diagnostic {
    let what = format!("the contract never rejects {} with `{}`", call.name.text, code.text);
    let advice = format!("add `reject {} when …` to the command if it should", code.text);
    Diagnostic::warning(Code::FOREIGN_REJECTION, code.span, what).advise(advice)
}
