//! Moonshine (Jeffries et al. 2024), written as two graphs, as [`super::whisper`] is.
//!
//! The export dequantises its output matrix, transposes and scales the encoder's keys and builds
//! rotations out of twenty nodes a layer at every token. Here the encoder ends with the scaled,
//! transposed keys, the output matrix is multiplied as bytes, and a rotation is one operator. A third
//! graph, the aligner, tells by the encoder's states which letter is said when.

mod ctc;
mod decoder;
mod encoder;

use std::fs;
use std::path::Path;

use onnx_graph::{Array, Builder, DataType, Dim, GraphError, Index, Model, Node};

pub use ctc::{MoonshineCtc, add_head, aligner, recogniser};
pub use decoder::decoder;
pub use encoder::encoder;

use super::linear::Precision;
use super::transformer::{MICROSOFT, Transformer};
use super::weights::{Weight, Weights};
use super::{files, optimum};
use crate::recipe::{Recipe, RecipeError};

const ENCODER: &str = "encoder_model.onnx";
const DECODER: &str = "decoder_model_merged.onnx";
/// Version of the standard operators that is used.
const OPSET: i64 = 17;
const HEADS: usize = 8;
const HEAD_DIM: usize = 36;
/// Of each head, how many dimensions are rotated.
const ROTATED: usize = 32;
const TOKENS: &str = "decoder.embed_tokens";

/// The recipe.
pub struct Moonshine;

impl Recipe for Moonshine {
    fn name(&self) -> &'static str {
        "moonshine"
    }

    fn version(&self) -> u32 {
        2
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let weights = weights(input)?;
        let precision = Precision::Blocks;
        let write = |name: &str, model| files::write_model(DECODER, model, &output.join(name));
        write("encoder.onnx", encoder(&weights, precision))?;
        write("decoder.onnx", decoder(&weights, precision))?;
        ctc::write_aligner(output)?;
        for name in [ENCODER, DECODER] {
            let path = input.join(name);
            fs::remove_file(&path).map_err(RecipeError::io(path))?;
        }
        files::copy_all(input, output)
    }
}

/// The export's weights: layers under `encoder.` and `decoder.`.
///
/// # Errors
/// When a graph cannot be read, or is not such an export.
pub fn weights(folder: &Path) -> Result<Weights, RecipeError> {
    let mut weights = encoder_alone(folder)?;
    let model = files::read_model(folder, DECODER)?;
    decoder_weights(&mut weights, &model)
        .map_err(|error| RecipeError::unsuitable(DECODER, error))?;
    Ok(weights)
}

/// The encoder's weights, under `encoder.`.
fn encoder_alone(folder: &Path) -> Result<Weights, RecipeError> {
    let mut weights = Weights::default();
    let model = files::read_model(folder, ENCODER)?;
    encoder_weights(&mut weights, &model)
        .map_err(|error| RecipeError::unsuitable(ENCODER, error))?;
    Ok(weights)
}

fn encoder_weights(weights: &mut Weights, model: &Model) -> Result<(), GraphError> {
    let graph = model.main()?;
    let index = Index::new(graph);
    optimum::collect(weights, &index, graph, "/", "encoder.")?;
    // Convolutions are stored as `byte * scale + offset`.
    for conv in ["conv1", "conv2", "conv3"] {
        let bytes = index.constant::<i8>(&format!("{conv}.weight_quantized"))?;
        let scale = index.scalar::<f32>(&format!("{conv}.weight_scale"))?;
        let offset = index.scalar::<f32>(&format!("{conv}.weight_zero_point"))?;
        let weight = bytes.map(|byte| f32::from(byte) * scale + offset);
        weights.insert(format!("encoder.{conv}.weight"), Weight::Float(weight));
    }
    for (ours, node) in [("weight", "Mul"), ("bias", "Add")] {
        let array = optimum::operand(&index, &format!("/groupnorm/{node}"), node, 1)?;
        weights.insert(format!("encoder.groupnorm.{ours}"), Weight::Float(array));
    }
    let frequencies = optimum::operand(&index, "/rotary_emb/MatMul", "MatMul", 0)?;
    insert_frequencies(weights, "encoder", frequencies)
}

