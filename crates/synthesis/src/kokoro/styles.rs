//! The voices' styles: one row for each length of text.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::STYLE;
use crate::SynthesisError;

/// Shape of `voices.bin`.
#[derive(Deserialize)]
struct Index {
    voices: Vec<String>,
    rows: usize,
    width: usize,
}

/// Styles of all voices, [voices, rows, 256].
#[derive(Debug)]
pub struct Styles {
    places: HashMap<String, usize>,
    names: Vec<String>,
    rows: usize,
    values: Vec<f32>,
}

impl Styles {
    /// Reads `voices.bin` and `voices.json` of a folder.
    ///
    /// # Errors
    /// When they cannot be read, or do not fit one another.
    pub fn load(folder: &Path) -> Result<Self, SynthesisError> {
        let wrong = |name: &str, reason: String| SynthesisError::ModelFile {
            path: folder.join(name),
            reason,
        };
        let read = |name: &str| {
            fs::read(folder.join(name)).map_err(|error| wrong(name, error.to_string()))
        };
        let index: Index = serde_json::from_slice(&read("voices.json")?)
            .map_err(|error| wrong("voices.json", error.to_string()))?;
        let bytes = read("voices.bin")?;
        let expected = index.voices.len() * index.rows * STYLE * 4;
        if index.width != STYLE || index.rows == 0 || bytes.len() != expected {
            let reason = format!("{} bytes where {expected} should be", bytes.len());
            return Err(wrong("voices.bin", reason));
        }
        let floats = bytes.as_chunks::<4>().0.iter();
        let places = index.voices.iter().cloned().enumerate();
        Ok(Self {
            places: places.map(|(place, name)| (name, place)).collect(),
            names: index.voices,
            rows: index.rows,
            values: floats.map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        })
    }

    /// Names of the voices, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The style of one voice for a text of `phonemes` phonemes.
    pub fn row(&self, voice: &str, phonemes: usize) -> Option<&[f32; STYLE]> {
        let row = phonemes.clamp(1, self.rows) - 1;
        let start = (self.places.get(voice)? * self.rows + row) * STYLE;
        self.values[start..].first_chunk()
    }
}
