use tokio::time::{Instant, timeout_at};

use super::ask::Ask;
use super::send::{Failed, unknown};
use super::session::Client;
use super::spoil::{self, Spoilt};
use super::world::Place;
use crate::profile::Spoken;
use crate::protocol::{Actor, Command, Doubt};
use crate::target::{BoxFuture, Exchange, Malformation, NotMade, Wire};

impl Wire for Place {
    fn send<'a>(
        &'a self,
        actor: &'a Actor,
        command: &'a Command,
        how: &'a Malformation,
    ) -> BoxFuture<'a, Result<Exchange, NotMade>> {
        Box::pin(async move {
            self.client(actor, None).misbehave(command, how).await.map_err(|why| NotMade {
                command: command.name.to_string(),
                how: how.words(),
                why: self.shared.redactor.text(&why),
            })
        })
    }
}

impl Client {
    /// Sends a request that is wrong, once.
    async fn misbehave(&self, command: &Command, how: &Malformation) -> Result<Exchange, String> {
        let profile = &self.shared.profile;
        let defs = profile.contract.command(&command.name).map(|def| &*def.fields).unwrap_or_default();
        let mut command = spoil::command(command, defs, how)?;
        let own = matches!(profile.commands.get(&*command.name), Some(Spoken::As(_)));
        if *how == Malformation::UnknownCommand && !own && profile.any_command.is_some() {
            command.name = spoil::NO_COMMAND.into();
        }
        let prepared = self.prepare(&command)?;
        let mut spoilt = Spoilt::of(prepared.sent.ask.clone(), how)?;
        let redactor = &prepared.sent.redactor;
        let request = spoilt.curl(redactor);
        let total = profile.limits.total;
        let deadline = Instant::now() + total;
        self.line.open();
        let signed = timeout_at(deadline, self.signed(&spoilt.ask)).await;
        let failed = match signed {
            Err(_) => Some(Failed::Refused(format!("the login took longer than {total:?}"))),
            Ok(Err(why)) => Some(Failed::Refused(why)),
            Ok(Ok(ask)) => {
                spoilt.ask = ask;
                self.line.sends(&spoilt.ask);
                let got =
                    async { self.line.carry(&spoilt.ask.url, spoilt.message()?, profile.limits.bytes).await };
                let got = timeout_at(deadline, got).await.unwrap_or_else(|_| {
                    Err(unknown(Doubt::Timeout, None, format!("no answer within {total:?}")))
                });
                self.line.hears(&spoilt.ask, &got);
                got.err()
            }
        };
        self.line.close(failed.as_ref());
        self.line.exchange(request, redactor).ok_or_else(|| "nothing was sent".to_owned())
    }

    /// The request with the token of its login, if it needs one.
    async fn signed(&self, ask: &Ask) -> Result<Ask, String> {
        match &ask.login {
            None => Ok(ask.clone()),
            Some(login) => {
                let token = login.token(&self.shared, &self.line, None).await?;
                login.signed(&self.shared, ask, &token)
            }
        }
    }
}
