//! The whole network, and the operations its parts are written with.

use onnx_graph::{Array, Builder, DataType, GraphError, Model, Node, quantise};

use super::blocks;
use super::checkpoint::{Checkpoint, Linear, Norm};
use super::filterbank::{self, BANDS};
use super::pooling;
use crate::recipes::transformer::MICROSOFT;

/// Channels of a block.
pub const CHANNELS: usize = 1024;
/// Channels of the blocks' aggregation.
pub const AGGREGATED: usize = 3 * CHANNELS;
const EMBEDDING: usize = 192;
/// Mean and deviation of four blocks and of the aggregation.
const STATISTICS: usize = 2 * (4 * CHANNELS + AGGREGATED);
const OPSET: i64 = 18;
/// Weights of a column with one scale.
const BLOCK: usize = 128;

/// The graph with these weights.
///
/// # Errors
/// When a weight is absent or of another shape.
pub fn graph(weights: &Checkpoint) -> Result<Model, GraphError> {
    let mut b = Builder::new("ecapa");
    let wav = b.input("wav", DataType::Float, &["batch".into(), "samples".into()]);
    let mut net = Network {
        b,
        frames: String::new(),
        last_frame: String::new(),
        ones: String::new(),
        share: String::new(),
    };
    let features = filterbank::features(&mut net, &wav)?;
    net.count_frames(&features);
    let (aggregated, mut statistics) = blocks::blocks(&mut net, weights, &features, BANDS)?;
    let (embedding, of_aggregated) = pooling::pooled(&mut net, weights, &aggregated)?;
    statistics.extend(of_aggregated);
    net.b.scope("");
    let parts: Vec<&str> = statistics.iter().map(String::as_str).collect();
    let statistics = net.concat(&parts);
    let dims = |width: usize| ["batch".into(), width.into()];
    net.b
        .output(&embedding, "embedding", DataType::Float, &dims(EMBEDDING))?;
    net.b.output(
        &statistics,
        "statistics",
        DataType::Float,
        &dims(STATISTICS),
    )?;
    net.b.finish(OPSET)
}

/// The graph under construction. Values are either [batch * frames, channels] ("rows") or
/// [batch, frames, channels] ("frames"); changing one into the other costs nothing.
pub struct Network {
    /// What is added to.
    pub b: Builder,
    /// i64 [1]
    frames: String,
    /// i64 [1]: `frames - 1`
    last_frame: String,
    /// f32 [1, frames]: one, and one of as many as there are frames.
    ones: String,
    share: String,
}

impl Network {
    /// A node of one output.
    pub fn op(&mut self, op_type: &str, inputs: &[&str]) -> String {
        self.b.add(Node::new(op_type).inputs(inputs))
    }

    /// Sums, means or maxima over axes, which stay with length 1.
    pub fn reduce(&mut self, op_type: &str, x: &str, axes: &[i64]) -> String {
        let axes = self.b.ints(axes);
        self.b.add(Node::new(op_type).inputs([x, &axes]))
    }

    /// Joins along the last axis.
    pub fn concat(&mut self, parts: &[&str]) -> String {
        self.b
            .add(Node::new("Concat").inputs(parts).int("axis", -1))
    }

    /// A constant vector.
    pub fn vector(&mut self, name: &str, values: &[f32]) -> String {
        self.b.constant(name, &Array::vector(values.to_vec()))
    }

    fn count_frames(&mut self, features: &str) {
        let shape = Node::new("Shape").inputs([features]);
        self.frames = self.b.add(shape.int("start", 1).int("end", 2));
        let one = self.b.ints(&[1]);
        let frames = self.frames.clone();
        self.last_frame = self.op("Sub", &[&frames, &one]);
        let row = self
            .b
            .add(Node::new("Concat").inputs([&one, &frames]).int("axis", 0));
        let whole = self.b.scalar(1.0_f32);
        self.ones = self.op("Expand", &[&whole, &row]);
        let frames = self.frames_as_float();
        self.share = self.op("Div", &[&self.ones.clone(), &frames]);
    }

    /// [batch, frames, channels] -> [batch, 1, channels]. A product, since ONNX Runtime's own
    /// reductions take ten times as long over an axis in the middle.
    pub fn sum(&mut self, x: &str) -> String {
        self.op("MatMul", &[&self.ones.clone(), x])
    }

