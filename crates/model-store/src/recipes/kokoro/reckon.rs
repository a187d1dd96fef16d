//! Small sums inside a graph: which columns, from which frames.

use std::collections::HashSet;

use onnx_graph::{Array, Graph, Node, Tensor};

/// Nodes and constants that are put into a graph together.
pub struct Reckoner {
    scope: &'static str,
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
    known: HashSet<String>,
}

impl Reckoner {
    /// Names begin with `scope`.
    pub fn new(scope: &'static str) -> Self {
        Self {
            scope,
            nodes: Vec::new(),
            constants: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// A constant list.
    pub fn ints(&mut self, values: &[i64]) -> String {
        let name = format!("{}/{values:?}", self.scope);
        if self.known.insert(name.clone()) {
            let values = Array::vector(values.to_vec());
            self.constants.push(Tensor::from_array(&name, &values));
        }
        name
    }

    /// A constant number.
    pub fn float(&mut self, value: f32) -> String {
        let name = format!("{}/{value:?}", self.scope);
        if self.known.insert(name.clone()) {
            let value = Array::scalar(value);
            self.constants.push(Tensor::from_array(&name, &value));
        }
        name
    }

    /// Adds a node of one output, and returns that.
    pub fn op(&mut self, op_type: &str, inputs: &[&str]) -> String {
        self.add(Node::new(op_type).inputs(inputs))
    }

    /// Likewise.
    pub fn add(&mut self, node: Node) -> String {
        let name = format!("{}/{} {}", self.scope, node.op_type(), self.nodes.len());
        self.nodes.push(node.named(&name).outputs([&name]));
        name
    }

    /// The numbers of a list of `count`, one by one.
    pub fn each(&mut self, list: &str, count: usize) -> Vec<String> {
        let ones = self.ints(&vec![1; count]);
        let name = format!("{}/Split {}", self.scope, self.nodes.len());
        let parts: Vec<String> = (0..count).map(|place| format!("{name}:{place}")).collect();
        let split = Node::new("Split").named(&name).inputs([list, &ones]);
        self.nodes.push(split.int("axis", 0).outputs(&parts));
        parts
    }

    /// Gives the constants to the graph, and returns the nodes.
    pub fn finish(mut self, graph: &mut Graph) -> Vec<Node> {
        graph.initializer.append(&mut self.constants);
        self.nodes
    }
}
