//! The schema, step by step. A step that was released is never changed: the next one changes what it
//! has made.

use std::borrow::Cow;

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The steps of one database, oldest first: what each does and its SQL.
pub(crate) struct Schema(pub(crate) &'static [(&'static str, &'static str)]);

impl Schema {
    /// The version after the last step.
    pub(crate) fn version(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }

    pub(crate) fn migrator(&self) -> Migrator {
        let steps = (1..).zip(self.0).map(|(version, (description, sql))| {
            let sql = SqlStr::from_static(sql);
            Migration::new(version, Cow::Borrowed(*description), MigrationType::Simple, sql, false)
        });
        Migrator::with_migrations(steps.collect())
    }
}
