//! Kokoro (StyleTTS 2, Li et al. 2023, with an iSTFTNet generator), cut so that sound comes out
//! before the sentence is whole.
//!
//! | graph | inputs | outputs |
//! |---|---|---|
//! | `acoustic` | `tokens`, `style`, `speed` | `durations`, `text`, `pitch`, `energy` |
//! | `low_rate` | `text`, `pitch`, `energy`, `style` | `features` |
//! | `source` | `pitch` | `source` |
//! | `norms` | `style`, statistics | scales and shifts of both stages |
//! | `generator_1` | `features`, `source`, `scale`, `shift` | `middle` |
//! | `generator_2` | `middle`, `source`, `scale`, `shift` | `audio` |
//!
//! A frame is 25 ms: 600 samples at 24 kHz, 2 of `pitch`, `energy` and `features`, 20 of `middle`
//! and 120 of `source`. The first three graphs want all frames and are the export's own, unchanged;
//! the generator's stages take any window of frames, because the statistics that their
//! normalisations would take over all frames are inputs instead. Two more of their inputs may be
//! left out: `context` i64 [2], frames left and right that only help the others and are not in the
//! output; and `whole` i64 [1], which is 1 where the window is the whole piece and the stage is to
//! normalise as the export does. Scales and shifts are then those of means 0 and variances 1.

mod context;
mod generator;
mod half;
mod images;
mod norms;
mod own;
mod parts;
mod reckon;
mod voices;

use std::fs;
use std::path::Path;

use onnx_graph::Model;

pub use generator::Stage;
pub use half::widen;
pub use parts::Kokoro;

use super::files;
use crate::recipe::{Recipe, RecipeError};

const SOURCE: &str = "kokoro.onnx";

/// The recipe for the export in full precision, its voices and its vocabulary.
pub struct Full;

/// The recipe for the rounded export, of which the generator is left out.
pub struct Rounded;

impl Recipe for Full {
    fn name(&self) -> &'static str {
        "kokoro"
    }

    fn version(&self) -> u32 {
        4
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let kokoro = take_source(input)?;
        let write = |name: &str, model| files::write_model(SOURCE, model, &output.join(name));
        write("acoustic.onnx", kokoro.acoustic())?;
        write("low_rate.onnx", kokoro.low_rate())?;
        write("source.onnx", kokoro.source())?;
        write("norms.onnx", kokoro.norms())?;
        write("generator_1.onnx", kokoro.stage(Stage::First))?;
        write("generator_2.onnx", kokoro.stage(Stage::Second))?;
        voices::pack(input, output)?;
        voices::vocabulary(input, output)?;
        files::copy_all(input, output)
    }
}

impl Recipe for Rounded {
    fn name(&self) -> &'static str {
        "kokoro-int8"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let kokoro = take_source(input)?;
        let write = |name: &str, model| files::write_model(SOURCE, model, &output.join(name));
        write("acoustic.onnx", kokoro.acoustic())?;
        write("low_rate.onnx", kokoro.low_rate())?;
        files::copy_all(input, output)
    }
}

/// The recipe for the export in half precision, of which only the generator is taken: the rest is
/// little work, and phases and durations want more digits.
pub struct Half;

impl Recipe for Half {
    fn name(&self) -> &'static str {
        "kokoro-fp16"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let unsuitable = |error| RecipeError::unsuitable(SOURCE, error);
        let model = half::widen(take_model(input)?).map_err(unsuitable)?;
        let kokoro = Kokoro::new(model).map_err(unsuitable)?;
        let write = |name: &str, model| files::write_model(SOURCE, model, &output.join(name));
        write("generator_1.onnx", kokoro.half_stage(Stage::First))?;
        write("generator_2.onnx", kokoro.half_stage(Stage::Second))?;
        files::copy_all(input, output)
    }
}

/// The export, which is removed so that it is not copied.
fn take_source(input: &Path) -> Result<Kokoro, RecipeError> {
    Kokoro::new(take_model(input)?).map_err(|error| RecipeError::unsuitable(SOURCE, error))
}

fn take_model(input: &Path) -> Result<Model, RecipeError> {
    let model = files::read_model(input, SOURCE)?;
    let source = input.join(SOURCE);
    fs::remove_file(&source).map_err(RecipeError::io(source))?;
    Ok(model)
}
