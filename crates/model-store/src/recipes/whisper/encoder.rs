//! Whisper's encoder, and the decoder's view of its result.

use onnx_graph::{Builder, DataType, Dim, GraphError, Model, Node, quantise};

use super::{ENCODER_POSITIONS, HEAD_DIM, MELS, Precisions, Settings};
use crate::recipes::linear::Precision;
use crate::recipes::transformer::{MICROSOFT, Transformer};
use crate::recipes::weights::{Weight, Weights};

/// Version of the standard operators that is used.
const OPSET: i64 = 17;
/// 1 / sqrt(head width).
const SCALE: f32 = 0.125;

/// The encoder.
///
/// `input_features` f32 [B, 80, T], T even, up to 3000 (10 ms each) -> `last_hidden_state`
/// f32 [B, T/2, width] and, for each layer l of the decoder, `cross.{l}.key` and
/// `cross.{l}.value` f32 [B, heads, T/2, 64].
///
/// # Errors
/// Naming the weight that is missing or not of the shape it should have.
pub fn encoder(
    weights: &Weights,
    settings: &Settings,
    precisions: &Precisions,
) -> Result<Model, GraphError> {
    let mut t = Transformer {
        b: Builder::new("whisper encoder"),
        weights,
        heads: settings.heads,
        head_dim: HEAD_DIM,
    };
    let dims: [Dim; 3] = ["batch".into(), MELS.into(), "mel_frames".into()];
    let features = t.b.input("input_features", DataType::Float, &dims);
    let mut x = front(&mut t, &features, precisions.front)?;
    for layer in 0..weights.layers("encoder.layers.") {
        let name = format!("encoder.layers.{layer}");
        x = self_attention(&mut t, &x, &name, precisions)?;
        let y = t.layer_norm(&x, &format!("{name}.final_layer_norm"))?;
        let y = t.linear(&y, &format!("{name}.fc1"), precisions.encoder_widen)?;
        let y = t.gelu(&y);
        let y = t.linear(&y, &format!("{name}.fc2"), precisions.encoder_narrow)?;
        x = t.op("Add", &[&x, &y]);
    }
    let hidden = t.layer_norm(&x, "encoder.layer_norm")?;
    let mut cross = Vec::new();
    for layer in 0..weights.layers("decoder.layers.") {
        for (letter, what) in [("k", "key"), ("v", "value")] {
            let name = format!("decoder.layers.{layer}.encoder_attn.{letter}_proj");
            let y = t.linear(&hidden, &name, precisions.cross)?;
            cross.push((t.split_heads(&y), format!("cross.{layer}.{what}")));
        }
    }
    let dims: [Dim; 3] = ["batch".into(), "frames".into(), t.width().into()];
    t.b.output(&hidden, "last_hidden_state", DataType::Float, &dims)?;
    let dims: [Dim; 4] = [
        "batch".into(),
        t.heads.into(),
        "frames".into(),
        HEAD_DIM.into(),
    ];
    for (value, name) in cross {
        t.b.output(&value, &name, DataType::Float, &dims)?;
    }
    t.b.finish(OPSET)
}

/// Two convolutions, and as many of the thirty seconds' positions as there are frames.
fn front(t: &mut Transformer, features: &str, precision: Precision) -> Result<String, GraphError> {
    let x = convolution(t, features, "encoder.conv1", 1, precision)?;
    let x = t.gelu(&x);
    let x = convolution(t, &x, "encoder.conv2", 2, precision)?;
    let x = t.gelu(&x);
    let x = t.transpose(&x, &[0, 2, 1]);
    let positions = t.weights.float("encoder.embed_positions.weight")?;
    if positions.dims() != [ENCODER_POSITIONS, t.width()] {
        return Err(GraphError::Tensor {
            name: "encoder.embed_positions.weight".to_owned(),
            reason: format!("shape {:?}", positions.dims()),
        });
    }
    let positions = t.b.constant("encoder.embed_positions.weight", &positions);
    let (start, end) = (t.b.ints(&[0]), t.length(&x, 1));
    let positions = t.op("Slice", &[&positions, &start, &end, &start]);
    Ok(t.op("Add", &[&x, &positions]))
}

/// A convolution over three frames.
fn convolution(
    t: &mut Transformer,
    x: &str,
    name: &str,
    stride: i64,
    precision: Precision,
) -> Result<String, GraphError> {
    let shape = |node: Node| {
        node.ints("kernel_shape", &[3])
            .ints("pads", &[1, 1])
            .ints("strides", &[stride])
    };
    let weight_name = format!("{name}.weight");
    let bias_name = format!("{name}.bias");
    let stored = match (precision, t.weights.get(&weight_name)?) {
        (
            Precision::Dynamic,
            Weight::Stored {
                values,
                scale,
                zero_point,
            },
        ) => Some((
            values.map(quantise::unsigned),
            *scale,
            quantise::unsigned(*zero_point),
        )),
        _ => None,
    };
    let Some((values, scale, zero_point)) = stored else {
        let weight = t.float(&weight_name)?;
        let bias = t.float(&bias_name)?;
        return Ok(t.b.add(shape(
            Node::new("Conv").named(name).inputs([x, &weight, &bias]),
        )));
    };
    let weight = t.b.constant(&weight_name, &values);
    let (scale, zero_point) = (t.b.scalar(scale), t.b.scalar(zero_point));
    let [bytes, x_scale, x_zero]: [String; 3] =
        t.b.add_many(Node::new("DynamicQuantizeLinear").inputs([x]));
    let node = Node::new("ConvInteger").named(name);
    let y =
        t.b.add(shape(node.inputs([&bytes, &weight, &x_zero, &zero_point])));
    let y = t.b.add(
        Node::new("Cast")
            .inputs([&y])
            .int("to", DataType::Float as i64),
    );
    let step = t.op("Mul", &[&x_scale, &scale]);
    let y = t.op("Mul", &[&y, &step]);
    let bias = t.weights.float(&bias_name)?;
    let channels = bias.data().len();
    let bias = t.b.constant(&bias_name, &bias.reshaped([1, channels, 1])?);
    Ok(t.op("Add", &[&y, &bias]))
}

fn self_attention(
    t: &mut Transformer,
    x: &str,
    name: &str,
    precisions: &Precisions,
) -> Result<String, GraphError> {
    let y = t.layer_norm(x, &format!("{name}.self_attn_layer_norm"))?;
    let mut project = |letter: &str| {
        let name = format!("{name}.self_attn.{letter}_proj");
        t.linear(&y, &name, precisions.encoder_attention)
    };
    let (query, key, value) = (project("q")?, project("k")?, project("v")?);
    let found = if precisions.fused_attention {
        let node = Node::new("MultiHeadAttention").in_domain(MICROSOFT);
        let node = node.inputs([&query, &key, &value]);
        let heads = t.heads as i64;
        t.b.add(node.int("num_heads", heads).float("scale", SCALE))
    } else {
        let scale = t.b.scalar(SCALE);
        let query = t.op("Mul", &[&query, &scale]);
        let [query, key, value] = [query, key, value].map(|part| t.split_heads(&part));
        let keys = t.transpose(&key, &[0, 1, 3, 2]);
        let [found, _] = t.attention(&query, &keys, &value, None);
        found
    };
    let out = format!("{name}.self_attn.out_proj");
    let y = t.linear(&found, &out, precisions.encoder_out)?;
    Ok(t.op("Add", &[x, &y]))
}
