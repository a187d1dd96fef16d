//! Smart Turn without the rounding of what flows between its layers.
//!
//! The published graph rounds every intermediate value to a byte with a scale that was fixed when
//! it was made: a recording moved by one sample changes the answer by 0.1. Here the weights stay
//! the bytes they are, in the blocks that `MatMulNBits` multiplies, and everything else is a float.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use onnx_graph::{Array, GraphError, Index, Model, Node, Tensor, quantise};

use super::files;
use super::transformer::MICROSOFT;
use crate::recipe::{Recipe, RecipeError};

const SOURCE: &str = "smart-turn-v3.2-cpu.onnx";
/// Rows of a column that are multiplied at once; all have the column's scale.
const BLOCK: usize = 64;

/// The recipe.
pub struct SmartTurn;

impl Recipe for SmartTurn {
    fn name(&self) -> &'static str {
        "smart-turn"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let model = files::read_model(input, SOURCE)?;
        files::write_model(SOURCE, in_floats(model), &output.join("turn.onnx"))?;
        let source = input.join(SOURCE);
        fs::remove_file(&source).map_err(RecipeError::io(source))?;
        files::copy_all(input, output)
    }
}

/// `input_features` f32 [N, 80, 800] -> `logits` f32 [N, 1], which is a probability.
///
/// # Errors
/// Naming the constant that is not stored as expected.
pub fn in_floats(mut model: Model) -> Result<Model, GraphError> {
    let graph = model.main_mut()?;
    let index = Index::new(graph);
    let mut stored: HashMap<String, Stored> = HashMap::new();
    // What was rounded and restored, and what it was before.
    let mut before: HashMap<String, String> = HashMap::new();
    for node in graph.node.iter() {
        if node.op_type() != "DequantizeLinear" {
            continue;
        }
        let (bytes, output) = (node.input_at(0)?, node.output_at(0)?);
        if index.is_constant(bytes) {
            stored.insert(output.to_owned(), Stored::read(&index, node)?);
        } else {
            let rounded = index.maker(bytes)?;
            before.insert(output.to_owned(), rounded.input_at(0)?.to_owned());
        }
    }
    let mut nodes = Vec::with_capacity(graph.node.len());
    let mut constants = Vec::new();
    for node in &graph.node {
        if matches!(node.op_type(), "QuantizeLinear" | "DequantizeLinear") {
            continue;
        }
        let mut node = node.clone();
        for input in &mut node.input {
            let mut steps = 0;
            while let Some(earlier) = before.get(input) {
                input.clone_from(earlier);
                steps += 1;
                if steps > before.len() {
                    return Err(GraphError::Cycle(input.clone()));
                }
            }
        }
        let weight = node.input.get(1).and_then(|name| stored.get(name));
        let blocks = weight.and_then(Stored::blocks).transpose()?;
        nodes.push(match (node.op_type(), blocks) {
            ("MatMul", Some(blocks)) => product(&node, &blocks, &mut constants)?,
            _ => node,
        });
    }
    for (name, weight) in &stored {
        constants.push(Tensor::from_array(name, &weight.floats()?));
    }
    constants.sort_by(|a, b| a.name().cmp(b.name()));
    graph.node = nodes;
    graph.initializer.extend(constants);
    onnx_graph::prune(graph);
    Ok(model)
}

fn product(
    matmul: &Node,
    weight: &quantise::Blocks,
    constants: &mut Vec<Tensor>,
) -> Result<Node, GraphError> {
    let (x, name) = (matmul.input_at(0)?, matmul.input_at(1)?);
    let (bytes, scales) = (format!("{name}_blocks"), format!("{name}_scales"));
    constants.push(Tensor::from_array(&bytes, &weight.values));
    constants.push(Tensor::from_array(
        &scales,
        &Array::vector(weight.scales.clone()),
    ));
    let dims = weight.values.dims();
    Ok(Node::new("MatMulNBits")
        .in_domain(MICROSOFT)
        .named(matmul.name())
        .inputs([x, &bytes, &scales])
        .outputs([matmul.output_at(0)?])
        .int("K", (dims[1] * dims[2]) as i64)
        .int("N", dims[0] as i64)
        .int("bits", 8)
        .int("block_size", dims[2] as i64)
        .int("accuracy_level", 4))
}

