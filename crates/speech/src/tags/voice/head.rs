//! A head that reads a projection of the voiceprint's statistics.
//!
//! Beside the tensors of [`Head`] the file has `projection` [n, m] and, in its metadata,
//! `statistics_from`: the first of the m statistics that it reads; `absent` lists the labels of the
//! reference that it does not know. The emotion head's file also has `baseline` [n], how a speaker
//! sounds on average, `baseline_segments`, how many segments that is worth, and `needed_segments`, how
//! many of the speaker's others it takes to say anything.

use super::baseline::Sum;
use crate::tags::head::tensor;
use crate::{Distribution, Head, SpeechError, voice};
use safetensors::SafeTensors;
use std::path::PathBuf;

/// A head with its projection.
pub(super) struct VoiceHead {
    pub head: Head,
    /// Labels of the reference that it does not know.
    pub absent: Vec<String>,
    /// [inputs of the head, width], row by row.
    projection: Vec<f32>,
    first: usize,
    width: usize,
}

/// The head that compares a segment with the speaker's others.
pub(super) struct EmotionHead {
    pub head: VoiceHead,
    baseline: Vec<f32>,
    baseline_segments: f64,
    needed_segments: f64,
}

impl VoiceHead {
    /// # Errors
    /// [`SpeechError::ModelFile`] says what is wrong with the file.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, SpeechError> {
        let head = Head::read(name, bytes)?;
        let wrong = |reason: String| wrong(name, reason);
        let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
        let (shape, projection) = tensor(&file, "projection").map_err(wrong)?;
        let first: usize = number(&head, "statistics_from")? as usize;
        let width = shape.last().copied().unwrap_or(0);
        if shape != [head.inputs(), width] || width == 0 || first + width > voice::STATISTICS {
            return Err(wrong(format!("`projection` is {shape:?} from {first}")));
        }
        let absent = head.metadata("absent").unwrap_or("[]");
        Ok(Self {
            absent: serde_json::from_str(absent).map_err(|error| wrong(error.to_string()))?,
            head,
            projection,
            first,
            width,
        })
    }

    /// What the head reads of a voiceprint's statistics.
    pub fn project(&self, statistics: &[f32]) -> Vec<f32> {
        let read = statistics.get(self.first..).unwrap_or(&[]);
        let dot = |row: &[f32]| row.iter().zip(read).map(|(w, x)| w * x).sum();
        self.projection.chunks_exact(self.width).map(dot).collect()
    }

    /// The labels' probabilities; nothing should the features not be this head's.
    pub fn distribution(&self, features: &[f32]) -> Option<Distribution> {
        self.head.distribution(features).ok()
    }
}

impl EmotionHead {
    /// # Errors
    /// [`SpeechError::ModelFile`] says what is wrong with the file.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, SpeechError> {
        let head = VoiceHead::read(name, bytes)?;
        let wrong = |reason: String| wrong(name, reason);
        let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
        let (shape, baseline) = tensor(&file, "baseline").map_err(wrong)?;
        if shape != [head.head.inputs()] {
            return Err(wrong(format!("`baseline` is {shape:?}")));
        }
        let baseline_segments = number(&head.head, "baseline_segments")?;
        if baseline_segments <= 0.0 {
            return Err(wrong("`baseline_segments` is not positive".to_owned()));
        }
        Ok(Self {
            needed_segments: number(&head.head, "needed_segments")?,
            head,
            baseline,
            baseline_segments,
        })
    }

    /// The emotion of a segment, given the speaker's others: the more of them were heard, the more
    /// a difference from them counts. Nothing while there are too few of them.
    pub fn distribution(&self, features: &[f32], others: &Sum) -> Option<Distribution> {
        if others.weight < self.needed_segments {
            return None;
        }
        let usual = others.shrunk(&self.baseline, self.baseline_segments);
        let trust = (others.weight / (others.weight + self.baseline_segments)) as f32;
        let difference = features
            .iter()
            .zip(&usual)
            .map(|(x, usual)| (x - usual) * trust);
        self.head.distribution(&difference.collect::<Vec<f32>>())
    }
}

fn number(head: &Head, key: &str) -> Result<f64, SpeechError> {
    let found = head.metadata(key).and_then(|text| text.parse::<f64>().ok());
    let found = found.filter(|number| number.is_finite() && *number >= 0.0);
    found.ok_or_else(|| wrong(head.name(), format!("`{key}` is not a number from 0")))
}

fn wrong(name: &str, reason: String) -> SpeechError {
    SpeechError::ModelFile {
        path: PathBuf::from(format!("{name}.safetensors")),
        reason,
    }
}
