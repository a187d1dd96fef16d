//! Kokoro in half precision, on the miniature.

use half::f16;
use model_store::recipes::kokoro::{Kokoro, Stage, widen};
use onnx_graph::{DataType, Model, Node, Tensor};

use crate::kokoro::{FRAMES, parts, run_stage, stage};
use crate::miniature;
use crate::support::distance;

/// The miniature as a converter to half precision leaves it: `style` is cast, one node stays in
/// full between casts, and one that was a cast is another.
fn in_half(mut model: Model) -> Model {
    let graph = model.main_mut().expect("a graph");
    for tensor in &mut graph.initializer {
        if let Ok(full) = tensor.to_array::<f32>() {
            *tensor = Tensor::from_array(tensor.name(), &full.map(f16::from_f32));
        }
    }
    let cast = |name: &str, from: &str, to: &str, kind: DataType| {
        let cast = Node::new("Cast").named(name).inputs([from]);
        cast.outputs([to]).int("to", kind as i64)
    };
    for node in &mut graph.node {
        for attribute in &mut node.attribute {
            let constant = attribute.t.as_mut().filter(|_| attribute.name.is_some());
            if let Some(tensor) = constant
                && let Ok(full) = tensor.to_array::<f32>()
            {
                *tensor = Tensor::from_array(tensor.name(), &full.map(f16::from_f32));
            }
            if attribute.name() == "to" && attribute.i == Some(DataType::Float as i64) {
                attribute.i = Some(DataType::Float16 as i64);
            }
        }
        for input in node.input.iter_mut().filter(|input| *input == "style") {
            *input = "graph_input_cast_1".to_owned();
        }
    }
    let half = DataType::Float16;
    graph.node.insert(
        0,
        cast("graph_input_cast1", "style", "graph_input_cast_1", half),
    );
    let joint = "/decoder/decoder/generator/Div_2";
    let place = graph
        .node
        .iter()
        .position(|node| node.output.contains(&format!("{joint}_output_0")));
    let place = place.expect("there");
    let node = &mut graph.node[place];
    let [given, made] = ["input", "output"].map(|end| format!("{joint}_{end}_cast_0"));
    let input = std::mem::replace(&mut node.input[0], given.clone());
    let output = std::mem::replace(&mut node.output[0], made.clone());
    let before = cast(
        &format!("{joint}_input_cast0"),
        &input,
        &given,
        DataType::Float,
    );
    let after = cast(&format!("{joint}_output_cast0"), &made, &output, half);
    graph.node.insert(place + 1, after);
    graph.node.insert(place, before);
    model
}

#[test]
fn an_export_in_half_precision_is_read_as_the_one_it_was_made_from() {
    let original = Kokoro::new(miniature::kokoro()).expect("as expected");
    let widened = widen(in_half(miniature::kokoro())).expect("as expected");
    let names = |model: &Model| -> Vec<(Vec<String>, Vec<String>)> {
        let nodes = model.main().expect("a graph").node.clone().into_iter();
        nodes.map(|node| (node.input, node.output)).collect()
    };
    assert_eq!(names(&widened), names(&miniature::kokoro()));
    let kokoro = Kokoro::new(widened).expect("as expected");
    let (values, rounded) = (parts(&original), parts(&kokoro));
    let off = distance(rounded["audio"].floats(), values["audio"].floats());
    assert!(off < 0.05, "{off}");
}

#[test]
fn a_stage_in_half_precision_makes_nearly_the_same_and_adds_up_in_full() {
    let kokoro = Kokoro::new(miniature::kokoro()).expect("as expected");
    for stage in Stage::ALL {
        let model = kokoro.half_stage(stage).expect("as expected");
        let graph = model.main().expect("a graph");
        let halves = graph.initializer.iter();
        let halves = halves.filter(|tensor| tensor.data_type() == DataType::Float16 as i32);
        assert!(halves.count() > 0);
        let takes = |name: &str, op: &str| {
            let mut users = graph.node.iter().filter(|node| node.op_type() == op);
            users.any(|node| node.input.iter().any(|input| input.ends_with(name)))
        };
        assert!(takes(":full", "ReduceSum"), "{stage:?}: sums are in full");
        assert!(!takes(":half", "ReduceSum"));
    }
    let mut values = parts(&kokoro);
    let full = stage(&kokoro, Stage::First, &values, 0..FRAMES);
    let half = run_stage(&kokoro.half_stage(Stage::First), &values, Stage::First);
    let off = distance(full.floats(), half.floats());
    assert!(off > 0.0 && off < 0.05, "{off}");
    values.insert("middle".to_owned(), full);
    let half = run_stage(&kokoro.half_stage(Stage::Second), &values, Stage::Second);
    let off = distance(half.floats(), values["audio"].floats());
    assert!(off < 0.05, "{off}");
}
