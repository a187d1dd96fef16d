//! Heads: one or two dense layers over standardised features, trained by the scripts in `training/`
//! and kept as safetensors files in `models/heads`.
//!
//! Tensors, f32 or f16, for n features and k labels: `mean` and `scale` [n], optionally
//! `hidden.weight` [h, n] and `hidden.bias` [h] (rectified), `output.weight` [k, h or n] and
//! `output.bias` [k]. Metadata, all of it text: `labels` (a JSON array), `temperature` (what logits
//! are divided by, fitted on held-out data) and `threshold` (the least probability of a tag).

use super::Distribution;
use crate::SpeechError;
use safetensors::{Dtype, SafeTensors};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Standardised features are cut here: no voice or text is that far from the training data, but
/// broken input is, and it must not outvote everything else.
const FARTHEST: f32 = 10.0;

/// A trained head of one tag.
#[derive(Clone, Debug)]
pub struct Head {
    name: String,
    labels: Arc<[String]>,
    mean: Vec<f32>,
    scale: Vec<f32>,
    hidden: Option<Dense>,
    output: Dense,
    temperature: f32,
    threshold: f32,
    metadata: HashMap<String, String>,
}

/// `weight` is [outputs, inputs], row by row; `bias` [outputs].
#[derive(Clone, Debug)]
struct Dense {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Head {
    /// Reads the head `name` from a safetensors file's `bytes`.
    ///
    /// # Errors
    /// [`SpeechError::ModelFile`] says what is wrong with the file.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, SpeechError> {
        let head = parse(name, bytes);
        head.map_err(|reason| SpeechError::ModelFile {
            path: PathBuf::from(format!("{name}.safetensors")),
            reason,
        })
    }

    /// The tag's name: `emotion`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Labels in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How many features it reads.
    pub fn inputs(&self) -> usize {
        self.mean.len()
    }

    /// Least probability of a label that is said.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// What the training script wrote beside the weights under `key`.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// All of it, by key.
    pub fn all_metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.metadata.iter();
        pairs.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How likely each label is, given `features` as the training script made them (not yet
    /// standardised). Features that are no numbers count as the mean.
    ///
    /// # Errors
    /// [`SpeechError::Features`] when their number is not [`Self::inputs`].
    pub fn distribution(&self, features: &[f32]) -> Result<Distribution, SpeechError> {
        if features.len() != self.inputs() {
            return Err(SpeechError::Features {
                head: self.name.clone(),
                expected: self.inputs(),
                found: features.len(),
            });
        }
        let standardised: Vec<f32> = features
            .iter()
            .zip(self.mean.iter().zip(&self.scale))
            .map(|(x, (mean, scale))| (x - mean) / scale)
            .map(|z| if z.is_nan() { 0.0 } else { z })
            .map(|z| z.clamp(-FARTHEST, FARTHEST))
            .collect();
        let logits = match &self.hidden {
            None => self.output.apply(&standardised),
            Some(hidden) => {
                let mut units = hidden.apply(&standardised);
                units.iter_mut().for_each(|unit| *unit = unit.max(0.0));
                self.output.apply(&units)
            }
        };
        let probabilities = softmax(&logits, self.temperature);
        let labels = self.labels.clone();
        Ok(Distribution::new(labels, probabilities, self.threshold))
    }
}

impl Dense {
    fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }

    fn apply(&self, inputs: &[f32]) -> Vec<f32> {
        let rows = self.weight.chunks_exact(self.inputs());
        let dot = |row: &[f32]| row.iter().zip(inputs).map(|(w, x)| w * x).sum::<f32>();
        rows.zip(&self.bias)
            .map(|(row, bias)| dot(row) + bias)
            .collect()
    }
}

fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponential = |logit: &f32| ((logit - largest) / temperature).exp();
    let exponentials: Vec<f32> = logits.iter().map(exponential).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.iter().map(|x| x / sum).collect()
}

