//! MiniLM with the means of its layers in reach.
//!
//! The published graph gives the last layer, which says what a sentence is about. What the speaker
//! does with it (asks, promises, praises) is clearer in the layers below, so they are outputs too.

use std::fs;
use std::path::Path;

use onnx_graph::proto::ValueInfo;
use onnx_graph::{DataType, Dim, GraphError, Model, rename_value};

use super::files;
use crate::recipe::{Recipe, RecipeError};

const SOURCE: &str = "model.onnx";
/// Numbers of a token in every layer.
const WIDTH: usize = 384;
/// Blocks of the encoder.
const LAYERS: usize = 6;

/// The recipe.
pub struct MiniLm;

impl Recipe for MiniLm {
    fn name(&self) -> &'static str {
        "minilm"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let model = files::read_model(input, SOURCE)?;
        files::write_model(SOURCE, with_layers(model), &output.join("encoder.onnx"))?;
        let source = input.join(SOURCE);
        fs::remove_file(&source).map_err(RecipeError::io(source))?;
        files::copy_all(input, output)
    }
}

/// `input_ids`, `attention_mask` and `token_type_ids` i64 [N, T] -> `layer_1` to `layer_6`
/// f32 [N, T, 384].
///
/// # Errors
/// Naming the value that the graph does not have.
pub fn with_layers(mut model: Model) -> Result<Model, GraphError> {
    let graph = model.main_mut()?;
    rename_value(graph, "last_hidden_state", "layer_6")?;
    for layer in 1..LAYERS {
        // A norm follows the word embeddings, then two are in each block.
        let end = format!("layer_norm_{}", 2 * layer);
        rename_value(graph, &end, &format!("layer_{layer}"))?;
    }
    let shape: [Dim; 3] = ["batch".into(), "sequence".into(), WIDTH.into()];
    let outputs = (1..=LAYERS).map(|layer| format!("layer_{layer}"));
    graph.output = outputs
        .map(|name| ValueInfo::tensor(&name, DataType::Float, &shape))
        .collect();
    Ok(model)
}
