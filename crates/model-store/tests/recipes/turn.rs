//! Smart Turn in floats against the published graph, which rounds between its layers.

use model_store::recipes::turn::in_floats;

use crate::support::{Graph, Value, Values, shipped, sound};

#[test]
fn floats_between_the_layers_give_nearly_what_rounded_ones_give() {
    let model = onnx_graph::load(&shipped("smart-turn-v3.2-cpu.onnx")).expect("readable");
    let ours = in_floats(model).expect("as expected");
    let kinds = &ours.main().expect("a graph").node;
    assert!(!kinds.iter().any(|node| node.op_type().contains("Quantize")));
    let products = kinds.iter().filter(|node| node.op_type() == "MatMulNBits");
    assert_eq!(products.count(), 25, "four layers of six, and the pooling");

    let mut ours = Graph::load(&ours);
    let mut theirs = Graph::shipped("smart-turn-v3.2-cpu.onnx");
    for seed in 0..4 {
        let features: Vec<f32> = sound(80 * 800 + seed * 999)[seed * 999..].to_vec();
        let input = Value::Float(vec![1, 80, 800], features);
        let input = Values::from([("input_features".to_owned(), input)]);
        let [a, b] = [&mut ours, &mut theirs].map(|graph| graph.run(&input)["logits"].floats()[0]);
        assert!((0.0..=1.0).contains(&a) && (a - b).abs() < 0.2, "{a} {b}");
    }
}
