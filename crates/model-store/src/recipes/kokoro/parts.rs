//! Where the export is cut, and the cuts that change nothing.

use onnx_graph::proto::ValueInfo;
use onnx_graph::{DataType, Dim, Graph, GraphError, Model, rename_value};

/// What the export calls the values between the parts, and what we call them.
const NAMES: [(&str, &str); 7] = [
    ("/encoder/Clip_output_0", "durations"),
    ("/encoder/MatMul_1_output_0", "text"),
    ("/encoder/Reshape_output_0", "pitch"),
    ("/encoder/Reshape_1_output_0", "energy"),
    ("/decoder/decoder/decode.3/Div_4_output_0", "features"),
    ("/decoder/decoder/generator/Concat_3_output_0", "source"),
    ("/decoder/decoder/generator/Div_2_output_0", "middle"),
];

/// An export of Kokoro, in full precision or rounded.
#[derive(Debug)]
pub struct Kokoro {
    /// The whole graph, its values named as in [`super`].
    pub(super) graph: Graph,
    /// The model around it.
    frame: Model,
}

impl Kokoro {
    /// Takes an export: tokens, `style` and `speed` in that order -> samples.
    ///
    /// # Errors
    /// Naming the value that it does not have.
    pub fn new(mut model: Model) -> Result<Self, GraphError> {
        let graph = model.main_mut()?;
        for (theirs, ours) in NAMES {
            rename_value(graph, theirs, ours)?;
        }
        let tokens = graph.input.first().map(|input| input.name().to_owned());
        let audio = graph.output.first().map(|output| output.name().to_owned());
        rename_value(graph, &tokens.unwrap_or_default(), "tokens")?;
        rename_value(graph, &audio.unwrap_or_default(), "audio")?;
        // Types of values in between are hints, and wrong ones where a part is changed.
        graph.value_info.clear();
        let graph = model.graph.take().ok_or(GraphError::NoGraph)?;
        Ok(Self {
            graph,
            frame: model,
        })
    }

    /// `tokens` i64 [1, n] (a zero at each end), `style` f32 [1, 256], `speed` f32 [1] ->
    /// `durations` f32 [1, n] in frames, whole numbers that add up to T; `text` f32 [1, 512, T];
    /// `pitch` f32 [1, 2T] in Hz, near or below zero where there is no voice; `energy` f32 [1, 2T].
    ///
    /// # Errors
    /// When the export does not hang together as expected.
    pub fn acoustic(&self) -> Result<Model, GraphError> {
        self.part(
            &["tokens", "style", "speed"],
            &["durations", "text", "pitch", "energy"],
        )
    }

    /// `text` f32 [1, 512, T], `pitch` and `energy` f32 [1, 2T], `style` f32 [1, 256] ->
    /// `features` f32 [1, 512, 2T]. Normalises over all frames.
    ///
    /// # Errors
    /// As [`Self::acoustic`].
    pub fn low_rate(&self) -> Result<Model, GraphError> {
        self.part(&["text", "pitch", "energy", "style"], &["features"])
    }

    /// `pitch` f32 [1, 2T] -> `source` f32 [1, 22, 120T + 1], spectrum of the voice's harmonics:
    /// 11 magnitudes, then 11 phases. The phase is summed up from the first frame on, so what
    /// comes later does not change what was before, but for its last few columns.
    ///
    /// # Errors
    /// As [`Self::acoustic`].
    pub fn source(&self) -> Result<Model, GraphError> {
        self.part(&["pitch"], &["source"])
    }

    /// The part between some values and some others, unchanged.
    pub(super) fn part(&self, inputs: &[&str], outputs: &[&str]) -> Result<Model, GraphError> {
        let infos = |names: &[&str]| names.iter().copied().map(info).collect();
        let graph = onnx_graph::extract(&self.graph, infos(inputs), infos(outputs))?;
        Ok(self.model(graph))
    }

    /// A model of that graph, with the export's operator sets.
    pub(super) fn model(&self, graph: Graph) -> Model {
        Model {
            graph: Some(graph),
            ..self.frame.clone()
        }
    }
}

/// Type and shape of a value between the parts.
pub(super) fn info(name: &str) -> ValueInfo {
    let (data_type, dims): (DataType, Vec<Dim>) = match name {
        "tokens" => (DataType::Int64, vec![1.into(), "tokens".into()]),
        "style" => (DataType::Float, vec![1.into(), 256.into()]),
        "speed" => (DataType::Float, vec![1.into()]),
        "durations" => (DataType::Float, vec![1.into(), "tokens".into()]),
        "text" => (DataType::Float, vec![1.into(), 512.into(), "frames".into()]),
        "pitch" | "energy" => (DataType::Float, vec![1.into(), "frames_2".into()]),
        "features" => (
            DataType::Float,
            vec![1.into(), 512.into(), "frames_2".into()],
        ),
        "source" => (
            DataType::Float,
            vec![1.into(), 22.into(), "frames_120_1".into()],
        ),
        "middle" => (
            DataType::Float,
            vec![1.into(), 256.into(), "frames_20".into()],
        ),
        _ => (DataType::Float, vec![1.into(), "frames_600".into()]),
    };
    ValueInfo::tensor(name, data_type, &dims)
}
