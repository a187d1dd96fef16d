//! Kokoro's graphs, run one after the other. `crates/model-store/src/recipes/kokoro` cuts them out
//! of the export and says what goes in and out.

use std::path::PathBuf;

use inference::ort::session::{RunOptions, Session, SessionOutputs};
use inference::ort::value::{DynValue, TensorRef};
use inference::{Device, InferenceError, Runtime, SessionOptions, timed};

use super::STYLE;
use super::plane::Plane;
use super::statistics::Statistics;
use crate::SynthesisError;

/// Settings of a run, through which another thread ends it.
pub type Run = RunOptions;

/// Where the graphs are.
#[derive(Debug, Clone)]
pub struct GraphFiles {
    /// `acoustic.onnx`, in full precision or rounded.
    pub acoustic: PathBuf,
    /// `low_rate.onnx`, likewise.
    pub low_rate: PathBuf,
    /// Folder of `source.onnx` and `norms.onnx`.
    pub generator: PathBuf,
    /// Folder of `generator_1.onnx` and `generator_2.onnx`, in full precision or half.
    pub stages: PathBuf,
}

/// The sessions; owned by one worker.
pub struct Graphs {
    acoustic: Session,
    low_rate: Session,
    source: Session,
    norms: Session,
    first: Session,
    second: SecondStage,
    lanes: Vec<SecondStage>,
}

/// The generator's second stage, which does two thirds of its work with a fifth of its weights.
pub struct SecondStage(Session);

/// Most windows that are made side by side: each has a second stage of its own.
const MOST_LANES: usize = 2;

/// What is to be said, before it becomes sound.
#[derive(Debug)]
pub struct Acoustics {
    /// Frames of each token; together `T`.
    pub durations: Vec<usize>,
    /// Features of the text, one column a frame: [512, T].
    pub text: Plane,
    /// Fundamental frequency in Hz, 0 where there is no voice; [2T].
    pub pitch: Vec<f32>,
    /// Energy, a logarithm; [2T].
    pub energy: Vec<f32>,
}

impl Acoustics {
    /// Frames of 25 ms.
    pub fn frames(&self) -> usize {
        self.pitch.len() / 2
    }
}

/// What a stage is given of a sentence.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// What it works on.
    pub input: &'a Plane,
    /// The source of the same frames.
    pub source: &'a Plane,
    /// What it does instead of normalising.
    pub affine: &'a Affine,
    /// Frames at either end that only help the others.
    pub context: [usize; 2],
    /// Whether it is the whole sentence, whose statistics the stage takes itself. Then there is no
    /// context, and `affine` is of [`super::Moments::neutral`].
    pub whole: bool,
}

