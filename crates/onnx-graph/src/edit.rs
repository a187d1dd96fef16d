//! Changing a graph in place: insert, replace, rename, put in order.

use std::collections::{HashMap, HashSet};

use crate::GraphError;
use crate::proto::{Graph, Node};

/// Puts nodes in before the node of that name.
///
/// # Errors
/// [`GraphError::NoNode`].
pub fn insert(graph: &mut Graph, before: &str, nodes: Vec<Node>) -> Result<(), GraphError> {
    let position = position(graph, before)?;
    graph.node.splice(position..position, nodes);
    Ok(())
}

/// Puts nodes in the place of the node of that name, and returns that.
///
/// # Errors
/// [`GraphError::NoNode`].
pub fn replace(graph: &mut Graph, name: &str, nodes: Vec<Node>) -> Result<Node, GraphError> {
    let position = position(graph, name)?;
    let old = graph.node.remove(position);
    graph.node.splice(position..position, nodes);
    Ok(old)
}

/// Gives a value another name wherever it is made or used, in branches too.
///
/// # Errors
/// [`GraphError::NoValue`] when nothing has the old name, [`GraphError::Taken`] when something has
/// the new one.
pub fn rename_value(graph: &mut Graph, from: &str, to: &str) -> Result<(), GraphError> {
    if from == to {
        return Ok(());
    }
    if names(graph).any(|name| name == to) {
        return Err(GraphError::Taken(to.to_owned()));
    }
    if !names(graph).any(|name| name == from) {
        return Err(GraphError::NoValue(from.to_owned()));
    }
    rename_everywhere(graph, from, to);
    Ok(())
}

/// Puts the nodes into topological order, as little changed as possible.
///
/// # Errors
/// [`GraphError::Cycle`].
pub fn sort(graph: &mut Graph) -> Result<(), GraphError> {
    let makers: HashMap<String, usize> = graph
        .node
        .iter()
        .enumerate()
        .flat_map(|(place, node)| node.output.iter().map(move |name| (name.clone(), place)))
        .collect();
    let needs: Vec<Vec<usize>> = graph
        .node
        .iter()
        .map(|node| {
            let mut places: Vec<usize> = node
                .uses()
                .into_iter()
                .filter_map(|name| makers.get(name).copied())
                .collect();
            places.dedup();
            places
        })
        .collect();
    let mut order = Vec::with_capacity(needs.len());
    let mut done = vec![false; needs.len()];
    let mut open = HashSet::new();
    // Of each node, how many of its needs are known to be met.
    let mut met = vec![0; needs.len()];
    for start in 0..needs.len() {
        // Depth first with an own stack: a long chain must not exhaust the thread's.
        let mut stack = vec![start];
        while let Some(&place) = stack.last() {
            if done[place] {
                stack.pop();
                continue;
            }
            open.insert(place);
            let needs = &needs[place];
            while needs.get(met[place]).is_some_and(|&need| done[need]) {
                met[place] += 1;
            }
            match needs.get(met[place]) {
                Some(need) if open.contains(need) => {
                    return Err(GraphError::Cycle(graph.node[*need].name().to_owned()));
                }
                Some(&need) => stack.push(need),
                None => {
                    done[place] = true;
                    open.remove(&place);
                    order.push(place);
                    stack.pop();
                }
            }
        }
    }
    let mut nodes: Vec<Option<Node>> = graph.node.drain(..).map(Some).collect();
    graph.node = order
        .into_iter()
        .filter_map(|place| nodes[place].take())
        .collect();
    Ok(())
}

fn position(graph: &Graph, name: &str) -> Result<usize, GraphError> {
    graph
        .node
        .iter()
        .position(|node| node.name() == name)
        .ok_or_else(|| GraphError::NoNode(name.to_owned()))
}

/// Names of all values of the graph itself.
fn names(graph: &Graph) -> impl Iterator<Item = &str> {
    let constants = graph.initializer.iter().map(|tensor| tensor.name());
    let inputs = graph.input.iter().map(|input| input.name());
    let made = graph.node.iter().flat_map(|node| &node.output);
    constants.chain(inputs).chain(made.map(String::as_str))
}

fn rename_everywhere(graph: &mut Graph, from: &str, to: &str) {
    let change = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    for tensor in &mut graph.initializer {
        tensor.name.as_mut().map(change);
    }
    for info in graph
        .input
        .iter_mut()
        .chain(&mut graph.output)
        .chain(&mut graph.value_info)
    {
        info.name.as_mut().map(change);
    }
    for node in &mut graph.node {
        node.input
            .iter_mut()
            .chain(&mut node.output)
            .for_each(change);
        for attribute in &mut node.attribute {
            for branch in attribute.g.iter_mut().chain(&mut attribute.graphs) {
                rename_everywhere(branch, from, to);
            }
        }
    }
}
