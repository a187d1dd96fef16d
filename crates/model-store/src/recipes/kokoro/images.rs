//! Convolutions over [1, channels, 1, frames] instead of [1, channels, frames]: ONNX Runtime has
//! its fast blocked kernels for images only.

use std::collections::HashSet;

use onnx_graph::{Array, Graph, GraphError, Node, Tensor};

const AXIS: &str = "images/axis";

/// Converts all nodes up to the one that makes `last`. Inputs and outputs keep their shapes.
///
/// # Errors
/// When one of these nodes is not of those that a convolutional network without attention has.
pub fn convert(graph: &mut Graph, last: &str) -> Result<(), GraphError> {
    let axis = Tensor::from_array(AXIS, &Array::vector(vec![2_i64]));
    let end = graph.node.iter().position(|node| makes(node, last));
    let end = end.ok_or_else(|| GraphError::NoValue(last.to_owned()))?;
    let mut rest = graph.node.split_off(end + 1);
    let inputs: HashSet<&str> = graph.input.iter().map(|input| input.name()).collect();
    let mut weights = HashSet::new();
    let mut pads = HashSet::new();
    for node in &mut graph.node {
        widen(node)?;
        for (position, name) in node.input.iter_mut().enumerate() {
            if inputs.contains(name.as_str()) {
                *name = image(name);
            } else if node.op_type.as_deref() == Some("Pad") && position == 1 {
                pads.insert(name.clone());
            } else {
                weights.insert(name.clone());
            }
        }
        for output in node.output.iter_mut().filter(|output| *output == last) {
            *output = image(last);
        }
    }
    for tensor in &mut graph.initializer {
        if weights.contains(tensor.name()) && tensor.dims.len() == 3 {
            tensor.dims.insert(2, 1);
        }
        if pads.contains(tensor.name()) {
            *tensor = widened_pads(tensor)?;
        }
    }
    let unsqueeze = |name: &str| {
        let node = Node::new("Unsqueeze").named(&image(name));
        node.inputs([name, AXIS]).outputs([image(name)])
    };
    let mut nodes: Vec<Node> = graph.input.iter().map(|i| unsqueeze(i.name())).collect();
    nodes.append(&mut graph.node);
    let squeeze = Node::new("Squeeze").named(last);
    nodes.push(squeeze.inputs([image(last).as_str(), AXIS]).outputs([last]));
    nodes.append(&mut rest);
    graph.node = nodes;
    graph.initializer.push(axis);
    Ok(())
}

fn makes(node: &Node, value: &str) -> bool {
    node.output.iter().any(|output| output == value)
}

/// What a value is called as an image.
pub fn image(name: &str) -> String {
    format!("images/{name}")
}

/// Gives the attributes of a convolution one more axis, in front of the others.
fn widen(node: &mut Node) -> Result<(), GraphError> {
    match node.op_type() {
        "Conv" | "ConvTranspose" => {}
        "Add" | "Div" | "LeakyRelu" | "Mul" | "Pad" | "Sin" | "Split" | "Sub" => {
            return Ok(());
        }
        other => {
            return Err(GraphError::WrongOperator {
                name: node.name().to_owned(),
                found: other.to_owned(),
                expected: "one that images can be given to".to_owned(),
            });
        }
    }
    for attribute in &mut node.attribute {
        let new = match attribute.name() {
            "kernel_shape" | "strides" | "dilations" => 1,
            "output_padding" => 0,
            "pads" => {
                if let [before, after] = attribute.ints[..] {
                    attribute.ints = vec![0, before, 0, after];
                }
                continue;
            }
            _ => continue,
        };
        attribute.ints.insert(0, new);
    }
    Ok(())
}

/// Of [before, after] times three axes, with a fourth in the third's place.
fn widened_pads(tensor: &Tensor) -> Result<Tensor, GraphError> {
    let pads = tensor.to_array::<i64>()?;
    match pads.data()[..] {
        [a, b, c, d, e, f] => {
            let pads = Array::vector(vec![a, b, 0, c, d, e, 0, f]);
            Ok(Tensor::from_array(tensor.name(), &pads))
        }
        _ => Err(GraphError::Tensor {
            name: tensor.name().to_owned(),
            reason: format!("{:?} are not the pads of three axes", pads.data()),
        }),
    }
}
