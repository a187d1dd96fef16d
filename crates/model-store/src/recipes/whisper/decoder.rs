//! Whisper's decoder.

use onnx_graph::{Builder, DataType, Dim, GraphError, Model, Node};

use super::{HEAD_DIM, Precisions, Settings};
use crate::recipes::linear::{Dynamic, Precision};
use crate::recipes::transformer::Transformer;
use crate::recipes::weights::{Weight, Weights};

/// Version of the standard operators that is used.
const OPSET: i64 = 17;
/// 1 / sqrt(head width).
const SCALE: f32 = 0.125;
const TOKENS: &str = "decoder.embed_tokens";

/// The decoder.
///
/// `input_ids` i64 [B, n], `past.{l}.{key,value}` f32 [B, heads, P, 64] for each layer l (P may be
/// zero) and the encoder's `cross.{l}.{key,value}` -> `logits` f32 [B, 1, tokens] of the last
/// position, `present.{l}.{key,value}` f32 [B, heads, P+n, 64], and `cross_attention`
/// f32 [B, alignment heads, n, frames]: the probabilities of the alignment heads, in their order.
/// Positions are P..P+n, at most 448 altogether.
///
/// # Errors
/// Naming the weight that is missing or not of the shape it should have.
pub fn decoder(
    weights: &Weights,
    settings: &Settings,
    precisions: &Precisions,
) -> Result<Model, GraphError> {
    let mut t = Transformer {
        b: Builder::new("whisper decoder"),
        weights,
        heads: settings.heads,
        head_dim: HEAD_DIM,
    };
    let layers = weights.layers("decoder.layers.");
    let ids = t.b.input(
        "input_ids",
        DataType::Int64,
        &["batch".into(), "tokens".into()],
    );
    let heads = t.heads;
    let dims = |length: &'static str| -> [Dim; 4] {
        ["batch".into(), heads.into(), length.into(), HEAD_DIM.into()]
    };
    for (kind, length) in [("past", "past"), ("cross", "frames")] {
        for layer in 0..layers {
            for what in ["key", "value"] {
                let name = format!("{kind}.{layer}.{what}");
                t.b.input(&name, DataType::Float, &dims(length));
            }
        }
    }
    let table = output_table(weights.get(&format!("{TOKENS}.weight"))?)?;
    let past = t.length("past.0.key", 2);
    let count = t.length(&ids, 1);
    let total = t.op("Add", &[&past, &count]);
    let mut x = embed(&mut t, &ids, &table, &past, &total)?;
    let mask = t.causal_mask(&past, &total);
    let mut presents = Vec::new();
    let mut probabilities = Vec::new();
    for layer in 0..layers {
        let name = format!("decoder.layers.{layer}");
        let [after, key, value] = self_attention(&mut t, &x, layer, &mask, precisions.decoder)?;
        presents.push((key, format!("present.{layer}.key")));
        presents.push((value, format!("present.{layer}.value")));
        let [after, seen] = cross_attention(&mut t, &after, layer, precisions.decoder)?;
        probabilities.push(seen);
        let y = t.layer_norm(&after, &format!("{name}.final_layer_norm"))?;
        let y = t.linear(&y, &format!("{name}.fc1"), precisions.decoder)?;
        let y = t.gelu(&y);
        let y = t.linear(&y, &format!("{name}.fc2"), precisions.decoder)?;
        x = t.op("Add", &[&after, &y]);
    }
    let last = t.last(&x);
    let last = t.layer_norm(&last, "decoder.layer_norm")?;
    let logits = t.dynamic_product(&last, TOKENS, &table);
    let seen = alignment(&mut t, &probabilities, settings)?;

    let vocabulary = table.values.matrix()?.1;
    let shape: [Dim; 3] = ["batch".into(), 1.into(), vocabulary.into()];
    t.b.output(&logits, "logits", DataType::Float, &shape)?;
    for (value, name) in presents {
        t.b.output(&value, &name, DataType::Float, &dims("total"))?;
    }
    let found = settings.alignment_heads.len();
    let shape: [Dim; 4] = [
        "batch".into(),
        found.into(),
        "tokens".into(),
        "frames".into(),
    ];
    t.b.output(&seen, "cross_attention", DataType::Float, &shape)?;
    t.b.finish(OPSET)
}

