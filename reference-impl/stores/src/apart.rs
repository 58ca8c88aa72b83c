//! Read models in another database than the log's.

use reference_impl::projection::Generation;
use reference_impl::store::{Position, StoreError};
use reference_impl::system::Stores;

use crate::address::StoreAddress;
use crate::defect::of_read_models;
use crate::error::OpenError;
use crate::open;
use crate::options::{Options, ProjectedBy};

/// Opens the write side at `write`, and read models that are kept from its events at `read`, which may be a database of another kind. Has to be called
/// within a tokio runtime with time enabled.
///
/// # Errors
/// See [`OpenError`]: if one of them can't be opened, if the read models are not to be kept from events, or if those at `read` have taken in more
/// than there is at `write`, and so belong to another log.
pub async fn open_apart(
    write: &StoreAddress,
    read: &StoreAddress,
    options: &Options,
) -> Result<Stores, OpenError> {
    if options.projected_by != ProjectedBy::Events {
        return Err(OpenError::NoTransactionOverTwo { projected_by: options.projected_by });
    }
    let written = open(write, options).await?;
    let of_read = Options { defects: of_read_models(options), ..Options::default() };
    let kept = open(read, &of_read).await?;
    let failed =
        |error: StoreError| OpenError::Unreachable { store: read.to_string(), reason: error.to_string() };
    let head = written.write.events.head().await.map_err(failed)?;
    let mut taken_in = Position::START;
    if let Some(Generation { rows, .. }) = kept.read.order_summaries().current().await.map_err(failed)? {
        taken_in = taken_in.max(rows.checkpoint().await.map_err(failed)?);
    }
    if let Some(Generation { rows, .. }) = kept.read.customer_orders().current().await.map_err(failed)? {
        taken_in = taken_in.max(rows.checkpoint().await.map_err(failed)?);
    }
    if taken_in > head {
        return Err(OpenError::OtherLog { store: read.to_string(), taken_in, head });
    }
    Ok(Stores { read: kept.read, inline: None, ..written })
}
