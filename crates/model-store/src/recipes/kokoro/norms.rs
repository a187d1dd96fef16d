//! Adaptive instance normalisation (Huang and Belongie 2017), as the export writes it out:
//! `(1 + gamma) * (x - mean) / sqrt(variance + epsilon) + beta`, with gamma and beta made of the
//! style, mean and variance taken over all frames.

use std::collections::HashMap;

use onnx_graph::proto::ValueInfo;
use onnx_graph::{Array, Builder, DataType, Dim, Graph, GraphError, Index, Model, Node, Tensor};

/// Version of the standard operators that [`table`] is written in.
const OPSET: i64 = 17;

/// How the names of the nodes end that multiply and add what is given.
const SCALED: &str = "/scaled";
const SHIFTED: &str = "/shifted";

/// One normalisation in a graph.
#[derive(Clone, Debug)]
pub struct Norm {
    /// What its nodes' names begin with.
    base: String,
    /// What is normalised: [1, channels, frames].
    pub x: String,
    /// Value of the mean, [1, channels, 1]. Norms of one `x` share it.
    pub mean: String,
    /// Value of the variance, likewise.
    pub variance: String,
    /// What is added to it before the root is taken.
    pub epsilon: f32,
    /// [2 * channels, style] and [2 * channels]: gammas, then betas.
    weight: Array<f32>,
    bias: Array<f32>,
    /// How many there are.
    pub channels: usize,
    /// Name of the last node, and the value that it makes.
    last: String,
    y: String,
}

impl Norm {
    /// What the names of all nodes around it begin with.
    pub fn block(&self) -> &str {
        self.base.rsplit_once('/').map_or("", |(block, _)| block)
    }

    /// The value that [`apply_given`] multiplies by (`scale`) or adds (`shift`).
    pub fn given(&self, what: &str) -> String {
        format!("{}/{what}", self.base)
    }

    /// Whether it is one of the nodes that do so.
    pub fn applies(&self, node: &Node) -> bool {
        let own = node.name().strip_prefix(&self.base);
        own.is_some_and(|name| name == SCALED || name == SHIFTED)
    }
}

/// The normalisations of a graph, in the order of their first nodes.
///
/// # Errors
/// When a node `{base}/fc/Gemm`, which makes gamma and beta, is not followed by the rest.
pub fn find(graph: &Graph) -> Result<Vec<Norm>, GraphError> {
    let index = Index::new(graph);
    let mut users: HashMap<&str, Vec<&Node>> = HashMap::new();
    for node in &graph.node {
        for input in &node.input {
            users.entry(input).or_default().push(node);
        }
    }
    let user = |value: &str, op_type: &str| {
        let found = users.get(value).into_iter().flatten();
        let found = found.copied().find(|node| node.op_type() == op_type);
        found.ok_or_else(|| GraphError::NoNode(format!("{op_type} of {value}")))
    };
    let gemms = graph.node.iter().filter(|node| node.op_type() == "Gemm");
    let bases = gemms.filter_map(|node| Some((node, node.name().strip_suffix("/fc/Gemm")?)));
    let norm = |(gemm, base): (&Node, &str)| -> Result<Norm, GraphError> {
        let scale = index.node(&format!("{base}/Add_1"), "Add")?;
        let scaled = user(scale.output_at(0)?, "Mul")?;
        let last = user(scaled.output_at(0)?, "Add")?;
        let normal = other(scaled, scale.output_at(0)?)?;
        let normal = made_by(&index, normal, "Div")?;
        let centred = made_by(&index, normal.input_at(0)?, "Sub")?;
        let root = made_by(&index, normal.input_at(1)?, "Sqrt")?;
        let sum = made_by(&index, root.input_at(0)?, "Add")?;
        let weight: Array<f32> = index.constant(gemm.input_at(1)?)?;
        Ok(Norm {
            base: base.to_owned(),
            x: centred.input_at(0)?.to_owned(),
            mean: centred.input_at(1)?.to_owned(),
            variance: sum.input_at(0)?.to_owned(),
            epsilon: index.scalar(sum.input_at(1)?)?,
            channels: weight.matrix()?.0 / 2,
            bias: index.constant(gemm.input_at(2)?)?,
            weight,
            last: last.name().to_owned(),
            y: last.output_at(0)?.to_owned(),
        })
    };
    bases.map(norm).collect()
}

fn made_by<'a>(index: &Index<'a>, value: &str, op_type: &str) -> Result<&'a Node, GraphError> {
    index.node(index.maker(value)?.name(), op_type)
}

/// The one of two inputs that is not `value`.
fn other<'a>(node: &'a Node, value: &str) -> Result<&'a str, GraphError> {
    let position = usize::from(node.input_at(0)? == value);
    node.input_at(position)
}

/// Replaces each norm by `x * scale + shift` with the graph's new inputs `scale` and `shift`, both
/// [1, channels of all norms, 1].
///
/// # Errors
/// When a norm is another graph's.
pub fn apply_given(graph: &mut Graph, norms: &[Norm]) -> Result<(), GraphError> {
    let channels: Vec<i64> = norms.iter().map(|norm| norm.channels as i64).collect();
    let all: i64 = channels.iter().sum();
    let sizes = Tensor::from_array("norms/channels", &Array::vector(channels));
    graph.initializer.push(sizes);
    for norm in norms {
        let (scale, shift) = (norm.given("scale"), norm.given("shift"));
        let scaled = format!("{}{SCALED}", norm.base);
        let multiply = Node::new("Mul").named(&scaled);
        let add = Node::new("Add").named(&format!("{}{SHIFTED}", norm.base));
        let nodes = vec![
            multiply.inputs([&norm.x, &scale]).outputs([&scaled]),
            add.inputs([&scaled, &shift]).outputs([&norm.y]),
        ];
        onnx_graph::replace(graph, &norm.last, nodes)?;
    }
    for what in ["scale", "shift"] {
        let split = Node::new("Split").named(&format!("norms/{what}"));
        let split = split.inputs([what, "norms/channels"]).int("axis", 1);
        let parts: Vec<String> = norms.iter().map(|norm| norm.given(what)).collect();
        graph.node.insert(0, split.outputs(parts));
        let dims: [Dim; 3] = [1.into(), (all as usize).into(), 1.into()];
        let info = ValueInfo::tensor(what, DataType::Float, &dims);
        graph.input.push(info);
    }
    Ok(())
}

