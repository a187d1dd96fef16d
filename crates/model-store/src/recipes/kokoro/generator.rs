//! The generator's two stages, and the generator as it was, with its statistics shown.

use onnx_graph::proto::ValueInfo;
use onnx_graph::{DataType, Dim, Graph, GraphError, Index, Model, Node};

use super::context::{self, Columns};
use super::parts::info;
use super::{Kokoro, half, images, norms, own};

/// What makes the spectrum, of which the inverse transform makes the samples.
const SPECTRUM: &str = "/decoder/decoder/generator/conv_post/Conv_output_0";

/// Samples of a column of it.
const SAMPLES: i64 = 5;

/// A stage of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Up to 800 Hz: `features` f32 [1, 512, 2T], `source` f32 [1, 22, 120T + 1] -> `middle` f32
    /// [1, 256, 20T].
    First,
    /// Up to 4800 Hz, and from there by an inverse Fourier transform: `middle` f32 [1, 256, 20T],
    /// `source` f32 [1, 22, 120T + 1] -> `audio` f32 [1, 600T].
    Second,
}

impl Stage {
    /// Both.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// What its inputs and outputs in `norms.onnx` begin with.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }

    fn ends(self) -> [&'static str; 2] {
        match self {
            Self::First => ["features", "middle"],
            Self::Second => ["middle", "audio"],
        }
    }

    fn columns(self) -> Columns {
        match self {
            Self::First => Columns {
                input: ("features", 2),
                rate: 20,
                more: 0,
                last: (self.convolved(), 0),
                worth: 6,
            },
            // The inverse transform puts four columns together, and divides the first by less.
            Self::Second => Columns {
                input: ("middle", 20),
                rate: 120,
                more: 1,
                last: (self.convolved(), 6),
                worth: 16,
            },
        }
    }

    /// The last value that is convolved.
    fn convolved(self) -> &'static str {
        match self {
            Self::First => "middle",
            Self::Second => SPECTRUM,
        }
    }
}

impl Kokoro {
    /// A stage that takes any window of frames. Besides what [`Stage`] says its inputs are `scale`
    /// and `shift` f32 [1, S, 1], which [`Self::norms`] makes, and where wanted `context` i64 [2]
    /// or `whole` i64 [1]. See [`super`].
    ///
    /// # Errors
    /// When the export is not built as expected.
    pub fn stage(&self, stage: Stage) -> Result<Model, GraphError> {
        let [from, to] = stage.ends();
        let mut graph = self.original(stage)?;
        let norms = norms::find(&graph)?;
        norms::apply_given(&mut graph, &norms)?;
        square_by_product(&mut graph)?;
        let [scale, shift] = ["scale", "shift"].map(|name| {
            let given = graph.input.iter().find(|input| input.name() == name);
            given
                .cloned()
                .ok_or_else(|| GraphError::NoValue(name.to_owned()))
        });
        let inputs = vec![info(from), info("source"), scale?, shift?];
        let mut graph = onnx_graph::extract(&graph, inputs, vec![info(to)])?;
        images::convert(&mut graph, stage.convolved())?;
        let columns = stage.columns();
        let dropped = context::drop_columns(&mut graph, &norms, &columns)?;
        if stage == Stage::Second {
            context::drop_samples(&mut graph, &columns, &dropped, SAMPLES)?;
        }
        own::measure(&mut graph, &norms)?;
        Ok(self.model(graph))
    }

    /// A stage in half precision, the inverse Fourier transform excepted: inputs and outputs are
    /// those of [`Self::stage`].
    ///
    /// # Errors
    /// As [`Self::stage`].
    pub fn half_stage(&self, stage: Stage) -> Result<Model, GraphError> {
        let mut model = self.stage(stage)?;
        half::narrow(model.main_mut()?, &images::image(stage.convolved()))?;
        Ok(model)
    }

    /// What turns style and statistics into the stages' scales and shifts: see
    /// `norms::table`; the stages are called `first` and `second`.
    ///
    /// # Errors
    /// As [`Self::stage`].
    pub fn norms(&self) -> Result<Model, GraphError> {
        let [first, second] = Stage::ALL.map(|stage| norms::find(&self.original(stage)?));
        let (first, second) = (first?, second?);
        norms::table(&[
            (Stage::First.name(), &first),
            (Stage::Second.name(), &second),
        ])
    }

    /// The generator as the export has it, for whole sentences, with the statistics it takes:
    /// `features`, `source`, `style` -> `audio` and for each stage `{name}.mean` and
    /// `{name}.variance` f32 [1, M], as [`Self::norms`] wants them. For tests and for fitting.
    ///
    /// # Errors
    /// As [`Self::stage`].
    pub fn measured(&self) -> Result<Model, GraphError> {
        let mut model = self.part(&["features", "source", "style"], &["audio"])?;
        for stage in Stage::ALL {
            let norms = norms::find(&self.original(stage)?)?;
            let graph = model.main_mut()?;
            let own = norms::own_statistics(&norms);
            for what in ["mean", "variance"] {
                let name = format!("{}.{what}", stage.name());
                let values = own.iter().map(|&place| match what {
                    "mean" => &norms[place].mean,
                    _ => &norms[place].variance,
                });
                let column = format!("{name}:column");
                let join = Node::new("Concat").named(&column);
                let join = join.inputs(values).outputs([&column]).int("axis", 1);
                let flat = Node::new("Flatten").named(&name);
                let flat = flat.inputs([&column]).outputs([&name]);
                graph.node.extend([join, flat]);
                let dims: [Dim; 2] = [1.into(), "statistics".into()];
                let shown = ValueInfo::tensor(&name, DataType::Float, &dims);
                graph.output.push(shown);
            }
        }
        Ok(model)
    }

    /// A stage as the export has it.
    fn original(&self, stage: Stage) -> Result<Graph, GraphError> {
        let [from, to] = stage.ends();
        let inputs = vec![info(from), info("source"), info("style")];
        onnx_graph::extract(&self.graph, inputs, vec![info(to)])
    }
}

/// Writes `x ** 2` as `x * x`.
fn square_by_product(graph: &mut Graph) -> Result<(), GraphError> {
    let index = Index::new(graph);
    let squares: Vec<bool> = graph
        .node
        .iter()
        .map(|node| {
            let power = node.op_type() == "Pow";
            let by = node.input.get(1).filter(|_| power);
            by.is_some_and(|by| index.scalar::<f32>(by).is_ok_and(|by| by == 2.0))
        })
        .collect();
    for (node, square) in graph.node.iter_mut().zip(squares) {
        if square {
            let x = node.input_at(0)?.to_owned();
            *node = Node::new("Mul")
                .named(node.name())
                .inputs([&x, &x])
                .outputs(&node.output);
        }
    }
    Ok(())
}
