//! Places in the log: a version in one stream, a position in all of them.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! place {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize,
            Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// Before the first event.
            pub const START: Self = Self(0);

            /// The place with that number.
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// Its number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The place right behind it.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

place! {
    /// A stream's version: how many events it holds. Its first event is version 1.
    Version
}

place! {
    /// A global position: how many events all streams held together. The first is position 1.
    Position
}

/// What a writer takes for granted about the stream it writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum ExpectedVersion {
    /// Nothing.
    #[default]
    Any,
    /// That nothing was ever written to it.
    NoStream,
    /// That it is at this very version.
    Exact(Version),
}

impl ExpectedVersion {
    /// The version it names, if it names one.
    pub const fn named(self) -> Option<Version> {
        match self {
            Self::Any => None,
            Self::NoStream => Some(Version::START),
            Self::Exact(version) => Some(version),
        }
    }

    /// Whether a stream at `actual` is what was expected.
    pub fn admits(self, actual: Version) -> bool {
        self.named().is_none_or(|version| version == actual)
    }
}

impl fmt::Display for ExpectedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::NoStream => f.write_str("absence"),
            Self::Exact(version) => write!(f, "version {version}"),
        }
    }
}
