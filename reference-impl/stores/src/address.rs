//! Where a database is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a database: `sqlite:FILE`. What it shows never has a password in it.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreAddress {
    /// A file; it is made if it isn't there.
    Sqlite(PathBuf),
}

/// Why a text is no address. It doesn't repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins with nothing that is known.
    #[error("a store is `memory` or `sqlite:FILE`")]
    UnknownKind,
    /// No file is named.
    #[error("`sqlite:` needs the name of a file, as in `sqlite:orders.db`")]
    NoFile,
}

impl FromStr for StoreAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let file = text.strip_prefix("sqlite:").ok_or(AddressError::UnknownKind)?;
        // `sqlite:///a/b` is the file /a/b, as other tools write it.
        let file = file.strip_prefix("//").unwrap_or(file);
        match file {
            "" | ":memory:" => Err(AddressError::NoFile),
            file => Ok(Self::Sqlite(file.into())),
        }
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
        }
    }
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_shown() {
        for (text, shown) in [
            ("sqlite:orders.db", "sqlite:orders.db"),
            ("sqlite:///tmp/orders.db", "sqlite:/tmp/orders.db"),
            ("sqlite:a b/ü.db", "sqlite:a b/ü.db"),
        ] {
            assert_eq!(text.parse::<StoreAddress>().map(|address| address.to_string()).as_deref(), Ok(shown));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "orders.db", "mysql://localhost", "sqlite", "sqlite:", "sqlite::memory:"] {
            assert!(text.parse::<StoreAddress>().is_err(), "{text}");
        }
    }
}
