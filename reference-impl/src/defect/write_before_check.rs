//! `write-before-check`: a rejected command has its effect all the same.
//!
//! The bug behind it: the event is written first and the rules are checked after, in the belief that the exception
//! rolls the write back. It does in a transaction; here there is none around the two.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike, SystemPoint};
use crate::application::{CommandError, Receipt};
use crate::domain::{
    AddItem, CancelOrder, Order, OrderCommand, OrderEvent, OrderStatus, RemoveItem, ReplaceItem,
    RequestDelivery,
};
use crate::store::Position;

pub(super) const DEFECT: Defect = Defect {
    name: "write-before-check",
    summary: "a command on an order that is there is written before its rules are checked, so that a rejected one has its effect",
    default_rate: Rate::Always,
    breaks: &["BR-1"],
    may_break: &[
        "BR-2", "BR-3", "BR-5", "BR-6", "CH-1", "CH-2", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3", "EC-4",
        "ID-1", "ID-2", "ID-3", "ID-4", "OC-1", "OC-3", "OC-4", "OC-5", "QS-5", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(WriteBeforeCheck { strike, orders: Ordinals::default(), inner: points.decision }),
        system: Arc::new(Followed { inner: points.system }),
        ..points
    },
};

#[derive(Debug)]
struct WriteBeforeCheck {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn DecisionPoint>,
}

impl DecisionPoint for WriteBeforeCheck {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn left_by_rejected(&self, order: &Order, command: &OrderCommand) -> Vec<OrderEvent> {
        let there = order.status() != OrderStatus::Absent;
        if !there || !self.strike.hits(self.orders.of(&order.id().to_string())) {
            return self.inner.left_by_rejected(order, command);
        }
        unchecked(command)
    }
}

/// What the command would have led to.
fn unchecked(command: &OrderCommand) -> Vec<OrderEvent> {
    match command.clone() {
        // The order's own row stands in the way of a second one.
        OrderCommand::CreateOrder(_) => Vec::new(),
        OrderCommand::AddItem(AddItem { product, quantity, price }) => {
            vec![OrderEvent::ItemAdded { product, quantity, price }]
        }
        OrderCommand::RemoveItem(RemoveItem { product }) => vec![OrderEvent::ItemRemoved { product }],
        OrderCommand::ReplaceItem(ReplaceItem { product, replacement, quantity, price }) => {
            vec![
                OrderEvent::ItemRemoved { product },
                OrderEvent::ItemAdded { product: replacement, quantity, price },
            ]
        }
        OrderCommand::RequestDelivery(RequestDelivery { deliver_at }) => {
            vec![OrderEvent::DeliveryRequested { deliver_at }]
        }
        OrderCommand::ConfirmOrder(_) => vec![OrderEvent::OrderConfirmed {}],
        OrderCommand::CancelOrder(CancelOrder { reason }) => vec![OrderEvent::OrderCancelled { reason }],
    }
}

/// Read models follow what was written, whatever the command was answered.
#[derive(Debug)]
struct Followed {
    inner: Arc<dyn SystemPoint>,
}

impl SystemPoint for Followed {
    fn inner(&self) -> Option<&dyn SystemPoint> {
        Some(&*self.inner)
    }

    fn recorded(&self, outcome: &Result<Receipt, CommandError>) -> Option<Position> {
        self.inner.recorded(outcome).or(Some(Position::new(u64::MAX)))
    }
}
