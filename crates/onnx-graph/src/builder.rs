//! Writing a graph node by node.

use std::collections::HashSet;

use crate::proto::{
    Dimension, DimensionValue, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type,
    TypeValue, ValueInfo,
};
use crate::{Array, DataType, Element, GraphError, cut, edit};

/// Version of the file format that is written: old enough for every runtime in use.
const IR_VERSION: i64 = 8;

/// Length of an axis in an input's or output's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    /// Known.
    Fixed(usize),
    /// Named: the same name means the same length.
    Named(&'static str),
}

impl From<usize> for Dim {
    fn from(length: usize) -> Self {
        Self::Fixed(length)
    }
}

impl From<&'static str> for Dim {
    fn from(name: &'static str) -> Self {
        Self::Named(name)
    }
}

/// A graph that is being written. Values are named by the strings that its methods return.
#[derive(Debug)]
pub struct Builder {
    graph: Graph,
    taken: HashSet<String>,
    scope: String,
}

impl Builder {
    /// An empty graph.
    pub fn new(name: &str) -> Self {
        Self {
            graph: Graph {
                name: Some(name.to_owned()),
                ..Graph::default()
            },
            taken: HashSet::new(),
            scope: String::new(),
        }
    }

    /// Names of nodes added from now on begin so; for whoever reads a profile of the graph.
    pub fn scope(&mut self, scope: impl Into<String>) {
        self.scope = scope.into();
    }

    /// Adds an input.
    pub fn input(&mut self, name: &str, data_type: DataType, dims: &[Dim]) -> String {
        self.taken.insert(name.to_owned());
        self.graph
            .input
            .push(ValueInfo::tensor(name, data_type, dims));
        name.to_owned()
    }

    /// Adds a node with one output, and returns that.
    pub fn add(&mut self, node: Node) -> String {
        let [output] = self.add_many(node);
        output
    }

    /// Adds a node with several outputs.
    pub fn add_many<const N: usize>(&mut self, mut node: Node) -> [String; N] {
        let base = match node.name.take() {
            Some(name) => name,
            None => format!("{}{}", self.scope, node.op_type()),
        };
        let name = self.free(base);
        let outputs: [String; N] = std::array::from_fn(|position| match N {
            1 => format!("{name}:out"),
            _ => format!("{name}:out{position}"),
        });
        self.taken.extend(outputs.iter().cloned());
        self.graph.node.push(node.named(&name).outputs(&outputs));
        outputs
    }

    /// Adds a constant, or finds the one of that name. Equal names must mean equal constants.
    pub fn constant<T: Element>(&mut self, name: &str, array: &Array<T>) -> String {
        if self.taken.insert(name.to_owned()) {
            self.graph.initializer.push(Tensor::from_array(name, array));
        }
        name.to_owned()
    }

    /// A constant number.
    pub fn scalar<T: Element + std::fmt::Display>(&mut self, value: T) -> String {
        let name = format!("scalar {:?} {value}", T::DATA_TYPE);
        self.constant(&name, &Array::scalar(value))
    }

    /// A constant list of integers, as shapes and indices are.
    pub fn ints(&mut self, values: &[i64]) -> String {
        self.constant(&format!("ints {values:?}"), &Array::vector(values.to_vec()))
    }

    /// Makes a value an output of that name.
    ///
    /// # Errors
    /// [`GraphError::Taken`] when the name is another value's.
    pub fn output(
        &mut self,
        value: &str,
        name: &str,
        data_type: DataType,
        dims: &[Dim],
    ) -> Result<(), GraphError> {
        edit::rename_value(&mut self.graph, value, name)?;
        self.taken.insert(name.to_owned());
        self.graph
            .output
            .push(ValueInfo::tensor(name, data_type, dims));
        Ok(())
    }

    /// The model, without what no output needs, for version `opset` of the standard operators and
    /// version 1 of ONNX Runtime's own.
    ///
    /// # Errors
    /// [`GraphError::NoValue`] when a node uses something that does not exist.
    pub fn finish(self, opset: i64) -> Result<Model, GraphError> {
        let operators = |domain: &str, version| OperatorSet {
            domain: Some(domain.to_owned()),
            version: Some(version),
        };
        let mut graph = cut::extract(
            &self.graph,
            self.graph.input.clone(),
            self.graph.output.clone(),
        )?;
        graph.value_info.clear();
        Ok(Model {
            ir_version: Some(IR_VERSION),
            producer_name: Some(env!("CARGO_PKG_NAME").to_owned()),
            opset_import: vec![operators("", opset), operators("com.microsoft", 1)],
            graph: Some(graph),
            ..Model::default()
        })
    }

    /// A name nobody has yet.
    fn free(&mut self, base: String) -> String {
        let mut name = base.clone();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{base} {count}");
        }
        name
    }
}

impl ValueInfo {
    /// A tensor of that name, type and shape.
    pub fn tensor(name: &str, data_type: DataType, dims: &[Dim]) -> Self {
        let dim = dims.iter().map(|dim| Dimension {
            value: Some(match dim {
                Dim::Fixed(length) => DimensionValue::Fixed(*length as i64),
                Dim::Named(name) => DimensionValue::Named((*name).to_owned()),
            }),
            denotation: None,
        });
        Self {
            name: Some(name.to_owned()),
            r#type: Some(Type {
                value: Some(TypeValue::Tensor(TensorType {
                    elem_type: Some(data_type as i32),
                    shape: Some(Shape { dim: dim.collect() }),
                })),
                denotation: None,
            }),
            ..Self::default()
        }
    }
}
