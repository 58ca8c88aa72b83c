//! The list of all defects.

use std::fmt;

use super::{Points, Rate, Strike, drop_event, ignore_key, lost_update};

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
    /// Wraps the points it breaks.
    pub install: fn(Points, Strike) -> Points,
}

impl fmt::Debug for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Defect").field("name", &self.name).finish_non_exhaustive()
    }
}

static REGISTRY: &[Defect] = &[drop_event::DEFECT, lost_update::DEFECT, ignore_key::DEFECT];

/// Every defect there is.
pub fn registry() -> &'static [Defect] {
    REGISTRY
}
