//! Moonshine's decoder.

use onnx_graph::{DataType, Dim, GraphError, Model, Node};

use super::{
    HEADS, OPSET, TOKENS, half_scaled, key_dims, rotate, rotation, state_dims, transformer,
    transposed_keys,
};
use crate::recipes::linear::{Precision, dynamic};
use crate::recipes::transformer::Transformer;
use crate::recipes::weights::{Weight, Weights};

/// Width of the gated feed-forward layer.
const GATED: usize = 1152;
/// The first layer whose attention follows the sound; those before it do not (measured).
const FIRST_ALIGNED: usize = 3;

/// The decoder.
///
/// `input_ids` i64 [B, n], `past.{l}.{key,value}` f32 [B, 8, P, 36] for each layer l (P may be zero)
/// and the encoder's `cross.{l}.{key,value}` -> `logits` f32 [B, 1, tokens] of the last position,
/// `present.{l}.{key,value}` f32 [B, 8, P+n, 36], and `cross_attention` f32 [B, 24, n, F]: the
/// probabilities of all heads of layers 3, 4 and 5.
///
/// # Errors
/// Naming the weight that is missing or not of the shape it should have.
pub fn decoder(weights: &Weights, precision: Precision) -> Result<Model, GraphError> {
    let mut t = transformer("moonshine decoder", weights);
    let layers = weights.layers("decoder.layers.");
    let ids = t.b.input(
        "input_ids",
        DataType::Int64,
        &["batch".into(), "tokens".into()],
    );
    for layer in 0..layers {
        for what in ["key", "value"] {
            t.b.input(
                &format!("past.{layer}.{what}"),
                DataType::Float,
                &state_dims("past"),
            );
        }
        t.b.input(&format!("cross.{layer}.key"), DataType::Float, &key_dims());
        t.b.input(
            &format!("cross.{layer}.value"),
            DataType::Float,
            &state_dims("frames"),
        );
    }
    let table = match weights.get(&format!("{TOKENS}.weight"))? {
        Weight::Stored {
            values,
            scale,
            zero_point,
        } => Weight::Stored {
            values: values.transposed()?,
            scale: *scale,
            zero_point: *zero_point,
        },
        Weight::Float(array) => Weight::Float(array.transposed()?),
    };
    let table = dynamic(&[&table])?;
    let mut x = t.embed(&ids, TOKENS, &table);
    let past = t.length("past.0.key", 2);
    let count = t.length(&ids, 1);
    let total = t.op("Add", &[&past, &count]);
    let mask = t.causal_mask(&past, &total);
    let (start, end) = (t.number(&past), t.number(&total));
    let rotation = rotation(&mut t, "decoder", &start, &end)?;
    let mut presents = Vec::new();
    let mut seen = Vec::new();
    for layer in 0..layers {
        let name = format!("decoder.layers.{layer}");
        let y = t.layer_norm(&x, &format!("{name}.input_layernorm"))?;
        let parts = ["q", "k", "v"].map(|letter| format!("{name}.self_attn.{letter}_proj"));
        let joint = t.linear_of(&y, &parts.each_ref().map(String::as_str), precision)?;
        let width = t.width();
        let parts = t.split(&joint, [width; 3]);
        let [query, key, value] = parts.map(|part| t.split_heads(&part));
        let query = rotate(&mut t, &query, &rotation);
        let key = rotate(&mut t, &key, &rotation);
        let key = t.append(&format!("past.{layer}.key"), &key);
        let value = t.append(&format!("past.{layer}.value"), &value);
        let (query, keys) = (half_scaled(&mut t, &query), transposed_keys(&mut t, &key));
        let [found, _] = t.attention(&query, &keys, &value, Some(&mask));
        presents.push([key, value]);
        let y = t.linear(&found, &format!("{name}.self_attn.dense"), precision)?;
        x = t.op("Add", &[&x, &y]);

        let y = t.layer_norm(&x, &format!("{name}.post_attention_layernorm"))?;
        let query = t.linear(&y, &format!("{name}.encoder_attn.q_proj"), precision)?;
        let query = t.split_heads(&query);
        let query = half_scaled(&mut t, &query);
        let (keys, values) = (format!("cross.{layer}.key"), format!("cross.{layer}.value"));
        let [found, probabilities] = t.attention(&query, &keys, &values, None);
        seen.push(probabilities);
        let y = t.linear(&found, &format!("{name}.encoder_attn.dense"), precision)?;
        x = t.op("Add", &[&x, &y]);
        let y = t.layer_norm(&x, &format!("{name}.final_layernorm"))?;
        let y = gated(&mut t, &y, &name, precision)?;
        x = t.op("Add", &[&x, &y]);
    }
    let last = t.last(&x);
    let last = t.layer_norm(&last, "decoder.norm")?;
    let logits = t.dynamic_product(&last, TOKENS, &table);
    let seen = seen.split_off(FIRST_ALIGNED.min(layers));
    let aligned = seen.len() * HEADS;
    let seen = t.b.add(Node::new("Concat").inputs(seen).int("axis", 1));

    let shape: [Dim; 3] = ["batch".into(), 1.into(), table.values.matrix()?.1.into()];
    t.b.output(&logits, "logits", DataType::Float, &shape)?;
    for (layer, state) in presents.iter().enumerate() {
        for (value, what) in state.iter().zip(["key", "value"]) {
            let name = format!("present.{layer}.{what}");
            t.b.output(value, &name, DataType::Float, &state_dims("total"))?;
        }
    }
    let shape: [Dim; 4] = [
        "batch".into(),
        aligned.into(),
        "tokens".into(),
        "frames".into(),
    ];
    t.b.output(&seen, "cross_attention", DataType::Float, &shape)?;
    t.b.finish(OPSET)
}

/// The decoder's feed-forward layer, gated by a sigmoid linear unit (Shazeer 2020).
fn gated(
    t: &mut Transformer,
    x: &str,
    name: &str,
    precision: Precision,
) -> Result<String, GraphError> {
    let y = t.linear(x, &format!("{name}.mlp.up_proj"), precision)?;
    let [value, gate] = t.split(&y, [GATED; 2]);
    let open = t.op("Sigmoid", &[&gate]);
    let gate = t.op("Mul", &[&gate, &open]);
    let y = t.op("Mul", &[&gate, &value]);
    t.linear(&y, &format!("{name}.mlp.down_proj"), precision)
}
