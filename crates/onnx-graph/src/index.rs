//! Lookups by name.

use std::collections::HashMap;

use crate::proto::{Graph, Node, Tensor};
use crate::{Array, Element, GraphError};

/// Names of one graph and of the graphs around it.
#[derive(Debug, Default)]
pub struct Index<'a> {
    nodes: HashMap<&'a str, &'a Node>,
    constants: HashMap<&'a str, &'a Tensor>,
    makers: HashMap<&'a str, &'a Node>,
}

impl<'a> Index<'a> {
    /// The names of one graph.
    pub fn new(graph: &'a Graph) -> Self {
        Self::default().with(graph)
    }

    /// Adds a graph; where names are the same, those added last win. So add branches after the
    /// graph around them.
    #[must_use]
    pub fn with(mut self, graph: &'a Graph) -> Self {
        for node in &graph.node {
            self.nodes.insert(node.name(), node);
            for output in &node.output {
                self.makers.insert(output, node);
            }
            if let (Some(tensor), Some(output)) = (node.constant(), node.output.first()) {
                self.constants.insert(output, tensor);
            }
        }
        for tensor in &graph.initializer {
            self.constants.insert(tensor.name(), tensor);
        }
        self
    }

    /// The node of that name and operator.
    ///
    /// # Errors
    /// [`GraphError::NoNode`], [`GraphError::WrongOperator`].
    pub fn node(&self, name: &str, op_type: &str) -> Result<&'a Node, GraphError> {
        let node = self
            .nodes
            .get(name)
            .copied()
            .ok_or_else(|| GraphError::NoNode(name.to_owned()))?;
        if node.op_type() == op_type {
            return Ok(node);
        }
        Err(GraphError::WrongOperator {
            name: name.to_owned(),
            found: node.op_type().to_owned(),
            expected: op_type.to_owned(),
        })
    }

    /// Every node, in no particular order.
    pub fn nodes(&self) -> impl Iterator<Item = &'a Node> + '_ {
        self.nodes.values().copied()
    }

    /// The node that makes a value.
    ///
    /// # Errors
    /// [`GraphError::NoValue`].
    pub fn maker(&self, value: &str) -> Result<&'a Node, GraphError> {
        self.makers
            .get(value)
            .copied()
            .ok_or_else(|| GraphError::NoValue(value.to_owned()))
    }

    /// Whether that value is a constant.
    pub fn is_constant(&self, value: &str) -> bool {
        self.constants.contains_key(value)
    }

    /// The numbers of an initializer or of a `Constant` node.
    ///
    /// # Errors
    /// [`GraphError::NoConstant`], [`GraphError::Tensor`].
    pub fn constant<T: Element>(&self, value: &str) -> Result<Array<T>, GraphError> {
        self.constants
            .get(value)
            .ok_or_else(|| GraphError::NoConstant(value.to_owned()))?
            .to_array()
    }

    /// A constant of one element.
    ///
    /// # Errors
    /// [`GraphError::NoConstant`], and [`GraphError::Tensor`] when there are more or fewer.
    pub fn scalar<T: Element>(&self, value: &str) -> Result<T, GraphError> {
        match self.constant(value)?.data() {
            [one] => Ok(*one),
            more => Err(GraphError::tensor(
                value,
                format!("{} elements, expected one", more.len()),
            )),
        }
    }
}
