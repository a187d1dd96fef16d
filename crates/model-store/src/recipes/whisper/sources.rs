//! Where Whisper's weights and settings come from.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use onnx_graph::{GraphError, Index};
use serde::Deserialize;

use crate::recipe::RecipeError;
use crate::recipes::weights::Weights;
use crate::recipes::{ctranslate2, files, optimum};

/// Weights in full precision.
pub const CTRANSLATE2: &str = "model.bin";
/// Quantised export.
pub const ENCODER: &str = "encoder_model_quantized.onnx";
/// Quantised export.
pub const DECODER: &str = "decoder_model_merged_quantized.onnx";
/// Sources that the graphs replace.
pub const REPLACED: &[&str] = &[CTRANSLATE2, ENCODER, DECODER];

/// Attention heads of a layer; large has 20.
const HEADS: RangeInclusive<usize> = 1..=64;
const CONFIG: &str = "config.json";
const GENERATION: &str = "generation_config.json";

/// The shape of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Attention heads of a layer, encoder and decoder alike.
    pub heads: usize,
    /// [layer, head] of the decoder's heads that look where the sound is.
    pub alignment_heads: Vec<[usize; 2]>,
}

#[derive(Deserialize)]
struct Config {
    encoder_attention_heads: usize,
    decoder_attention_heads: usize,
}

#[derive(Deserialize)]
struct Generation {
    alignment_heads: Vec<[usize; 2]>,
}

impl Settings {
    /// From `config.json` and `generation_config.json`.
    ///
    /// # Errors
    /// When one is missing or not as expected.
    pub fn read(folder: &Path) -> Result<Self, RecipeError> {
        let config: Config = files::read_json(folder, CONFIG)?;
        let generation: Generation = files::read_json(folder, GENERATION)?;
        if config.encoder_attention_heads != config.decoder_attention_heads {
            let reason = "encoder and decoder differ in their number of attention heads";
            return Err(RecipeError::unsuitable(CONFIG, reason));
        }
        if !HEADS.contains(&config.encoder_attention_heads) {
            let reason = format!("{} attention heads", config.encoder_attention_heads);
            return Err(RecipeError::unsuitable(CONFIG, reason));
        }
        if generation.alignment_heads.is_empty() {
            return Err(RecipeError::unsuitable(GENERATION, "no alignment heads"));
        }
        Ok(Self {
            heads: config.encoder_attention_heads,
            alignment_heads: generation.alignment_heads,
        })
    }
}

/// Weights in full precision.
///
/// # Errors
/// When the file cannot be read or is of another kind.
pub fn from_ctranslate2(folder: &Path) -> Result<Weights, RecipeError> {
    let path = folder.join(CTRANSLATE2);
    let bytes = fs::read(&path).map_err(RecipeError::io(path))?;
    ctranslate2::whisper_weights(&bytes)
        .map_err(|reason| RecipeError::unsuitable(CTRANSLATE2, reason))
}

/// Weights as the quantised export stores them: layers under `encoder.` and `decoder.`.
///
/// # Errors
/// When a graph cannot be read, or is not such an export.
pub fn from_optimum(folder: &Path) -> Result<Weights, RecipeError> {
    let mut weights = Weights::default();
    let unsuitable = |file| move |error: GraphError| RecipeError::unsuitable(file, error);
    let model = files::read_model(folder, ENCODER)?;
    let graph = model.main().map_err(unsuitable(ENCODER))?;
    optimum::collect(&mut weights, &Index::new(graph), graph, "/", "encoder.")
        .map_err(unsuitable(ENCODER))?;
    let model = files::read_model(folder, DECODER)?;
    decoder_weights(&mut weights, &model).map_err(unsuitable(DECODER))?;
    Ok(weights)
}

fn decoder_weights(weights: &mut Weights, model: &onnx_graph::Model) -> Result<(), GraphError> {
    let graph = model.main()?;
    // Only the branch without a past multiplies by the encoder's keys and values.
    let [_, first] = optimum::branches(graph)?;
    let index = Index::new(graph).with(first);
    optimum::collect(weights, &index, graph, "/model/decoder/", "decoder.")?;
    let embedding = index.node("/model/decoder/embed_tokens/Gather", "Gather")?;
    let table = optimum::stored(&index, embedding.input_at(0)?)?;
    weights.insert("decoder.embed_tokens.weight", table);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // tests fail by panicking
mod tests {
    use super::*;

    #[test]
    fn heads_that_no_model_has_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let heads = |count: u64| {
            let config = format!(
                r#"{{"encoder_attention_heads":{count},"decoder_attention_heads":{count}}}"#
            );
            fs::write(folder.path().join(CONFIG), config).unwrap();
            fs::write(
                folder.path().join(GENERATION),
                r#"{"alignment_heads":[[0,0]]}"#,
            )
            .unwrap();
            Settings::read(folder.path())
        };
        assert_eq!(heads(8).unwrap().heads, 8);
        for count in [0, 65, u64::MAX] {
            assert!(heads(count).is_err(), "{count}");
        }
    }
}
