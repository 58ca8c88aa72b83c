//! `float-total`: a sum is made of floats.
//!
//! The bug behind it: money in a column of type `double`, or in a language where every number is one. `0.10 + 0.20` is
//! `0.30000000000000004` then, and most sums look right.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Defect, Rate, Shows, misshown};
use crate::projection::OrderSummary;

pub(super) const DEFECT: Defect = Defect {
    name: "float-total",
    summary: "an order's details add its total up in floats",
    default_rate: Rate::Always,
    breaks: &["EC-3"],
    may_break: &[
        "EC-1", "BR-1", "BR-3", "BR-6", "CV-1", "CV-2", "EC-2", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5",
        "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| misshown::details(points, strike, added_up),
};

fn added_up(row: &OrderSummary) -> OrderSummary {
    let price = |price: Decimal| price.to_f64().unwrap_or_default();
    let quantity = |quantity: i64| quantity.to_f64().unwrap_or_default();
    let total = row.items.iter().fold(0.0, |sum, item| sum + quantity(item.quantity) * price(item.price));
    // As many digits as it takes to read the same float again, which is what JSON libraries write.
    let shown = Decimal::from_str_exact(&total.to_string()).unwrap_or(row.total);
    OrderSummary { total: shown, ..row.clone() }
}