    /// Likewise.
    pub fn mean(&mut self, x: &str) -> String {
        self.op("MatMul", &[&self.share.clone(), x])
    }

    /// Number of frames as f32 [1].
    pub fn frames_as_float(&mut self) -> String {
        let frames = self.frames.clone();
        let cast = Node::new("Cast").inputs([&frames]);
        self.b.add(cast.int("to", DataType::Float as i64))
    }

    /// [batch, frames, channels] -> [batch * frames, channels]
    pub fn rows(&mut self, x: &str, channels: usize) -> String {
        let shape = self.b.ints(&[-1, channels as i64]);
        self.op("Reshape", &[x, &shape])
    }

    /// [batch * frames, channels] -> [batch, frames, channels]
    pub fn in_frames(&mut self, x: &str, channels: usize) -> String {
        let (any, frames) = (self.b.ints(&[-1]), self.frames.clone());
        let channels = self.b.ints(&[channels as i64]);
        let shape = self.b.add(
            Node::new("Concat")
                .inputs([&any, &frames, &channels])
                .int("axis", 0),
        );
        self.op("Reshape", &[x, &shape])
    }

    /// Which frames a convolution sees at each: i64 [frames, taps]. Beyond either end frames are
    /// mirrored.
    pub fn taps(&mut self, count: i64, dilation: i64) -> String {
        let (zero, one) = (self.b.scalar(0_i64), self.b.scalar(1_i64));
        let axis = self.b.ints(&[0]);
        let frames = self.frames.clone();
        let end = self.op("Squeeze", &[&frames, &axis]);
        let places = self.op("Range", &[&zero, &end, &one]);
        let axis = self.b.ints(&[1]);
        let places = self.op("Unsqueeze", &[&places, &axis]);
        let offsets: Vec<i64> = (0..count).map(|tap| (tap - count / 2) * dilation).collect();
        let offsets = self.b.ints(&offsets);
        let places = self.op("Add", &[&places, &offsets]);
        let places = self.op("Abs", &[&places]);
        let last = self.last_frame.clone();
        let from_end = self.op("Sub", &[&last, &places]);
        let from_end = self.op("Abs", &[&from_end]);
        self.op("Sub", &[&last, &from_end])
    }

    /// The frames that a convolution sees beside each other: rows of `taps * channels`.
    pub fn beside(&mut self, x: &str, taps: &str, count: usize, channels: usize) -> String {
        let seen = self
            .b
            .add(Node::new("Gather").inputs([x, taps]).int("axis", 1));
        self.rows(&seen, count * channels)
    }

    /// Rows times a constant matrix, and its bias.
    pub fn linear(&mut self, name: &str, x: &str, linear: &Linear) -> String {
        let weight = self.b.constant(&format!("{name}.weight"), &linear.weight);
        let bias = self.vector(&format!("{name}.bias"), &linear.bias);
        self.op("Gemm", &[x, &weight, &bias])
    }

    /// The same with the weights in eight bits, and the rows too while they are multiplied, in
    /// blocks with a scale each.
    pub fn rounded(&mut self, name: &str, x: &str, linear: &Linear) -> Result<String, GraphError> {
        let (inputs, outputs) = linear.weight.matrix()?;
        let blocks = quantise::blocks(&linear.weight, BLOCK)?;
        let bytes = self.b.constant(&format!("{name}.bytes"), &blocks.values);
        let scales = self.vector(&format!("{name}.scales"), &blocks.scales);
        let bias = self.vector(&format!("{name}.bias"), &linear.bias);
        Ok(self.b.add(
            Node::new("MatMulNBits")
                .in_domain(MICROSOFT)
                .inputs([x, &bytes, &scales, "", "", &bias])
                .int("K", inputs as i64)
                .int("N", outputs as i64)
                .int("bits", 8)
                .int("block_size", BLOCK as i64)
                .int("accuracy_level", 4),
        ))
    }

    /// `x * scale + shift`.
    pub fn norm(&mut self, name: &str, x: &str, norm: &Norm) -> String {
        let scale = self.vector(&format!("{name}.scale"), &norm.scale);
        let shift = self.vector(&format!("{name}.shift"), &norm.shift);
        let x = self.op("Mul", &[x, &scale]);
        self.op("Add", &[&x, &shift])
    }
}
