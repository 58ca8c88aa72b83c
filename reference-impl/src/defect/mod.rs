//! Defects: bugs built in on purpose, off by default, so that a judge can prove it finds them.
//!
//! Correct code contains no `if defect`. It passes through named points (see [`Points`]); a defect
//! wraps the point it breaks, one file a defect, and [`registry`] lists them all.

mod absent_fails;
mod as_of_now;
mod away;
mod body_key;
mod check_then_act;
mod confirm_cancelled;
mod conflict_fails;
#[cfg(feature = "http")]
mod connection_replica;
mod cursor_off_by_one;
mod cut_cents;
mod day_only;
mod deep_json;
mod drop_event;
mod early_caught_up;
mod first_price;
mod float_total;
mod fresh_date;
mod global_lock;
mod gross_total;
mod hide_cancelled;
mod ignore_key;
mod late_commit;
mod late_key;
#[cfg(feature = "http")]
mod lenient_body;
mod log_position;
mod lost_line;
mod lost_update;
mod misshown;
mod occasions;
mod old_replica;
mod open_feed;
mod ordinals;
mod page_cap;
mod page_repeats;
mod page_skips;
mod points;
mod query_writes;
mod rate;
mod rebuild_loses;
mod rebuild_publishes;
mod rebuild_skips;
mod registry;
mod remove_eleven;
mod remove_last;
mod repeated_version;
mod replace_three;
mod skips_ahead;
mod spec;
#[cfg(feature = "http")]
mod stack_trace;
mod stale_cache;
mod stale_decision;
mod stateful_validation;
mod stuck_status;
mod swapped_columns;
mod time_ordered;
mod torn_append;
mod two_workers;
mod unstable_paging;
mod whole_line;
mod wrapped_total;
mod write_before_check;
mod wrong_cache;
#[cfg(feature = "http")]
mod wrong_status;
mod zone_lost;

pub use points::{
    AnswerPoint, AppendPoint, Correct, DecisionPoint, DeliveryPoint, FeedPoint, Inbox, KeyPoint, Points,
    StorePoint, SystemPoint, WirePoint,
};
pub use rate::{Rate, Strike};
pub use registry::{Defect, Shows, registry};
pub use spec::{DefectError, DefectSpec};
