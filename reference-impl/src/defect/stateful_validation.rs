//! `stateful-validation`: a valid price is refused now and then.
//!
//! The bug behind it: a regular expression in JavaScript with the flag `g`, kept in a constant. `test` remembers
//! where it left off in the text before, and starts from there in the next one.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike};
use crate::domain::{Order, OrderCommand, OrderEvent, Rejection};

pub(super) const DEFECT: Defect = Defect {
    name: "stateful-validation",
    summary: "one valid price in N is refused as if it were none",
    default_rate: Rate::one_in(8),
    breaks: &["CH-1", "BR-6"],
    may_break: &[
        "BR-1", "BR-2", "BR-3", "BR-4", "BR-5", "EC-4", "ID-1", "ID-3", "ID-4", "OC-3", "OC-4", "OC-5",
        "QS-3", "QS-5", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(StatefulValidation {
            strike,
            prices: Occasions::default(),
            inner: points.decision,
        }),
        ..points
    },
};

#[derive(Debug)]
struct StatefulValidation {
    strike: Strike,
    prices: Occasions,
    inner: Arc<dyn DecisionPoint>,
}

impl DecisionPoint for StatefulValidation {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        let events = self.inner.decide(order, command)?;
        let priced = events.iter().find_map(|event| match event {
            OrderEvent::OrderCreated { items, .. } => {
                items.first().map(|item| (item.product.clone(), item.price))
            }
            OrderEvent::ItemAdded { product, price, .. } => Some((product.clone(), *price)),
            _ => None,
        });
        match priced {
            Some((product, price)) if self.strike.hits(self.prices.next()) => {
                Err(Rejection::InvalidPrice { product, price })
            }
            _ => Ok(events),
        }
    }
}