/// Positions in `norms` of those that take statistics of their own; the others share.
pub fn own_statistics(norms: &[Norm]) -> Vec<usize> {
    let first = |norm: &Norm| norms.iter().position(|earlier| earlier.mean == norm.mean);
    let places = norms.iter().enumerate();
    let own = places.filter(|(place, norm)| first(norm) == Some(*place));
    own.map(|(place, _)| place).collect()
}

/// The graph that turns style and statistics into scales and shifts, for several stages at once.
///
/// `style` f32 [1, 256], and for each stage `{name}.mean` and `{name}.variance` f32 [1, M], one
/// number a channel of each statistic -> `{name}.scale` and `{name}.shift` f32 [1, S, 1].
///
/// # Errors
/// When weights are not of the shape they should have, or a norm has another epsilon.
pub fn table(stages: &[(&'static str, &[Norm])]) -> Result<Model, GraphError> {
    let mut b = Builder::new("kokoro norms");
    let style = b.input("style", DataType::Float, &[1.into(), 256.into()]);
    for &(name, norms) in stages {
        let width = norms.first().map_or(0, |norm| norm.weight.dims()[1]);
        let (from, to, axis) = (b.ints(&[0]), b.ints(&[width as i64]), b.ints(&[1]));
        let half = b.add(Node::new("Slice").inputs([&style, &from, &to, &axis]));
        let mut affine = |what: &str, second: bool| -> Result<String, GraphError> {
            let (weight, bias) = joined(norms, width, second)?;
            let weight = b.constant(&format!("{name}.{what}.weight"), &weight);
            let bias = b.constant(&format!("{name}.{what}.bias"), &bias);
            let node = Node::new("Gemm").inputs([&half, &weight, &bias]);
            Ok(b.add(node.int("transB", 1)))
        };
        let (gamma, beta) = (affine("gamma", false)?, affine("beta", true)?);
        let one = b.scalar(1_f32);
        let gamma = b.add(Node::new("Add").inputs([&gamma, &one]));

        let (places, statistics) = places(norms);
        let places = b.constant(&format!("{name}.places"), &Array::vector(places));
        let mut statistic = |what: &str| {
            let name = format!("{name}.{what}");
            let given = b.input(&name, DataType::Float, &[1.into(), statistics.into()]);
            let node = Node::new("Gather").inputs([&given, &places]);
            b.add(node.int("axis", 1))
        };
        let (mean, variance) = (statistic("mean"), statistic("variance"));
        let epsilon = norms.first().map_or(0.0, |norm| norm.epsilon);
        if let Some(odd) = norms.iter().find(|norm| norm.epsilon != epsilon) {
            return Err(GraphError::NoConstant(format!("epsilon of {}", odd.base)));
        }
        let epsilon = b.scalar(epsilon);
        let root = b.add(Node::new("Add").inputs([&variance, &epsilon]));
        let root = b.add(Node::new("Sqrt").inputs([&root]));
        let scale = b.add(Node::new("Div").inputs([&gamma, &root]));
        let moved = b.add(Node::new("Mul").inputs([&mean, &scale]));
        let shift = b.add(Node::new("Sub").inputs([&beta, &moved]));
        let axis = b.ints(&[2]);
        let channels = norms.iter().map(|norm| norm.channels).sum::<usize>();
        for (value, what) in [(scale, "scale"), (shift, "shift")] {
            let value = b.add(Node::new("Unsqueeze").inputs([&value, &axis]));
            let dims: [Dim; 3] = [1.into(), channels.into(), 1.into()];
            b.output(&value, &format!("{name}.{what}"), DataType::Float, &dims)?;
        }
    }
    b.finish(OPSET)
}

/// The first or the second half of every norm's affine map, one below the other.
fn joined(
    norms: &[Norm],
    width: usize,
    second: bool,
) -> Result<(Array<f32>, Array<f32>), GraphError> {
    let (mut weights, mut biases) = (Vec::new(), Vec::new());
    for norm in norms {
        let start = if second { norm.channels } else { 0 };
        let rows = start..start + norm.channels;
        weights.extend(norm.weight.rows(rows.clone())?.into_data());
        biases.extend(norm.bias.rows(rows)?.into_data());
    }
    let weights = Array::new([biases.len(), width], weights)?;
    Ok((weights, Array::vector(biases)))
}

/// For each channel of each norm, where its statistics are; and how many there are.
fn places(norms: &[Norm]) -> (Vec<i64>, usize) {
    let mut starts: HashMap<&str, usize> = HashMap::new();
    let mut end = 0;
    for place in own_statistics(norms) {
        starts.insert(&norms[place].mean, end);
        end += norms[place].channels;
    }
    let range = |norm: &Norm| {
        let start = starts[norm.mean.as_str()];
        (start..start + norm.channels).map(|place| place as i64)
    };
    (norms.iter().flat_map(range).collect(), end)
}
