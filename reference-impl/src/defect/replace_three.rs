//! `replace-three`: the most that may be replaced is one less than it should be.
//!
//! The bug behind it: "at most three" became `lines < 3`.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike};
use crate::domain::{Order, OrderCommand, OrderEvent, Rejection};

pub(super) const DEFECT: Defect = Defect {
    name: "replace-three",
    summary: "three lines of a product can't be replaced, where three is the most",
    default_rate: Rate::Always,
    breaks: &["CH-1", "BR-6"],
    may_break: &["BR-1", "BR-5", "ID-1"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(ReplaceThree { strike, orders: Ordinals::default(), inner: points.decision }),
        ..points
    },
};

/// As many as may be replaced.
const LINES: usize = 3;

#[derive(Debug)]
struct ReplaceThree {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn DecisionPoint>,
}

impl DecisionPoint for ReplaceThree {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        let decided = self.inner.decide(order, command);
        let OrderCommand::ReplaceItem(command) = command else { return decided };
        let lines = order.items().iter().filter(|item| item.product == command.product).count();
        if decided.is_ok() && lines == LINES && self.strike.hits(self.orders.of(&order.id().to_string())) {
            let product = command.product.clone();
            return Err(Rejection::TooManyLines { order: order.id(), product, lines, most: LINES - 1 });
        }
        decided
    }
}
