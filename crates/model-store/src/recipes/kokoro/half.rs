//! Half precision, for processors that are fast in it: reading an export that has it, and giving it
//! to a stage of the generator.

use std::collections::{HashMap, HashSet};

use half::f16;
use onnx_graph::{DataType, Graph, GraphError, Model, Node, Tensor, prune};

use super::{images, own};

/// What the names of the casts contain that a converter puts around nodes it leaves in full.
const CASTS: [&str; 2] = ["_input_cast", "_output_cast"];

/// Turns an export in half precision into the one in full that it was made from, but for the
/// rounding of its weights.
///
/// # Errors
/// When a weight is not what its shape says.
pub fn widen(mut model: Model) -> Result<Model, GraphError> {
    let graph = model.main_mut()?;
    let is_cast = |node: &Node| {
        node.op_type() == "Cast" && CASTS.iter().any(|part| node.name().contains(part))
    };
    let (casts, nodes): (Vec<Node>, Vec<Node>) = std::mem::take(&mut graph.node)
        .into_iter()
        .partition(is_cast);
    graph.node = nodes;
    for cast in casts {
        let (from, to) = (cast.input_at(0)?, cast.output_at(0)?);
        // Behind a node the second name is the original's, before it the first.
        if cast.name().contains(CASTS[1]) {
            rename(graph, from, to);
        } else {
            rename(graph, to, from);
        }
    }
    for tensor in &mut graph.initializer {
        widen_tensor(tensor)?;
    }
    for node in &mut graph.node {
        for attribute in &mut node.attribute {
            if let Some(tensor) = &mut attribute.t {
                widen_tensor(tensor)?;
            }
            let to_half = attribute.i == Some(DataType::Float16 as i64);
            if node.op_type.as_deref() == Some("Cast") && attribute.name() == "to" && to_half {
                attribute.i = Some(DataType::Float as i64);
            }
        }
    }
    Ok(model)
}

/// Gives a value of the main graph another name, which may be there already.
fn rename(graph: &mut Graph, from: &str, to: &str) {
    let nodes = graph.node.iter_mut();
    let names = nodes.flat_map(|node| node.input.iter_mut().chain(&mut node.output));
    for name in names.filter(|name| *name == from) {
        *name = to.to_owned();
    }
}

fn widen_tensor(tensor: &mut Tensor) -> Result<(), GraphError> {
    if tensor.data_type() == DataType::Float16 as i32 {
        let full = tensor.to_array::<f16>()?.map(f16::to_f32);
        *tensor = Tensor::from_array(tensor.name(), &full);
    }
    Ok(())
}

/// Gives half precision to everything up to the one that makes `last`, but for statistics. What
/// goes in and comes out stays in full.
///
/// # Errors
/// When a weight is not what its shape says, or nothing makes `last`.
pub fn narrow(graph: &mut Graph, last: &str) -> Result<(), GraphError> {
    let floats = float_values(graph);
    let halves = half_nodes(graph, last, &floats)?;
    let made: HashSet<String> = graph
        .node
        .iter()
        .filter(|node| halves.contains(node.name()))
        .flat_map(|node| node.output.clone())
        .collect();
    let constants: HashMap<String, Tensor> = graph
        .initializer
        .iter()
        .filter(|tensor| tensor.data_type() == DataType::Float as i32)
        .map(|tensor| (tensor.name().to_owned(), tensor.clone()))
        .collect();

    let mut known: HashSet<String> = HashSet::new();
    let mut nodes: Vec<Node> = Vec::new();
    for mut node in std::mem::take(&mut graph.node) {
        let is_half = halves.contains(node.name());
        for input in &mut node.input {
            if !floats.contains(input) || made.contains(input) == is_half {
                continue;
            }
            let (ending, to) = match is_half {
                true => ("half", DataType::Float16),
                false => ("full", DataType::Float),
            };
            let name = format!("{input}:{ending}");
            if known.insert(name.clone()) {
                match constants.get(input) {
                    Some(tensor) => {
                        let half = tensor.to_array::<f32>()?.map(f16::from_f32);
                        graph.initializer.push(Tensor::from_array(&name, &half));
                    }
                    None => {
                        let cast = Node::new("Cast").named(&name).inputs([&*input]);
                        nodes.push(cast.outputs([&name]).int("to", to as i64));
                    }
                }
            }
            *input = name;
        }
        nodes.push(node);
    }
    graph.node = nodes;
    prune(graph);
    Ok(())
}

/// Names of the nodes that are to be in half precision: those that `last` is made by, and make
/// floats. Their outputs are all floats.
fn half_nodes(
    graph: &Graph,
    last: &str,
    floats: &HashSet<String>,
) -> Result<HashSet<String>, GraphError> {
    let mut needed: HashSet<&str> = HashSet::from([last]);
    let mut halves = HashSet::new();
    for node in graph.node.iter().rev() {
        if !node
            .output
            .iter()
            .any(|output| needed.contains(output.as_str()))
        {
            continue;
        }
        needed.extend(node.uses());
        if floats.contains(node.output_at(0)?) && !is_in_full(node) {
            halves.insert(node.name().to_owned());
        }
    }
    match halves.is_empty() {
        true => Err(GraphError::NoValue(last.to_owned())),
        false => Ok(halves),
    }
}

/// Scales and shifts, and what is added up to find them: few numbers, and large ones.
fn is_in_full(node: &Node) -> bool {
    let given = ["scale", "shift"].map(images::image);
    own::is_in_full(node) || node.op_type() == "Split" || given.contains(&node.name().to_owned())
}

/// Every value that is a float, as far as a stage's operators go.
fn float_values(graph: &Graph) -> HashSet<String> {
    let is_float = |tensor: &&Tensor| tensor.data_type() == DataType::Float as i32;
    let constants = graph.initializer.iter().filter(is_float);
    let mut floats: HashSet<String> = constants.map(|tensor| tensor.name().to_owned()).collect();
    let inputs = graph.input.iter().map(|input| input.name().to_owned());
    let whole = ["context", "whole"];
    floats.extend(inputs.filter(|name| !whole.contains(&name.as_str())));
    for node in &graph.node {
        let first = usize::from(node.op_type() == "Where");
        let makes = match node.op_type() {
            "Shape" | "Equal" | "Greater" | "Less" => false,
            "Cast" => node.find("to").and_then(|to| to.i) == Some(DataType::Float as i64),
            "Constant" => {
                let tensor = node.constant();
                tensor.is_some_and(|tensor| tensor.data_type() == DataType::Float as i32)
            }
            _ => node
                .input
                .get(first)
                .is_some_and(|input| floats.contains(input)),
        };
        if makes {
            floats.extend(node.output.iter().cloned());
        }
    }
    floats
}
