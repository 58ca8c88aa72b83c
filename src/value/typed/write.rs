//! From a Rust value to a [`Value`].

use serde::Serialize;
use serde::ser::{self, Serializer};

use super::TypedError;
use super::error::NO_FLOATS;
use crate::value::{Number, Record, Value};

impl Value {
    /// Any Rust value that serde can serialize, exactly: integers as numbers, decimals as they serialize themselves,
    /// enums as serde tags them. A float is refused.
    ///
    /// ```
    /// use proofmark::value::Value;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Line { product: &'static str, quantity: u32 }
    /// let value = Value::of(&Line { product: "tea", quantity: 2 }).unwrap();
    /// assert_eq!(value.to_string(), r#"{product: "tea", quantity: 2}"#);
    /// assert!(Value::of(&0.1).is_err());
    /// ```
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, TypedError> {
        value.serialize(Writer)
    }
}

struct Writer;

macro_rules! numbers {
    ($($name:ident: $ty:ty),*) => {$(
        fn $name(self, n: $ty) -> Result<Value, TypedError> {
            Ok(Value::from(n))
        }
    )*};
}

impl Serializer for Writer {
    type Ok = Value;
    type Error = TypedError;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = Elements;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    numbers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8,
        serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_bool: bool, serialize_str: &str);

    fn serialize_i128(self, n: i128) -> Result<Value, TypedError> {
        digits(&n.to_string())
    }

    fn serialize_u128(self, n: u128) -> Result<Value, TypedError> {
        digits(&n.to_string())
    }

    fn serialize_f32(self, _: f32) -> Result<Value, TypedError> {
        Err(TypedError::new(NO_FLOATS))
    }

    fn serialize_f64(self, _: f64) -> Result<Value, TypedError> {
        Err(TypedError::new(NO_FLOATS))
    }

    fn serialize_char(self, c: char) -> Result<Value, TypedError> {
        Ok(Value::from(c.to_string()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, TypedError> {
        Ok(bytes.iter().copied().collect())
    }

    fn serialize_none(self) -> Result<Value, TypedError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, TypedError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, TypedError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, TypedError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, TypedError> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, TypedError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, TypedError> {
        let value = value.serialize(self).map_err(|error| error.below(variant))?;
        Ok(Value::Record(Record::from([(variant, value)])))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements, TypedError> {
        Ok(Elements { variant: None, list: Vec::new() })
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements, TypedError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements, TypedError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Elements, TypedError> {
        Ok(Elements { variant: Some(variant), list: Vec::new() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, TypedError> {
        Ok(Fields { variant: None, record: Record::new(), name: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, TypedError> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, TypedError> {
        Ok(Fields { variant: Some(variant), record: Record::new(), name: None })
    }
}

fn digits(text: &str) -> Result<Value, TypedError> {
    Number::parse(text).map(Value::Number).ok_or_else(|| TypedError::new("not a number"))
}

/// What is inside of a variant, with its name around it.
fn tagged(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::Record(Record::from([(variant, value)])),
        None => value,
    }
}

struct Elements {
    variant: Option<&'static str>,
    list: Vec<Value>,
}

impl Elements {
    fn push<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), TypedError> {
        let element = element.serialize(Writer).map_err(|error| error.below(self.list.len()))?;
        self.list.push(element);
        Ok(())
    }
}

macro_rules! elements {
    ($($kind:ident: $push:ident),*) => {$(
        impl ser::$kind for Elements {
            type Ok = Value;
            type Error = TypedError;

            fn $push<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), TypedError> {
                self.push(element)
            }

            fn end(self) -> Result<Value, TypedError> {
                Ok(tagged(self.variant, Value::List(self.list)))
            }
        }
    )*};
}
elements!(SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field);

struct Fields {
    variant: Option<&'static str>,
    record: Record,
    /// The name whose value comes next, in a map.
    name: Option<Box<str>>,
}

impl Fields {
    fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), TypedError> {
        let value = value.serialize(Writer).map_err(|error| error.below(name))?;
        self.record.insert(name, value);
        Ok(())
    }
}

macro_rules! fields {
    ($($kind:ident),*) => {$(
        impl ser::$kind for Fields {
            type Ok = Value;
            type Error = TypedError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), TypedError> {
                self.put(name, value)
            }

            fn end(self) -> Result<Value, TypedError> {
                Ok(tagged(self.variant, Value::Record(self.record)))
            }
        }
    )*};
}
fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Fields {
    type Ok = Value;
    type Error = TypedError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), TypedError> {
        self.name = Some(match key.serialize(Writer)? {
            Value::Text(text) => (&*text).into(),
            Value::Number(number) => number.to_string().into(),
            other => return Err(TypedError::new(format_args!("a {} can't be a field's name", other.kind()))),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), TypedError> {
        match self.name.take() {
            Some(name) => self.put(&name, value),
            None => Err(TypedError::new("a value before its name")),
        }
    }

    fn end(self) -> Result<Value, TypedError> {
        Ok(Value::Record(self.record))
    }
}
