//! All points together.

use std::sync::Arc;

use super::{
    AnswerPoint, AppendPoint, DecisionPoint, DeliveryPoint, FeedPoint, KeyPoint, StorePoint, SystemPoint,
    WirePoint,
};

/// The correct behaviour at every point.
#[derive(Debug, Clone, Copy, Default)]
pub struct Correct;

impl KeyPoint for Correct {}
impl DecisionPoint for Correct {}
impl StorePoint for Correct {}
impl AppendPoint for Correct {}
impl DeliveryPoint for Correct {}
impl AnswerPoint for Correct {}
impl FeedPoint for Correct {}
impl SystemPoint for Correct {}
impl WirePoint for Correct {}

/// All points of one system. A defect replaces one by a wrapper of what was there before, so any
/// set of defects can be had together, and none costs more than a virtual call.
#[derive(Debug, Clone)]
pub struct Points {
    /// See [`KeyPoint`].
    pub key: Arc<dyn KeyPoint>,
    /// See [`DecisionPoint`].
    pub decision: Arc<dyn DecisionPoint>,
    /// See [`StorePoint`].
    pub store: Arc<dyn StorePoint>,
    /// See [`AppendPoint`].
    pub append: Arc<dyn AppendPoint>,
    /// See [`DeliveryPoint`].
    pub delivery: Arc<dyn DeliveryPoint>,
    /// See [`AnswerPoint`].
    pub answer: Arc<dyn AnswerPoint>,
    /// See [`FeedPoint`].
    pub feed: Arc<dyn FeedPoint>,
    /// See [`SystemPoint`].
    pub system: Arc<dyn SystemPoint>,
    /// See [`WirePoint`].
    pub wire: Arc<dyn WirePoint>,
}

impl Points {
    /// Points without a defect.
    pub fn correct() -> Self {
        Self {
            key: Arc::new(Correct),
            decision: Arc::new(Correct),
            store: Arc::new(Correct),
            append: Arc::new(Correct),
            delivery: Arc::new(Correct),
            answer: Arc::new(Correct),
            feed: Arc::new(Correct),
            system: Arc::new(Correct),
            wire: Arc::new(Correct),
        }
    }
}
