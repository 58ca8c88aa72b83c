//! `stuck-status`: one of two views never hears of a change.
//!
//! The bug behind it: the list was written when orders could only be opened. When confirming and cancelling came, they were
//! written into the projection of the page about an order, and nobody thought of the other one.

use super::{Defect, Rate, Shows, misshown};
use crate::domain::OrderStatus;
use crate::projection::CustomerOrder;

pub(super) const DEFECT: Defect = Defect {
    name: "stuck-status",
    summary: "a customer's list shows orders as pending for ever",
    default_rate: Rate::Always,
    breaks: &["EC-1", "CV-1", "CV-2"],
    may_break: &["BR-1", "BR-6", "EC-2", "EC-3", "EC-4", "QS-3", "QS-5", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| misshown::listed(points, strike, pending),
};

fn pending(row: &CustomerOrder) -> CustomerOrder {
    CustomerOrder { status: OrderStatus::Pending, ..row.clone() }
}
