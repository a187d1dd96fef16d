//! What a stage's normalisations would measure in a window, shown beside what it makes: for whoever
//! speaks before the statistics of the whole are known.

use onnx_graph::proto::ValueInfo;
use onnx_graph::{Array, DataType, Dim, Graph, Node, Tensor};

use super::norms::{Norm, own_statistics};

/// Frames of the window that are measured, first and after the last: i64 [2]. An input that may be
/// left out; then nothing is measured, which costs nothing.
const MEASURED: &str = "measured";

/// Adds `measured`, and the outputs `mean` and `square` f32 [1, M]: means, over the measured
/// frames, of what is normalised and of its squares, a number a channel of each statistic in the
/// order of [`super::Kokoro::measured`]. Zeros when nothing is measured.
///
/// What is normalised must be [1, channels, 1, `rate` * frames].
pub fn show(graph: &mut Graph, norms: &[Norm], rate: i64) {
    let none = Array::vector(vec![0_i64, 0]);
    let pair: [Dim; 1] = [2.into()];
    let input = ValueInfo::tensor(MEASURED, DataType::Int64, &pair);
    graph.input.push(input);
    graph.initializer.push(Tensor::from_array(MEASURED, &none));

    let mut constants: Vec<Tensor> = Vec::new();
    let mut ints = |name: &str, values: &[i64]| {
        let name = format!("window/{name}");
        let values = Array::vector(values.to_vec());
        constants.push(Tensor::from_array(&name, &values));
        name
    };
    let [zero, one, two] = [0, 1, 2].map(|place| ints(&format!("{place}"), &[place]));
    let rate = ints("rate", &[rate]);
    let (axis, axes) = (ints("axis", &[3]), ints("axes", &[2, 3]));
    let least = "window/least";
    constants.push(Tensor::from_array(least, &Array::vector(vec![1_f32])));
    graph.initializer.append(&mut constants);

    let mut add = |node: Node, name: String| {
        graph.node.push(node.named(&name).outputs([&name]));
        name
    };
    let node = |op_type: &str, inputs: &[&str]| Node::new(op_type).inputs(inputs);
    let named = |name: &str| format!("window/{name}");
    let columns = add(node("Mul", &[MEASURED, &rate]), named("columns"));
    let from = add(node("Slice", &[&columns, &zero, &one]), named("from"));
    let to = add(node("Slice", &[&columns, &one, &two]), named("to"));
    let count = add(node("Sub", &[&to, &from]), named("length"));
    let count = node("Cast", &[&count]).int("to", DataType::Float as i64);
    let count = add(count, named("count"));
    let count = add(node("Max", &[&count, least]), named("divisor"));

    let own = own_statistics(norms);
    let mut sums: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    for norm in own.iter().map(|&place| &norms[place]) {
        let part = node("Slice", &[&norm.x, &from, &to, &axis]);
        let part = add(part, named(&norm.x));
        // Six times faster than `ReduceSumSquare`.
        let square = node("Mul", &[&part, &part]);
        let square = add(square, format!("{part}/square"));
        for (sums, values) in sums.iter_mut().zip([part, square]) {
            let sum = node("ReduceSum", &[&values, &axes]).int("keepdims", 0);
            sums.push(add(sum, format!("{values}/sum")));
        }
    }
    let names = ["mean", "square"];
    for (sums, name) in sums.iter().zip(names) {
        let join = Node::new("Concat").inputs(sums).int("axis", 1);
        let sum = add(join, named(name));
        add(node("Div", &[&sum, &count]), name.to_owned());
    }
    let statistics: usize = own.iter().map(|&place| norms[place].channels).sum();
    let dims: [Dim; 2] = [1.into(), statistics.into()];
    let outputs = names.map(|name| ValueInfo::tensor(name, DataType::Float, &dims));
    graph.output.extend(outputs);
}
