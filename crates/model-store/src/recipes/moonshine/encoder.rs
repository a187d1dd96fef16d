//! Moonshine's encoder, and the decoder's view of its result.

use onnx_graph::{Array, DataType, Dim, GraphError, Model, Node};

use super::{
    OPSET, half_scaled, key_dims, rotate, rotation, state_dims, transformer, transposed_keys,
};
use crate::recipes::linear::Precision;
use crate::recipes::transformer::Transformer;
use crate::recipes::weights::Weights;

/// The layer whose output the CTC head reads beside the last: the fourth of six.
const MIDDLE: usize = 3;

/// The encoder.
///
/// `input_values` f32 [B, N], 16 kHz in -1..=1 -> `last_hidden_state` f32 [B, F, 288], a frame each
/// 24 ms, `states` f32 [B, F, 576], its fourth layer's beside that, and for each layer l of the decoder
/// `cross.{l}.key` f32 [B, 8, 36, F] and `cross.{l}.value` f32 [B, 8, F, 36].
///
/// # Errors
/// Naming the weight that is missing or not of the shape it should have.
pub fn encoder(weights: &Weights, precision: Precision) -> Result<Model, GraphError> {
    let mut t = transformer("moonshine encoder", weights);
    let samples: [Dim; 2] = ["batch".into(), "samples".into()];
    let samples = t.b.input("input_values", DataType::Float, &samples);
    let (hidden, layers) = states(&mut t, &samples, precision)?;
    let beside = beside(&mut t, &layers, &hidden)?;
    let mut cross = Vec::new();
    for layer in 0..weights.layers("decoder.layers.") {
        let name = format!("decoder.layers.{layer}.encoder_attn");
        let key = t.linear(&hidden, &format!("{name}.k_proj"), precision)?;
        let key = t.split_heads(&key);
        let value = t.linear(&hidden, &format!("{name}.v_proj"), precision)?;
        cross.push([transposed_keys(&mut t, &key), t.split_heads(&value)]);
    }
    let shape: [Dim; 3] = ["batch".into(), "frames".into(), t.width().into()];
    t.b.output(&hidden, "last_hidden_state", DataType::Float, &shape)?;
    t.b.output(&beside, "states", DataType::Float, &states_dims(&t))?;
    for (layer, [key, value]) in cross.into_iter().enumerate() {
        t.b.output(
            &key,
            &format!("cross.{layer}.key"),
            DataType::Float,
            &key_dims(),
        )?;
        t.b.output(
            &value,
            &format!("cross.{layer}.value"),
            DataType::Float,
            &state_dims("frames"),
        )?;
    }
    t.b.finish(OPSET)
}

/// What the CTC head reads [B, F, 576]: a layer's output and the last one. A copy, for where a sum
/// inside is itself an output, ONNX Runtime adds in another order.
pub(super) fn beside(
    t: &mut Transformer,
    layers: &[String],
    last: &str,
) -> Result<String, GraphError> {
    let middle = layers.get(MIDDLE).ok_or_else(|| {
        GraphError::NoValue(format!("the output of layer {MIDDLE} of the encoder"))
    })?;
    let node = Node::new("Concat").inputs([middle, last]).int("axis", -1);
    Ok(t.b.add(node))
}

/// The shape of that.
pub(super) fn states_dims(t: &Transformer) -> [Dim; 3] {
    ["batch".into(), "frames".into(), (2 * t.width()).into()]
}

/// The encoder's states [B, F, 288] of samples [B, N], and what each of its layers gave.
pub(super) fn states(
    t: &mut Transformer,
    samples: &str,
    precision: Precision,
) -> Result<(String, Vec<String>), GraphError> {
    let mut x = front(t, samples)?;
    let (zero, frames) = (t.b.scalar(0_i64), t.length(&x, 1));
    let frames = t.number(&frames);
    let rotation = rotation(t, "encoder", &zero, &frames)?;
    let mut layers = Vec::new();
    for layer in 0..t.weights.layers("encoder.layers.") {
        let name = format!("encoder.layers.{layer}");
        let y = t.layer_norm(&x, &format!("{name}.input_layernorm"))?;
        let mut project = |letter: &str| -> Result<String, GraphError> {
            let name = format!("{name}.self_attn.{letter}_proj");
            let part = t.linear(&y, &name, precision)?;
            Ok(t.split_heads(&part))
        };
        let (query, key, value) = (project("q")?, project("k")?, project("v")?);
        let query = rotate(t, &query, &rotation);
        let key = rotate(t, &key, &rotation);
        let (query, keys) = (half_scaled(t, &query), transposed_keys(t, &key));
        let [found, _] = t.attention(&query, &keys, &value, None);
        let y = t.linear(&found, &format!("{name}.self_attn.dense"), precision)?;
        x = t.op("Add", &[&x, &y]);
        let y = t.layer_norm(&x, &format!("{name}.post_attention_layernorm"))?;
        let y = t.linear(&y, &format!("{name}.mlp.fc1"), precision)?;
        let y = t.gelu(&y);
        let y = t.linear(&y, &format!("{name}.mlp.fc2"), precision)?;
        x = t.op("Add", &[&x, &y]);
        layers.push(x.clone());
    }
    Ok((t.layer_norm(&x, "encoder.layer_norm")?, layers))
}

/// Three convolutions over the samples themselves.
fn front(t: &mut Transformer, samples: &str) -> Result<String, GraphError> {
    let axis = t.b.ints(&[1]);
    let x = t.op("Unsqueeze", &[samples, &axis]);
    let x = convolution(t, &x, "encoder.conv1", 127, 64)?;
    let x = t.op("Tanh", &[&x]);
    // Group normalisation with one group.
    let (shape, flat) = (t.op("Shape", &[&x]), t.b.ints(&[0, 1, -1]));
    let x = t.op("Reshape", &[&x, &flat]);
    let one = t.b.constant("one", &Array::vector(vec![1_f32]));
    let zero = t.b.constant("zero", &Array::vector(vec![0_f32]));
    let node = Node::new("InstanceNormalization").inputs([&x, &one, &zero]);
    let x = t.b.add(node.float("epsilon", 1e-5));
    let x = t.op("Reshape", &[&x, &shape]);
    let (weight, bias) = (
        t.float("encoder.groupnorm.weight")?,
        t.float("encoder.groupnorm.bias")?,
    );
    let x = t.op("Mul", &[&x, &weight]);
    let x = t.op("Add", &[&x, &bias]);
    let x = convolution(t, &x, "encoder.conv2", 7, 3)?;
    let x = t.gelu(&x);
    let x = convolution(t, &x, "encoder.conv3", 3, 2)?;
    let x = t.gelu(&x);
    Ok(t.transpose(&x, &[0, 2, 1]))
}

fn convolution(
    t: &mut Transformer,
    x: &str,
    name: &str,
    kernel: i64,
    stride: i64,
) -> Result<String, GraphError> {
    let mut inputs = vec![x.to_owned(), t.float(&format!("{name}.weight"))?];
    let bias = format!("{name}.bias");
    if t.weights.find(&bias).is_some() {
        inputs.push(t.float(&bias)?);
    }
    let node = Node::new("Conv").named(name).inputs(inputs);
    Ok(t.b.add(
        node.ints("kernel_shape", &[kernel])
            .ints("strides", &[stride]),
    ))
}
