//! The session of a CTC model: samples in, posteriors out.

use super::features::LogMel;
use super::posteriors::Posteriors;
use super::settings::{InputKind, Settings};
use crate::{SAMPLE_RATE_HZ, SpeechError};
use inference::ort::session::{Session, SessionInputValue};
use inference::ort::value::TensorRef;
use inference::{Runtime, SessionOptions, timed};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Name of the file.
const FILE: &str = "model.onnx";

/// A loaded graph; owned by one worker.
pub(crate) struct Graph {
    session: Session,
    settings: Settings,
    mel: Option<LogMel>,
    input: String,
    output: String,
    /// How many tokens the vocabulary has.
    tokens: usize,
    path: PathBuf,
}

/// What came of a stretch of audio.
pub(crate) struct Heard {
    pub posteriors: Posteriors,
    /// Seconds from frame to frame.
    pub frame_s: f64,
}

impl Graph {
    /// Loads `model.onnx` of `dir`, which must have as many outputs as the vocabulary has tokens:
    /// it is run once to see.
    pub fn load(
        runtime: &Runtime,
        dir: &Path,
        options: &SessionOptions,
        settings: &Settings,
        tokens: usize,
    ) -> Result<Self, SpeechError> {
        let path = dir.join(FILE);
        let wrong = |reason: String| SpeechError::ModelFile {
            path: path.clone(),
            reason,
        };
        if !path.is_file() {
            return Err(wrong("there is no such file".into()));
        }
        let session = runtime.session(&path, options)?;
        let named = |all: Vec<String>, wanted: &Option<String>, what: &str| match wanted {
            Some(name) if all.contains(name) => Ok(name.clone()),
            Some(name) => Err(wrong(format!(
                "no {what} `{name}`, only {}",
                all.join(", ")
            ))),
            None => all
                .first()
                .cloned()
                .ok_or_else(|| wrong(format!("no {what}"))),
        };
        let inputs: Vec<String> = session
            .inputs()
            .iter()
            .map(|it| it.name().to_owned())
            .collect();
        let outputs = session
            .outputs()
            .iter()
            .map(|it| it.name().to_owned())
            .collect();
        let input = named(inputs.clone(), &settings.input.name, "input")?;
        if let Some(length) = &settings.input.length {
            named(inputs.clone(), &Some(length.clone()), "input")?;
        }
        let unfed: Vec<&String> = inputs
            .iter()
            .filter(|it| **it != input && Some(*it) != settings.input.length.as_ref())
            .collect();
        if let Some(other) = unfed.first() {
            return Err(wrong(format!(
                "it wants `{other}` beside `{input}`; where that is the length, say so with `input.length` in ctc.json"
            )));
        }
        let mel =
            (settings.input.kind == InputKind::LogMel).then(|| LogMel::new(&settings.features));
        let mut graph = Self {
            output: named(outputs, &settings.output.name, "output")?,
            session,
            settings: settings.clone(),
            mel,
            input,
            tokens,
            path: path.clone(),
        };
        let second = vec![0.0; SAMPLE_RATE_HZ as usize];
        graph.hear(&second)?;
        Ok(graph)
    }

    /// Computes the posteriors of 16 kHz samples.
    pub fn hear(&mut self, samples: &[f32]) -> Result<Heard, SpeechError> {
        let least = (self.settings.min_seconds * f64::from(SAMPLE_RATE_HZ)) as usize;
        let mut samples = Cow::from(samples);
        if samples.len() < least {
            samples.to_mut().resize(least, 0.0);
        }
        let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE_HZ);
        if self.settings.input.normalize {
            standardise(samples.to_mut());
        }
        let (values, shape) = match &mut self.mel {
            None => {
                let shape = vec![1, samples.len()];
                (samples.into_owned(), shape)
            }
            Some(mel) => {
                let (values, frames) = mel.compute(&samples);
                let bands = values.len() / frames;
                match self.settings.input.time_first {
                    true => (transposed(&values, frames), vec![1, frames, bands]),
                    false => (values, vec![1, bands, frames]),
                }
            }
        };
        let long = match self.settings.input.time_first {
            true => shape.get(1),
            false => shape.last(),
        };
        let length = [long.copied().unwrap_or(0) as i64];
        let tensor = TensorRef::from_array_view((shape, values.as_slice()))?;
        let mut inputs = vec![(
            Cow::from(self.input.as_str()),
            SessionInputValue::from(tensor),
        )];
        if let Some(name) = &self.settings.input.length {
            let tensor = TensorRef::from_array_view(([1], length.as_slice()))?;
            inputs.push((Cow::from(name.as_str()), SessionInputValue::from(tensor)));
        }
        let session = &mut self.session;
        let outputs = timed("ctc", || session.run(inputs))?;
        let wrong = |reason: String| SpeechError::ModelFile {
            path: self.path.clone(),
            reason,
        };
        let (shape, values) = outputs[self.output.as_str()].try_extract_tensor::<f32>()?;
        let [1, frames, tokens] = shape[..] else {
            return Err(wrong(format!(
                "the output `{}` has the shape {:?}, not [1, frames, tokens]",
                self.output,
                &shape[..]
            )));
        };
        if usize::try_from(tokens) != Ok(self.tokens) {
            return Err(wrong(format!(
                "the output `{}` has {tokens} tokens, the vocabulary {}",
                self.output, self.tokens
            )));
        }
        let values = values.to_vec();
        Ok(Heard {
            posteriors: match self.settings.output.probabilities {
                true => Posteriors::of_probabilities(values, self.tokens),
                false => Posteriors::of_scores(values, self.tokens),
            },
            frame_s: match self.settings.frame_seconds {
                Some(seconds) => seconds,
                None => seconds / (frames.max(1) as f64),
            },
        })
    }
}

/// Mean 0, variance 1.
fn standardise(samples: &mut [f32]) {
    let count = samples.len().max(1) as f32;
    let mean = samples.iter().sum::<f32>() / count;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / count;
    let scale = 1.0 / (variance + 1e-7).sqrt();
    samples.iter_mut().for_each(|x| *x = (*x - mean) * scale);
}

/// `[bands, frames]` to `[frames, bands]`.
fn transposed(values: &[f32], frames: usize) -> Vec<f32> {
    (0..frames)
        .flat_map(|t| values.iter().skip(t).step_by(frames).copied())
        .collect()
}
