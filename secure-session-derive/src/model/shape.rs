//! What a field's type means for its accessors.
//!
//! A macro sees names, not types: `String`, `Vec` and `Option` are recognized by name, alone or
//! with their path in the standard library. A user's type with such a name needs another path, such
//! as `self::String`.

use syn::{GenericArgument, Path, PathArguments, Type, TypePath};

/// The shape of a field.
pub(crate) enum Shape {
    Value(Kind),
    Option { of: Box<Type>, kind: Kind },
}

/// The shape of a value, also inside an `Option`.
pub(crate) enum Kind {
    Copy,
    Other,
    String,
    Vec { item: Box<Type> },
}

impl Shape {
    /// `copy` declares an unknown type `Copy`.
    pub(crate) fn of(ty: &Type, copy: bool) -> Self {
        match option_of(ty) {
            Some(of) => Self::Option {
                of: Box::new(of.clone()),
                kind: Kind::of(of, copy),
            },
            None => Self::Value(Kind::of(ty, copy)),
        }
    }

    /// The shape of the value, inside the `Option` if it is one.
    pub(crate) fn kind(&self) -> &Kind {
        match self {
            Self::Value(kind) | Self::Option { kind, .. } => kind,
        }
    }

    pub(crate) fn is_option(&self) -> bool {
        matches!(self, Self::Option { .. })
    }
}

impl Kind {
    pub(crate) fn of(ty: &Type, copy: bool) -> Self {
        if is_std(ty, "string", "String") {
            return Self::String;
        }
        if let Some(item) = argument_of(ty, "vec", "Vec") {
            return Self::Vec {
                item: Box::new(item.clone()),
            };
        }
        if copy || is_copy(ty) {
            return Self::Copy;
        }
        Self::Other
    }
}

/// The inner `Option` of an `Option<Option<_>>`.
pub(crate) fn nested_option(ty: &Type) -> Option<&Type> {
    let inner = option_of(ty)?;
    option_of(inner).map(|_| inner)
}

/// The first reference within a type.
pub(crate) fn borrowed(ty: &Type) -> Option<&Type> {
    match peeled(ty) {
        reference @ Type::Reference(_) => Some(reference),
        Type::Array(array) => borrowed(&array.elem),
        Type::Slice(slice) => borrowed(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(borrowed),
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return None;
            };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => borrowed(ty),
                _ => None,
            })
        }),
        _ => None,
    }
}

/// Whether a type can be `serde_json::Map<String, Value>`, under any path.
pub(crate) fn is_map_of_values(ty: &Type) -> bool {
    let Type::Path(TypePath {
        qself: None, path, ..
    }) = peeled(ty)
    else {
        return false;
    };
    let Some(map) = path.segments.last().filter(|map| map.ident == "Map") else {
        return false;
    };
    let PathArguments::AngleBracketed(arguments) = &map.arguments else {
        return false;
    };
    let ends_in = |argument: Option<&GenericArgument>, name: &str| match argument {
        Some(GenericArgument::Type(ty)) => match peeled(ty) {
            Type::Path(path) => {
                let last = path.path.segments.last();
                last.is_some_and(|last| last.ident == name)
            }
            _ => false,
        },
        _ => false,
    };
    arguments.args.len() == 2
        && ends_in(arguments.args.get(0), "String")
        && ends_in(arguments.args.get(1), "Value")
}

fn option_of(ty: &Type) -> Option<&Type> {
    argument_of(ty, "option", "Option")
}

/// Primitives, and arrays and tuples of them.
fn is_copy(ty: &Type) -> bool {
    match peeled(ty) {
        Type::Array(array) => is_copy(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_copy),
        Type::Path(TypePath {
            qself: None, path, ..
        }) => {
            let name = match path.segments.len() {
                1 => path.get_ident(),
                _ => std_segment(path, "primitive").map(|segment| &segment.ident),
            };
            name.is_some_and(|name| PRIMITIVES.iter().any(|primitive| name == primitive))
        }
        _ => false,
    }
}

const PRIMITIVES: [&str; 16] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize",
];

fn is_std(ty: &Type, module: &str, name: &str) -> bool {
    segment_of(ty, module, name).is_some_and(|segment| segment.arguments.is_none())
}

/// The only type argument of a type of the standard library.
fn argument_of<'a>(ty: &'a Type, module: &str, name: &str) -> Option<&'a Type> {
    let PathArguments::AngleBracketed(arguments) = &segment_of(ty, module, name)?.arguments else {
        return None;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(ty)), None) => Some(ty),
        _ => None,
    }
}

/// The last segment of `Name`, `std::module::Name` and the like.
fn segment_of<'a>(ty: &'a Type, module: &str, name: &str) -> Option<&'a syn::PathSegment> {
    let Type::Path(TypePath {
        qself: None, path, ..
    }) = peeled(ty)
    else {
        return None;
    };
    let segment = match path.segments.len() {
        1 => path.segments.first(),
        _ => std_segment(path, module),
    };
    segment.filter(|segment| segment.ident == name)
}

/// The last segment of `std::module::…`, `core::module::…` or `alloc::module::…`.
fn std_segment<'a>(path: &'a Path, module: &str) -> Option<&'a syn::PathSegment> {
    let mut segments = path.segments.iter();
    let (krate, within, last) = (segments.next()?, segments.next()?, segments.next()?);
    let is_std = ["std", "core", "alloc"]
        .iter()
        .any(|name| krate.ident == name);
    (is_std && within.ident == module && segments.next().is_none()).then_some(last)
}

/// Strips parentheses and the invisible groups that `macro_rules!` adds.
fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        _ => ty,
    }
}
