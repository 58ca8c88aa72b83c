use rust_decimal::prelude::ToPrimitive as _;

use super::{Range, Type};
use crate::value::Demand;

impl Type {
    /// Whether its values are texts of any characters.
    pub fn is_prose(&self) -> bool {
        match self {
            Self::Optional(inner) => inner.is_prose(),
            Self::Text { alphabet, .. } => alphabet.is_none(),
            _ => false,
        }
    }

    /// What a value has to look like that is made up for something of this type; nothing where the type leaves that
    /// open.
    ///
    /// # Errors
    /// With nothing to say for a type whose values can't be made up so that no two are the same.
    pub fn demand(&self) -> Result<Option<Demand>, NoneToDraw> {
        match self {
            Self::Optional(inner) => inner.demand(),
            Self::Id | Self::Reference(_) | Self::Unknown => Ok(None),
            Self::Text { length, alphabet } => {
                let least = length.min.as_ref().and_then(crate::value::Number::to_u64).unwrap_or_default();
                let most = length.max.as_ref().and_then(crate::value::Number::to_u64);
                Ok(Some(Demand::Text { least, most, alphabet: alphabet.clone() }))
            }
            Self::Int(range) | Self::Decimal(range) => Ok(Some(whole(range))),
            Self::Bool | Self::Instant | Self::Enum(_) | Self::List(_) | Self::Bag(_) | Self::Record(_) => {
                Err(NoneToDraw)
            }
        }
    }
}

/// No value that nobody else has can be made up for this type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no value that nobody else has can be made up for this")]
pub struct NoneToDraw;

/// The whole numbers of a range.
fn whole(range: &Range) -> Demand {
    let least = range.min.as_ref().and_then(|min| min.decimal()?.ceil().to_i64());
    let most = range.max.as_ref().and_then(|max| max.decimal()?.floor().to_i64());
    Demand::Whole { least, most }
}
