//! A serializer that wraps `serde_json`'s and rejects values that would not be read back unchanged.
//!
//! `serde_json` alone writes `NaN` and infinities as `null`, so the next request would lose the
//! session. It also writes values of any depth, but reads at most 128 levels.

use std::{cell::Cell, fmt::Display};

use serde::{
    Serialize, Serializer,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
        SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
    },
};

use crate::error::ValueProblem;

/// The maximum nesting of a field's value, in levels.
const MAX_NESTING: u8 = 64;

/// Serializes a value, or stores the problem and returns an error.
pub(crate) fn serialize<V: Serialize + ?Sized, S: Serializer>(
    value: &V,
    serializer: S,
    problem: &Cell<Option<ValueProblem>>,
) -> Result<S::Ok, S::Error> {
    let context = Context { depth: 0, problem };
    value.serialize(Strict {
        inner: serializer,
        context,
    })
}

#[derive(Clone, Copy)]
struct Context<'a> {
    /// The number of arrays and objects around the current value.
    depth: u8,
    problem: &'a Cell<Option<ValueProblem>>,
}

impl<'a> Context<'a> {
    fn fail<E: serde::ser::Error>(self, problem: ValueProblem) -> E {
        self.problem.set(Some(problem));
        E::custom("refused")
    }

    fn deeper<E: serde::ser::Error>(self, levels: u8) -> Result<Self, E> {
        let depth = self.depth.saturating_add(levels);
        if depth > MAX_NESTING {
            return Err(self.fail(ValueProblem::Nesting));
        }
        Ok(Self { depth, ..self })
    }

    fn value<V: ?Sized>(self, value: &'a V) -> Checked<'a, V> {
        Checked {
            value,
            context: self,
        }
    }
}

/// A value inside another one.
struct Checked<'a, V: ?Sized> {
    value: &'a V,
    context: Context<'a>,
}

impl<V: Serialize + ?Sized> Serialize for Checked<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Strict {
            inner: serializer,
            context: self.context,
        })
    }
}

struct Strict<'a, S> {
    inner: S,
    context: Context<'a>,
}

/// An array or object that is being written.
struct Compound<'a, C> {
    inner: C,
    context: Context<'a>,
}

macro_rules! forward {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        })*
    };
}

impl<'a, S: Serializer> Serializer for Strict<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Compound<'a, S::SerializeSeq>;
    type SerializeTuple = Compound<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Compound<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Compound<'a, S::SerializeTupleVariant>;
    type SerializeMap = Compound<'a, S::SerializeMap>;
    type SerializeStruct = Compound<'a, S::SerializeStruct>;
    type SerializeStructVariant = Compound<'a, S::SerializeStructVariant>;

    forward! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            self.inner.serialize_f32(value)
        } else {
            Err(self.context.fail(ValueProblem::NotFinite))
        }
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            self.inner.serialize_f64(value)
        } else {
            Err(self.context.fail(ValueProblem::NotFinite))
        }
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&self.context.value(value))
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &V,
    ) -> Result<S::Ok, S::Error> {
        self.inner
            .serialize_newtype_struct(name, &self.context.value(value))
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<S::Ok, S::Error> {
        let context = self.context.deeper(1)?;
        self.inner
            .serialize_newtype_variant(name, index, variant, &context.value(value))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let context = self.context.deeper(1)?;
        let inner = self.inner.serialize_seq(len)?;
        Ok(Compound { inner, context })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        let context = self.context.deeper(1)?;
        let inner = self.inner.serialize_tuple(len)?;
        Ok(Compound { inner, context })
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let context = self.context.deeper(1)?;
        let inner = self.inner.serialize_tuple_struct(name, len)?;
        Ok(Compound { inner, context })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let context = self.context.deeper(2)?;
        let inner = self
            .inner
            .serialize_tuple_variant(name, index, variant, len)?;
        Ok(Compound { inner, context })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let context = self.context.deeper(1)?;
        let inner = self.inner.serialize_map(len)?;
        Ok(Compound { inner, context })
    }

    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        let context = self.context.deeper(1)?;
        let inner = self.inner.serialize_struct(name, len)?;
        Ok(Compound { inner, context })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let context = self.context.deeper(2)?;
        let inner = self
            .inner
            .serialize_struct_variant(name, index, variant, len)?;
        Ok(Compound { inner, context })
    }

    fn collect_str<V: Display + ?Sized>(self, value: &V) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }
}

