use std::collections::BTreeMap;
use std::sync::Arc;

use super::Decoder;
use super::section::Section;
use crate::profile::definition::{Command, Spoken};
use crate::profile::tree::Node;
use crate::protocol::{Deviation, Does, Effect};
use crate::text::{Code, Diagnostic, Spanned, did_you_mean};

impl Decoder<'_> {
    /// `[[deviates]]`: where the service is known to depart from the contract. Each is told once for a command and a
    /// rule: two of them would either say the same or contradict each other.
    pub(super) fn deviations(
        &mut self,
        node: &Node,
        commands: &BTreeMap<String, Spoken<Command>>,
    ) -> Vec<Deviation> {
        let Some(list) = self.list(node) else { return Vec::new() };
        let mut deviations: Vec<Deviation> = Vec::new();
        for node in list {
            let Some(deviation) = self.deviation(node, commands) else { continue };
            let same =
                |known: &&Deviation| known.command == deviation.command && known.rule == deviation.rule;
            match deviations.iter().find(same) {
                None => deviations.push(deviation),
                Some(known) => {
                    let how = if (known.does, known.effect) == (deviation.does, deviation.effect) {
                        "says it once more"
                    } else {
                        "contradicts it"
                    };
                    let what = format!(
                        "an entry before this one is about {} and {}, and this one {how}",
                        deviation.command, deviation.rule
                    );
                    let mistake = Diagnostic::error(Code::BAD_DEVIATION, node.span, what);
                    self.out.push(mistake.advise("keep the one that is true"));
                }
            }
        }
        deviations
    }

    fn deviation(&mut self, node: &Node, commands: &BTreeMap<String, Spoken<Command>>) -> Option<Deviation> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "a [[deviates]]");
        let command = section.require("command", &mut self.out);
        let rule = section.require("rule", &mut self.out);
        let does = section.require("does", &mut self.out);
        let does =
            does.and_then(|node| self.word(node, &[("accepts", Does::Accepts), ("rejects", Does::Rejects)]));
        let effect_node = section.get("effect");
        let effect = effect_node
            .and_then(|node| self.word(node, &[("none", Effect::None), ("applied", Effect::Applied)]));
        let because = section.require("because", &mut self.out);
        section.finish(&mut self.out);
        let command = self.text(command?)?;
        let named = Spanned::new(command.content.clone(), command.span());
        let rule = self.text(rule?)?;
        let because = because.and_then(|node| Some((self.text(node)?, node.span)));
        if let Some((text, span)) = because
            && text.content.trim().is_empty()
        {
            let what = "a deviation has a reason";
            self.out.push(Diagnostic::error(Code::BAD_VALUE, span, what));
        }
        let does = does?;
        let contract = self.contract.clone();
        let Some(known) = contract.command(&named.node) else {
            self.unknown("command", &named, contract.commands().map(|known| &*known.name));
            return None;
        };
        self.is_not_stale(
            &known.rejections,
            commands,
            (&named, &Spanned::new(rule.content.clone(), rule.span())),
            does,
        )?;
        let effect =
            match (does, effect, effect_node) {
                (Does::Rejects, Some(Effect::Applied), Some(node)) => {
                    let what = "what is rejected has no effect";
                    let mistake = Diagnostic::error(Code::BAD_DEVIATION, node.span, what);
                    self.out.push(mistake.advise(
                        "a service that does what it rejects breaks its promises: leave `effect` out",
                    ));
                    return None;
                }
                (Does::Rejects, ..) => Effect::None,
                (Does::Accepts, None, None) => {
                    let what = "a [[deviates]] that accepts needs `effect`";
                    let mistake = Diagnostic::error(Code::MISSING_KEY, node.span, what);
                    self.out.push(mistake.advise("write `effect = \"none\"` or `effect = \"applied\"`"));
                    return None;
                }
                (Does::Accepts, effect, _) => effect?,
            };
        let because = Arc::from(because?.0.content.as_str());
        Some(Deviation {
            command: Arc::from(&*named.node),
            rule: Arc::from(&*rule.content),
            does,
            effect,
            because,
        })
    }

    /// An entry that can't matter any more would hide what it is about the day it matters again.
    fn is_not_stale(
        &mut self,
        declared: &[Arc<str>],
        commands: &BTreeMap<String, Spoken<Command>>,
        (command, rule): (&Spanned<String>, &Spanned<String>),
        does: Does,
    ) -> Option<()> {
        let contract = self.contract.clone();
        if !contract.is_rejection(&rule.node) {
            let what = format!("the contract has no rejection `{}`", rule.node);
            let mistake = Diagnostic::error(Code::UNKNOWN_REJECTION, rule.span, what);
            self.out.push(mistake.advise(contract.advise_rejection(&rule.node)));
            return None;
        }
        if does == Does::Accepts && !declared.iter().any(|known| **known == *rule.node) {
            let what = format!(
                "{} has no `{}` by the contract, so nothing departs from it",
                command.node, rule.node
            );
            let mistake = Diagnostic::error(Code::BAD_DEVIATION, rule.span, what);
            self.out.push(match did_you_mean(&rule.node, declared.iter().map(|known| &**known)) {
                Some(near) => mistake.advise(format!("did you mean `{near}`?")),
                None => mistake.advise("remove the entry"),
            });
            return None;
        }
        if matches!(commands.get(&command.node), Some(Spoken::None)) {
            let what =
                format!("the service has no {} (`none = true`), so nothing departs from it", command.node);
            let mistake = Diagnostic::error(Code::BAD_DEVIATION, command.span, what);
            self.out.push(mistake.advise("remove the entry"));
            return None;
        }
        Some(())
    }
}
