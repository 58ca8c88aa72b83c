//! `remove-eleven`: the most that goes is one more than it should be.
//!
//! The bug behind it: `lines > MOST` was written where lines were counted from nought, so that the last index was compared with how
//! many there may be.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike};
use crate::domain::{Order, OrderCommand, OrderEvent, Rejection};

pub(super) const DEFECT: Defect = Defect {
    name: "remove-eleven",
    summary: "eleven lines of a product can be removed at once, where ten is the most",
    default_rate: Rate::Always,
    breaks: &["BR-6"],
    may_break: &["BR-1", "BR-5", "EC-3", "ID-1"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(RemoveEleven { strike, orders: Ordinals::default(), inner: points.decision }),
        ..points
    },
};

/// One more than may go.
const LINES: usize = 11;

#[derive(Debug)]
struct RemoveEleven {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn DecisionPoint>,
}

impl DecisionPoint for RemoveEleven {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        match (self.inner.decide(order, command), command) {
            (Err(Rejection::TooManyLines { lines: LINES, .. }), OrderCommand::RemoveItem(command))
                if order.items().len() > LINES
                    && self.strike.hits(self.orders.of(&order.id().to_string())) =>
            {
                Ok(vec![OrderEvent::ItemRemoved { product: command.product.clone() }])
            }
            (decided, _) => decided,
        }
    }
}
