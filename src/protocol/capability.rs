use std::fmt;

/// Something a target gives the means for. What it does not claim is never judged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Capability {
    /// Commands take an idempotency key.
    Idempotency,
    /// Commands take an expected version.
    ExpectedVersion,
    /// Answers say which global position they reflect.
    Position,
    /// It can be asked to wait until its read models are caught up.
    Wait,
    /// What happened can be read as events.
    EventFeed,
    /// Events can be written without a command.
    SeedEvents,
    /// A read model can be built anew from the events.
    Rebuild,
    /// Everything it holds can be removed.
    Reset,
    /// Queries can be asked as of an earlier version.
    Temporal,
    /// Who is speaking makes a difference.
    Actors,
    /// It can be ended and started again, by us.
    Restart,
    /// Commands may be taken in first and come to their end later.
    Asynchronous,
    /// It lets its examiner slow down, stop and repeat what happens inside.
    FaultHooks,
    /// Nobody else uses it during a run.
    Exclusive,
}

impl Capability {
    /// All of them, in the order they are listed in.
    pub const ALL: [Self; 14] = [
        Self::Idempotency,
        Self::ExpectedVersion,
        Self::Position,
        Self::Wait,
        Self::EventFeed,
        Self::SeedEvents,
        Self::Rebuild,
        Self::Reset,
        Self::Temporal,
        Self::Actors,
        Self::Restart,
        Self::Asynchronous,
        Self::FaultHooks,
        Self::Exclusive,
    ];

    /// The name in profiles and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idempotency => "idempotency",
            Self::ExpectedVersion => "expected-version",
            Self::Position => "position",
            Self::Wait => "wait",
            Self::EventFeed => "event-feed",
            Self::SeedEvents => "seed-events",
            Self::Rebuild => "rebuild",
            Self::Reset => "reset",
            Self::Temporal => "temporal",
            Self::Actors => "actors",
            Self::Restart => "restart",
            Self::Asynchronous => "asynchronous",
            Self::FaultHooks => "fault-hooks",
            Self::Exclusive => "exclusive",
        }
    }

    fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Capabilities(u32);

impl Capabilities {
    /// Every capability there is.
    pub fn all() -> Self {
        Capability::ALL.into_iter().collect()
    }

    /// The set with one more.
    #[must_use]
    pub fn with(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }

    /// The set with one less.
    #[must_use]
    pub fn without(self, capability: Capability) -> Self {
        Self(self.0 & !capability.bit())
    }

    /// Whether the capability is claimed.
    pub fn claims(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().fold(Self::default(), Self::with)
    }
}
