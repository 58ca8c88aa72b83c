use super::ask::Ask;
use super::capture::Reply;
use super::fill::{Filler, Values};
use super::send::send;
use super::session::{Client, redactor_for};
use super::world::lock;
use crate::protocol::Version;
use crate::value::Value;

impl Client {
    /// The version of an aggregate, asked for with a request of its own where the profile says so (`ask` of
    /// `[version]`). `None` where it isn't told.
    pub(super) async fn ask_version(&self, aggregate: &str, on: Option<&Value>) -> Option<Version> {
        let shared = &*self.shared;
        let versions = shared.profile.version.as_ref()?;
        let request = versions.ask.as_ref()?;
        let on = on.map(|on| lock(&self.known).sent(shared, aggregate, on)).transpose().ok()?;
        let nobody = self.actor.is_nobody();
        let filler = Filler { shared, values: Values { on: on.as_ref(), nobody, ..Values::default() } };
        let ask = Ask::new(&filler, request, shared.credential(&self.actor), &[]).ok()?.repeatable(true);
        let raw = send(shared, &self.line, &ask, shared.profile.limits.total, |_| false).await.ok()?;
        let reply = Reply::read(raw, &shared.profile.limits, &redactor_for(shared, &ask));
        let told = (200..300).contains(&reply.status);
        told.then(|| reply.version(versions.read.as_ref()?, versions.numbers)).flatten()
    }
}
