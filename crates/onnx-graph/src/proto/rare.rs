//! Parts of the format that are kept but that nothing here looks into: functions, training,
//! splitting over devices.

use prost::Message;

use super::{Attribute, DimensionValue, Graph, Node, OperatorSet, StringEntry, ValueInfo};

/// An operator defined by the model.
#[derive(Clone, PartialEq, Message)]
pub struct Function {
    /// Name.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// Inputs.
    #[prost(string, repeated, tag = "4")]
    pub input: Vec<String>,
    /// Outputs.
    #[prost(string, repeated, tag = "5")]
    pub output: Vec<String>,
    /// Attributes without defaults.
    #[prost(string, repeated, tag = "6")]
    pub attribute: Vec<String>,
    /// Body.
    #[prost(message, repeated, tag = "7")]
    pub node: Vec<Node>,
    /// Markdown.
    #[prost(string, optional, tag = "8")]
    pub doc_string: Option<String>,
    /// Operator sets of the body.
    #[prost(message, repeated, tag = "9")]
    pub opset_import: Vec<OperatorSet>,
    /// Domain.
    #[prost(string, optional, tag = "10")]
    pub domain: Option<String>,
    /// Attributes with defaults.
    #[prost(message, repeated, tag = "11")]
    pub attribute_proto: Vec<Attribute>,
    /// Types inside the body.
    #[prost(message, repeated, tag = "12")]
    pub value_info: Vec<ValueInfo>,
    /// Distinguishes functions of the same name.
    #[prost(string, optional, tag = "13")]
    pub overload: Option<String>,
    /// Named values for tools.
    #[prost(message, repeated, tag = "14")]
    pub metadata_props: Vec<StringEntry>,
}

/// How to train a model.
#[derive(Clone, PartialEq, Message)]
pub struct TrainingInfo {
    /// Run once.
    #[prost(message, optional, tag = "1")]
    pub initialization: Option<Graph>,
    /// Run at each step.
    #[prost(message, optional, tag = "2")]
    pub algorithm: Option<Graph>,
    /// Where the first one's results go.
    #[prost(message, repeated, tag = "3")]
    pub initialization_binding: Vec<StringEntry>,
    /// Where the second one's results go.
    #[prost(message, repeated, tag = "4")]
    pub update_binding: Vec<StringEntry>,
}

/// A set of devices.
#[derive(Clone, PartialEq, Message)]
pub struct DeviceConfiguration {
    /// Name.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// How many.
    #[prost(int32, optional, tag = "2")]
    pub num_devices: Option<i32>,
    /// Their names.
    #[prost(string, repeated, tag = "3")]
    pub device: Vec<String>,
}

/// A node's place among devices.
#[derive(Clone, PartialEq, Message)]
pub struct NodeDeviceConfiguration {
    /// A [`DeviceConfiguration`].
    #[prost(string, optional, tag = "1")]
    pub configuration_id: Option<String>,
    /// How each tensor is split.
    #[prost(message, repeated, tag = "2")]
    pub sharding_spec: Vec<ShardingSpec>,
    /// Stage of the pipeline.
    #[prost(int32, optional, tag = "3")]
    pub pipeline_stage: Option<i32>,
}

/// How a tensor is split.
#[derive(Clone, PartialEq, Message)]
pub struct ShardingSpec {
    /// The tensor.
    #[prost(string, optional, tag = "1")]
    pub tensor_name: Option<String>,
    /// Devices.
    #[prost(int64, repeated, packed = "false", tag = "2")]
    pub device: Vec<i64>,
    /// Groups of devices.
    #[prost(message, repeated, tag = "3")]
    pub index_to_device_group_map: Vec<IntListEntry>,
    /// Axes.
    #[prost(message, repeated, tag = "4")]
    pub sharded_dim: Vec<ShardedDimension>,
}

/// Key and values.
#[derive(Clone, PartialEq, Message)]
pub struct IntListEntry {
    /// Key.
    #[prost(int64, optional, tag = "1")]
    pub key: Option<i64>,
    /// Values.
    #[prost(int64, repeated, packed = "false", tag = "2")]
    pub value: Vec<i64>,
}

/// A split axis.
#[derive(Clone, PartialEq, Message)]
pub struct ShardedDimension {
    /// Axis.
    #[prost(int64, optional, tag = "1")]
    pub axis: Option<i64>,
    /// Parts.
    #[prost(message, repeated, tag = "2")]
    pub simple_sharding: Vec<SimpleShardedDimension>,
}

/// A part of a split axis.
#[derive(Clone, PartialEq, Message)]
pub struct SimpleShardedDimension {
    /// Length.
    #[prost(oneof = "DimensionValue", tags = "1, 2")]
    pub dim: Option<DimensionValue>,
    /// How many shards.
    #[prost(int64, optional, tag = "3")]
    pub num_shards: Option<i64>,
}
