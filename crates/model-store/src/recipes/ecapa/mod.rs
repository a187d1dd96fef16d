//! ECAPA-TDNN (Desplanques et al. 2020) as SpeechBrain trained it on VoxCeleb: its checkpoint
//! becomes one graph, from samples to a voice's embedding.
//!
//! | in | |
//! |---|---|
//! | `wav` | f32 [batch, samples], 16 kHz, -1..1; at least 640 |
//!
//! | out | |
//! |---|---|
//! | `embedding` | f32 [batch, 192], of no particular length |
//! | `statistics` | f32 [batch, 14336]: mean and standard deviation over time of what the four blocks (1024 channels each) and their aggregation (3072) put out |
//!
//! Frames come first and channels last, so that nearly all the work is products with constant
//! matrices; the large ones are multiplied in eight bits. A normalisation is folded into the products
//! after it wherever nothing else reads it.

mod blocks;
mod checkpoint;
mod filterbank;
mod network;
mod pooling;

use std::path::Path;

pub use checkpoint::Checkpoint;
pub use network::graph;

use super::files;
use crate::recipe::{Recipe, RecipeError};

const SOURCE: &str = "embedding_model.ckpt";

/// The recipe.
pub struct Ecapa;

impl Recipe for Ecapa {
    fn name(&self) -> &'static str {
        "ecapa"
    }

    fn version(&self) -> u32 {
        2
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let path = input.join(SOURCE);
        let checkpoint = Checkpoint::read(&path)?;
        files::write_model(SOURCE, graph(&checkpoint), &output.join("ecapa.onnx"))?;
        std::fs::remove_file(&path).map_err(RecipeError::io(path))?;
        files::copy_all(input, output)
    }
}
