//! Frames of a window that only help their neighbours: their columns are dropped as soon as no
//! later layer looks at them, so that most layers never compute them.

use std::collections::HashMap;

use onnx_graph::proto::ValueInfo;
use onnx_graph::{Array, DataType, Dim, Graph, GraphError, Node, Tensor};

use super::images;
use super::norms::Norm;
use super::reckon::Reckoner;

/// Frames left and right that are context only: i64 [2]. An input that may be left out; then there
/// is none, and the output has all frames of the window.
const CONTEXT: &str = "context";

/// What is known of a stage.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// The input whose length says how many frames there are, and how many columns it has of one.
    pub input: (&'static str, i64),
    /// Columns of a frame where the stage normalises.
    pub rate: i64,
    /// Columns that it has there besides.
    pub more: i64,
    /// The last value that is convolved, and columns of context that what follows needs. Where it
    /// needs none, it can drop none, and no more are left.
    pub last: (&'static str, i64),
    /// Columns that are worth dropping: what stays is copied.
    pub worth: i64,
}

/// Columns of context that values have left when none is missing at the window's ends: the number
/// in `margins`, or as many as the frames that were given have, if these are fewer.
#[derive(Debug)]
pub struct Dropped {
    /// Of every value at the stage's rate.
    pub margins: HashMap<String, i64>,
    /// Value i64 [1]: columns of the context on the left.
    pub left: String,
    /// Value i64 [1]: frames that are not context.
    pub core: String,
}

/// More than any window has.
const ALL: i64 = 1 << 40;

/// For each block, the values around which its residuals go, and the columns of context that it
/// needs of them.
type Starts = HashMap<String, HashMap<String, i64>>;

/// A place where columns are dropped.
struct Crop {
    value: String,
    from: i64,
    to: i64,
    name: String,
}

/// Adds `context` to a stage whose convolutions are over images, and drops columns at the start of
/// every pair of convolutions around which a residual goes, and where values of different lengths
/// meet.
///
/// # Errors
/// When the stage is not built as expected.
pub fn drop_columns(
    graph: &mut Graph,
    norms: &[Norm],
    columns: &Columns,
) -> Result<Dropped, GraphError> {
    let last = images::image(columns.last.0);
    let makes = |node: &Node| node.output.contains(&last);
    let end = graph.node.iter().position(makes);
    let end = end.ok_or_else(|| GraphError::NoValue(last.clone()))?;
    let rest = graph.node.split_off(end + 1);
    let needs = needs(&graph.node, &last, columns.last.1)?;
    let starts = residual_starts(&graph.node, norms, &needs)?;

    let mut crops: Vec<Crop> = Vec::new();
    let mut margins: HashMap<String, i64> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    for mut node in std::mem::take(&mut graph.node) {
        let output = node.output_at(0)?.to_owned();
        let moving = |value: &String| margins.contains_key(value);
        if makes_columns(&node) || !node.input.iter().any(moving) {
            if makes_columns(&node) {
                margins.insert(output, ALL);
            }
            nodes.push(node);
            continue;
        }
        let block = starts.iter().find(|(block, _)| in_block(&node, block));
        let exactly = output == last && columns.last.1 == 0;
        let mut wanted: Vec<i64> = Vec::new();
        for value in node.input.iter().filter(|value| moving(value)) {
            let start = block.and_then(|(_, starts)| starts.get(value));
            let has = need(&margins, value)?;
            let to = start.copied().unwrap_or(has);
            wanted.push(if has - to < columns.worth { has } else { to });
        }
        let least = wanted.iter().copied().min().unwrap_or(ALL);
        let differ = wanted.iter().any(|&to| to != least);
        let needed = need(&needs, &output)?;
        let may = differ || output == last;
        let drop = exactly || may && least - needed >= columns.worth;
        let to = if drop { needed } else { least };
        let mut inputs = node.input.clone();
        for value in inputs.iter_mut().filter(|value| moving(value)) {
            let from = need(&margins, value)?;
            if from == to {
                continue;
            }
            let name = format!("context/{value}/{to}");
            if !crops.iter().any(|crop| crop.name == name) {
                nodes.push(Node::new("Slice").named(&name));
                crops.push(Crop {
                    value: value.clone(),
                    from,
                    to,
                    name: name.clone(),
                });
            }
            *value = name;
        }
        node.input = inputs;
        margins.extend(crops.iter().map(|crop| (crop.name.clone(), crop.to)));
        margins.insert(output, to);
        nodes.push(node);
    }
    let (mut reckoned, left, core) = reckon(graph, columns, &crops, &mut nodes);
    reckoned.append(&mut nodes);
    reckoned.extend(rest);
    graph.node = reckoned;
    Ok(Dropped {
        margins,
        left,
        core,
    })
}

/// Drops the samples of context, of which there are `samples` a column of [`Columns::last`].
///
/// # Errors
/// When nothing makes `audio`.
pub fn drop_samples(
    graph: &mut Graph,
    columns: &Columns,
    dropped: &Dropped,
    samples: i64,
) -> Result<(), GraphError> {
    let (audio, whole) = ("audio", "context/audio");
    let outputs = graph.node.iter_mut().flat_map(|node| &mut node.output);
    let made = outputs.into_iter().find(|output| *output == audio);
    *made.ok_or_else(|| GraphError::NoValue(audio.to_owned()))? = whole.to_owned();
    let mut r = Reckoner::new("samples");
    let margin = need(&dropped.margins, &images::image(columns.last.0))?;
    let (margin, samples_each) = (r.ints(&[margin]), r.ints(&[samples]));
    let (per_frame, axis) = (r.ints(&[samples * columns.rate]), r.ints(&[1]));
    let margin = r.op("Min", &[&margin, &dropped.left]);
    let start = r.op("Mul", &[&margin, &samples_each]);
    let length = r.op("Mul", &[&dropped.core, &per_frame]);
    let end = r.op("Add", &[&start, &length]);
    let mut nodes = r.finish(graph);
    graph.node.append(&mut nodes);
    let slice = Node::new("Slice").named(audio).outputs([audio]);
    graph.node.push(slice.inputs([whole, &start, &end, &axis]));
    Ok(())
}

fn need(needs: &HashMap<String, i64>, value: &str) -> Result<i64, GraphError> {
    let need = needs.get(value).copied();
    need.ok_or_else(|| GraphError::NoValue(value.to_owned()))
}

/// Columns of context that every value needs for `last` to have `spare`.
fn needs(nodes: &[Node], last: &str, spare: i64) -> Result<HashMap<String, i64>, GraphError> {
    let mut needs = HashMap::from([(last.to_owned(), spare)]);
    for node in nodes.iter().rev().filter(|node| !makes_columns(node)) {
        let Some(need) = needs.get(node.output_at(0)?).copied() else {
            continue;
        };
        for input in &node.input {
            let own = needs.entry(input.clone()).or_default();
            *own = (*own).max(need + reach(node));
        }
    }
    Ok(needs)
}

fn residual_starts(
    nodes: &[Node],
    norms: &[Norm],
    needs: &HashMap<String, i64>,
) -> Result<Starts, GraphError> {
    let mut starts = Starts::new();
    for norm in norms {
        let block = norm.block();
        let users = nodes.iter().filter(|node| node.input.contains(&norm.x));
        let users: Vec<&Node> = users.filter(|node| in_block(node, block)).collect();
        if !users.iter().any(|node| node.op_type() == "Add") {
            continue;
        }
        let mut need = 0;
        for node in users {
            need = need.max(needs.get(node.output_at(0)?).copied().unwrap_or(0) + reach(node));
        }
        let of_block = starts.entry(block.to_owned()).or_default();
        of_block.insert(norm.x.clone(), need);
    }
    Ok(starts)
}

/// What makes columns at the stage's rate out of something else.
fn makes_columns(node: &Node) -> bool {
    let of_source = || node.input.first() == Some(&images::image("source"));
    match node.op_type() {
        "ConvTranspose" | "Pad" => true,
        "Conv" => of_source(),
        _ => false,
    }
}

fn in_block(node: &Node, block: &str) -> bool {
    let within = node.name().strip_prefix(block);
    within.is_some_and(|name| name.starts_with('/'))
}

/// Columns that a node looks to either side: a convolution's padding, which keeps lengths.
fn reach(node: &Node) -> i64 {
    let pads = node.find("pads").filter(|_| node.op_type() == "Conv");
    pads.and_then(|pads| pads.ints.get(1)).copied().unwrap_or(0)
}

/// Gives the places in `nodes` where columns are dropped their bounds. Returns the nodes that
/// reckon these, columns of the left context, and frames of the core.
fn reckon(
    graph: &mut Graph,
    columns: &Columns,
    crops: &[Crop],
    nodes: &mut [Node],
) -> (Vec<Node>, String, String) {
    let pair: [Dim; 1] = [2.into()];
    let input = ValueInfo::tensor(CONTEXT, DataType::Int64, &pair);
    graph.input.push(input);
    let none = Tensor::from_array(CONTEXT, &Array::vector(vec![0_i64, 0]));
    graph.initializer.push(none);

    let mut r = Reckoner::new("context");
    let [zero, one, two, axis] = [0, 1, 2, 3].map(|number| r.ints(&[number]));
    let shape = Node::new("Shape").inputs([columns.input.0]);
    let length = r.add(shape.int("start", 2).int("end", 3));
    let per_frame = r.ints(&[columns.input.1]);
    let frames = r.op("Div", &[&length, &per_frame]);
    let context = r.add(Node::new("ReduceSum").inputs([CONTEXT, &zero]));
    let core = r.op("Sub", &[&frames, &context]);
    let (rate, more) = (r.ints(&[columns.rate]), r.ints(&[columns.more]));
    let core_columns = r.op("Mul", &[&core, &rate]);
    let core_columns = r.op("Add", &[&core_columns, &more]);
    let context = r.op("Mul", &[CONTEXT, &rate]);
    let left = r.op("Slice", &[&context, &zero, &one]);
    let right = r.op("Slice", &[&context, &one, &two]);
    let list = |of: fn(&Crop) -> i64| crops.iter().map(of).collect::<Vec<i64>>();
    let before = r.ints(&list(|crop| crop.from));
    let after = r.ints(&list(|crop| crop.to));
    let before = r.op("Min", &[&before, &left]);
    let left_after = r.op("Min", &[&after, &left]);
    let right_after = r.op("Min", &[&after, &right]);
    let starts = r.op("Sub", &[&before, &left_after]);
    let lengths = r.op("Add", &[&left_after, &right_after]);
    let lengths = r.op("Add", &[&lengths, &core_columns]);
    let ends = r.op("Add", &[&starts, &lengths]);
    let starts = r.each(&starts, crops.len());
    let ends = r.each(&ends, crops.len());
    for node in nodes.iter_mut() {
        let crop = crops.iter().position(|crop| crop.name == node.name());
        if let Some(place) = crop {
            let bounds = Node::new("Slice").named(&crops[place].name);
            let inputs = [&crops[place].value, &starts[place], &ends[place], &axis];
            *node = bounds.inputs(inputs).outputs([&crops[place].name]);
        }
    }
    (r.finish(graph), left, core)
}
