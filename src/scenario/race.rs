//! Races: who is in them, and whether what is said of them makes sense.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Action, Block, Expects, Step, calls, outcomes};
use crate::contract::Contract;
use crate::language::syntax::{Ident, Outcomes, Race, Share, Tally};
use crate::text::{Code, Diagnostic, Span, did_you_mean};

/// The racers that steps have named so far, with how many each name stands for.
#[derive(Clone, Default)]
pub(super) struct Known {
    racers: Vec<(Arc<str>, bool, usize)>,
    /// Whether the last command was one of a race.
    pub(super) raced_last: bool,
}

impl Known {
    /// A race names its racers.
    pub(super) fn add(&mut self, race: &Race, mistakes: &mut Vec<Diagnostic>) {
        self.raced_last = true;
        for (name, count) in race.names() {
            if self.find(name).is_some() && !name.is_decorated() {
                let what = format!("there is a racer `{}` already", name.text);
                let mistake = Diagnostic::error(Code::NAMED_TWICE, name.span, what);
                mistakes.push(mistake.advise("choose another label: it is kept for the whole scenario"));
            } else {
                self.racers.push((name.text.clone(), name.is_decorated(), count));
            }
        }
    }

    fn find(&self, name: &Ident) -> Option<usize> {
        let known = self
            .racers
            .iter()
            .find(|(text, variable, _)| *text == name.text && *variable == name.is_decorated());
        known.map(|(.., count)| *count)
    }

    /// How many racers a name stands for; reports one that stands for none.
    pub(super) fn check(&self, name: &Ident, mistakes: &mut Vec<Diagnostic>) -> Option<usize> {
        let found = self.find(name);
        if found.is_none() {
            let shown =
                |text: &str, variable: bool| if variable { format!("${text}") } else { text.to_owned() };
            let wanted = shown(&name.text, name.is_decorated());
            let what = format!("no race before this step has a racer `{wanted}`");
            let mistake = Diagnostic::error(Code::UNKNOWN_RACER, name.span, what);
            let names: Vec<_> =
                self.racers.iter().map(|(text, variable, _)| shown(text, *variable)).collect();
            let near = did_you_mean(&wanted, names.iter().map(String::as_str));
            mistakes.push(match near {
                Some(_) => mistake.suggest(near),
                None if names.is_empty() => mistake.advise("let commands race first: `when race`"),
                None => mistake.advise(format!("there are {}", names.join(", "))),
            });
        }
        found
    }

    /// Checks the names and the number of a tally.
    pub(super) fn check_tally(&self, tally: &Tally, mistakes: &mut Vec<Diagnostic>) {
        let mut seen = HashSet::new();
        let mut size = Some(0);
        for name in &tally.of {
            let count = self.check(name, mistakes);
            size = size.zip(count).map(|(sum, count)| sum + count);
            if count.is_some() && !seen.insert((&name.text, name.is_decorated())) {
                let what = format!("`{}` is counted twice", name.text);
                mistakes.push(
                    Diagnostic::error(Code::DUPLICATE_CLAUSE, name.span, what).advise("name each once"),
                );
            }
        }
        let Some(size) = size else { return };
        let senseless = match tally.share {
            Share::Exactly(count) | Share::AtLeast(count) | Share::AtMost(count) if count > size => true,
            Share::AtLeast(0) => true,
            Share::AtMost(count) => count == size,
            _ => false,
        };
        if let (true, Some(first), Some(last)) = (senseless, tally.of.first(), tally.of.last()) {
            let what = format!("of {size} racers this says nothing, or what can't be");
            let span = first.span.to(last.span);
            mistakes.push(Diagnostic::error(Code::IMPOSSIBLE_COUNT, span, what).advise(
                "choose a number between 0 and the number of racers, and one that something can break",
            ));
        }
    }

    /// A word on "the last command" behind a race: which one is meant?
    pub(super) fn refuse_last(&self, span: Span, mistakes: &mut Vec<Diagnostic>) {
        if self.raced_last {
            let what = "behind a race there is no last command";
            mistakes.push(Diagnostic::error(Code::NO_COMMAND, span, what).advise(
                "say which racers are meant: `all a, b accepted`, `exactly 1 of a, b accepted`, or `all $r …`",
            ));
        }
    }
}

/// Decides whether the race at `index` is spoken of, and checks what is said.
pub(super) fn settle(block: &mut Block, index: usize, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    let action = block.steps[index].action.clone();
    let Action::Race(race) = &*action else { return };
    let names = race.names();
    let ours = |name: &Ident| {
        names.iter().any(|(known, _)| known.text == name.text && known.is_decorated() == name.is_decorated())
    };
    let behind = || block.steps[index + 1..].iter();
    let tallies: Vec<(Span, &Tally)> = behind()
        .filter_map(|step| match &*step.action {
            Action::Tally(tally) if tally.of.iter().any(ours) => Some((step.span, tally)),
            _ => None,
        })
        .collect();
    let said = tallies.iter().flat_map(|(_, tally)| [Some(&tally.brought), tally.others.as_ref()]).flatten();
    let conditions = behind().filter_map(|step| step.condition.as_ref());
    let conditions =
        conditions.filter(|condition| ours(&condition.racer)).map(|condition| &condition.brought);
    let said: Vec<&Outcomes> = said.chain(conditions).collect();
    let codes = || said.iter().flat_map(|said| said.rejected.iter().flatten());
    for code in codes() {
        outcomes::check_code(race.calls(), code, contract, mistakes);
    }
    let malformed = codes().any(|code| &*code.text == "Malformed");
    for call in race.calls() {
        calls::check_command_fields(call, malformed, contract, mistakes);
    }
    let Some((span, _)) = tallies.first() else { return };
    if block.steps[index].expects == Expects::Setup {
        let what = "a race under `given` must be accepted as a whole, and no other word can be said on it";
        let mistake = Diagnostic::error(Code::WRONG_PLACE, *span, what);
        mistakes.push(mistake.advise("put the race under `when`"));
        return;
    }
    for (name, _) in &names {
        let is_spoken = tallies.iter().any(|(_, tally)| {
            tally.of.iter().any(|of| of.text == name.text && of.is_decorated() == name.is_decorated())
        });
        if !is_spoken {
            let what =
                format!("nothing is said of `{}`, though something is of others in its race", name.text);
            let mistake = Diagnostic::error(Code::UNSPOKEN, name.span, what);
            mistakes.push(mistake.advise(format!("say it, too: `all {} accepted`, for one", name.text)));
        }
    }
    said_of(&mut block.steps[index]);
}

fn said_of(step: &mut Step) {
    step.expects = Expects::Said;
}
