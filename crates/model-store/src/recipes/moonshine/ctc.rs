//! A CTC head of this project's own (`training/ctc`) on Moonshine's encoder, which writes letters and
//! action tokens: joined to the encoder as a recogniser, alone as an aligner of what Moonshine's
//! decoder heard. Its weights lie in `models/ctc`.

use std::fs;
use std::path::Path;

use onnx_graph::{Array, DataType, Dim, GraphError, Model, Node};
use safetensors::{Dtype, SafeTensors};

use super::encoder::{beside, states, states_dims};
use super::{ENCODER, OPSET, encoder_alone, transformer};
use crate::recipe::{Recipe, RecipeError};
use crate::recipes::files;
use crate::recipes::linear::Precision;
use crate::recipes::transformer::Transformer;
use crate::recipes::weights::{Weight, Weights};

/// What is kept in the repository: the weights, the vocabulary, and what both want.
const HEAD: &[u8] = include_bytes!("../../../../../models/ctc/moonshine-tiny-en.safetensors");
const TOKENS: &[u8] = include_bytes!("../../../../../models/ctc/moonshine-tiny-en.tokens.txt");
const SETTINGS: &[u8] = include_bytes!("../../../../../models/ctc/moonshine-tiny-en.json");
/// The recurrences of the head, in order.
const HEAD_NAMES: [&str; 2] = ["head.gru1", "head.gru2"];

/// The recipe.
pub struct MoonshineCtc;

impl Recipe for MoonshineCtc {
    fn name(&self) -> &'static str {
        "moonshine-ctc"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let mut weights = encoder_alone(input)?;
        add_head(&mut weights)?;
        let model = recogniser(&weights, Precision::Blocks);
        files::write_model(ENCODER, model, &output.join("model.onnx"))?;
        for (name, bytes) in [("tokens.txt", TOKENS), ("ctc.json", SETTINGS)] {
            let path = output.join(name);
            fs::write(&path, bytes).map_err(RecipeError::io(path))?;
        }
        let path = input.join(ENCODER);
        fs::remove_file(&path).map_err(RecipeError::io(path))?;
        files::copy_all(input, output)
    }
}

/// Writes the aligner of the recipe `moonshine`: the head as `aligner.onnx`, and its tokens.
pub(super) fn write_aligner(output: &Path) -> Result<(), RecipeError> {
    let mut weights = Weights::default();
    add_head(&mut weights)?;
    files::write_model("head", aligner(&weights), &output.join("aligner.onnx"))?;
    let path = output.join("tokens.txt");
    fs::write(&path, TOKENS).map_err(RecipeError::io(path))
}

/// Adds the head's weights, under `head.`; matrices as their operators want them.
///
/// # Errors
/// When the file of the repository is not what it should be.
pub fn add_head(weights: &mut Weights) -> Result<(), RecipeError> {
    read_head(weights).map_err(|error| RecipeError::unsuitable("head", error))
}

fn read_head(weights: &mut Weights) -> Result<(), String> {
    let file = SafeTensors::deserialize(HEAD).map_err(|error| error.to_string())?;
    for (name, tensor) in file.tensors() {
        if tensor.dtype() != Dtype::F16 {
            return Err(format!("{name} is not of 16-bit floats"));
        }
        let (halves, _) = tensor.data().as_chunks::<2>();
        let values = halves
            .iter()
            .map(|it| half::f16::from_le_bytes(*it).to_f32());
        let array =
            Array::new(tensor.shape(), values.collect()).map_err(|error| error.to_string())?;
        weights.insert(format!("head.{name}"), Weight::Float(array));
    }
    Ok(())
}

/// The whole graph: `samples` f32 [B, N], 16 kHz in -1..=1 -> `logits` f32 [B, F, tokens], a frame
/// each 24 ms. `weights`: the encoder's and the head's.
///
/// # Errors
/// Naming the weight that is missing or not of the shape it should have.
pub fn recogniser(weights: &Weights, precision: Precision) -> Result<Model, GraphError> {
    let mut t = transformer("moonshine ctc", weights);
    let samples: [Dim; 2] = ["batch".into(), "samples".into()];
    let samples = t.b.input("samples", DataType::Float, &samples);
    let (last, layers) = states(&mut t, &samples, precision)?;
    let states = beside(&mut t, &layers, &last)?;
    head(&mut t, &states)?;
    t.b.finish(OPSET)
}

/// The head alone: the encoder's `states` f32 [B, F, 576] -> `logits` f32 [B, F, tokens].
///
/// # Errors
/// Naming the weight that is missing or not of the shape it should have.
pub fn aligner(weights: &Weights) -> Result<Model, GraphError> {
    let mut t = transformer("moonshine aligner", weights);
    let shape = states_dims(&t);
    let states = t.b.input("states", DataType::Float, &shape);
    head(&mut t, &states)?;
    t.b.finish(OPSET)
}

/// The head on states [B, F, 576] of the encoder, with its `logits` as an output.
fn head(t: &mut Transformer, states: &str) -> Result<(), GraphError> {
    let x = t.linear(states, "head.in", Precision::Float)?;
    let x = t.layer_norm(&x, "head.norm")?;
    let y = t.transpose(&x, &[0, 2, 1]);
    let inputs = [y, t.float("head.conv.weight")?, t.float("head.conv.bias")?];
    let node = Node::new("Conv").inputs(inputs).ints("pads", &[2, 2]);
    let y = t.b.add(node.ints("kernel_shape", &[5]));
    let y = t.op("Relu", &[&y]);
    let y = t.transpose(&y, &[0, 2, 1]);
    let mut x = t.op("Add", &[&x, &y]);
    for name in HEAD_NAMES {
        x = both_ways(t, &x, name)?;
    }
    let logits = t.linear(&x, "head.out", Precision::Float)?;
    let tokens = t.weights.get("head.out.weight")?.dims().last().copied();
    let shape: [Dim; 3] = ["batch".into(), "frames".into(), tokens.unwrap_or(0).into()];
    t.b.output(&logits, "logits", DataType::Float, &shape)
}

/// A gated recurrence forwards and one backwards, side by side: [B, F, inputs] -> [B, F, 2 H].
fn both_ways(t: &mut Transformer, x: &str, name: &str) -> Result<String, GraphError> {
    let frames_first = t.transpose(x, &[1, 0, 2]);
    let recurrent = t.float(&format!("{name}.r"))?;
    let hidden = t.weights.get(&format!("{name}.r"))?.dims().last().copied();
    let inputs = [
        frames_first,
        t.float(&format!("{name}.w"))?,
        recurrent,
        t.float(&format!("{name}.b"))?,
    ];
    let node = Node::new("GRU")
        .inputs(inputs)
        .text("direction", "bidirectional")
        .int("hidden_size", hidden.unwrap_or(0) as i64)
        .int("linear_before_reset", 1);
    // [F, 2, B, H]
    let both = t.b.add(node);
    let batch_first = t.transpose(&both, &[2, 0, 1, 3]);
    let shape = t.b.ints(&[0, 0, -1]);
    Ok(t.op("Reshape", &[&batch_first, &shape]))
}