fn parse(name: &str, bytes: &[u8]) -> Result<Head, String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let metadata: HashMap<String, String> = match header.metadata() {
        Some(metadata) => metadata.clone().into_iter().collect(),
        None => HashMap::new(),
    };
    let text = |key: &str| {
        let found = metadata.get(key).map(String::as_str);
        found.ok_or_else(|| format!("no `{key}` in its metadata"))
    };
    let number = |key: &str| -> Result<f32, String> {
        let number: Result<f32, _> = text(key)?.parse();
        number.map_err(|_| format!("`{key}` is not a number"))
    };
    let labels: Vec<String> = serde_json::from_str(text("labels")?)
        .map_err(|error| format!("`labels` is not a list of names: {error}"))?;
    let (temperature, threshold) = (number("temperature")?, number("threshold")?);

    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let (mean, scale) = (vector(&file, "mean")?, vector(&file, "scale")?);
    let hidden = match file.tensor("hidden.weight") {
        Ok(_) => Some(dense(&file, "hidden", mean.len())?),
        Err(_) => None,
    };
    let last = hidden
        .as_ref()
        .map_or(mean.len(), |hidden| hidden.bias.len());
    let output = dense(&file, "output", last)?;

    let wrong = [
        (mean.is_empty(), "it reads no features"),
        (
            scale.len() != mean.len(),
            "`mean` and `scale` differ in length",
        ),
        (scale.iter().any(|x| *x <= 0.0), "a `scale` is not positive"),
        (
            labels.len() != output.bias.len(),
            "as many labels as outputs are needed",
        ),
        (has_duplicates(&labels), "a label is there twice"),
        (
            !temperature.is_finite() || temperature <= 0.0,
            "`temperature` is not positive",
        ),
        (
            !(0.0..=1.0).contains(&threshold),
            "`threshold` is not in 0..1",
        ),
    ];
    if let Some((_, reason)) = wrong.iter().find(|(is_wrong, _)| *is_wrong) {
        return Err((*reason).to_owned());
    }
    Ok(Head {
        name: name.to_owned(),
        labels: labels.into(),
        mean,
        scale,
        hidden,
        output,
        temperature,
        threshold,
        metadata,
    })
}

fn has_duplicates(labels: &[String]) -> bool {
    let mut sorted: Vec<&String> = labels.iter().collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

fn dense(file: &SafeTensors<'_>, name: &str, inputs: usize) -> Result<Dense, String> {
    let bias = vector(file, &format!("{name}.bias"))?;
    let (shape, weight) = tensor(file, &format!("{name}.weight"))?;
    if bias.is_empty() || shape != [bias.len(), inputs] {
        let expected = [bias.len(), inputs];
        return Err(format!("`{name}.weight` is {shape:?}, not {expected:?}"));
    }
    Ok(Dense { weight, bias })
}

fn vector(file: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>, String> {
    let (shape, values) = tensor(file, name)?;
    match shape.len() {
        1 => Ok(values),
        _ => Err(format!("`{name}` is {shape:?}, not a vector")),
    }
}

/// Shape and values, row by row, of the tensor `name`, all of them finite.
pub(crate) fn tensor(file: &SafeTensors<'_>, name: &str) -> Result<(Vec<usize>, Vec<f32>), String> {
    let view = file
        .tensor(name)
        .map_err(|_| format!("no tensor `{name}`"))?;
    let data = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => {
            let words = data.as_chunks::<4>().0.iter();
            words.map(|word| f32::from_le_bytes(*word)).collect()
        }
        Dtype::F16 => {
            let words = data.as_chunks::<2>().0.iter();
            words
                .map(|word| half::f16::from_le_bytes(*word).to_f32())
                .collect()
        }
        other => return Err(format!("`{name}` is {other:?}, not F32 or F16")),
    };
    if values.iter().any(|value| !value.is_finite()) {
        return Err(format!("`{name}` holds something that is no number"));
    }
    Ok((view.shape().to_vec(), values))
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
