//! `day-only`: of a moment only its day is kept.
//!
//! The bug behind it: the column is a `DATE`. Whoever made the table thought of days of delivery, and the database cuts off the
//! time without a word.

use super::{Defect, Rate, Shows, misshown};
use crate::clock::{DAY_MS, Timestamp};
use crate::projection::OrderSummary;

pub(super) const DEFECT: Defect = Defect {
    name: "day-only",
    summary: "an order's details show the day of its delivery without the time",
    default_rate: Rate::Always,
    breaks: &["EC-3", "CV-2"],
    may_break: &["BR-1", "BR-6", "CV-1", "EC-1", "EC-2", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| misshown::details(points, strike, cut),
};

fn cut(row: &OrderSummary) -> OrderSummary {
    let day = |at: Timestamp| Timestamp::from_unix_millis(at.as_unix_millis().div_euclid(DAY_MS) * DAY_MS);
    OrderSummary { deliver_at: row.deliver_at.map(day), ..row.clone() }
}
