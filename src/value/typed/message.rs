//! A name and fields as one variant of an enum.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::TypedError;
use super::read::Content;
use crate::value::{Record, Value};

/// Why a message is none of a type's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// The type has no variant of that name. Holds the reason.
    #[error("{0}")]
    UnknownName(TypedError),
    /// The type is no enum that names its variants from outside.
    #[error(
        "the type is not an enum, or one with a tag inside: if it says `#[serde(tag = \"type\")]`, say `tagged_by(\"type\")`"
    )]
    NotExternallyTagged,
    /// The fields don't fit. Holds the reason.
    #[error("{0}")]
    Fields(TypedError),
}

/// Reads the variant called `name` with these fields; with a `tag`, an enum that has its name in that field
/// (`#[serde(tag = "…")]`), else one that serde tags externally, as it does where nothing is said.
///
/// ```
/// use proofmark::value::{Record, read_message};
///
/// #[derive(serde::Deserialize, PartialEq, Debug)]
/// enum Command {
///     Deposit { amount: u64 },
///     Close,
/// }
/// let read = read_message("Deposit", &Record::from([("amount", 5)]), None);
/// assert_eq!(read, Ok(Command::Deposit { amount: 5 }));
/// assert_eq!(read_message("Close", &Record::new(), None), Ok(Command::Close));
/// let wrong = read_message::<Command>("Deposit", &Record::from([("amount", -5)]), None).unwrap_err();
/// assert_eq!(wrong.to_string(), "amount: invalid value: integer `-5`, expected u64");
/// ```
pub fn read_message<T: DeserializeOwned>(
    name: &str,
    fields: &Record,
    tag: Option<&str>,
) -> Result<T, MessageError> {
    let mut known = Known::Never;
    let read = match tag {
        Some(tag) => {
            known = Known::Yes;
            let tagged: Record = std::iter::once((tag, Value::from(name)))
                .chain(fields.iter().map(|(n, v)| (n, v.clone())))
                .collect();
            T::deserialize(Content(&Value::Record(tagged)))
        }
        None => T::deserialize(Message { name, fields: &Value::Record(fields.clone()), known: &mut known }),
    };
    read.map_err(|error| match known {
        Known::Never => MessageError::NotExternallyTagged,
        Known::No => MessageError::UnknownName(error),
        Known::Yes => MessageError::Fields(error),
    })
}

/// Whether the name is a variant's.
enum Known {
    /// It was never asked for.
    Never,
    No,
    Yes,
}

struct Message<'a> {
    name: &'a str,
    fields: &'a Value,
    known: &'a mut Known,
}

impl<'de> Deserializer<'de> for Message<'_> {
    type Error = TypedError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, TypedError> {
        Err(TypedError::new("no enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de, 'a> EnumAccess<'de> for Message<'a> {
    type Error = TypedError;
    type Variant = Content<'a>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'a>), TypedError> {
        *self.known = Known::No;
        let variant = seed.deserialize(self.name.into_deserializer())?;
        *self.known = Known::Yes;
        Ok((variant, Content(self.fields)))
    }
}
