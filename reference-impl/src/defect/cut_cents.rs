//! `cut-cents`: an amount is shown without its cents.
//!
//! The bug behind it: the list was made when all prices were whole, and its column is an integer still. Conversions cut
//! off what doesn't fit, and say nothing.

use super::{Defect, Rate, Shows, misshown};
use crate::projection::CustomerOrder;

pub(super) const DEFECT: Defect = Defect {
    name: "cut-cents",
    summary: "a customer's list shows totals without their cents",
    default_rate: Rate::Always,
    breaks: &["CV-1", "CV-2", "QS-5"],
    may_break: &["BR-1", "BR-6", "EC-1", "EC-2", "EC-3", "EC-4", "QS-3", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| misshown::listed(points, strike, cut),
};

fn cut(row: &CustomerOrder) -> CustomerOrder {
    CustomerOrder { total: row.total.trunc(), ..row.clone() }
}
