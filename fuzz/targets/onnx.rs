//! Graph surgery on any model: every primitive, with the names that the model itself has, and the
//! recipes that take a single graph.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_store::recipes::{minilm, silero, turn};
use onnx_graph::proto::ValueInfo;
use onnx_graph::{Array, DataType, Graph, Index, Model, Tensor, quantise};

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = onnx_graph::decode(bytes) else {
        return;
    };
    let once = onnx_graph::encode(&model);
    let again = onnx_graph::decode(&once).expect("our own bytes are read");
    assert_eq!(onnx_graph::encode(&again), once);
    if let Some(graph) = &model.graph {
        look(graph);
        cut(graph);
        change(graph);
    }
    conversions(&model);
});

fn look(graph: &Graph) {
    let index = Index::new(graph);
    for node in &graph.node {
        let _ = index.node(node.name(), node.op_type());
        let _ = (
            node.input_at(0),
            node.output_at(0),
            node.branch("then_branch"),
        );
        for name in node.uses() {
            let _ = (index.maker(name), index.is_constant(name));
            let _ = index.scalar::<f32>(name);
            let _ = index.constant::<i64>(name);
        }
        node.constant().map(numbers);
    }
    graph.initializer.iter().for_each(numbers);
}

fn numbers(tensor: &Tensor) {
    if let Ok(array) = tensor.to_array::<f32>() {
        matrix(&array);
        let _ = (
            quantise::columns(&array),
            quantise::blocks(&array, 32),
            quantise::blocks(&array, 1),
        );
    }
    if let Ok(array) = tensor.to_array::<i8>() {
        matrix(&array);
        let _ = quantise::blocks_of_stored(&array, 0.5, 3, 2);
        let _ = quantise::dequantise(&array, 0.5, 3);
    }
    let _ = tensor.to_array::<u8>().map(|array| matrix(&array));
    let _ = tensor.to_array::<i64>().map(|array| matrix(&array));
    let _ = tensor.to_array::<i32>().map(|array| matrix(&array));
}

fn matrix<T: Copy>(array: &Array<T>) {
    let _ = array.transposed();
    let _ = Array::beside(&[array, array]);
    let _ = (
        array.rows(0..1),
        array.rows(1..3),
        array.rows(0..usize::MAX),
    );
    let _ = array.clone().reshaped([array.data().len()]);
}

fn cut(graph: &Graph) {
    let value = |name: &str| ValueInfo::tensor(name, DataType::Float, &["n".into()]);
    let mut whole = graph.clone();
    onnx_graph::prune(&mut whole);
    let made: Vec<&str> = graph
        .node
        .iter()
        .flat_map(|node| node.output.iter().map(String::as_str))
        .collect();
    for (from, to) in made.iter().zip(made.iter().rev()).take(8) {
        let _ = onnx_graph::extract(graph, vec![value(from)], vec![value(to)]);
    }
    let _ = onnx_graph::extract(graph, graph.input.clone(), graph.output.clone());
}

fn change(graph: &Graph) {
    let mut graph = graph.clone();
    let nodes: Vec<String> = graph
        .node
        .iter()
        .map(|node| node.name().to_owned())
        .collect();
    for name in nodes.iter().take(8) {
        let _ = onnx_graph::inline_branch(&mut graph, name, "then_branch");
        let _ = onnx_graph::inline_branch(&mut graph, name, "else_branch");
        let copy = graph.node.first().cloned();
        let _ = onnx_graph::insert(&mut graph, name, copy.into_iter().collect());
        let _ = onnx_graph::replace(&mut graph, name, Vec::new());
    }
    let values: Vec<String> = graph
        .node
        .iter()
        .flat_map(|node| node.output.clone())
        .collect();
    for (at, name) in values.iter().take(8).enumerate() {
        let _ = onnx_graph::rename_value(&mut graph, name, &format!("renamed {at}"));
    }
    if onnx_graph::sort(&mut graph).is_ok() {
        let sorted = graph.node.len();
        onnx_graph::sort(&mut graph).expect("what is sorted can be sorted");
        assert_eq!(graph.node.len(), sorted);
    }
}

fn conversions(model: &Model) {
    let _ = silero::over_sequences(model.clone());
    let _ = minilm::with_layers(model.clone());
    let _ = turn::in_floats(model.clone());
}
