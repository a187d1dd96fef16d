//! Attentive statistics pooling (Okabe et al. 2018) over what the blocks' aggregation puts out.

use onnx_graph::{Array, GraphError};

use super::checkpoint::{Checkpoint, Linear, Norm, unexpected};
use super::network::{AGGREGATED, Network};

/// Variances below are taken for this one, as SpeechBrain does.
const LEAST_VARIANCE: f32 = 1e-12;

/// Aggregated rows, not yet normalised -> the embedding, and the aggregation's mean and deviation.
pub fn pooled(
    net: &mut Network,
    weights: &Checkpoint,
    rows: &str,
) -> Result<(String, Vec<String>), GraphError> {
    net.b.scope("pooling/");
    let norm = weights.norm("mfa.norm")?;
    // What a deviation is multiplied by.
    let sizes = Norm {
        scale: norm.scale.iter().map(|scale| scale.abs()).collect(),
        shift: vec![0.0; AGGREGATED],
    };
    let x = net.in_frames(rows, AGGREGATED);
    let frames = net.frames_as_float();
    let squares = net.op("Mul", &[&x, &x]);
    let (mean, mean_square) = (net.mean(&x), net.mean(&squares));
    let variance = variance(net, &mean, &mean_square);
    let deviation = net.op("Sqrt", &[&variance]);
    let (mean, deviation) = (
        net.rows(&mean, AGGREGATED),
        net.rows(&deviation, AGGREGATED),
    );

    // How much each channel attends to each frame, given the whole.
    let [of_frame, of_mean, of_deviation] = context(weights)?;
    let of_frame = net.rounded("asp.frame", rows, &of_frame.after(&norm)?)?;
    let of_mean = net.linear("asp.mean", &mean, &of_mean.after(&norm)?);
    let of_deviation = net.linear("asp.deviation", &deviation, &of_deviation.after(&sizes)?);
    let hidden = of_frame_width(weights)?;
    let of_frame = net.in_frames(&of_frame, hidden);
    let whole = net.op("Add", &[&of_mean, &of_deviation]);
    let axis = net.b.ints(&[1]);
    let whole = net.op("Unsqueeze", &[&whole, &axis]);
    let h = net.op("Add", &[&of_frame, &whole]);
    let h = net.op("Relu", &[&h]);
    let h = net.norm("asp.tdnn.norm", &h, &weights.norm("asp.tdnn.norm")?);
    let h = net.op("Tanh", &[&h]);
    // A bias would be the same for all frames, and a softmax over frames does not see it. Nor need
    // the largest be subtracted first: |h| <= 1, and no row of the weights sums up to more than 31.
    let attention = weights.linear("asp.conv")?;
    let attention = net.b.constant("asp.conv.weight", &attention.weight);
    let logits = net.op("MatMul", &[&h, &attention]);
    let share = net.op("Exp", &[&logits]);
    let all = net.sum(&share);
    let shared = net.op("Mul", &[&share, &x]);
    let sum = net.sum(&shared);
    let shared = net.op("Mul", &[&shared, &x]);
    let squares = net.sum(&shared);
    let pooled_mean = net.op("Div", &[&sum, &all]);
    let mean_square = net.op("Div", &[&squares, &all]);
    let pooled_variance = self::variance(net, &pooled_mean, &mean_square);
    let pooled_deviation = net.op("Sqrt", &[&pooled_variance]);
    let pooled = net.concat(&[&pooled_mean, &pooled_deviation]);
    let pooled = net.rows(&pooled, 2 * AGGREGATED);
    let last = weights.linear("fc")?.after(&weights.norm("asp_bn")?)?;
    let embedding = net.linear("fc", &pooled, &last.after(&Norm::beside(&[&norm, &sizes]))?);

    // The same of a sample, as PyTorch has it.
    let one = net.b.scalar(1.0_f32);
    let others = net.op("Sub", &[&frames, &one]);
    let more = net.op("Div", &[&frames, &others]);
    let more = net.op("Sqrt", &[&more]);
    let deviation = net.op("Mul", &[&deviation, &more]);
    let scale = net.vector("mfa.norm.sizes", &sizes.scale);
    let mean = net.norm("mfa.norm", &mean, &norm);
    let deviation = net.op("Mul", &[&deviation, &scale]);
    Ok((embedding, vec![mean, deviation]))
}

/// From the mean and the mean square.
fn variance(net: &mut Network, mean: &str, mean_square: &str) -> String {
    let squared = net.op("Mul", &[mean, mean]);
    let variance = net.op("Sub", &[mean_square, &squared]);
    let least = net.b.scalar(LEAST_VARIANCE);
    net.op("Max", &[&variance, &least])
}

/// The product of the attention's first layer in three: what a frame, the mean and the deviation
/// of all frames add. The last two are the same for all frames, so they are multiplied only once.
fn context(weights: &Checkpoint) -> Result<[Linear; 3], GraphError> {
    let Linear { weight, bias } = weights.linear("asp.tdnn.conv")?;
    let (inputs, outputs) = weight.matrix()?;
    if inputs != 3 * AGGREGATED {
        return Err(unexpected(
            "asp.tdnn.conv",
            "it is not for frame, mean and deviation",
        ));
    }
    let part = |place: usize, bias: Vec<f32>| -> Result<Linear, GraphError> {
        let weight: Array<f32> = weight.rows(place * AGGREGATED..(place + 1) * AGGREGATED)?;
        Ok(Linear { weight, bias })
    };
    let none = vec![0.0; outputs];
    Ok([part(0, bias)?, part(1, none.clone())?, part(2, none)?])
}

fn of_frame_width(weights: &Checkpoint) -> Result<usize, GraphError> {
    Ok(weights.tensor("asp.tdnn.conv.conv.bias")?.data().len())
}
