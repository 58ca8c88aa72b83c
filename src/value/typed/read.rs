//! From a [`Value`] to a Rust value.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::TypedError;
use super::error::NO_FLOATS;
use crate::value::{Number, Record, Value};

impl Value {
    /// Reads a Rust value of any type that serde can deserialize, exactly.
    ///
    /// Whole numbers become integers. One with a fraction reaches types that take what comes (as `rust_decimal::Decimal`
    /// does) as the text of its digits; a float is refused, and so is a number where text is asked for. A field that is
    /// `null` reads as `None`.
    ///
    /// ```
    /// use proofmark::value::{Record, Value};
    ///
    /// #[derive(serde::Deserialize, PartialEq, Debug)]
    /// struct Line { product: String, quantity: u32 }
    /// let value = Value::from(Record::from([("product", Value::from("tea")), ("quantity", Value::from(2))]));
    /// assert_eq!(value.read(), Ok(Line { product: "tea".into(), quantity: 2 }));
    /// assert!(Value::from(2).read::<f64>().is_err());
    /// ```
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, TypedError> {
        T::deserialize(Content(self))
    }
}

/// A value that is being read.
pub(super) struct Content<'a>(pub(super) &'a Value);

impl Content<'_> {
    fn unexpected(&self) -> Unexpected<'_> {
        match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(truth) => Unexpected::Bool(*truth),
            Value::Number(_) => Unexpected::Other("number"),
            Value::Text(text) => Unexpected::Str(text),
            Value::List(_) => Unexpected::Seq,
            Value::Record(_) => Unexpected::Map,
            Value::Name(_) => Unexpected::Other("name without a value"),
        }
    }

    fn text<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, TypedError> {
        match self.0 {
            Value::Text(text) => visitor.visit_str(text),
            _ => Err(TypedError::invalid_type(self.unexpected(), &visitor)),
        }
    }
}

fn number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, TypedError> {
    if let Some(whole) = number.to_u64() {
        visitor.visit_u64(whole)
    } else if let Some(whole) = number.to_i64() {
        visitor.visit_i64(whole)
    } else if let Some(decimal) = number.decimal() {
        visitor.visit_str(&decimal.to_string())
    } else {
        Err(TypedError::new(format_args!("{number} is beyond an exact decimal")))
    }
}

impl<'de> Deserializer<'de> for Content<'_> {
    type Error = TypedError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(found) => number(found, visitor),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(elements) => visitor.visit_seq(Elements { elements, at: 0 }),
            Value::Record(record) => visitor.visit_map(Fields { record, at: 0 }),
            Value::Name(_) => Err(TypedError::invalid_type(self.unexpected(), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, TypedError> {
        Err(TypedError::new(NO_FLOATS))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, _: V) -> Result<V::Value, TypedError> {
        Err(TypedError::new(NO_FLOATS))
    }

    // What asks for text gets none that was a number: to the system behind, that is another type.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.text(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.text(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        match self.0 {
            Value::Text(name) => visitor.visit_enum(Variant { name, content: &Value::Null }),
            Value::Record(record) => match record.fields() {
                [(name, content)] => visitor.visit_enum(Variant { name, content }),
                _ => Err(TypedError::new("an enum is a text, or a record with one field: its variant")),
            },
            _ => Err(TypedError::invalid_type(self.unexpected(), &visitor)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

struct Elements<'a> {
    elements: &'a [Value],
    at: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = TypedError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, TypedError> {
        let Some(element) = self.elements.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(Content(element)).map(Some).map_err(|error| error.below(self.at - 1))
    }
}

struct Fields<'a> {
    record: &'a Record,
    /// How many names were given out.
    at: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = TypedError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, TypedError> {
        let Some((name, _)) = self.record.fields().get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize((&**name).into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, TypedError> {
        let field = self.at.checked_sub(1).and_then(|at| self.record.fields().get(at));
        let Some((name, value)) = field else { return Err(TypedError::new("a value before its name")) };
        seed.deserialize(Content(value)).map_err(|error| error.below(name.clone()))
    }
}

struct Variant<'a> {
    name: &'a str,
    content: &'a Value,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = TypedError;
    type Variant = Content<'a>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'a>), TypedError> {
        Ok((seed.deserialize(self.name.into_deserializer())?, Content(self.content)))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = TypedError;

    fn unit_variant(self) -> Result<(), TypedError> {
        match self.0 {
            Value::Null => Ok(()),
            Value::Record(record) if record.is_empty() => Ok(()),
            _ => Err(TypedError::invalid_type(self.unexpected(), &"nothing")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, TypedError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, TypedError> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.deserialize_any(visitor)
    }
}
