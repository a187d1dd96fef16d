//! The ONNX file format as prost structures, field for field after `onnx.proto` (IR version 13).
//!
//! Written by hand, so that no protobuf compiler is needed. Every field is here, also those this
//! workspace never looks at: what is read is written back unchanged. Names lose the suffix
//! `Proto`; presence is kept (`Option`), because the format tells absent from zero.

mod model;
mod rare;
mod tensor;
mod types;

pub use model::{Attribute, AttributeType, Graph, Model, Node, OperatorSet, StringEntry};
pub use rare::{
    DeviceConfiguration, Function, IntListEntry, NodeDeviceConfiguration, ShardedDimension,
    ShardingSpec, SimpleShardedDimension, TrainingInfo,
};
pub use tensor::{Segment, SparseTensor, Tensor, TensorAnnotation};
pub use types::{
    Dimension, DimensionValue, MapType, OpaqueType, OptionalType, SequenceType, Shape, TensorType,
    Type, TypeValue, ValueInfo,
};
