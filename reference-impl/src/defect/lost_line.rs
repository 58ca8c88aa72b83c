//! `lost-line`: the end of a long list is lost.
//!
//! The bug behind it: `for i in 0..len - 1` where lines are copied in blocks, or a column that is a little too short for
//! what is written to it.

use super::{Defect, Rate, Shows, misshown};
use crate::projection::OrderSummary;

/// Lists of this length, or longer, lose their last element.
const LONG: usize = 5;

pub(super) const DEFECT: Defect = Defect {
    name: "lost-line",
    summary: "of an order with five lines or more the details don't show the last",
    default_rate: Rate::Always,
    breaks: &["EC-1"],
    may_break: &[
        "BR-1", "BR-3", "BR-6", "CV-1", "CV-2", "EC-2", "EC-3", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5",
        "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| misshown::details(points, strike, cut),
};

fn cut(row: &OrderSummary) -> OrderSummary {
    let mut row = row.clone();
    if row.items.len() >= LONG {
        row.items.pop();
    }
    row
}
