use std::sync::Arc;

use super::course::{Course, Stopped, broken_expression, unmet};
use super::{Finding, Sent};
use crate::language::syntax::{CommandCall, Expr, Ident, Matcher, Role};
use crate::protocol::{Capability, Command, Expected, Outcome, Rejection, Verdict, Version};
use crate::scenario::Expects;
use crate::scenario::matcher::bind;
use crate::text::Span;
use crate::value::{Value, inert_within};

impl Course<'_> {
    /// Sends a command.
    pub(super) async fn submit(
        &mut self,
        call: &CommandCall,
        expects: Expects,
        span: Span,
    ) -> Result<(), Stopped> {
        let key = call.key.as_ref().is_none_or(|key| self.claims(Capability::Idempotency, key.span));
        let version = call
            .version
            .as_ref()
            .is_none_or(|version| self.claims(Capability::ExpectedVersion, version.span));
        let actor = self.claims_actor(call.actor.as_ref());
        self.left_out = !key || !version || !actor;
        if self.left_out {
            return Ok(());
        }
        let command = Arc::new(self.command(call)?);
        self.before_command(command.on.as_ref()).await?;
        self.attempt = 0;
        self.send(command, call.actor.as_ref().map(|actor| Arc::from(&*actor.text)), span).await?;
        self.judge_at_once(expects, span)?;
        let told = match self.sent.last().map(|sent| &sent.outcome) {
            Some(Outcome::Accepted(receipt)) => receipt.to_value(),
            Some(Outcome::Rejected(rejection)) => rejection.to_value(),
            _ => return Ok(()),
        };
        let role = if expects == Expects::Setup { Role::Given } else { Role::When };
        self.untaken = self.capture(&call.captures, &told, role).err();
        Ok(())
    }

    /// Sends the last command once more, to the letter.
    pub(super) async fn resubmit(&mut self, expects: Expects, span: Span) -> Result<(), Stopped> {
        let Some(last) = self.sent.last().filter(|_| !self.left_out) else { return Ok(()) };
        let (command, actor) = (last.command.clone(), last.actor.clone());
        self.before_command(command.on.as_ref()).await?;
        self.attempt += 1;
        self.send(command, actor, span).await?;
        self.judge_at_once(expects, span)
    }

    async fn send(
        &mut self,
        command: Arc<Command>,
        actor: Option<Arc<str>>,
        span: Span,
    ) -> Result<(), Stopped> {
        let attempt = self.attempt;
        let session = self.speaks(actor.as_ref(), span).await?;
        let sent = self.lane.submit(session, command, attempt).await;
        self.waited = false;
        self.requested = sent.request();
        self.sent.push(sent);
        Ok(())
    }

    pub(super) fn command(&self, call: &CommandCall) -> Result<Command, Stopped> {
        let on = call.on.as_ref().map(|on| self.value(on)).transpose()?;
        let fields = self.fields(&call.fields)?;
        let key = match &call.key {
            Some(key) => Some(key_text(key, self.value(key)?)?),
            None => None,
        };
        let expected = match &call.version {
            Some(version) => Expected::Exactly(expected_version(version, &self.value(version)?)?),
            None => Expected::Any,
        };
        let id = self.lane.command_id();
        Ok(Command { name: Arc::from(&*call.name.text), on, fields, key, expected, id })
    }

    fn judge_at_once(&self, expects: Expects, span: Span) -> Result<(), Stopped> {
        match expects {
            Expects::Said => Ok(()),
            Expects::Retried if self.sent.last().is_some_and(|sent| is_unknown(&sent.outcome)) => Ok(()),
            Expects::Accepted | Expects::Retried => self.accepted(span, Role::When),
            Expects::Setup => self.accepted(span, Role::Given),
        }
    }

    /// `accepted`
    pub(super) fn accepted(&self, span: Span, role: Role) -> Result<(), Stopped> {
        self.judge(span, role, &[], |outcome| {
            matches!(outcome, Outcome::Accepted(_)).then_some(()).ok_or_else(|| "accepted".into())
        })
    }

    /// `rejected …`
    pub(super) fn rejected(
        &self,
        codes: &[Ident],
        details: Option<&Matcher>,
        span: Span,
    ) -> Result<(), Stopped> {
        let expected = || match codes {
            [] => "rejected".to_owned(),
            codes => {
                let codes: Vec<_> = codes.iter().map(|code| &*code.text).collect();
                format!("rejected {}", codes.join(" | "))
            }
        };
        self.judge(span, Role::Then, codes, |outcome| match outcome {
            Outcome::Rejected(Rejection { code, .. })
                if codes.is_empty() || code.as_ref().is_some_and(|code| names(codes, code)) =>
            {
                Ok(())
            }
            _ => Err(expected()),
        })?;
        let (Some(details), Some(Sent { outcome: Outcome::Rejected(rejection), .. })) =
            (details, self.sent.last())
        else {
            return Ok(());
        };
        let bound = bind(details, &self.scope()).map_err(broken_expression)?;
        let mismatches = bound.judge(Some(&rejection.to_value()));
        if mismatches.is_empty() {
            return Ok(());
        }
        let what = "the command was rejected, but not with these details";
        Err(Box::new(Finding::new(Verdict::Fail, details.span, what).mismatches(mismatches)))
    }

    /// `same outcome`
    pub(super) fn same_outcome(&self, span: Span) -> Result<(), Stopped> {
        let [.., first, second] = self.sent.as_slice() else { return Ok(()) };
        if self.left_out {
            return Ok(());
        }
        if let Some(finding) = undecided(&first.outcome, span, Role::Then) {
            return Err(finding);
        }
        if first.outcome.is_same(&second.outcome).is_none() {
            let what = "both were accepted, but the answers tell nothing that could be compared";
            return Err(Box::new(Finding::new(Verdict::Inconclusive, span, what)));
        }
        let expected = || format!("the same as the first time, {}", first.outcome);
        self.judge(span, Role::Then, &[], |outcome| {
            (first.outcome.is_same(outcome) == Some(true)).then_some(()).ok_or_else(expected)
        })
    }

    /// Holds the last command's outcome against an expectation, which answers what it wanted where it is not met. `codes` are the
    /// rejections that would do.
    fn judge(
        &self,
        span: Span,
        role: Role,
        codes: &[Ident],
        meets: impl FnOnce(&Outcome) -> Result<(), String>,
    ) -> Result<(), Stopped> {
        let Some(sent) = self.sent.last().filter(|_| !self.left_out) else { return Ok(()) };
        if let Some(finding) = undecided(&sent.outcome, span, role) {
            return Err(finding);
        }
        let Err(expected) = meets(&sent.outcome) else { return Ok(()) };
        let name = &sent.command.name;
        let what = format!("{name} was {}, expected: {expected}", sent.outcome);
        let mut stopped = unmet(role, span, what);
        stopped.label = format!("{}, expected: {expected}", short(&sent.outcome));
        if is_unnamed(&sent.outcome) {
            *stopped = self.unnamed(*stopped, sent, codes);
        }
        Err(stopped)
    }

    /// The same finding with what would give the answer a name, one of these if there are any.
    pub(super) fn unnamed(&self, finding: Finding, sent: &Sent, codes: &[Ident]) -> Finding {
        let codes: Vec<&str> = codes.iter().map(|code| &*code.text).collect();
        let answer = sent.unnamed();
        let addition =
            answer.and_then(|answer| self.engine.target.to_name(&sent.command.name, &answer, &codes));
        finding
            .to_add(addition)
            .advise("the target's answer has no name in the contract: map it to a rejection in the profile")
    }
}

