//! Races of scenarios: what is sent at the same time, and what is said of it.

use std::sync::Arc;

use super::course::{Course, Stopped, unmet};
use super::event::Racing;
use super::lane::{Racer, overlapped, threaded};
use super::{Finding, Sent};
use crate::language::syntax::{CommandCall, Ident, Race, Racers, Role};
use crate::protocol::{Capability, Outcome, Verdict};
use crate::scenario::{Expects, Step};
use crate::text::Span;
use crate::value::{Record, Value};

impl Course<'_> {
    /// Sends all commands of a race at once.
    pub(super) async fn race(&mut self, race: &Race, step: &Step) -> Result<(), Stopped> {
        let calls: Vec<(Option<&Ident>, &CommandCall)> = match &race.racers {
            Racers::Labelled(racers) => {
                racers.iter().map(|racer| (Some(&racer.label), &racer.call)).collect()
            }
            Racers::Many { count, call, .. } => vec![(None, &**call); count.node],
        };
        if !self.claims_all(race) {
            self.left_out = true;
            return Ok(());
        }
        self.left_out = false;
        let number = self.races;
        self.races += 1;
        let (mut racers, mut racings) = (Vec::new(), Vec::new());
        for (label, call) in calls {
            let command = self.command(call)?;
            self.before_command(command.on.as_ref()).await?;
            let actor = call.actor.as_ref().map(|actor| Arc::from(&*actor.text));
            racers.push(Racer { command: Arc::new(command), actor });
            racings.push(Racing { race: number, label: label.map(|label| Arc::from(&*label.text)) });
        }
        let sent =
            self.lane.race(racers).await.map_err(|error| {
                Box::new(Finding::new(Verdict::Inconclusive, race.span, error.to_string()))
            })?;
        let labelled = sent.into_iter().zip(racings);
        let mut sent: Vec<Sent> =
            labelled.map(|(sent, racing)| Sent { racing: Some(racing), ..sent }).collect();
        // The last one is the one that was back last: what waits for effects waits from there.
        sent.sort_by_key(|sent| sent.order.1);
        let first = self.sent.len();
        self.sent.extend(sent);
        self.waited = false;
        self.name_racers(race, first);
        if !overlapped(&self.sent[first..]) {
            let finding = never_overlapped(race.span, step.role);
            if step.role == Role::Given {
                return Err(Box::new(finding));
            }
            self.find(finding);
        }
        match step.expects {
            Expects::Said => Ok(()),
            _ => self.all_accepted(first, race, step.role),
        }
    }

    /// Whether the target claims what the racers need; what it does not is told once.
    fn claims_all(&mut self, race: &Race) -> bool {
        let mut claims = true;
        let calls = || race.calls();
        if let Some(key) = calls().find_map(|call| call.key.as_ref()) {
            claims &= self.claims(Capability::Idempotency, key.span);
        }
        if let Some(version) = calls().find_map(|call| call.version.as_ref()) {
            claims &= self.claims(Capability::ExpectedVersion, version.span);
        }
        let mut actors: Vec<&Ident> = Vec::new();
        for actor in calls().filter_map(|call| call.actor.as_ref()) {
            if !actors.iter().any(|known| known.text == actor.text) {
                actors.push(actor);
                claims &= self.claims_actor(Some(actor));
            }
        }
        claims
    }

    /// Remembers which of the commands sent since `first` each name stands for, and what `$r` is worth.
    fn name_racers(&mut self, race: &Race, first: usize) {
        let all = first..self.sent.len();
        match &race.racers {
            Racers::Labelled(racers) => {
                for racer in racers {
                    let is_it = |sent: &Sent| {
                        let label = sent.racing.as_ref().and_then(|racing| racing.label.as_deref());
                        label == Some(&*racer.label.text)
                    };
                    let indices = all.clone().filter(|index| is_it(&self.sent[*index])).collect();
                    self.racers.push((racer.label.clone(), indices));
                }
            }
            Racers::Many { name: Some(name), .. } => {
                self.racers.push((name.clone(), all.clone().collect()));
                match outcomes(&self.sent[all]) {
                    Some(value) => self.names.set(Arc::from(&*name.text), value),
                    None => self.doubtful.push(Arc::from(&*name.text)),
                }
            }
            Racers::Many { name: None, .. } => {}
        }
    }

    /// A race of which nothing is said.
    fn all_accepted(&self, first: usize, race: &Race, role: Role) -> Result<(), Stopped> {
        let sent = &self.sent[first..];
        let count = sent.len();
        let accepted = sent.iter().filter(|sent| matches!(sent.outcome, Outcome::Accepted(_))).count();
        let unknown = sent.iter().filter(|sent| super::submit::is_unknown(&sent.outcome)).count();
        if accepted == count {
            return Ok(());
        }
        let what = format!("{accepted} of {count} racers were accepted, expected: all");
        let mut stopped = unmet(role, race.span, what);
        if accepted + unknown == count {
            stopped.verdict = Verdict::Inconclusive;
            stopped.message = format!("nothing can be said of this race: {unknown} outcomes are unknown");
        }
        stopped.label = "nothing is said of it, so all must be accepted".into();
        Err(stopped)
    }
}

fn never_overlapped(span: Span, role: Role) -> Finding {
    let what = "the race was none: each command had returned before the next was sent";
    let what = if role == Role::Given { format!("the set-up failed: {what}") } else { what.into() };
    let finding = Finding::new(Verdict::Inconclusive, span, what);
    match threaded() {
        None => finding.advise(
            "a target in the same process that answers at once needs a runtime of several threads: `flavor = \"multi_thread\"`",
        ),
        Some(_) => finding
            .advise("run it again: the machine was too busy to send two commands at the same time")
            .ours(),
    }
}

/// `$r`: `{ accepted: […], rejected: […] }`, each element what the answer told and, as `sent`, the command's fields.
/// `None` where an outcome is unknown: then nothing can rest on it.
fn outcomes(sent: &[Sent]) -> Option<Value> {
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for sent in sent {
        let (told, list) = match &sent.outcome {
            Outcome::Accepted(receipt) => (receipt.to_value(), &mut accepted),
            Outcome::Rejected(rejection) => (rejection.to_value(), &mut rejected),
            Outcome::Unknown(_) | Outcome::NotSent(_) => return None,
        };
        let mut told = match told {
            Value::Record(told) => told,
            _ => Record::new(),
        };
        told.insert("sent", Value::Record(sent.command.fields.clone()));
        list.push(Value::Record(told));
    }
    let lists = [("accepted", accepted), ("rejected", rejected)];
    Some(Value::Record(lists.into_iter().map(|(name, list)| (Arc::from(name), Value::from(list))).collect()))
}
