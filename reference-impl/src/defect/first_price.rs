//! `first-price`: what was said first stays for ever.
//!
//! The bug behind it: the page about an order keeps a table of products of its own, filled by `INSERT … ON CONFLICT DO
//! NOTHING`. A product that comes at another price later has the first one.

use super::{Defect, Rate, Shows, misshown};
use crate::domain::Item;
use crate::projection::OrderSummary;

pub(super) const DEFECT: Defect = Defect {
    name: "first-price",
    summary: "a product that is ordered again at another price is shown with its first one",
    default_rate: Rate::Always,
    breaks: &["EC-1", "EC-3"],
    may_break: &[
        "BR-1", "BR-3", "BR-6", "CV-1", "CV-2", "EC-2", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| misshown::details(points, strike, priced),
};

fn priced(row: &OrderSummary) -> OrderSummary {
    let first = |item: &Item| row.items.iter().find(|known| known.product == item.product);
    let priced = |item: &Item| Item { price: first(item).unwrap_or(item).price, ..item.clone() };
    OrderSummary { items: row.items.iter().map(priced).collect(), ..row.clone() }
}
