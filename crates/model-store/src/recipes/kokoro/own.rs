//! A stage that may take its normalisations' statistics itself, as the export does: for pieces so
//! short that they are made in one window.

use std::collections::HashMap;

use onnx_graph::proto::ValueInfo;
use onnx_graph::{Array, DataType, Dim, Graph, GraphError, Node, Tensor};

use super::norms::Norm;
use super::reckon::Reckoner;

/// 1 where the window is the whole: i64 [1]. An input that may be left out. Then nothing is
/// measured, which costs next to nothing, and `scale` and `shift` are all that is done. Where it
/// is 1, they are what is done once every channel has mean 0 and variance 1.
const WHOLE: &str = "whole";

/// What the names of the nodes begin with.
const SCOPE: &str = "own";

/// More than any window has.
const ALL: i64 = 1 << 40;

/// Adds `whole` to a stage whose convolutions are over images, [1, channels, 1, columns]. A window
/// that is the whole must have no context.
///
/// # Errors
/// When a norm is another graph's.
pub fn measure(graph: &mut Graph, norms: &[Norm]) -> Result<(), GraphError> {
    let number: [Dim; 1] = [1.into()];
    let input = ValueInfo::tensor(WHOLE, DataType::Int64, &number);
    graph.input.push(input);
    let no = Tensor::from_array(WHOLE, &Array::vector(vec![0_i64]));
    graph.initializer.push(no);

    let mut r = Reckoner::new(SCOPE);
    let (one, all) = (r.ints(&[1]), r.ints(&[ALL]));
    let end = r.op("Mul", &[WHOLE, &all]);
    let is_whole = r.op("Equal", &[WHOLE, &one]);
    let mut known: HashMap<&str, (String, String)> = HashMap::new();
    for norm in norms {
        let (mean, root) = known
            .entry(&norm.mean)
            .or_insert_with(|| moments(&mut r, norm, &end, &is_whole));
        let given = |what| norm.given(what);
        let scale = r.op("Div", &[&given("scale"), root]);
        let moved = r.op("Mul", &[mean, &scale]);
        let shift = r.op("Sub", &[&given("shift"), &moved]);
        let users = graph.node.iter_mut().filter(|node| norm.applies(node));
        let mut inputs = users.flat_map(|node| &mut node.input);
        for (what, new) in [("scale", scale), ("shift", shift)] {
            let given = given(what);
            let mut used = inputs.by_ref().filter(|input| **input == given);
            *used.next().ok_or(GraphError::NoValue(given))? = new;
        }
    }
    let nodes = r.finish(graph);
    graph.node.extend(nodes);
    onnx_graph::sort(graph)
}

/// Whether a node adds up so much that it must be in full precision whatever the stage is in.
pub fn is_in_full(node: &Node) -> bool {
    let ours = node.name().strip_prefix(SCOPE);
    ours.is_some_and(|name| name.starts_with('/')) && node.op_type() != "Slice"
}

/// Mean and deviation of what is normalised up to column `end`; 0 and 1 where that is 0.
fn moments(r: &mut Reckoner, norm: &Norm, end: &str, is_whole: &str) -> (String, String) {
    let (zero, one) = (r.ints(&[0]), r.ints(&[1]));
    let (axis, columns) = (r.ints(&[3]), r.ints(&[2, 3]));
    let part = r.op("Slice", &[&norm.x, &zero, end, &axis]);
    let shape = Node::new("Shape").inputs([&part]);
    let count = r.add(shape.int("start", 3).int("end", 4));
    let count = r.op("Max", &[&count, &one]);
    let count = Node::new("Cast").inputs([&count]);
    let count = r.add(count.int("to", DataType::Float as i64));
    let sum = r.op("ReduceSum", &[&part, &columns]);
    let mean = r.op("Div", &[&sum, &count]);
    let centred = r.op("Sub", &[&part, &mean]);
    let squares = r.op("Mul", &[&centred, &centred]);
    let sum = r.op("ReduceSum", &[&squares, &columns]);
    let variance = r.op("Div", &[&sum, &count]);
    let (epsilon, nothing) = (r.float(norm.epsilon), r.float(1.0));
    let added = r.op("Where", &[is_whole, &epsilon, &nothing]);
    let sum = r.op("Add", &[&variance, &added]);
    (mean, r.op("Sqrt", &[&sum]))
}