macro_rules! elements {
    ($($trait:ident :: $method:ident,)*) => {
        $(impl<C: $trait> $trait for Compound<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), C::Error> {
                self.inner.$method(&self.context.value(value))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        })*
    };
}

elements! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

macro_rules! members {
    ($($trait:ident,)*) => {
        $(impl<C: $trait> $trait for Compound<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<V: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &V,
            ) -> Result<(), C::Error> {
                self.inner.serialize_field(name, &self.context.value(value))
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), C::Error> {
                self.inner.skip_field(name)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        })*
    };
}

members! {
    SerializeStruct,
    SerializeStructVariant,
}

impl<C: SerializeMap> SerializeMap for Compound<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), C::Error> {
        // serde_json rejects most keys that aren't strings, but accepts floats.
        let checked = key.serialize(KeyCheck);
        if checked.is_err() {
            return Err(self.context.fail(ValueProblem::MapKey));
        }
        self.inner.serialize_key(key)
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), C::Error> {
        self.inner.serialize_value(&self.context.value(value))
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.inner.end()
    }
}

/// Accepts the keys that are read back unchanged: strings, integers, booleans and unit variants.
struct KeyCheck;

/// An error for a key of any other kind.
type KeyResult = Result<(), serde::de::value::Error>;

macro_rules! keys {
    ($($method:ident: $type:ty => $result:expr,)*) => {
        $(fn $method(self, _: $type) -> KeyResult {
            $result
        })*
    };
}

fn refused() -> serde::de::value::Error {
    serde::de::value::Error::custom("refused")
}

impl Serializer for KeyCheck {
    type Ok = ();
    type Error = serde::de::value::Error;
    type SerializeSeq = serde::ser::Impossible<(), Self::Error>;
    type SerializeTuple = serde::ser::Impossible<(), Self::Error>;
    type SerializeTupleStruct = serde::ser::Impossible<(), Self::Error>;
    type SerializeTupleVariant = serde::ser::Impossible<(), Self::Error>;
    type SerializeMap = serde::ser::Impossible<(), Self::Error>;
    type SerializeStruct = serde::ser::Impossible<(), Self::Error>;
    type SerializeStructVariant = serde::ser::Impossible<(), Self::Error>;

    keys! {
        serialize_bool: bool => Ok(()),
        serialize_i8: i8 => Ok(()),
        serialize_i16: i16 => Ok(()),
        serialize_i32: i32 => Ok(()),
        serialize_i64: i64 => Ok(()),
        serialize_i128: i128 => Ok(()),
        serialize_u8: u8 => Ok(()),
        serialize_u16: u16 => Ok(()),
        serialize_u32: u32 => Ok(()),
        serialize_u64: u64 => Ok(()),
        serialize_u128: u128 => Ok(()),
        serialize_char: char => Ok(()),
        serialize_str: &str => Ok(()),
        serialize_f32: f32 => Err(refused()),
        serialize_f64: f64 => Err(refused()),
        serialize_bytes: &[u8] => Err(refused()),
        serialize_unit_struct: &'static str => Err(refused()),
    }

    fn serialize_none(self) -> KeyResult {
        Err(refused())
    }

    fn serialize_some<V: Serialize + ?Sized>(self, _: &V) -> KeyResult {
        Err(refused())
    }

    fn serialize_unit(self) -> KeyResult {
        Err(refused())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> KeyResult {
        Ok(())
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &V,
    ) -> KeyResult {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &V,
    ) -> KeyResult {
        Err(refused())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Self::Error> {
        Err(refused())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Self::Error> {
        Err(refused())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Self::Error> {
        Err(refused())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Self::Error> {
        Err(refused())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Self::Error> {
        Err(refused())
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, Self::Error> {
        Err(refused())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Self::Error> {
        Err(refused())
    }
}
