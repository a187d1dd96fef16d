//! What a stage's normalisations would measure in a window, shown beside what it makes: for whoever
//! speaks before the statistics of the whole are known.

use onnx_graph::proto::ValueInfo;
use onnx_graph::{Array, DataType, Dim, Graph, GraphError, Node, Tensor};

use super::context::Dropped;
use super::norms::{Norm, own_statistics};
use super::reckon::Reckoner;

/// Frames of the window that are measured, first and after the last: i64 [2]. An input that may be
/// left out; then nothing is measured, which costs nothing.
const MEASURED: &str = "measured";

/// Adds `measured`, and the outputs `mean` and `square` f32 [1, M]: means, over the measured
/// frames, of what is normalised and of its squares, a number a channel of each statistic in the
/// order of [`super::Kokoro::measured`]. Zeros when nothing is measured. Context cannot be.
///
/// What is normalised must be [1, channels, 1, columns], `rate` of these a frame.
///
/// # Errors
/// When something is normalised that is at another rate.
pub fn show(
    graph: &mut Graph,
    norms: &[Norm],
    rate: i64,
    dropped: &Dropped,
) -> Result<(), GraphError> {
    let none = Array::vector(vec![0_i64, 0]);
    let pair: [Dim; 1] = [2.into()];
    let input = ValueInfo::tensor(MEASURED, DataType::Int64, &pair);
    graph.input.push(input);
    graph.initializer.push(Tensor::from_array(MEASURED, &none));
    let own = own_statistics(norms);
    let own: Vec<&Norm> = own.iter().map(|&place| &norms[place]).collect();
    let margin = |norm: &&Norm| {
        let margin = dropped.margins.get(&norm.x).copied();
        margin.ok_or_else(|| GraphError::NoValue(norm.x.clone()))
    };
    let margins = own.iter().map(margin).collect::<Result<Vec<_>, _>>()?;

    let mut r = Reckoner::new("window");
    let [zero, one, two, axis] = [0, 1, 2, 3].map(|number| r.ints(&[number]));
    let (rate, axes) = (r.ints(&[rate]), r.ints(&[2, 3]));
    let columns = r.op("Mul", &[MEASURED, &rate]);
    let from = r.op("Slice", &[&columns, &zero, &one]);
    let to = r.op("Slice", &[&columns, &one, &two]);
    let count = r.op("Sub", &[&to, &from]);
    let count = r.op("Max", &[&count, &one]);
    let count = Node::new("Cast").inputs([&count]);
    let count = r.add(count.int("to", DataType::Float as i64));
    // Columns of the left context that are there no more.
    let kept = r.ints(&margins);
    let kept = r.op("Min", &[&kept, &dropped.left]);
    let gone = r.op("Sub", &[&dropped.left, &kept]);
    let [from, to] = [from, to].map(|bound| {
        let bounds = r.op("Sub", &[&bound, &gone]);
        // Where nothing is measured, a bound must not be negative: it would count from the end.
        let bounds = r.op("Max", &[&bounds, &zero]);
        r.each(&bounds, own.len())
    });

    let mut sums: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    for (norm, (from, to)) in own.iter().zip(from.iter().zip(&to)) {
        let part = r.op("Slice", &[&norm.x, from, to, &axis]);
        // Six times faster than `ReduceSumSquare`.
        let square = r.op("Mul", &[&part, &part]);
        for (sums, values) in sums.iter_mut().zip([part, square]) {
            let sum = Node::new("ReduceSum").inputs([&values, &axes]);
            sums.push(r.add(sum.int("keepdims", 0)));
        }
    }
    let sums = sums.map(|sums| r.add(Node::new("Concat").inputs(&sums).int("axis", 1)));
    let nodes = r.finish(graph);
    graph.node.extend(nodes);
    let statistics: usize = own.iter().map(|norm| norm.channels).sum();
    for (sum, name) in sums.iter().zip(["mean", "square"]) {
        let mean = Node::new("Div").named(name).inputs([sum, &count]);
        graph.node.push(mean.outputs([name]));
        let dims: [Dim; 2] = [1.into(), statistics.into()];
        let output = ValueInfo::tensor(name, DataType::Float, &dims);
        graph.output.push(output);
    }
    Ok(())
}
