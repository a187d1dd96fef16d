//! Moonshine tiny, rewritten, against the shipped export.
//!
//! Layer normalisation and rotation are single operators here, whose last bits differ from those
//! of the nodes they replace, and rounding activations to bytes turns last bits into whole steps.
//! So the comparison is made with every matrix in full precision in both graphs: then nothing is
//! left but the structure.

use std::collections::HashSet;

use model_store::recipes::linear::Precision;
use model_store::recipes::moonshine::{add_head, aligner, decoder, encoder, recogniser, weights};
use onnx_graph::{Graph as OnnxGraph, GraphError, Index, Model, Node, Tensor, quantise};

use crate::support::{Graph, Value, Values, relative_error, shipped, sound, sources};

const ENCODER: &str = "encoder_model.onnx";
const DECODER: &str = "decoder_model_merged.onnx";
const LAYERS: usize = 6;
const TOKENS: [i64; 6] = [1, 450, 300, 200, 1000, 777];

/// The shipped graph with its integer products as products of floats.
fn in_floats(name: &str, branch: Option<&str>) -> Model {
    let mut model = onnx_graph::load(&shipped(name)).expect("readable");
    let graph = model.graph.as_mut().expect("a graph");
    if let Some(branch) = branch {
        onnx_graph::inline_branch(graph, "optimum::if", branch).expect("it has that branch");
    }
    dequantise(graph).expect("as dynamic quantisation leaves it");
    onnx_graph::prune(graph);
    let nodes = graph.node.iter();
    let used: HashSet<String> = nodes.flat_map(Node::uses).map(str::to_owned).collect();
    graph.input.retain(|input| used.contains(input.name()));
    model
}

/// MatMulInteger, Cast and Mul become one MatMul.
fn dequantise(graph: &mut OnnxGraph) -> Result<(), GraphError> {
    let whole = graph.clone();
    let index = Index::new(&whole);
    for node in &whole.node {
        if node.op_type() != "MatMulInteger" {
            continue;
        }
        let name = node.input_at(1)?;
        let base = name.trim_end_matches("_quantized");
        let scale = index.scalar::<f32>(&format!("{base}_scale"))?;
        let zero = index.scalar::<u8>(&format!("{base}_zero_point"))?;
        let values = index.constant::<u8>(name)?.map(quantise::signed);
        let float = quantise::dequantise(&values, scale, quantise::signed(zero));
        let constant = format!("{name} {}", node.name());
        graph
            .initializer
            .push(Tensor::from_array(&constant, &float));
        let input = index.maker(node.input_at(0)?)?.input_at(0)?;
        let last = node.name().replace("_quant", "_quant_output_scale_mul");
        let output = index.node(&last, "Mul")?.output_at(0)?;
        let product = Node::new("MatMul")
            .inputs([input, &constant])
            .outputs([output]);
        onnx_graph::replace(graph, &last, vec![product])?;
    }
    onnx_graph::sort(graph)
}

