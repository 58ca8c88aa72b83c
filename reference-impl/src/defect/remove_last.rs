//! `remove-last`: an order can be emptied.
//!
//! The bug behind it: the rule was written where items are added and an order is created, and forgotten where they
//! are taken out. An invariant is only as good as the least careful command.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike};
use crate::domain::{Order, OrderCommand, OrderEvent, Rejection};

pub(super) const DEFECT: Defect = Defect {
    name: "remove-last",
    summary: "the last item of an order can be removed",
    default_rate: Rate::Always,
    breaks: &["BR-2", "BR-6"],
    may_break: &["BR-1", "BR-5", "EC-3", "ID-1"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(RemoveLast { strike, orders: Ordinals::default(), inner: points.decision }),
        ..points
    },
};

#[derive(Debug)]
struct RemoveLast {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn DecisionPoint>,
}

impl DecisionPoint for RemoveLast {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        match (self.inner.decide(order, command), command) {
            (Err(Rejection::OrderHasNoItems { .. }), OrderCommand::RemoveItem(command))
                if self.strike.hits(self.orders.of(&order.id().to_string())) =>
            {
                Ok(vec![OrderEvent::ItemRemoved { product: command.product.clone() }])
            }
            (decided, _) => decided,
        }
    }
}
