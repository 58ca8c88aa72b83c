//! `confirm-cancelled`: a rule is missing in one state.
//!
//! The bug behind it: `if (status == CONFIRMED) throw …` was written when an order had two states. Then there were
//! three, and nobody went through the guards again.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike};
use crate::domain::{Order, OrderCommand, OrderEvent, OrderStatus, Rejection};

pub(super) const DEFECT: Defect = Defect {
    name: "confirm-cancelled",
    summary: "a cancelled order can be confirmed",
    default_rate: Rate::Always,
    breaks: &["BR-6"],
    may_break: &["BR-1", "BR-4", "BR-5", "ID-1"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(ConfirmCancelled { strike, orders: Ordinals::default(), inner: points.decision }),
        ..points
    },
};

#[derive(Debug)]
struct ConfirmCancelled {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn DecisionPoint>,
}

impl DecisionPoint for ConfirmCancelled {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        let asked = matches!(command, OrderCommand::ConfirmOrder(_));
        if asked
            && order.status() == OrderStatus::Cancelled
            && self.strike.hits(self.orders.of(&order.id().to_string()))
        {
            return Ok(vec![OrderEvent::OrderConfirmed {}]);
        }
        self.inner.decide(order, command)
    }
}
