//! What is counted and compared when a database is opened.

use reference_impl::store::{Position, StoreError};

use crate::defect::needed;
use crate::error::OpenError;
use crate::options::{Options, ProjectedBy, WriteModel};
use crate::wire::unsigned;

/// The row of `store` after it was counted: which opening this is, where the log ends, which write model is kept.
pub(crate) type StoreRow = (i64, i64, String);

/// A database that is open.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) opening: u64,
    pub(crate) head: Position,
    pub(crate) model: WriteModel,
}

/// The write model that a new database gets. Triggers need something to copy.
pub(crate) fn model_of_new(options: &Options) -> &'static str {
    let unless_told = match options.projected_by {
        ProjectedBy::Triggers => WriteModel::State,
        ProjectedBy::Events | ProjectedBy::Transaction => WriteModel::Events,
    };
    options.write_model.unwrap_or(unless_told).as_str()
}

impl Opened {
    /// What the row says, if it is what was asked for.
    pub(crate) fn of(
        store: &str,
        (opening, head, found): StoreRow,
        postgres: bool,
        options: &Options,
    ) -> Result<Self, OpenError> {
        let corrupt =
            |error: StoreError| OpenError::Schema { store: store.to_owned(), reason: error.to_string() };
        let known = [WriteModel::Events, WriteModel::State].into_iter().find(|model| model.as_str() == found);
        let asked = options.write_model.or(known).unwrap_or(WriteModel::Events);
        let Some(model) = known.filter(|model| *model == asked) else {
            return Err(OpenError::OtherWriteModel { store: store.to_owned(), found, asked });
        };
        if options.projected_by == ProjectedBy::Triggers && model == WriteModel::Events {
            return Err(OpenError::NothingToCopy { store: store.to_owned() });
        }
        if let Some((defect, needs)) = needed(options, postgres, model) {
            return Err(OpenError::NoSuchDefectHere { store: store.to_owned(), defect, needs });
        }
        let head = Position::new(unsigned(head).map_err(corrupt)?);
        Ok(Self { opening: unsigned(opening).map_err(corrupt)?, head, model })
    }
}