/// A constant that is stored rounded around zero, with a scale for each slice of one axis.
struct Stored {
    name: String,
    dims: Vec<usize>,
    values: Vec<i32>,
    scales: Vec<f32>,
    axis: usize,
}

impl Stored {
    fn read(index: &Index<'_>, node: &Node) -> Result<Self, GraphError> {
        let (name, scale, zero) = (node.input_at(0)?, node.input_at(1)?, node.input_at(2)?);
        let wide = |array: Array<i8>| array.map(i32::from);
        let integers = |name| {
            let bytes = index.constant::<i8>(name).map(wide);
            bytes.or_else(|_| index.constant::<i32>(name))
        };
        let array = integers(name)?;
        let wrong = |reason| unexpected(name, reason);
        if integers(zero)?.data().iter().any(|&zero| zero != 0) {
            return Err(wrong("its zero is not zero"));
        }
        let axis = node.find("axis").map_or(1, |axis| axis.i());
        let axis = usize::try_from(axis).map_err(|_| wrong("its axis is counted from the end"))?;
        let scales = index.constant::<f32>(scale)?.into_data();
        if scales.len() != 1 && array.dims().get(axis) != Some(&scales.len()) {
            return Err(wrong("its scales are not those of an axis"));
        }
        Ok(Self {
            name: name.to_owned(),
            dims: array.dims().to_vec(),
            values: array.into_data(),
            scales,
            axis,
        })
    }

    fn floats(&self) -> Result<Array<f32>, GraphError> {
        let inner: usize = self.dims.iter().skip(self.axis + 1).product();
        let scale = |place: usize| self.scales[place / inner.max(1) % self.scales.len()];
        let values = self.values.iter().enumerate();
        let floats = values.map(|(place, &value)| value as f32 * scale(place));
        Array::new(self.dims.clone(), floats.collect())
    }

    /// The same matrix in blocks; `None` where it is too narrow or too low for them.
    fn blocks(&self) -> Option<Result<quantise::Blocks, GraphError>> {
        let &[height, width] = self.dims.as_slice() else {
            return None;
        };
        let fits = height % BLOCK == 0 && self.scales.len() == width && self.axis == 1 && width > 1;
        fits.then(|| {
            let byte = |&value: &i32| {
                let value = i8::try_from(value);
                value.map_err(|_| unexpected(&self.name, "it is wider than bytes"))
            };
            let values = self
                .values
                .iter()
                .map(byte)
                .collect::<Result<Vec<_>, _>>()?;
            let matrix = Array::new([height, width], values)?.transposed()?;
            let values = matrix.reshaped([width, height / BLOCK, BLOCK])?;
            let repeat = |&scale| std::iter::repeat_n(scale, height / BLOCK);
            Ok(quantise::Blocks {
                values: values.map(quantise::unsigned),
                scales: self.scales.iter().flat_map(repeat).collect(),
                zero_points: None,
            })
        })
    }
}

fn unexpected(name: &str, reason: &str) -> GraphError {
    GraphError::Tensor {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // tests fail by panicking
mod tests {
    use super::*;
    use onnx_graph::Graph;

    #[test]
    fn what_is_rounded_from_itself_is_refused() {
        let node = |op_type: &str, from: &str, to: &str| {
            Node::new(op_type).named(to).inputs([from]).outputs([to])
        };
        let graph = Graph {
            node: vec![
                node("QuantizeLinear", "a", "b"),
                node("DequantizeLinear", "b", "a"),
                node("MatMul", "a", "c"),
            ],
            ..Graph::default()
        };
        let model = Model {
            graph: Some(graph),
            ..Model::default()
        };
        assert!(matches!(in_floats(model), Err(GraphError::Cycle(name)) if name == "a"));
    }
}
