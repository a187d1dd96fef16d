//! A Kokoro of one layer a part: the published graph's names, joints and rates, random weights.

use onnx_graph::proto::{OperatorSet, ValueInfo};
use onnx_graph::{Array, DataType, Element, Graph, Model, Node, Tensor};

const G: &str = "/decoder/decoder/generator";

/// Tokens last a frame each, so T is their number.
pub fn kokoro() -> Model {
    let mut m = Miniature::default();
    m.acoustic();
    m.low_rate();
    m.source();
    m.first_stage();
    m.second_stage();
    let float = DataType::Float;
    m.graph.input = vec![
        ValueInfo::tensor("input_ids", DataType::Int64, &[1.into(), "tokens".into()]),
        ValueInfo::tensor("style", float, &[1.into(), 256.into()]),
        ValueInfo::tensor("speed", float, &[1.into()]),
    ];
    m.graph.output = vec![ValueInfo::tensor(
        "waveform",
        float,
        &[1.into(), "n".into()],
    )];
    Model {
        ir_version: Some(8),
        opset_import: vec![OperatorSet {
            domain: Some(String::new()),
            version: Some(20),
        }],
        graph: Some(m.graph),
        ..Model::default()
    }
}

#[derive(Default)]
struct Miniature {
    graph: Graph,
    noise: u32,
}

impl Miniature {
    fn add(&mut self, node: Node, name: &str) -> String {
        let output = match name.contains("_output_0") || !name.starts_with('/') {
            true => name.to_owned(),
            false => format!("{name}_output_0"),
        };
        self.graph.node.push(node.named(name).outputs([&output]));
        output
    }

    fn op(&mut self, op_type: &str, inputs: &[&str], name: &str) -> String {
        self.add(Node::new(op_type).inputs(inputs), name)
    }

    fn constant<T: Element>(&mut self, array: &Array<T>) -> String {
        let name = format!("constant {}", self.graph.initializer.len());
        self.graph
            .initializer
            .push(Tensor::from_array(&name, array));
        name
    }

    fn ints(&mut self, values: &[i64]) -> String {
        self.constant(&Array::vector(values.to_vec()))
    }

    fn scalar(&mut self, value: f32) -> String {
        self.constant(&Array::scalar(value))
    }

    /// Weights around zero, a third of `size` each.
    fn weight(&mut self, dims: &[usize], size: f32) -> String {
        let data = (0..dims.iter().product()).map(|_| {
            self.noise = self
                .noise
                .wrapping_mul(1_664_525)
                .wrapping_add(1_013_904_223);
            size * ((self.noise >> 8) as f32 / (1 << 23) as f32 - 1.0)
        });
        let data = data.collect();
        self.constant(&Array::new(dims.to_vec(), data).expect("as many"))
    }

    fn acoustic(&mut self) {
        let cast = Node::new("Cast").inputs(["input_ids"]);
        let x = self.add(cast.int("to", DataType::Float as i64), "/encoder/Cast");
        let slow = self.op("Div", &[&x, "speed"], "/encoder/Round");
        let one = self.scalar(1.0);
        self.op("Clip", &[&slow, &one], "/encoder/Clip");
        let axis = self.ints(&[1]);
        let column = self.op("Unsqueeze", &[&x, &axis], "/encoder/Unsqueeze");
        let weight = self.weight(&[1, 512, 1], 0.3);
        self.op("Mul", &[&column, &weight], "/encoder/MatMul_1");
        let twice = Node::new("Concat").inputs([&x, &x]).int("axis", 1);
        let twice = self.add(twice, "/encoder/Concat");
        for name in ["/encoder/Reshape", "/encoder/Reshape_1"] {
            let weight = self.weight(&[1], 2.0);
            self.op("Mul", &[&twice, &weight], name);
        }
    }

    fn low_rate(&mut self) {
        let text = "/encoder/MatMul_1_output_0";
        let twice = Node::new("Concat").inputs([text, text]).int("axis", 2);
        let mut x = self.add(twice, "/decoder/decoder/Concat");
        let axis = self.ints(&[1]);
        for value in ["/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0"] {
            let name = format!("/decoder{value}");
            let row = self.op("Unsqueeze", &[value, &axis], &name);
            x = self.op("Add", &[&x, &row], &format!("{name}/Add"));
        }
        let root = self.scalar(2_f32.sqrt());
        self.op("Div", &[&x, &root], "/decoder/decoder/decode.3/Div_4");
    }

