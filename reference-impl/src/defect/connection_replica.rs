//! `connection-replica`: who connects anew may see an older state than before.
//!
//! The bug behind it: a load balancer keeps a connection on one replica, and sends the next one to another that is behind. Over one
//! connection nothing ever goes back, so whoever tests with one client over one connection sees nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::http::Connection;
use crate::lock::lock;
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::{StoreError, Version};

pub(super) const DEFECT: Defect = Defect {
    name: "connection-replica",
    summary: "after one change in N, a connection that was not shown an order's new state is shown the old one a few times",
    default_rate: Rate::one_in(2),
    breaks: &["SG-5"],
    may_break: &[],
    shows: Shows::Wire,
    install: |points, strike| Points {
        answer: Arc::new(ConnectionReplica {
            strike,
            orders: Ordinals::default(),
            seen: Mutex::default(),
            inner: points.answer,
        }),
        ..points
    },
};

/// How many connections are shown an old state before the replica has caught up.
const TIMES: usize = 2;

#[derive(Debug)]
struct ConnectionReplica {
    strike: Strike,
    orders: Ordinals,
    seen: Mutex<HashMap<OrderId, Seen>>,
    inner: Arc<dyn AnswerPoint>,
}

type Found = At<Option<Arc<OrderSummary>>>;

/// What was shown of one order.
#[derive(Debug)]
struct Seen {
    now: Found,
    before: Option<Found>,
    /// The connections that were shown `now`.
    to: HashSet<Connection>,
    /// How many answers were `before`.
    times: usize,
}

impl ConnectionReplica {
    /// What the replica behind a connection answers, `newest` being what the first one has.
    fn answer(&self, connection: Connection, order: OrderId, newest: Found) -> Found {
        let version = |found: &Found| found.value.as_ref().map_or(Version::START, |row| row.version);
        let mut seen = lock(&self.seen);
        let new = || Seen { now: newest.clone(), before: None, to: HashSet::new(), times: 0 };
        let seen = seen.entry(order).or_insert_with(new);
        if version(&newest) != version(&seen.now) {
            let before = Some(std::mem::replace(&mut seen.now, newest.clone()));
            *seen = Seen { now: newest.clone(), before, to: HashSet::new(), times: 0 };
        }
        let change = self.orders.of(&order.to_string()).rotate_left(32) ^ version(&newest).get();
        let shown = !seen.to.is_empty() && !seen.to.contains(&connection);
        match &seen.before {
            Some(before) if shown && seen.times < TIMES && self.strike.hits(change) => {
                seen.times += 1;
                before.clone()
            }
            _ => {
                seen.to.insert(connection);
                newest
            }
        }
    }
}

impl AnswerPoint for ConnectionReplica {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<Found, StoreError>> {
        Box::pin(async move {
            let newest = self.inner.details(rows, order).await?;
            Ok(match Connection::current() {
                Some(connection) => self.answer(connection, order, newest),
                None => newest,
            })
        })
    }
}
