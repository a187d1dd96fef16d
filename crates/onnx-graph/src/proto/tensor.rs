//! Constants.

use prost::Message;

use super::StringEntry;

/// A constant. The numbers are in `raw_data`, in one of the typed lists, or in another file; read
/// them with [`Tensor::to_array`].
#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    /// Shape; empty for a scalar.
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub dims: Vec<i64>,
    /// One of [`crate::DataType`].
    #[prost(int32, optional, tag = "2")]
    pub data_type: Option<i32>,
    /// Part of a larger tensor.
    #[prost(message, optional, tag = "3")]
    pub segment: Option<Segment>,
    /// Float and complex64.
    #[prost(float, repeated, packed = "true", tag = "4")]
    pub float_data: Vec<f32>,
    /// Every other type of up to 32 bits; half floats as their bits.
    #[prost(int32, repeated, packed = "true", tag = "5")]
    pub int32_data: Vec<i32>,
    /// Strings.
    #[prost(bytes = "vec", repeated, tag = "6")]
    pub string_data: Vec<Vec<u8>>,
    /// 64-bit integers.
    #[prost(int64, repeated, packed = "true", tag = "7")]
    pub int64_data: Vec<i64>,
    /// Name.
    #[prost(string, optional, tag = "8")]
    pub name: Option<String>,
    /// All elements in row-major order, little endian.
    #[prost(bytes = "vec", optional, tag = "9")]
    pub raw_data: Option<Vec<u8>>,
    /// Double and complex128.
    #[prost(double, repeated, packed = "true", tag = "10")]
    pub double_data: Vec<f64>,
    /// Unsigned 32 and 64 bit.
    #[prost(uint64, repeated, packed = "true", tag = "11")]
    pub uint64_data: Vec<u64>,
    /// Markdown.
    #[prost(string, optional, tag = "12")]
    pub doc_string: Option<String>,
    /// `location`, `offset`, `length` of the data in another file.
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<StringEntry>,
    /// 1 when the data is in another file.
    #[prost(int32, optional, tag = "14")]
    pub data_location: Option<i32>,
    /// Named values for tools.
    #[prost(message, repeated, tag = "16")]
    pub metadata_props: Vec<StringEntry>,
}

/// A range of a larger tensor.
#[derive(Clone, PartialEq, Message)]
pub struct Segment {
    /// First element.
    #[prost(int64, optional, tag = "1")]
    pub begin: Option<i64>,
    /// One past the last.
    #[prost(int64, optional, tag = "2")]
    pub end: Option<i64>,
}

/// A constant that is mostly zero.
#[derive(Clone, PartialEq, Message)]
pub struct SparseTensor {
    /// The others.
    #[prost(message, optional, tag = "1")]
    pub values: Option<Tensor>,
    /// Where they are.
    #[prost(message, optional, tag = "2")]
    pub indices: Option<Tensor>,
    /// Shape.
    #[prost(int64, repeated, packed = "false", tag = "3")]
    pub dims: Vec<i64>,
}

/// Quantisation parameters of one value.
#[derive(Clone, PartialEq, Message)]
pub struct TensorAnnotation {
    /// The value.
    #[prost(string, optional, tag = "1")]
    pub tensor_name: Option<String>,
    /// Parameter to tensor name.
    #[prost(message, repeated, tag = "2")]
    pub quant_parameter_tensor_names: Vec<StringEntry>,
}