    fn source(&mut self) {
        let repeats = self.ints(&[1, 60]);
        let pitch = "/encoder/Reshape_output_0";
        let x = self.op("Tile", &[pitch, &repeats], &format!("{G}/Tile"));
        let pads = self.ints(&[0, 0, 0, 1]);
        let x = self.op("Pad", &[&x, &pads], &format!("{G}/Pad"));
        let axis = self.ints(&[1]);
        let x = self.op("Unsqueeze", &[&x, &axis], &format!("{G}/Unsqueeze"));
        let weight = self.weight(&[1, 22, 1], 1.0);
        let x = self.op("Mul", &[&x, &weight], &format!("{G}/Mul_9"));
        self.op("Sin", &[&x], &format!("{G}/Concat_3"));
    }

    fn first_stage(&mut self) {
        let source = format!("{G}/Concat_3_output_0");
        let weights = [self.weight(&[256, 22, 12], 0.1), self.weight(&[256], 0.1)];
        let node = Node::new("Conv").inputs([&source, &weights[0], &weights[1]]);
        let node = node.ints("kernel_shape", &[12]).ints("strides", &[6]);
        let node = node.ints("pads", &[3, 3]).ints("dilations", &[1]);
        let noise = self.add(node, &format!("{G}/noise_convs.0/Conv"));
        let normal = self.normal(&noise, "noise_res.0/adain1.0");
        let noise = self.norm(&normal, "noise_res.0/adain1.0", 256);
        let noise = self.snake(&noise, "noise_res.0", 256);

        let low = "/decoder/decoder/decode.3/Div_4_output_0";
        let weights = [self.weight(&[512, 256, 20], 0.1), self.weight(&[256], 0.1)];
        let node = Node::new("ConvTranspose").inputs([low, &weights[0], &weights[1]]);
        let node = node.ints("kernel_shape", &[20]).ints("strides", &[10]);
        let node = node.ints("pads", &[5, 5]).ints("output_padding", &[0]);
        let x = self.add(node, &format!("{G}/ups.0/ConvTranspose"));
        let x = self.op("Add", &[&x, &noise], &format!("{G}/Add_2"));
        // Two blocks normalise the same, each to its own style.
        let normal = self.normal(&x, "resblocks.0/adain1.0");
        let a = self.norm(&normal, "resblocks.0/adain1.0", 256);
        let b = self.norm(&normal, "resblocks.1/adain1.0", 256);
        let x = self.op("Add", &[&a, &b], &format!("{G}/Add_4"));
        let three = self.scalar(3.0);
        self.op("Div", &[&x, &three], &format!("{G}/Div_2"));
    }

    fn second_stage(&mut self) {
        let middle = format!("{G}/Div_2_output_0");
        let x = Node::new("LeakyRelu").inputs([&middle]).float("alpha", 0.1);
        let x = self.add(x, &format!("{G}/LeakyRelu_1"));
        let weights = [self.weight(&[256, 128, 12], 0.1), self.weight(&[128], 0.1)];
        let node = Node::new("ConvTranspose").inputs([&x, &weights[0], &weights[1]]);
        let node = node.ints("kernel_shape", &[12]).ints("strides", &[6]);
        let x = self.add(
            node.ints("pads", &[3, 3]),
            &format!("{G}/ups.1/ConvTranspose"),
        );
        let pads = self.ints(&[0, 0, 1, 0, 0, 0]);
        let pad = Node::new("Pad").inputs([&x, &pads]).text("mode", "reflect");
        let x = self.add(pad, &format!("{G}/reflection_pad/Pad"));
        let source = format!("{G}/Concat_3_output_0");
        let weight = self.weight(&[128, 22, 1], 0.3);
        let node = Node::new("Conv").inputs([&source, &weight]);
        let noise = self.add(node, &format!("{G}/noise_convs.1/Conv"));
        let x = self.op("Add", &[&x, &noise], &format!("{G}/Add_5"));
        let normal = self.normal(&x, "resblocks.3/adain1.0");
        let x = self.norm(&normal, "resblocks.3/adain1.0", 128);
        let weights = [self.weight(&[22, 128, 7], 0.1), self.weight(&[22], 0.1)];
        let node = Node::new("Conv").inputs([&x, &weights[0], &weights[1]]);
        let node = node.ints("kernel_shape", &[7]).ints("pads", &[3, 3]);
        let x = self.add(node, &format!("{G}/conv_post/Conv"));
        let (start, end, axes) = (self.ints(&[0, 0]), self.ints(&[5, -1]), self.ints(&[1, 2]));
        let x = self.op("Slice", &[&x, &start, &end, &axes], &format!("{G}/Slice_1"));
        let x = Node::new("Transpose").inputs([&x]).ints("perm", &[0, 2, 1]);
        let x = self.add(x, &format!("{G}/Transpose_9"));
        let shape = self.ints(&[1, -1]);
        self.op("Reshape", &[&x, &shape], "waveform");
    }

