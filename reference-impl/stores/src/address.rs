//! Where a database is.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::postgres;

/// The address of a database: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. What it shows
/// never has a password in it.
#[derive(Clone)]
pub enum StoreAddress {
    /// A file; it is made if it isn't there.
    Sqlite(PathBuf),
    /// A server.
    Postgres(PostgresAddress),
}

/// Where a PostgreSQL server is, and who asks it.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(crate) options: Box<PgConnectOptions>,
}

/// Why a text is no address. It doesn't repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins with nothing that is known.
    #[error("a store is `memory`, `sqlite:FILE` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`")]
    UnknownKind,
    /// No file is named.
    #[error("`sqlite:` needs the name of a file, as in `sqlite:orders.db`")]
    NoFile,
    /// A server is meant, but it can't be made out which.
    #[error(
        "that is no `postgres://USER:PASSWORD@HOST:PORT/DATABASE`: write `%40` for an @ in a password, and so on"
    )]
    NoServer,
}

impl FromStr for StoreAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = postgres::options(text).ok_or(AddressError::NoServer)?;
            return Ok(Self::Postgres(PostgresAddress { options: Box::new(options) }));
        }
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
            Self::Postgres(server) => server.fmt(f),
        }
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        // Without the name of a database, the server takes that of the user.
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        let (user, host, port) = (options.get_username(), options.get_host(), options.get_port());
        write!(f, "postgres://{user}@{host}:{port}/{database}")
    }
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreAddress({self})")
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({self})")
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
            ("postgres://ann:s3cret@db.example:5433/orders", "postgres://ann@db.example:5433/orders"),
            ("postgresql://ann@db.example/orders?password=s3cret", "postgres://ann@db.example:5432/orders"),
        ] {
            let address = text.parse::<StoreAddress>().expect(text);
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("s3cret"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let texts = [
            "",
            "orders.db",
            "mysql://ann:s3cret@localhost",
            "sqlite",
            "sqlite:",
            "sqlite::memory:",
            "postgres://ann:s3cret@:x/",
            "postgres://ann:s3cret@host:99999/orders",
        ];
        for text in texts {
            let error = text.parse::<StoreAddress>().expect_err(text);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }
}
