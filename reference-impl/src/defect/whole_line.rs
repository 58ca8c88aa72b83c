//! `whole-line`: a rule compares lines as a whole where it should compare their products.
//!
//! The bug behind it: a line was a product and nothing else once, and `lines.all(|line| line == first)` asked whether anything but
//! this product is in the order. Then lines got a quantity and a price. Two lines of a product at two prices
//! aren't equal, so one of them seems to stay.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike};
use crate::domain::{Order, OrderCommand, OrderEvent, Rejection};

pub(super) const DEFECT: Defect = Defect {
    name: "whole-line",
    summary: "an order can be emptied of its only product where the lines of it differ",
    default_rate: Rate::Always,
    breaks: &["BR-2", "BR-6"],
    may_break: &["BR-1", "BR-5", "EC-3", "ID-1"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(WholeLine { strike, orders: Ordinals::default(), inner: points.decision }),
        ..points
    },
};

#[derive(Debug)]
struct WholeLine {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn DecisionPoint>,
}

impl WholeLine {
    /// Whether some line differs from the first in anything.
    fn differ(order: &Order) -> bool {
        order.items().windows(2).any(|lines| lines[0] != lines[1])
    }
}

impl DecisionPoint for WholeLine {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        match (self.inner.decide(order, command), command) {
            (Err(Rejection::OrderHasNoItems { .. }), OrderCommand::RemoveItem(command))
                if Self::differ(order) && self.strike.hits(self.orders.of(&order.id().to_string())) =>
            {
                Ok(vec![OrderEvent::ItemRemoved { product: command.product.clone() }])
            }
            (decided, _) => decided,
        }
    }
}
