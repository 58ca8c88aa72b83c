//! `log-position`: an answer tells the position of the log, not that of the read model that it came from.
//!
//! The bug behind it: the header is filled in from what the write side says, where it is at hand. As long as read models follow at
//! once it is the same number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::occasions::Occasions;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike, SystemPoint};
use crate::BoxFuture;
use crate::application::{CommandError, Receipt};
use crate::domain::OrderId;
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::{Position, StoreError};

pub(super) const DEFECT: Defect = Defect {
    name: "log-position",
    summary: "an order's details tell the position of the log's end as their own",
    default_rate: Rate::Always,
    breaks: &["SG-1", "SG-5"],
    may_break: &[],
    shows: Shows::Lagging,
    install: |points, strike| {
        let end = Arc::new(AtomicU64::new(0));
        Points {
            answer: Arc::new(LogPosition {
                strike,
                readings: Occasions::default(),
                end: Arc::clone(&end),
                inner: points.answer,
            }),
            system: Arc::new(Recorded { end, inner: points.system }),
            ..points
        }
    },
};

#[derive(Debug)]
struct LogPosition {
    strike: Strike,
    readings: Occasions,
    /// The position of the last event that is known of.
    end: Arc<AtomicU64>,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for LogPosition {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        Box::pin(async move {
            let mut found = self.inner.details(rows, order).await?;
            if self.strike.hits(self.readings.next()) {
                let end = Position::new(self.end.load(Ordering::Acquire));
                found.position = found.position.max(end);
            }
            Ok(found)
        })
    }
}

/// Sees how far the log has come.
#[derive(Debug)]
struct Recorded {
    end: Arc<AtomicU64>,
    inner: Arc<dyn SystemPoint>,
}

impl SystemPoint for Recorded {
    fn inner(&self) -> Option<&dyn SystemPoint> {
        Some(&*self.inner)
    }

    fn recorded(&self, outcome: &Result<Receipt, CommandError>) -> Option<Position> {
        if let Ok(receipt) = outcome {
            self.end.fetch_max(receipt.position.get(), Ordering::AcqRel);
        }
        self.inner.recorded(outcome)
    }
}
