//! The list of all defects.

use std::fmt;

use super::{Points, Rate, Strike};
use super::{
    absent_fails, as_of_now, body_key, check_then_act, confirm_cancelled, conflict_fails, cursor_off_by_one,
    cut_cents, day_only, deep_json, drop_event, early_caught_up, first_price, float_total, fresh_date,
    global_lock, gross_total, hide_cancelled, ignore_key, late_commit, late_key, log_position, lost_line,
    lost_update, old_replica, open_feed, page_cap, page_repeats, page_skips, query_writes, rebuild_loses,
    rebuild_publishes, rebuild_skips, remove_eleven, remove_last, repeated_version, replace_three,
    skips_ahead, stale_cache, stale_decision, stateful_validation, stuck_status, swapped_columns,
    time_ordered, torn_append, two_workers, unstable_paging, whole_line, wrapped_total, write_before_check,
    wrong_cache, zone_lost,
};
#[cfg(feature = "http")]
use super::{connection_replica, lenient_body, stack_trace, wrong_status};

/// A bug that can be switched on.
#[derive(Clone, Copy)]
pub struct Defect {
    /// What it is called, on a command line too.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// How often it strikes unless told otherwise.
    pub default_rate: Rate,
    /// The clauses of the conformance catalogue that it breaks.
    pub breaks: &'static [&'static str],
    /// The clauses that it breaks as a consequence where things happen to come together that way.
    pub may_break: &'static [&'static str],
    /// Where it can be seen at all.
    pub shows: Shows,
    /// Wraps the points it breaks.
    pub install: fn(Points, Strike) -> Points,
}

impl fmt::Debug for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Defect").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Where a defect can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Wherever the system is asked, in every mode.
    Anywhere,
    /// Only where read models lag behind.
    Lagging,
    /// Only over HTTP.
    Wire,
    /// Only over HTTP, where there are tenants.
    Tenants,
}

impl Shows {
    /// It as a few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anywhere => "anywhere",
            Self::Lagging => "eventual mode only",
            Self::Wire => "HTTP only",
            Self::Tenants => "HTTP with tenants only",
        }
    }
}

impl fmt::Display for Shows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

static REGISTRY: &[Defect] = &[
    drop_event::DEFECT,
    lost_update::DEFECT,
    ignore_key::DEFECT,
    stateful_validation::DEFECT,
    remove_last::DEFECT,
    whole_line::DEFECT,
    remove_eleven::DEFECT,
    replace_three::DEFECT,
    confirm_cancelled::DEFECT,
    write_before_check::DEFECT,
    torn_append::DEFECT,
    two_workers::DEFECT,
    check_then_act::DEFECT,
    global_lock::DEFECT,
    conflict_fails::DEFECT,
    stale_decision::DEFECT,
    body_key::DEFECT,
    late_key::DEFECT,
    query_writes::DEFECT,
    rebuild_publishes::DEFECT,
    early_caught_up::DEFECT,
    absent_fails::DEFECT,
    unstable_paging::DEFECT,
    hide_cancelled::DEFECT,
    old_replica::DEFECT,
    wrong_cache::DEFECT,
    stale_cache::DEFECT,
    skips_ahead::DEFECT,
    log_position::DEFECT,
    gross_total::DEFECT,
    cut_cents::DEFECT,
    stuck_status::DEFECT,
    float_total::DEFECT,
    first_price::DEFECT,
    fresh_date::DEFECT,
    day_only::DEFECT,
    zone_lost::DEFECT,
    lost_line::DEFECT,
    swapped_columns::DEFECT,
    page_skips::DEFECT,
    page_repeats::DEFECT,
    page_cap::DEFECT,
    as_of_now::DEFECT,
    repeated_version::DEFECT,
    time_ordered::DEFECT,
    cursor_off_by_one::DEFECT,
    late_commit::DEFECT,
    rebuild_skips::DEFECT,
    rebuild_loses::DEFECT,
    #[cfg(feature = "http")]
    lenient_body::DEFECT,
    #[cfg(feature = "http")]
    wrong_status::DEFECT,
    #[cfg(feature = "http")]
    stack_trace::DEFECT,
    #[cfg(feature = "http")]
    connection_replica::DEFECT,
    deep_json::DEFECT,
    wrapped_total::DEFECT,
    open_feed::DEFECT,
];

/// Every defect there is.
pub fn registry() -> &'static [Defect] {
    REGISTRY
}
