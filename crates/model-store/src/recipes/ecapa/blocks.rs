//! The four blocks and their aggregation.

use onnx_graph::{GraphError, Node};

use super::checkpoint::{Checkpoint, Norm};
use super::network::{CHANNELS, Network};

/// Parts that a block's channels are cut into (Res2Net), each seeing more frames than the one before.
const PARTS: usize = 8;
const WIDTH: usize = CHANNELS / PARTS;
/// Frames that a convolution of a block sees.
const TAPS: usize = 3;

/// Features [batch, frames, bands] -> what the aggregation puts out before its normalisation, rows of
/// 3072; and mean and deviation of each block, [batch, 1024] each.
pub fn blocks(
    net: &mut Network,
    weights: &Checkpoint,
    features: &str,
    bands: usize,
) -> Result<(String, Vec<String>), GraphError> {
    net.b.scope("blocks.0/");
    let taps = net.taps(5, 1);
    let x = net.beside(features, &taps, 5, bands);
    let x = net.linear("blocks.0", &x, &weights.linear("blocks.0.conv")?);
    let x = net.op("Relu", &[&x]);
    let mut x = net.norm("blocks.0.norm", &x, &weights.norm("blocks.0.norm")?);
    let mut statistics = statistics(net, &x);
    let mut all = Vec::new();
    for block in 1..=3 {
        net.b.scope(format!("blocks.{block}/"));
        x = block_of_parts(net, weights, &format!("blocks.{block}"), &x, block + 1)?;
        statistics.extend(self::statistics(net, &x));
        all.push(x.clone());
    }
    net.b.scope("mfa/");
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let x = net.concat(&all);
    let x = net.rounded("mfa", &x, &weights.linear("mfa.conv")?)?;
    Ok((net.op("Relu", &[&x]), statistics))
}

/// One SE-Res2Net block, rows to rows.
fn block_of_parts(
    net: &mut Network,
    weights: &Checkpoint,
    name: &str,
    x: &str,
    dilation: i64,
) -> Result<String, GraphError> {
    let wide = format!("{name}.tdnn1");
    let y = net.rounded(&wide, x, &weights.linear(&format!("{wide}.conv"))?)?;
    let y = net.op("Relu", &[&y]);
    let before = weights.norm(&format!("{wide}.norm"))?;

    let split = Node::new("Split").inputs([&y]).int("axis", 1);
    let parts: [String; PARTS] = net.b.add_many(split.int("num_outputs", PARTS as i64));
    let taps = net.taps(TAPS as i64, dilation);
    // What the product after this must still normalise: the first part is as it came.
    let mut norms = vec![before.part(0, WIDTH)];
    let mut seen = vec![parts[0].clone()];
    let mut last: Option<String> = None;
    for (place, part) in parts.iter().enumerate().skip(1) {
        let here = format!("{name}.res2net_block.blocks.{}", place - 1);
        let linear = weights.linear(&format!("{here}.conv"))?;
        let own = before.part(place * WIDTH, WIDTH);
        let (input, linear) = match &last {
            None => (part.clone(), linear.after(&own)?),
            Some(last) => {
                let part = net.norm(&format!("{here}.before"), part, &own);
                (net.op("Add", &[&part, last]), linear)
            }
        };
        let input = net.in_frames(&input, WIDTH);
        let input = net.beside(&input, &taps, TAPS, WIDTH);
        let output = net.rounded(&here, &input, &linear)?;
        let output = net.op("Relu", &[&output]);
        let norm = weights.norm(&format!("{here}.norm"))?;
        last = Some(net.norm(&format!("{here}.norm"), &output, &norm));
        seen.push(output);
        norms.push(norm);
    }
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    let y = net.concat(&seen);
    let norms: Vec<&Norm> = norms.iter().collect();
    let wide = format!("{name}.tdnn2");
    let linear = weights.linear(&format!("{wide}.conv"))?;
    let y = net.rounded(&wide, &y, &linear.after(&Norm::beside(&norms))?)?;
    let y = net.op("Relu", &[&y]);
    squeezed(net, weights, name, &y, x)
}

/// Each channel times how much the whole utterance wants of it (squeeze and excitation), plus what
/// came into the block. `y` is not yet normalised.
fn squeezed(
    net: &mut Network,
    weights: &Checkpoint,
    name: &str,
    y: &str,
    residual: &str,
) -> Result<String, GraphError> {
    let norm = weights.norm(&format!("{name}.tdnn2.norm"))?;
    let y = net.in_frames(y, CHANNELS);
    let mean = net.mean(&y);
    let mean = net.rows(&mean, CHANNELS);
    let squeeze = format!("{name}.se_block.conv1");
    let linear = weights.linear(&squeeze)?.after(&norm)?;
    let s = net.linear(&squeeze, &mean, &linear);
    let s = net.op("Relu", &[&s]);
    let excite = format!("{name}.se_block.conv2");
    let s = net.linear(&excite, &s, &weights.linear(&excite)?);
    let s = net.op("Sigmoid", &[&s]);
    let axis = net.b.ints(&[1]);
    let s = net.op("Unsqueeze", &[&s, &axis]);
    // s * (y * scale + shift), with the small factors multiplied first.
    let scale = net.vector(&format!("{name}.tdnn2.scale"), &norm.scale);
    let shift = net.vector(&format!("{name}.tdnn2.shift"), &norm.shift);
    let (scale, shift) = (net.op("Mul", &[&s, &scale]), net.op("Mul", &[&s, &shift]));
    let y = net.op("Mul", &[&y, &scale]);
    let y = net.op("Add", &[&y, &shift]);
    let y = net.rows(&y, CHANNELS);
    Ok(net.op("Add", &[&y, residual]))
}

/// Mean and standard deviation over time (of a sample, as PyTorch has it), [batch, 1024] each.
fn statistics(net: &mut Network, x: &str) -> Vec<String> {
    let x = net.in_frames(x, CHANNELS);
    let mean = net.mean(&x);
    let off = net.op("Sub", &[&x, &mean]);
    let squares = net.op("Mul", &[&off, &off]);
    let squares = net.sum(&squares);
    let frames = net.frames_as_float();
    let one = net.b.scalar(1.0_f32);
    let others = net.op("Sub", &[&frames, &one]);
    let variance = net.op("Div", &[&squares, &others]);
    let deviation = net.op("Sqrt", &[&variance]);
    [mean, deviation]
        .iter()
        .map(|value| net.rows(value, CHANNELS))
        .collect()
}
