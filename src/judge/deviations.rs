use crate::protocol::{Deviation, Does};

/// What became of a departure that was declared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviationUse {
    /// The departure.
    pub deviation: Deviation,
    /// How often its situation came up.
    pub came_up: u64,
    /// How often the target departed as declared.
    pub used: u64,
}

impl DeviationUse {
    /// Whether the target keeps its contract where it is said not to. Without the situation, nobody knows.
    pub fn is_stale(&self) -> bool {
        self.came_up > 0 && self.used == 0
    }

    /// Adds what another judgement found of the same departure.
    pub fn add(&mut self, other: &Self) {
        self.came_up += other.came_up;
        self.used += other.used;
    }
}

impl std::fmt::Display for DeviationUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Deviation { command, rule, does, because, .. } = &self.deviation;
        let does = match does {
            Does::Accepts => format!("accepts where {rule} applies"),
            Does::Rejects => format!("rejects with {rule} where that does not apply"),
        };
        write!(f, "{command} {does}: {because}; ")?;
        match (self.came_up, self.used) {
            (0, _) => f.write_str("it never came up"),
            (came_up, 0) => {
                write!(f, "stale: it came up {came_up} times, and the contract was kept each time")
            }
            (came_up, used) => write!(f, "used {used} of {came_up} times"),
        }
    }
}
