//! `swapped-columns`: two fields of a line have changed places.
//!
//! The bug behind it: `INSERT INTO lines VALUES ($1, $2, $3)` with price and quantity the wrong way round. Nothing complains: the
//! column for quantities is an integer, and the database rounds a price that is put there.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Defect, Rate, Shows, misshown};
use crate::domain::Item;
use crate::projection::OrderSummary;

pub(super) const DEFECT: Defect = Defect {
    name: "swapped-columns",
    summary: "an order's details show the quantity of each line as its price, and the price as its quantity",
    default_rate: Rate::Always,
    breaks: &["EC-3", "CV-2"],
    may_break: &[
        "EC-1", "BR-1", "BR-3", "BR-6", "CV-1", "EC-2", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| misshown::details(points, strike, swapped),
};

fn swapped(row: &OrderSummary) -> OrderSummary {
    OrderSummary { items: row.items.iter().map(swapped_line).collect(), ..row.clone() }
}

fn swapped_line(item: &Item) -> Item {
    let quantity = item.price.round().to_i64().unwrap_or(item.quantity);
    Item { quantity, price: Decimal::from(item.quantity), ..item.clone() }
}
