//! `wrapped-total`: a large sum starts again below zero.
//!
//! The bug behind it: amounts are counted in cents, in an integer of 32 bits. Nobody sees it before an order comes to more than
//! 21,474,836.47.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Defect, Rate, Shows, misshown};
use crate::projection::OrderSummary;

/// How many numbers there are for cents.
const ROUND: i128 = 1 << 32;

pub(super) const DEFECT: Defect = Defect {
    name: "wrapped-total",
    summary: "an order's details count its total in cents of 32 bits",
    default_rate: Rate::Always,
    breaks: &["SE-2"],
    may_break: &["CV-1"],
    shows: Shows::Wire,
    install: |points, strike| misshown::details(points, strike, wrapped),
};

fn wrapped(row: &OrderSummary) -> OrderSummary {
    let cents = (row.total * Decimal::ONE_HUNDRED).trunc().to_i128().unwrap_or_default();
    let rounds = (cents - i128::from(i32::MIN)).div_euclid(ROUND);
    let off = Decimal::from_i128_with_scale(rounds * ROUND, 2);
    OrderSummary { total: row.total - off, ..row.clone() }
}
