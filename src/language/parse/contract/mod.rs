//! `.contract` files, a parser file a construct.

mod aggregate;
mod fields;
mod file;
mod read;
mod types;

pub(super) use file::file;
