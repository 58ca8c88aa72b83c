//! The order system's stores on databases.
//!
//! [`open`] takes an address, `sqlite:FILE` or `postgres://…`, and gives the [`Stores`] that
//! [`OrderSystemBuilder::open`](reference_impl::OrderSystemBuilder::open) goes on from. The schema is
//! made or brought up to date on the way.
//!
//! | file | what it is for |
//! |---|---|
//! | `address` | where a database is; never shows a password |
//! | `apart` | read models in another database than the log's |
//! | `options` | how a database is to be used |
//! | `plan` | what a batch of appends leads to: pure, the same for every database |
//! | `state` | orders as rows, and what appends change of them; pure, too |
//! | `opened` | what is counted and compared when a database is opened |
//! | `store` | the event store and its keys over any `Database`; many appends, one transaction |
//! | `engine` | what all code over any database asks of one |
//! | `rows`, `generations` | read models over any `RowTable` and `GenerationTable` |
//! | `inline` | rows that are kept in the transaction of an append |
//! | `tail` | the end of the log in memory |
//! | `defect/` | bugs on purpose, off by default, a file each |
//! | `wire`, `text` | events, keys and rows as columns and back |
//! | `sqlite/`, `postgres/` | one database each: opening, the write side, the read side |
//!
//! [`Stores`]: reference_impl::system::Stores

mod address;
mod apart;
mod defect;
mod engine;
mod error;
mod generations;
mod inline;
mod migrate;
mod opened;
mod options;
mod plan;
mod postgres;
mod rows;
mod sqlite;
mod state;
mod store;
mod tail;
mod text;
mod wire;

pub use address::{AddressError, PostgresAddress, StoreAddress};
pub use apart::open_apart;
pub use defect::{StoreDefect, UnknownStoreDefect, store_defects};
pub use error::OpenError;
pub use options::{Options, ProjectedBy, WriteModel};
use reference_impl::system::Stores;

/// Opens the stores at `address`; has to be called within a tokio runtime with time enabled.
///
/// # Errors
/// See [`OpenError`]. It takes no longer than some seconds, and no message has a password in it.
pub async fn open(address: &StoreAddress, options: &Options) -> Result<Stores, OpenError> {
    match address {
        StoreAddress::Sqlite(file) => sqlite::open(file, options).await,
        StoreAddress::Postgres(server) => postgres::open(server, options).await,
    }
}
