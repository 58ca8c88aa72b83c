use rust_decimal::Decimal;

/// A number, kept exactly.
#[derive(Clone, Debug)]
pub enum Number {
    /// A decimal of up to 28 digits, normalised (no trailing zeros behind the point).
    Decimal(Decimal),
    /// A JSON number that no decimal holds exactly, as it was written (`1e400`).
    Literal(Box<str>),
}

/// The exact result does not fit; nothing was rounded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} can't be computed exactly")]
pub struct Inexact(pub String);