    /// Mean zero, variance one, as the export writes it.
    fn normal(&mut self, x: &str, place: &str) -> String {
        let name = |what: &str| format!("{G}/{place}/{what}");
        let axis = self.ints(&[2]);
        let mean = self.op("ReduceMean", &[x, &axis], &name("ReduceMean"));
        let centred = self.op("Sub", &[x, &mean], &name("Sub"));
        let square = self.op("Mul", &[&centred, &centred], &name("Mul_2"));
        let variance = self.op("ReduceMean", &[&square, &axis], &name("ReduceMean_2"));
        let epsilon = self.scalar(1e-5);
        let sum = self.op("Add", &[&variance, &epsilon], &name("Add_2"));
        let root = self.op("Sqrt", &[&sum], &name("Sqrt"));
        self.op("Div", &[&centred, &root], &name("Div_1"))
    }

    /// What the style makes of it.
    fn norm(&mut self, normal: &str, place: &str, channels: usize) -> String {
        let name = |what: &str| format!("{G}/{place}/{what}");
        let (from, to, axis) = (self.ints(&[0]), self.ints(&[128]), self.ints(&[1]));
        let style = self.op("Slice", &["style", &from, &to, &axis], &name("style/Slice"));
        let weights = [
            self.weight(&[2 * channels, 128], 0.1),
            self.weight(&[2 * channels], 0.5),
        ];
        let node = Node::new("Gemm").inputs([&style, &weights[0], &weights[1]]);
        let affine = self.add(node.int("transB", 1), &name("fc/Gemm"));
        let last = self.ints(&[2]);
        let affine = self.op("Unsqueeze", &[&affine, &last], &name("Unsqueeze"));
        let (half, all) = (
            self.ints(&[channels as i64]),
            self.ints(&[2 * channels as i64]),
        );
        let gamma = self.op("Slice", &[&affine, &from, &half, &axis], &name("Slice"));
        let beta = self.op("Slice", &[&affine, &half, &all, &axis], &name("Slice_1"));
        let one = self.scalar(1.0);
        let gamma = self.op("Add", &[&gamma, &one], &name("Add_1"));
        let scaled = self.op("Mul", &[&gamma, normal], &name("Mul_3"));
        self.op("Add", &[&scaled, &beta], &name("Add_3"))
    }

    /// `x + sin(alpha x)^2 / alpha` (Ziyin et al. 2020).
    fn snake(&mut self, x: &str, place: &str, channels: usize) -> String {
        let name = |what: &str| format!("{G}/{place}/{what}");
        let alpha = self.weight(&[1, channels, 1], 1.0);
        let angle = self.op("Mul", &[&alpha, x], &name("Mul"));
        let wave = self.op("Sin", &[&angle], &name("Sin"));
        let two = self.scalar(2.0);
        let wave = self.op("Pow", &[&wave, &two], &name("Pow"));
        let scale = self.weight(&[1, channels, 1], 1.0);
        let wave = self.op("Mul", &[&scale, &wave], &name("Mul_1"));
        self.op("Add", &[x, &wave], &name("Add"))
    }
}
