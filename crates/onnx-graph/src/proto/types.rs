//! Types of values.

use prost::{Message, Oneof};

use super::StringEntry;

/// A value's name and type.
#[derive(Clone, PartialEq, Message)]
pub struct ValueInfo {
    /// Name.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// Type.
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<Type>,
    /// Markdown.
    #[prost(string, optional, tag = "3")]
    pub doc_string: Option<String>,
    /// Named values for tools.
    #[prost(message, repeated, tag = "4")]
    pub metadata_props: Vec<StringEntry>,
}

/// Type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct Type {
    /// Which kind.
    #[prost(oneof = "TypeValue", tags = "1, 4, 5, 7, 8, 9")]
    pub value: Option<TypeValue>,
    /// What the value means.
    #[prost(string, optional, tag = "6")]
    pub denotation: Option<String>,
}

/// The kinds of [`Type`].
#[derive(Clone, PartialEq, Oneof)]
pub enum TypeValue {
    /// A tensor.
    #[prost(message, tag = "1")]
    Tensor(TensorType),
    /// A list.
    #[prost(message, tag = "4")]
    Sequence(Box<SequenceType>),
    /// A dictionary.
    #[prost(message, tag = "5")]
    Map(Box<MapType>),
    /// A type of another domain.
    #[prost(message, tag = "7")]
    Opaque(OpaqueType),
    /// A sparse tensor.
    #[prost(message, tag = "8")]
    SparseTensor(TensorType),
    /// Something or nothing.
    #[prost(message, tag = "9")]
    Optional(Box<OptionalType>),
}

/// Element type and shape, of dense and sparse tensors alike.
#[derive(Clone, PartialEq, Message)]
pub struct TensorType {
    /// One of [`crate::DataType`].
    #[prost(int32, optional, tag = "1")]
    pub elem_type: Option<i32>,
    /// Absent when not even the rank is known.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

/// A list's element type.
#[derive(Clone, PartialEq, Message)]
pub struct SequenceType {
    /// Type of each element.
    #[prost(message, optional, boxed, tag = "1")]
    pub elem_type: Option<Box<Type>>,
}

/// A dictionary's types.
#[derive(Clone, PartialEq, Message)]
pub struct MapType {
    /// Type of keys.
    #[prost(int32, optional, tag = "1")]
    pub key_type: Option<i32>,
    /// Type of values.
    #[prost(message, optional, boxed, tag = "2")]
    pub value_type: Option<Box<Type>>,
}

/// An optional's element type.
#[derive(Clone, PartialEq, Message)]
pub struct OptionalType {
    /// Type of what may be there.
    #[prost(message, optional, boxed, tag = "1")]
    pub elem_type: Option<Box<Type>>,
}

/// A type of another domain.
#[derive(Clone, PartialEq, Message)]
pub struct OpaqueType {
    /// Domain.
    #[prost(string, optional, tag = "1")]
    pub domain: Option<String>,
    /// Name.
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
}

/// A tensor's shape.
#[derive(Clone, PartialEq, Message)]
pub struct Shape {
    /// One per axis.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// Length along one axis.
#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    /// Known, named or, if absent, unknown.
    #[prost(oneof = "DimensionValue", tags = "1, 2")]
    pub value: Option<DimensionValue>,
    /// What the axis means.
    #[prost(string, optional, tag = "3")]
    pub denotation: Option<String>,
}

/// A known or a named length.
#[derive(Clone, PartialEq, Oneof)]
pub enum DimensionValue {
    /// Known.
    #[prost(int64, tag = "1")]
    Fixed(i64),
    /// The same name means the same length.
    #[prost(string, tag = "2")]
    Named(String),
}
