use tokio::time::{Instant, timeout_at};

use super::ask::Ask;
use super::capture::{Raw, Reply};
use super::classify::{Meant, classify, doubted, within};
use super::error::{Failed, NoAnswer, Refused};
use super::redact::Redactor;
use super::session::{Client, Prepared};
use super::spoil::{self, SpoilError, Spoilt};
use crate::adapter::{Malformation, Reaction};
use crate::contract::FieldDef;
use crate::profile::{Part, Spoken};
use crate::protocol::{Command, Doubt, Outcome, Receipt, Rejection};
use crate::value::Value;

impl Client {
    /// Sends a request that is wrong, once.
    pub(super) async fn misbehave(
        &self,
        command: &Command,
        how: &Malformation,
    ) -> Result<Reaction, SpoilError> {
        let profile = &self.shared.profile;
        let defs = profile.contract.command(&command.name).map(|def| &*def.fields).unwrap_or_default();
        let mut command = spoil::command(command, defs, how)?;
        let own = matches!(profile.commands.get(&*command.name), Some(Spoken::As(_)));
        if *how == Malformation::UnknownCommand && !own && profile.any_command.is_some() {
            command.name = spoil::NO_COMMAND.into();
        }
        let prepared = if is_value(how) { self.marked(&command, defs)? } else { self.prepare(&command)? };
        if *how == Malformation::UnknownCommand {
            another_name(&prepared)?;
        }
        let mut spoilt = Spoilt::of(prepared.sent.ask.clone(), how)?;
        let redactor = &prepared.sent.redactor;
        let request = spoilt.curl(redactor);
        let total = profile.limits.total;
        let deadline = Instant::now() + total;
        self.line.open();
        let signed = timeout_at(deadline, self.signed(&spoilt.ask)).await;
        let got = match signed {
            Err(_) => Err(Refused::LateLogin(total).into()),
            Ok(Err(refused)) => Err(refused.into()),
            Ok(Ok(ask)) => {
                spoilt.ask = ask;
                self.line.sends(&spoilt.ask);
                self.shared.leaving.sends();
                let got =
                    async { self.line.carry(&spoilt.ask.url, spoilt.message()?, profile.limits.bytes).await };
                let got = timeout_at(deadline, got)
                    .await
                    .unwrap_or_else(|_| Err(Failed::unknown(Doubt::Timeout, None, NoAnswer::Late(total))));
                self.line.hears(&spoilt.ask, &got);
                got
            }
        };
        self.line.close(got.as_ref().err());
        let exchange = self.line.heard_of().exchange(request, redactor);
        Ok(Reaction { exchange, outcome: self.meant(&command.name, redactor, got) })
    }

    /// The request with a mark in the place of a value: the last of its fields whose value stands in the body as it is.
    fn marked(&self, command: &Command, defs: &[FieldDef]) -> Result<Prepared<'_>, SpoilError> {
        let mark = || Value::from(spoil::SPOT);
        let marked = defs.iter().rev().find_map(|def| {
            let mut command = command.clone();
            command.fields.insert(&*def.name, mark());
            // A value that has to be converted first can't be a mark.
            let prepared = self.prepare(&command).ok()?;
            let body = prepared.sent.ask.body.as_ref()?;
            body.contains(&mark().to_json()).then_some(prepared)
        });
        marked.ok_or(SpoilError::NoMark)
    }

    /// What an answer means for the command that it was made of.
    fn meant(&self, name: &str, redactor: &Redactor, got: Result<Raw, Failed>) -> Outcome {
        let profile = &self.shared.profile;
        let raw = match got {
            Ok(raw) => raw,
            Err(failed) => return failed.without(redactor).outcome(),
        };
        let reply = Reply::read(raw, &profile.limits, redactor);
        match classify(profile, name, &reply) {
            Meant::Yes if profile.operation.as_ref().is_some_and(|op| within(&op.when, reply.status)) => {
                let why = "it was taken in, and may be refused later";
                Outcome::Unknown(doubted(Doubt::Unreadable, &reply, why))
            }
            Meant::Yes => Outcome::Accepted(Receipt::default()),
            Meant::No(rejection) => Outcome::Rejected(rejection),
            Meant::Absent => Outcome::Rejected(Rejection::default()),
            Meant::Unknown(unknown) => Outcome::Unknown(unknown),
        }
    }

    /// The request with the token of its login, if it needs one.
    async fn signed(&self, ask: &Ask) -> Result<Ask, Refused> {
        match &ask.login {
            None => Ok(ask.clone()),
            Some(login) => {
                let token = login.token(&self.shared, &self.line, None).await?;
                Ok(login.signed(&self.shared, ask, &token)?)
            }
        }
    }
}

/// Whether it stands in the body in the place of a value, whatever the value's type.
fn is_value(how: &Malformation) -> bool {
    matches!(how, Malformation::DeepNesting(_) | Malformation::Oversized(_) | Malformation::InvalidUtf8)
}

/// Whether another name in the request is another command: behind a value, it would be another value.
fn another_name(prepared: &Prepared<'_>) -> Result<(), SpoilError> {
    let ask = &prepared.sent.ask;
    let named = ask.body.as_ref().is_some_and(|body| body.contains(spoil::NO_COMMAND))
        || ask.url.path().contains(spoil::NO_COMMAND);
    match prepared.spoken.request.path.parts.last() {
        Some(Part::Hole(_)) if !named => Err(SpoilError::NoName),
        _ => Ok(()),
    }
}
