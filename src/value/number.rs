use rust_decimal::Decimal;

/// A number, kept exactly.
#[derive(Clone, PartialEq, Debug)]
pub enum Number {
    /// A decimal of up to 28 digits, normalised (no trailing zeros behind the point).
    Decimal(Decimal),
    /// A JSON number that no decimal holds exactly, as it was written (`1e400`).
    Literal(Box<str>),
}

impl Number {
    /// Reads JSON's number syntax, exactly; the caller has made sure that `text` is in it.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match Decimal::from_str_exact(text) {
            Ok(decimal) => Self::Decimal(decimal),
            Err(_) => Self::Literal(text.into()),
        })
    }

    /// The decimal, unless it can only be kept as its literal text.
    pub fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(decimal) => Some(*decimal),
            Self::Literal(_) => None,
        }
    }

    /// Whether there is nothing behind the point.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Decimal(decimal) => decimal.is_integer(),
            Self::Literal(_) => true,
        }
    }
}

/// The exact result does not fit; nothing was rounded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} can't be computed exactly")]
pub struct Inexact(pub String);