/// A "no" that has no name in the contract.
pub(super) fn is_unnamed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(Rejection { code: None, .. }))
}

/// An outcome that nothing can rest on.
fn undecided(outcome: &Outcome, span: Span, role: Role) -> Option<Stopped> {
    if !is_unknown(outcome) {
        return None;
    }
    let what = match role {
        Role::Given => format!("the set-up failed: the command's outcome is {outcome}"),
        Role::When | Role::Then => format!("nothing can be said of this command: its outcome is {outcome}"),
    };
    Some(Box::new(Finding::new(Verdict::Inconclusive, span, what)))
}

fn names(codes: &[Ident], code: &str) -> bool {
    codes.iter().any(|known| &*known.text == code)
}

/// The outcome in a word or two.
fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Rejected(Rejection { code: Some(code), .. }) => {
            format!("rejected {}", inert_within(code, 80))
        }
        Outcome::Rejected(_) => "rejected without a name".into(),
        other => other.to_string(),
    }
}

pub(super) fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown(_) | Outcome::NotSent(_))
}

fn key_text(expr: &Expr, value: Value) -> Result<Arc<str>, Stopped> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string().into()),
        other => {
            let what = format!("an idempotency key is text, and this is {}", other.brief(80));
            Err(Box::new(Finding::new(Verdict::Inconclusive, expr.span, what)))
        }
    }
}

fn expected_version(expr: &Expr, value: &Value) -> Result<Version, Stopped> {
    match value {
        Value::Text(text) => Some(Version::Opaque(text.clone())),
        Value::Number(number) => number.to_u64().map(Version::Number),
        _ => None,
    }
    .ok_or_else(|| {
        let what = format!("a version is a whole number or text, and this is {}", value.brief(80));
        Box::new(Finding::new(Verdict::Inconclusive, expr.span, what))
    })
}
