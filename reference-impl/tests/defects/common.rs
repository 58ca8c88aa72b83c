//! What the tests of defects share.

use reference_impl::{OrderSystem, OrderSystemBuilder, SyncMode};

use crate::support::{EVENTUAL, builder, with_defects};

pub(super) fn built(builder: OrderSystemBuilder) -> OrderSystem {
    builder.build().expect("built")
}

/// A system without a defect, and one with `defect`.
pub(super) fn pair(defect: &str) -> [OrderSystem; 2] {
    pair_in(SyncMode::Strong, defect)
}

/// The same where read models lag behind.
pub(super) fn lagging_pair(defect: &str) -> [OrderSystem; 2] {
    pair_in(EVENTUAL, defect)
}

fn pair_in(sync: SyncMode, defect: &str) -> [OrderSystem; 2] {
    [built(builder().sync(sync)), built(with_defects(&[defect]).sync(sync))]
}
