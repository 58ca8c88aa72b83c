//! `body-key`: different keys with the same body are taken for a retry.
//!
//! The bug behind it: a message broker's deduplication by content (Amazon SQS offers it as a switch). Two people who
//! order the same thing on purpose, or one who orders it twice, get it once.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{Defect, KeyPoint, Points, Rate, Shows, Strike};
use crate::application::IdempotencyKey;
use crate::domain::{OrderCommand, OrderId};

pub(super) const DEFECT: Defect = Defect {
    name: "body-key",
    summary: "a command under a key is told from another by what it says, not by the key",
    default_rate: Rate::Always,
    breaks: &["ID-2", "ID-4"],
    may_break: &["BR-6", "EC-4", "ID-1", "ID-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        key: Arc::new(BodyKey { strike, commands: Ordinals::default(), inner: points.key }),
        ..points
    },
};

#[derive(Debug)]
struct BodyKey {
    strike: Strike,
    commands: Ordinals,
    inner: Arc<dyn KeyPoint>,
}

impl KeyPoint for BodyKey {
    fn inner(&self) -> Option<&dyn KeyPoint> {
        Some(&*self.inner)
    }

    fn remembered(&self, key: IdempotencyKey, order: OrderId, command: &OrderCommand) -> IdempotencyKey {
        let number = self.commands.of(&format!("{order} {command:?}"));
        if self.strike.hits(number) {
            IdempotencyKey::from(format!("body {number}"))
        } else {
            self.inner.remembered(key, order, command)
        }
    }
}