/// The token table, transposed, as the output matrix in bytes. It is multiplied as it is stored:
/// to dequantise it first is what takes two thirds of each step of the usual export.
fn output_table(table: &Weight) -> Result<Dynamic, GraphError> {
    let transposed = match table {
        Weight::Float(array) => Weight::Float(array.transposed()?),
        Weight::Stored {
            values,
            scale,
            zero_point,
        } => Weight::Stored {
            values: values.transposed()?,
            scale: *scale,
            zero_point: *zero_point,
        },
    };
    crate::recipes::linear::dynamic(&[&transposed])
}

/// Embeddings of the tokens and of their positions, `past` up to `total`.
fn embed(
    t: &mut Transformer,
    ids: &str,
    table: &Dynamic,
    past: &str,
    total: &str,
) -> Result<String, GraphError> {
    let tokens = t.embed(ids, TOKENS, table);
    let positions = t.float("decoder.embed_positions.weight")?;
    let axis = t.b.ints(&[0]);
    let positions = t.op("Slice", &[&positions, past, total, &axis]);
    Ok(t.op("Add", &[&tokens, &positions]))
}

/// New hidden state, and the keys and values of all tokens so far.
fn self_attention(
    t: &mut Transformer,
    x: &str,
    layer: usize,
    mask: &str,
    precision: Precision,
) -> Result<[String; 3], GraphError> {
    let name = format!("decoder.layers.{layer}");
    let y = t.layer_norm(x, &format!("{name}.self_attn_layer_norm"))?;
    let parts = ["q", "k", "v"].map(|letter| format!("{name}.self_attn.{letter}_proj"));
    let joint = t.linear_of(&y, &parts.each_ref().map(String::as_str), precision)?;
    let width = t.width();
    let [query, key, value] = t.split(&joint, [width; 3]);
    let query = scaled_query(t, &query);
    let (key, value) = (t.split_heads(&key), t.split_heads(&value));
    let key = t.append(&format!("past.{layer}.key"), &key);
    let value = t.append(&format!("past.{layer}.value"), &value);
    let keys = t.transpose(&key, &[0, 1, 3, 2]);
    let [found, _] = t.attention(&query, &keys, &value, Some(mask));
    let y = t.linear(&found, &format!("{name}.self_attn.out_proj"), precision)?;
    Ok([t.op("Add", &[x, &y]), key, value])
}

/// New hidden state, and where in the sound each head looked.
fn cross_attention(
    t: &mut Transformer,
    x: &str,
    layer: usize,
    precision: Precision,
) -> Result<[String; 2], GraphError> {
    let name = format!("decoder.layers.{layer}");
    let y = t.layer_norm(x, &format!("{name}.encoder_attn_layer_norm"))?;
    let query = t.linear(&y, &format!("{name}.encoder_attn.q_proj"), precision)?;
    let query = scaled_query(t, &query);
    let keys = t.transpose(&format!("cross.{layer}.key"), &[0, 1, 3, 2]);
    let [found, seen] = t.attention(&query, &keys, &format!("cross.{layer}.value"), None);
    let y = t.linear(&found, &format!("{name}.encoder_attn.out_proj"), precision)?;
    Ok([t.op("Add", &[x, &y]), seen])
}

fn scaled_query(t: &mut Transformer, query: &str) -> String {
    let scale = t.b.scalar(SCALE);
    let query = t.op("Mul", &[query, &scale]);
    t.split_heads(&query)
}

/// The alignment heads' probabilities side by side, in their order.
fn alignment(
    t: &mut Transformer,
    probabilities: &[String],
    settings: &Settings,
) -> Result<String, GraphError> {
    let mut parts = Vec::new();
    // Heads of a layer that follow each other are taken together.
    for group in settings.alignment_heads.chunk_by(|a, b| a[0] == b[0]) {
        let layer = group[0][0];
        let seen = probabilities.get(layer);
        let seen = seen.ok_or_else(|| GraphError::NoValue(format!("layer {layer}")))?;
        let heads: Vec<i64> = group.iter().map(|pair| pair[1] as i64).collect();
        let heads = t.b.ints(&heads);
        parts.push(t.b.add(Node::new("Gather").inputs([seen, &heads]).int("axis", 1)));
    }
    Ok(t.b.add(Node::new("Concat").inputs(parts).int("axis", 1)))
}
