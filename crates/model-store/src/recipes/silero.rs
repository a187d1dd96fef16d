//! Silero VAD over many frames at once.
//!
//! Silero's package has a graph whose front end takes a batch of frames and whose LSTM walks over
//! them. Changed are its interface, where the two halves of the state become one tensor, and its
//! padding: it pads both ends of a frame and then drops the first of five spectra, which need not
//! be computed. It equals the frame-by-frame graph (tested).

use std::fs;
use std::path::Path;

use onnx_graph::proto::ValueInfo;
use onnx_graph::{
    Array, DataType, Dim, Graph, GraphError, Index, Model, Node, Tensor, rename_value,
};

use super::files;
use crate::recipe::{Recipe, RecipeError};

const SOURCE: &str = "silero_vad_16k_sequence.onnx";
/// Samples of a frame: 64 of context and 512 new ones.
const FRAME: usize = 576;
/// Samples by which a frame is mirrored at its end.
const PADDING: i64 = 64;
/// Width of the LSTM.
const STATE: usize = 128;

/// The recipe.
pub struct Silero;

impl Recipe for Silero {
    fn name(&self) -> &'static str {
        "silero"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let model = files::read_model(input, SOURCE)?;
        files::write_model(SOURCE, over_sequences(model), &output.join("vad.onnx"))?;
        let source = input.join(SOURCE);
        fs::remove_file(&source).map_err(RecipeError::io(source))?;
        files::copy_all(input, output)
    }
}

/// `frames` f32 [N, 576] of one stream, `state` f32 [2, 1, 128] (zeros to begin with) ->
/// `probability` f32 [N] and `state_out` f32 [2, 1, 128].
///
/// # Errors
/// Naming the value that the graph does not have.
pub fn over_sequences(mut model: Model) -> Result<Model, GraphError> {
    let graph = model.main_mut()?;
    rename_value(graph, "input", "frames")?;
    rename_value(graph, "speech_probs", "probability")?;
    let first = graph.node.first().map(|node| node.name().to_owned());
    let first = first.ok_or_else(|| GraphError::NoValue("speech_probs".to_owned()))?;
    let halves = Array::vector(vec![1_i64, 1]);
    graph
        .initializer
        .push(Tensor::from_array("halves", &halves));
    let split = Node::new("Split").named("state");
    let split = split
        .inputs(["state", "halves"])
        .outputs(["h", "c"])
        .int("axis", 0);
    onnx_graph::insert(graph, &first, vec![split])?;
    let join = Node::new("Concat").named("state_out");
    let join = join
        .inputs(["hn", "cn"])
        .outputs(["state_out"])
        .int("axis", 0);
    graph.node.push(join);

    spare_first_spectrum(graph)?;
    let state: [Dim; 3] = [2.into(), 1.into(), STATE.into()];
    let frames: [Dim; 2] = ["frames".into(), FRAME.into()];
    let cut = onnx_graph::extract(
        graph,
        vec![
            ValueInfo::tensor("frames", DataType::Float, &frames),
            ValueInfo::tensor("state", DataType::Float, &state),
        ],
        vec![
            ValueInfo::tensor("probability", DataType::Float, &["frames".into()]),
            ValueInfo::tensor("state_out", DataType::Float, &state),
        ],
    )?;
    *graph = cut;
    Ok(model)
}

/// Pads 64 samples at the end, instead of 128 at both and dropping what the first 128 give.
fn spare_first_spectrum(graph: &mut Graph) -> Result<(), GraphError> {
    let pads = Array::vector(vec![0_i64, 0, 0, PADDING]);
    graph.initializer.push(Tensor::from_array("pads", &pads));
    for name in ["/stft/padding/Pad", "/stft/Slice_1", "/stft/Slice_3"] {
        let index = Index::new(graph);
        let op_type = if name.ends_with("Pad") {
            "Pad"
        } else {
            "Slice"
        };
        let old = index.node(name, op_type)?;
        let (input, output) = (old.input_at(0)?, old.output_at(0)?);
        let new = match op_type {
            "Pad" => Node::new("Pad")
                .inputs([input, "pads"])
                .text("mode", "reflect"),
            _ => Node::new("Identity").inputs([input]),
        };
        let new = new.named(name).outputs([output]);
        onnx_graph::replace(graph, name, vec![new])?;
    }
    Ok(())
}
