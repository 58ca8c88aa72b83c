use std::time::Duration;

use reference_impl::OrderSystem;
use reference_impl::application::{GetOrderAsOf, GetOrderAuditTrail, QueryError};
use reference_impl::store::{Position, Version as StreamVersion};
use reference_impl::system::SeedError;

use super::adapter::{Orders, failure, refused};
use super::decode::{self, Malformed};
use super::encode;
use crate::adapter::{ControlError, Unreachable, World};
use crate::protocol::{Actor, Answer, Event, Outcome, Query, Rejection, Seen, Version};
use crate::value::Value;

/// How many events are read at once.
const PAGE: usize = 500;

impl World for Orders {
    type Session = Self;

    async fn open(&self, _: &Actor) -> Result<Self, Unreachable> {
        Ok(self.clone())
    }

    async fn caught_up(&self, within: Duration) -> bool {
        self.0.wait_caught_up(within).await.is_ok()
    }

    async fn rebuild(&self, read_model: &str, within: Duration) -> Result<(), ControlError> {
        let read_model = match read_model {
            "GetOrderDetails" => "order_summary",
            "ListCustomerOrders" => "customer_orders",
            name => name,
        };
        match tokio::time::timeout(within, self.0.rebuild(read_model)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(ControlError::Failed(format!("{read_model} was not rebuilt within {within:?}"))),
        }
    }

    async fn seed(&self, event: &Event) -> Outcome {
        let (order, happened) = match decode::event(event) {
            Ok(read) => read,
            Err(malformed) => return Outcome::Rejected(malformed.into()),
        };
        match self.0.seed_events(order, vec![happened]).await {
            Ok(receipt) => Outcome::Accepted(encode::receipt(&receipt)),
            Err(error @ (SeedError::Impossible { .. } | SeedError::TotalNotExact { .. })) => {
                let detail = Some(error.to_string().into());
                Outcome::Rejected(Rejection { detail, ..Rejection::default() })
            }
            Err(error) => Outcome::Unknown(failure(&error)),
        }
    }

    async fn events(&self, on: Option<&Value>, after: Option<u64>) -> Result<Vec<Event>, ControlError> {
        let after = Position::new(after.unwrap_or_default());
        match on {
            Some(on) => of_one(&self.0, on, after).await,
            None => of_all(&self.0, after).await,
        }
    }

    async fn as_of(&self, query: &Query, version: &Version) -> Result<Answer, ControlError> {
        if &*query.name != "GetOrderDetails" {
            let why = format!("{} can't be asked as of an earlier version", query.name);
            return Err(ControlError::Failed(why));
        }
        Ok(match as_of(query, version) {
            Ok(question) => match self.0.ask(question).await {
                Ok(answer) => encode::snapshot(&answer),
                Err(error) => refused(&error),
            },
            Err(malformed) => Answer::new(Seen::Refused(malformed.into())),
        })
    }
}

fn as_of(query: &Query, version: &Version) -> Result<GetOrderAsOf, Malformed> {
    let Version::Number(version) = version else {
        return Err(Malformed("a version is a whole number".into()));
    };
    Ok(GetOrderAsOf { order: decode::order(query.on.as_ref())?, version: StreamVersion::new(*version) })
}

/// The order's own part of the log.
async fn of_one(system: &OrderSystem, on: &Value, after: Position) -> Result<Vec<Event>, ControlError> {
    let order = decode::order(Some(on)).map_err(|Malformed(why)| ControlError::Failed(why))?;
    let trail = system.ask(GetOrderAuditTrail { order }).await.map_err(|error: QueryError| failed(&error))?;
    let later = trail.value.iter().filter(|entry| entry.position > after);
    Ok(later.map(|entry| encode::entry(order, entry)).collect())
}

/// The whole log.
async fn of_all(system: &OrderSystem, mut after: Position) -> Result<Vec<Event>, ControlError> {
    let mut events = Vec::new();
    loop {
        let page = system.events(after, PAGE).await.map_err(|error| failed(&error))?;
        let Some(last) = page.last() else { return Ok(events) };
        after = last.position;
        events.extend(page.iter().map(|recorded| encode::recorded(recorded)));
    }
}

fn failed(error: &impl std::fmt::Display) -> ControlError {
    ControlError::Failed(error.to_string())
}