/// Scale and shift of every normalisation of a stage.
#[derive(Debug, Clone)]
pub struct Affine {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl Graphs {
    /// Loads all of them.
    ///
    /// # Errors
    /// When a file is absent or is no graph.
    pub fn load(
        runtime: &Runtime,
        files: &GraphFiles,
        options: &SessionOptions,
    ) -> Result<Self, SynthesisError> {
        let open = |path: PathBuf| runtime.session(&path, options);
        let generator = |name: &str| open(files.generator.join(name));
        let part = |name: &str, options| runtime.session(&files.stages.join(name), options);
        let lane = SessionOptions {
            single_thread: true,
            ..*options
        };
        let lanes = match (runtime.device(), runtime.threads().min(MOST_LANES)) {
            (Device::Cpu, lanes @ 2..) => lanes,
            _ => 0,
        };
        Ok(Self {
            acoustic: open(files.acoustic.clone())?,
            low_rate: open(files.low_rate.clone())?,
            source: generator("source.onnx")?,
            norms: generator("norms.onnx")?,
            first: part("generator_1.onnx", options)?,
            second: SecondStage(part("generator_2.onnx", options)?),
            lanes: (0..lanes)
                .map(|_| part("generator_2.onnx", &lane))
                .map(|session| session.map(SecondStage))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The second stage that uses all threads for one window.
    pub fn second(&mut self) -> &mut SecondStage {
        &mut self.second
    }

    /// Second stages that use one thread each, for windows side by side: two threads that make a
    /// window each are done sooner than two that share every product of one. None where there is
    /// but one thread.
    pub fn lanes(&mut self) -> &mut [SecondStage] {
        &mut self.lanes
    }

    /// How long each token lasts, and melody and energy over time.
    pub fn acoustic(
        &mut self,
        run: &Run,
        tokens: &[i64],
        style: &[f32; STYLE],
        speed: f32,
    ) -> Result<Acoustics, SynthesisError> {
        let speed = [speed];
        let outputs = timed("acoustic", || {
            self.acoustic.run_with_options(
                inference::ort::inputs![
                    "tokens" => TensorRef::from_array_view(([1, tokens.len()], tokens))?,
                    "style" => TensorRef::from_array_view(([1, STYLE], &style[..]))?,
                    "speed" => TensorRef::from_array_view(([1], &speed[..]))?,
                ],
                run,
            )
        })?;
        let durations = floats(&outputs["durations"])?.1;
        let durations = durations.iter().map(|&frames| frames as usize).collect();
        let pitch = floats(&outputs["pitch"])?.1.to_vec();
        let energy = floats(&outputs["energy"])?.1.to_vec();
        let text = plane(&outputs["text"])?;
        Ok(Acoustics {
            durations,
            text,
            pitch,
            energy,
        })
    }

    /// What the generator is told about each half frame, [512, 2T], and the source of the first
    /// `frames`, as [`Self::source`] makes it; at the same time where there are threads for it.
    pub fn features_and_source(
        &mut self,
        run: &Run,
        acoustics: &Acoustics,
        style: &[f32; STYLE],
        frames: usize,
    ) -> Result<(Plane, Plane), SynthesisError> {
        let (low_rate, graph) = (&mut self.low_rate, &mut self.source);
        let pitch = &acoustics.pitch[..frames * 2];
        if self.lanes.is_empty() {
            return Ok((
                features(low_rate, run, acoustics, style)?,
                source(graph, run, pitch)?,
            ));
        }
        std::thread::scope(|scope| {
            let source = scope.spawn(|| source(graph, run, pitch));
            let features = features(low_rate, run, acoustics, style);
            let panicked = |_| Err(InferenceError::WorkerFailed.into());
            Ok((features?, source.join().unwrap_or_else(panicked)?))
        })
    }

    /// The harmonics of a melody and noise, as a spectrum: [22, 120T + 1]. One thread does it.
    pub fn source(&mut self, run: &Run, pitch: &[f32]) -> Result<Plane, SynthesisError> {
        source(&mut self.source, run, pitch)
    }

    /// What the generator's stages do instead of normalising.
    pub fn affine(
        &mut self,
        run: &Run,
        style: &[f32; STYLE],
        statistics: &Statistics,
    ) -> Result<[Affine; 2], SynthesisError> {
        let of = |values: &'_ [f32]| ([1, values.len()], values.to_vec());
        let [first, second] = &statistics.stages;
        let tensor = |values: &[f32]| inference::ort::value::Tensor::from_array(of(values));
        let outputs = timed("norms", || {
            self.norms.run_with_options(
                inference::ort::inputs![
                    "style" => TensorRef::from_array_view(([1, STYLE], &style[..]))?,
                    "first.mean" => tensor(&first.mean)?,
                    "first.variance" => tensor(&first.variance)?,
                    "second.mean" => tensor(&second.mean)?,
                    "second.variance" => tensor(&second.variance)?,
                ],
                run,
            )
        })?;
        let affine = |scale: &str, shift: &str| -> Result<Affine, SynthesisError> {
            Ok(Affine {
                scale: floats(&outputs[scale])?.1.to_vec(),
                shift: floats(&outputs[shift])?.1.to_vec(),
            })
        };
        Ok([
            affine("first.scale", "first.shift")?,
            affine("second.scale", "second.shift")?,
        ])
    }

    /// The generator's first stage: of `input` [512, 2n] and `source` [22, 120n + 1] it makes
    /// [256, 20m], m being the frames that are not context.
    pub fn first(&mut self, run: &Run, window: &Window<'_>) -> Result<Plane, SynthesisError> {
        let outputs = timed("generator_1", || {
            stage(&mut self.first, run, "features", window)
        })?;
        plane(&outputs["middle"])
    }
}

impl SecondStage {
    /// Of `input` [256, 20n] and `source` [22, 120n + 1] it makes 600m samples.
    pub fn run(&mut self, run: &Run, window: &Window<'_>) -> Result<Vec<f32>, SynthesisError> {
        let outputs = timed("generator_2", || stage(&mut self.0, run, "middle", window))?;
        Ok(floats(&outputs["audio"])?.1.to_vec())
    }
}

fn features(
    graph: &mut Session,
    run: &Run,
    acoustics: &Acoustics,
    style: &[f32; STYLE],
) -> Result<Plane, SynthesisError> {
    let length = acoustics.pitch.len();
    let text = [1, acoustics.text.channels(), acoustics.text.length()];
    let outputs = timed("low_rate", || {
        graph.run_with_options(
            inference::ort::inputs![
                "text" => TensorRef::from_array_view((text, acoustics.text.values()))?,
                "pitch" => TensorRef::from_array_view(([1, length], &acoustics.pitch[..]))?,
                "energy" => TensorRef::from_array_view(([1, length], &acoustics.energy[..]))?,
                "style" => TensorRef::from_array_view(([1, STYLE], &style[..]))?,
            ],
            run,
        )
    })?;
    plane(&outputs["features"])
}

fn source(graph: &mut Session, run: &Run, pitch: &[f32]) -> Result<Plane, SynthesisError> {
    let pitch = TensorRef::from_array_view(([1, pitch.len()], pitch))?;
    let outputs = timed("source", || {
        graph.run_with_options(inference::ort::inputs!["pitch" => pitch], run)
    })?;
    plane(&outputs["source"])
}

fn stage<'s>(
    session: &'s mut Session,
    run: &'s Run,
    name: &str,
    window: &Window<'_>,
) -> Result<SessionOutputs<'s>, inference::ort::Error> {
    let shape = |plane: &Plane| [1, plane.channels(), plane.length()];
    let numbers = [1, window.affine.scale.len(), 1];
    let context = window.context.map(|frames| frames as i64);
    let whole = [i64::from(window.whole)];
    session.run_with_options(
        inference::ort::inputs![
            name => TensorRef::from_array_view((shape(window.input), window.input.values()))?,
            "source" => TensorRef::from_array_view((shape(window.source), window.source.values()))?,
            "scale" => TensorRef::from_array_view((numbers, &window.affine.scale[..]))?,
            "shift" => TensorRef::from_array_view((numbers, &window.affine.shift[..]))?,
            "context" => TensorRef::from_array_view(([2], &context[..]))?,
            "whole" => TensorRef::from_array_view(([1], &whole[..]))?,
        ],
        run,
    )
}

fn floats(value: &DynValue) -> Result<(&[i64], &[f32]), SynthesisError> {
    let (shape, values) = value.try_extract_tensor::<f32>()?;
    Ok((shape, values))
}

fn plane(value: &DynValue) -> Result<Plane, SynthesisError> {
    let (shape, values) = floats(value)?;
    let channels = shape.get(1).and_then(|&n| usize::try_from(n).ok());
    Ok(Plane::new(channels.unwrap_or(1), values.to_vec()))
}