#[test]
fn the_rewritten_graphs_compute_what_the_shipped_ones_do() {
    let folder = sources("moonshine-", &[ENCODER, DECODER]);
    let weights = weights(folder.path()).expect("as expected");
    let build = |model: Result<Model, GraphError>| Graph::load(&model.expect("whole"));

    let samples = 16_000 * 4;
    let input = Value::Float(vec![1, samples], sound(samples));
    let sound = Values::from([("input_values".to_owned(), input)]);
    let cross = build(encoder(&weights, Precision::Float)).run(&sound);
    let mut theirs = Graph::load(&in_floats(&format!("moonshine-{ENCODER}"), None));
    let hidden = theirs.run(&sound)["last_hidden_state"].clone();
    assert!(relative_error(cross["last_hidden_state"].floats(), hidden.floats()) < 1e-4);

    let name = format!("moonshine-{DECODER}");
    let mut expected = Values::from([
        ("input_ids".to_owned(), Value::tokens(&TOKENS)),
        ("encoder_hidden_states".to_owned(), hidden),
    ]);
    let mut inputs = cross;
    for layer in 0..LAYERS {
        for what in ["key", "value"] {
            inputs.insert(format!("past.{layer}.{what}"), Value::empty(8, 36));
        }
    }
    let whole = Graph::load(&in_floats(&name, Some("else_branch"))).run(&expected);
    inputs.insert("input_ids".to_owned(), Value::tokens(&TOKENS));
    let mut decode = build(decoder(&weights, Precision::Float));
    let ours = decode.run(&inputs);
    check(&ours, &whole);

    // One more token after that past.
    expected.insert("input_ids".to_owned(), Value::tokens(&[555]));
    inputs.insert("input_ids".to_owned(), Value::tokens(&[555]));
    for layer in 0..LAYERS {
        for what in ["key", "value"] {
            for side in ["encoder", "decoder"] {
                let state = whole[&format!("present.{layer}.{side}.{what}")].clone();
                expected.insert(format!("past_key_values.{layer}.{side}.{what}"), state);
            }
            let state = ours[&format!("present.{layer}.{what}")].clone();
            inputs.insert(format!("past.{layer}.{what}"), state);
        }
    }
    let next = Graph::load(&in_floats(&name, Some("then_branch"))).run(&expected);
    check(&decode.run(&inputs), &next);
}

/// Equal states; logits within what rounding the last hidden state to bytes does.
fn check(ours: &Values, theirs: &Values) {
    for layer in 0..LAYERS {
        for what in ["key", "value"] {
            let found = ours[&format!("present.{layer}.{what}")].floats();
            let expected = theirs[&format!("present.{layer}.decoder.{what}")].floats();
            assert!(
                relative_error(found, expected) < 1e-4,
                "layer {layer} {what}"
            );
        }
    }
    let found = ours["logits"].floats();
    let expected = theirs["logits"].floats();
    let expected = &expected[expected.len() - found.len()..];
    assert!(relative_error(found, expected) < 0.02);
}

#[test]
fn the_attention_is_a_distribution_over_the_sound() {
    let folder = sources("moonshine-", &[ENCODER, DECODER]);
    let weights = weights(folder.path()).expect("as expected");
    let samples = 16_000 * 2;
    let input = Value::Float(vec![1, samples], sound(samples));
    let input = Values::from([("input_values".to_owned(), input)]);
    let build = |model: Result<Model, GraphError>| Graph::load(&model.expect("whole"));
    let mut inputs = build(encoder(&weights, Precision::Blocks)).run(&input);
    let frames = inputs["cross.0.value"].dims()[2];
    for layer in 0..LAYERS {
        for what in ["key", "value"] {
            inputs.insert(format!("past.{layer}.{what}"), Value::empty(8, 36));
        }
    }
    inputs.insert("input_ids".to_owned(), Value::tokens(&TOKENS));
    let out = build(decoder(&weights, Precision::Blocks)).run(&inputs);
    let attention = &out["cross_attention"];
    assert_eq!(attention.dims(), [1, 24, TOKENS.len(), frames]);
    for row in attention.floats().chunks_exact(frames) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
}

#[test]
fn the_aligner_on_the_encoder_says_what_the_recogniser_says() {
    let folder = sources("moonshine-", &[ENCODER, DECODER]);
    let mut weights = weights(folder.path()).expect("as expected");
    add_head(&mut weights).expect("it is part of the build");
    let samples = 16_000 * 2;
    let run = |model: Result<Model, GraphError>, inputs: &Values| {
        Graph::load(&model.expect("whole")).run(inputs)
    };
    let named = |name: &str| {
        let input = Value::Float(vec![1, samples], sound(samples));
        Values::from([(name.to_owned(), input)])
    };
    let whole = run(recogniser(&weights, Precision::Blocks), &named("samples"));
    let mut states = run(encoder(&weights, Precision::Blocks), &named("input_values"));
    states.retain(|name, _| name == "states");
    let parted = run(aligner(&weights), &states);
    assert_eq!(parted["logits"].dims(), whole["logits"].dims());
    assert!(relative_error(parted["logits"].floats(), whole["logits"].floats()) < 1e-4);
}
