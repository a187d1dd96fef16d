//! Whisper (Radford et al. 2022), written as two graphs that waste nothing.
//!
//! The usual export pads every clip to thirty seconds, dequantises the whole output matrix at
//! every token, keeps two decoders in one file and hands every layer's encoder keys through each
//! step. Here the same layers are written anew, from the same weights:
//!
//! - `encoder.onnx` takes windows of any even length and ends with the keys and values that the
//!   decoder's layers make of its result, so that they are made once.
//! - `decoder.onnx` takes any number of tokens after any number of earlier ones, gives the logits
//!   of the last, and, for word times, what the alignment heads look at.
//!
//! With every precision as shipped the graphs compute bit for bit what the export does (tested);
//! the precisions used are those of [`Precisions`].

mod decoder;
mod encoder;
mod sources;

use std::fs;
use std::path::Path;

pub use decoder::decoder;
pub use encoder::encoder;
pub use sources::{Settings, from_ctranslate2, from_optimum};

use crate::recipe::{Recipe, RecipeError};
use crate::recipes::files;
use crate::recipes::linear::Precision;

/// Positions that the encoder has: thirty seconds.
pub const ENCODER_POSITIONS: usize = 1500;
/// Width of an attention head in every size of Whisper.
pub const HEAD_DIM: usize = 64;
/// Mel bands of every size below large-v3.
pub const MELS: usize = 80;

/// How each kind of matrix is kept and multiplied. `docs/decisions.md` has the measurements
/// behind the choice.
#[derive(Clone, Copy, Debug)]
pub struct Precisions {
    /// The two convolutions.
    pub front: Precision,
    /// Encoder: query, key, value.
    pub encoder_attention: Precision,
    /// Encoder: what attention found, back to the hidden state.
    pub encoder_out: Precision,
    /// Encoder: first matrix of the feed-forward layer.
    pub encoder_widen: Precision,
    /// Encoder: second one. Its input has outliers that whole-tensor rounding does not survive.
    pub encoder_narrow: Precision,
    /// Keys and values that the decoder looks up in the encoder's result.
    pub cross: Precision,
    /// Every matrix of the decoder but the output.
    pub decoder: Precision,
    /// Attention of the encoder as one operator: no [heads, frames, frames] scores in memory.
    pub fused_attention: bool,
}

impl Precisions {
    /// What the quantised export does.
    pub const AS_SHIPPED: Self = Self {
        front: Precision::Dynamic,
        encoder_attention: Precision::Dynamic,
        encoder_out: Precision::Dynamic,
        encoder_widen: Precision::Dynamic,
        encoder_narrow: Precision::Dynamic,
        cross: Precision::Dynamic,
        decoder: Precision::Dynamic,
        fused_attention: false,
    };

    /// What is installed.
    pub const INSTALLED: Self = Self {
        front: Precision::Float,
        encoder_attention: Precision::Dynamic,
        encoder_out: Precision::Blocks,
        encoder_widen: Precision::Dynamic,
        encoder_narrow: Precision::Blocks,
        cross: Precision::Blocks,
        decoder: Precision::Blocks,
        fused_attention: true,
    };
}

/// The recipe: from `model.bin` (CTranslate2, full precision) where there is one, else from
/// Optimum's quantised graphs.
pub struct Whisper;

impl Recipe for Whisper {
    fn name(&self) -> &'static str {
        "whisper"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let settings = Settings::read(input)?;
        let (weights, source) = if input.join(sources::CTRANSLATE2).is_file() {
            (from_ctranslate2(input)?, sources::CTRANSLATE2)
        } else {
            (from_optimum(input)?, sources::DECODER)
        };
        let write = |name: &str, model| files::write_model(source, model, &output.join(name));
        write(
            "encoder.onnx",
            encoder(&weights, &settings, &Precisions::INSTALLED),
        )?;
        write(
            "decoder.onnx",
            decoder(&weights, &settings, &Precisions::INSTALLED),
        )?;
        for name in sources::REPLACED {
            let path = input.join(name);
            if path.is_file() {
                fs::remove_file(&path).map_err(RecipeError::io(path))?;
            }
        }
        files::copy_all(input, output)
    }
}
