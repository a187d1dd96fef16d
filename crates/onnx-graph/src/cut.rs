//! Cutting a part out of a graph.

use std::collections::HashSet;

use crate::GraphError;
use crate::proto::{Graph, Node, Tensor, ValueInfo};

/// Removes nodes and constants that no output needs. Inputs stay.
pub fn prune(graph: &mut Graph) {
    let mut needed: HashSet<String> = graph
        .output
        .iter()
        .map(|output| output.name().to_owned())
        .collect();
    // Nodes are in topological order: from the back, every user is seen before its maker.
    let mut keep: Vec<bool> = graph
        .node
        .iter()
        .rev()
        .map(|node| {
            let used = node.output.iter().any(|output| needed.contains(output));
            if used {
                needed.extend(node.uses().into_iter().map(str::to_owned));
            }
            used
        })
        .collect();
    keep.reverse();
    let mut keep = keep.into_iter();
    graph.node.retain(|_| keep.next().unwrap_or(true));
    graph
        .initializer
        .retain(|tensor| needed.contains(tensor.name()));
    graph.value_info.retain(|info| needed.contains(info.name()));
}

/// The part of a graph between some values and some others: `inputs` become its inputs whatever
/// made them before, `outputs` its outputs, and what lies outside is gone.
///
/// # Errors
/// [`GraphError::NoValue`] when an output is not made, or when something the part needs is neither
/// in it nor among `inputs`.
pub fn extract(
    graph: &Graph,
    inputs: Vec<ValueInfo>,
    outputs: Vec<ValueInfo>,
) -> Result<Graph, GraphError> {
    let given: HashSet<&str> = inputs.iter().map(|input| input.name()).collect();
    let makes_given = |node: &&Node| node.output.iter().any(|name| given.contains(name.as_str()));
    // Constants are most of a graph: only those that stay are copied.
    let mut part = Graph {
        node: graph
            .node
            .iter()
            .filter(|node| !makes_given(node))
            .cloned()
            .collect(),
        name: graph.name.clone(),
        initializer: Vec::new(),
        doc_string: graph.doc_string.clone(),
        input: Vec::new(),
        output: outputs,
        value_info: graph.value_info.clone(),
        quantization_annotation: graph.quantization_annotation.clone(),
        sparse_initializer: graph.sparse_initializer.clone(),
        metadata_props: graph.metadata_props.clone(),
    };
    prune(&mut part);
    let used = part.node.iter().flat_map(Node::uses);
    let used: HashSet<&str> = used.chain(part.output.iter().map(|o| o.name())).collect();
    let stays = |tensor: &&Tensor| used.contains(tensor.name()) && !given.contains(tensor.name());
    part.initializer = graph.initializer.iter().filter(stays).cloned().collect();
    check_closed(&part, &given)?;
    part.input = inputs;
    Ok(part)
}

/// Every value used is given, constant, or made by an earlier node.
fn check_closed(graph: &Graph, given: &HashSet<&str>) -> Result<(), GraphError> {
    let mut known = given.clone();
    known.extend(graph.initializer.iter().map(|tensor| tensor.name()));
    for node in &graph.node {
        let mut own: HashSet<&str> = HashSet::new();
        for branch in node.branches() {
            collect_made(branch, &mut own);
        }
        if let Some(missing) = node
            .uses()
            .into_iter()
            .find(|name| !known.contains(name) && !own.contains(name))
        {
            return Err(GraphError::NoValue(missing.to_owned()));
        }
        known.extend(node.output.iter().map(String::as_str));
    }
    match graph
        .output
        .iter()
        .find(|output| !known.contains(output.name()))
    {
        Some(missing) => Err(GraphError::NoValue(missing.name().to_owned())),
        None => Ok(()),
    }
}

/// Everything that a branch makes itself, at any depth.
fn collect_made<'a>(branch: &'a Graph, names: &mut HashSet<&'a str>) {
    names.extend(branch.input.iter().map(|input| input.name()));
    names.extend(branch.initializer.iter().map(|tensor| tensor.name()));
    for node in &branch.node {
        names.extend(node.output.iter().map(String::as_str));
        for inner in node.branches() {
            collect_made(inner, names);
        }
    }
}
