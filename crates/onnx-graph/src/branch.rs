//! Replacing an `If` by one of its branches.

use crate::GraphError;
use crate::proto::Graph;

/// Replaces the `If` of that name by the nodes of its branch (`then_branch` or `else_branch`), as
/// if its condition were constant. What the branch made is afterwards called as what the `If`
/// made; what it took from the graph around it needs no change.
///
/// # Errors
/// [`GraphError::NoNode`], [`GraphError::WrongOperator`], [`GraphError::NoPart`] when there is no
/// such branch or its outputs are not those of the `If`, and [`GraphError::Taken`] when a name of
/// the branch is also one of the graph.
pub fn inline_branch(graph: &mut Graph, name: &str, branch: &str) -> Result<(), GraphError> {
    let place = graph
        .node
        .iter()
        .position(|node| node.name() == name)
        .ok_or_else(|| GraphError::NoNode(name.to_owned()))?;
    let node = &graph.node[place];
    if node.op_type() != "If" {
        return Err(GraphError::WrongOperator {
            name: name.to_owned(),
            found: node.op_type().to_owned(),
            expected: "If".to_owned(),
        });
    }
    let mut body = node.branch(branch)?.clone();
    let wanted = node.output.clone();
    if body.output.len() != wanted.len() {
        return Err(GraphError::NoPart {
            node: name.to_owned(),
            part: format!("{} outputs in `{branch}`", wanted.len()),
        });
    }
    check_names(graph, place, &body)?;
    for (position, to) in wanted.iter().enumerate() {
        let from = body.output[position].name().to_owned();
        if &from != to && !to.is_empty() {
            crate::rename_value(&mut body, &from, to)?;
        }
    }
    graph.node.splice(place..=place, body.node);
    graph.initializer.append(&mut body.initializer);
    graph.value_info.append(&mut body.value_info);
    Ok(())
}

/// The branch makes nothing that the graph has already, but for the `If`'s own outputs.
fn check_names(graph: &Graph, place: usize, body: &Graph) -> Result<(), GraphError> {
    let made =
        |name: &str| {
            graph.initializer.iter().any(|tensor| tensor.name() == name)
                || graph.node.iter().enumerate().any(|(other, node)| {
                    other != place && node.output.iter().any(|out| out == name)
                })
        };
    let own = body.node.iter().flat_map(|node| &node.output);
    let constants = body.initializer.iter().map(|tensor| tensor.name());
    match own
        .map(String::as_str)
        .chain(constants)
        .find(|name| !name.is_empty() && made(name))
    {
        Some(name) => Err(GraphError::Taken(name.to_owned())),
        None => Ok(()),
    }
}