fn decoder_weights(weights: &mut Weights, model: &Model) -> Result<(), GraphError> {
    let graph = model.main()?;
    // Only the branch without a past multiplies by the encoder's keys and values.
    let [_, first] = optimum::branches(graph)?;
    let index = Index::new(graph).with(first);
    optimum::collect(weights, &index, graph, "/model/decoder/", "decoder.")?;
    let embedding = index.node("/model/decoder/embed_tokens/Gather", "Gather")?;
    let table = optimum::stored(&index, embedding.input_at(0)?)?;
    weights.insert(format!("{TOKENS}.weight"), table);
    let frequencies = optimum::operand(&index, "/model/decoder/rotary_emb/MatMul", "MatMul", 0)?;
    insert_frequencies(weights, "decoder", frequencies)
}

fn insert_frequencies(
    weights: &mut Weights,
    side: &str,
    frequencies: Array<f32>,
) -> Result<(), GraphError> {
    let row = frequencies.reshaped([1, ROTATED / 2])?;
    weights.insert(format!("{side}.frequencies"), Weight::Float(row));
    Ok(())
}

fn transformer<'a>(name: &str, weights: &'a Weights) -> Transformer<'a> {
    Transformer {
        b: Builder::new(name),
        weights,
        heads: HEADS,
        head_dim: HEAD_DIM,
    }
}

/// Cosines and sines [end - start, 16] of the angles at positions `start..end`.
fn rotation(
    t: &mut Transformer,
    side: &str,
    start: &str,
    end: &str,
) -> Result<[String; 2], GraphError> {
    let one = t.b.scalar(1_i64);
    let positions = t.op("Range", &[start, end, &one]);
    let to_float = Node::new("Cast").inputs([&positions]);
    let positions = t.b.add(to_float.int("to", DataType::Float as i64));
    let axis = t.b.ints(&[1]);
    let positions = t.op("Unsqueeze", &[&positions, &axis]);
    let frequencies = t.float(&format!("{side}.frequencies"))?;
    let angles = t.op("MatMul", &[&positions, &frequencies]);
    Ok([t.op("Cos", &[&angles]), t.op("Sin", &[&angles])])
}

/// Rotary position embedding of [B, heads, n, dim] (Su et al. 2021), neighbours paired.
fn rotate(t: &mut Transformer, x: &str, [cosines, sines]: &[String; 2]) -> String {
    // The tables begin at the first position, so that is number zero.
    let first = t.b.ints(&[0]);
    let node = Node::new("RotaryEmbedding")
        .in_domain(MICROSOFT)
        .inputs([x, &first, cosines, sines])
        .int("interleaved", 1)
        .int("rotary_embedding_dim", ROTATED as i64)
        .int("num_heads", HEADS as i64);
    t.b.add(node)
}

/// Queries and keys are scaled each by the root of 1 / sqrt(head width), as the export does.
fn half_scaled(t: &mut Transformer, x: &str) -> String {
    let scale = t.b.scalar((1.0 / (HEAD_DIM as f32).sqrt()).sqrt());
    t.op("Mul", &[x, &scale])
}

/// [B, heads, n, dim] -> [B, heads, dim, n], scaled.
fn transposed_keys(t: &mut Transformer, keys: &str) -> String {
    let keys = t.transpose(keys, &[0, 1, 3, 2]);
    half_scaled(t, &keys)
}

fn state_dims(length: &'static str) -> [Dim; 4] {
    ["batch".into(), HEADS.into(), length.into(), HEAD_DIM.into()]
}

fn key_dims() -> [Dim; 4] {
    [
        "batch".into(),
        HEADS.into(),
        HEAD_DIM.into(),
        "frames".into(),
    ]
}
