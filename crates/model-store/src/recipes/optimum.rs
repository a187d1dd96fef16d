//! Reading the weights out of the graphs that Hugging Face's Optimum exports and ONNX Runtime's
//! dynamic quantisation leaves behind (`encoder_model`, `decoder_model_merged`).
//!
//! A matrix is found through the node that multiplies by it, because the constants themselves
//! have names like `onnx::MatMul_883`; vectors keep their names from PyTorch.

use onnx_graph::{Array, DataType, Graph, GraphError, Index, Node};

use super::weights::{Weight, Weights};

/// What Optimum appends to constants that both branches of a merged decoder use.
const MERGED: &str = "_merged_0";

/// Both graphs of a merged decoder: with a past (`then`) and without (`else`).
///
/// # Errors
/// When there is no `If` named `optimum::if` with both branches.
pub fn branches(decoder: &Graph) -> Result<[&Graph; 2], GraphError> {
    let choice = Index::new(decoder).node("optimum::if", "If")?;
    Ok([choice.branch("then_branch")?, choice.branch("else_branch")?])
}

/// Adds the weights of one exported graph, seen through `index`, under `prefix`: a node
/// `{root}layers.0/fc1/MatMul_quant` gives `{prefix}layers.0.fc1.weight`.
///
/// # Errors
/// When a quantised matrix lacks its scale or its zero point.
pub fn collect(
    weights: &mut Weights,
    index: &Index,
    graph: &Graph,
    root: &str,
    prefix: &str,
) -> Result<(), GraphError> {
    for tensor in &graph.initializer {
        let vector = tensor.data_type() == DataType::Float as i32 && !tensor.dims.is_empty();
        if vector {
            let name = tensor.name().trim_end_matches(MERGED);
            let name = name.trim_start_matches("model.decoder.");
            weights.insert(
                format!("{prefix}{name}"),
                Weight::Float(tensor.to_array::<f32>()?),
            );
        }
    }
    for node in index.nodes() {
        let Some(name) = matrix_name(node, root) else {
            continue;
        };
        let constant = node.input_at(1)?;
        if index.is_constant(constant) {
            weights.insert(format!("{prefix}{name}.weight"), stored(index, constant)?);
        }
    }
    Ok(())
}

/// The matrix stored as `{name}_quantized`, `{name}_scale` and `{name}_zero_point`.
///
/// # Errors
/// When one of them is missing, or of a type other than bytes.
pub fn stored(index: &Index, quantised: &str) -> Result<Weight, GraphError> {
    let base = quantised
        .strip_suffix("_quantized")
        .ok_or_else(|| GraphError::NoConstant(format!("{quantised}_quantized")))?;
    let scale = index.scalar::<f32>(&format!("{base}_scale"))?;
    let zero_point = format!("{base}_zero_point");
    match index.constant::<u8>(quantised) {
        Ok(values) => Ok(Weight::unsigned(&values, scale, index.scalar(&zero_point)?)),
        Err(_) => Ok(Weight::Stored {
            values: index.constant::<i8>(quantised)?,
            scale,
            zero_point: index.scalar(&zero_point)?,
        }),
    }
}

/// `layers.0.fc1` for the node `{root}layers.0/fc1/MatMul_quant`.
fn matrix_name(node: &Node, root: &str) -> Option<String> {
    let multiplies = matches!(node.op_type(), "MatMulInteger" | "ConvInteger");
    let name = node.name().strip_prefix(root).filter(|_| multiplies)?;
    let name = name
        .strip_suffix("/MatMul_quant")
        .or_else(|| name.strip_suffix("/Conv_quant"))?;
    Some(name.replace('/', "."))
}

/// The constant among the inputs of the node of that name.
///
/// # Errors
/// When there is no such node, or its input at `position` is no constant of floats.
pub fn operand(
    index: &Index,
    node: &str,
    op_type: &str,
    position: usize,
) -> Result<Array<f32>, GraphError> {
    index.constant(index.node(node, op_type)?.input_at(position)?)
}
