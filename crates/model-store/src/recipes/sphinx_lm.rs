//! A language model of CMU Sphinx as the file that KenLM, and this product, map into memory.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use language_model::{LmError, read_sphinx, write_trie};

use super::files;
use crate::recipe::{Recipe, RecipeError};

const SOURCE: &str = "en-us.lm.bin";
const OUTPUT: &str = "en.klm";

/// The recipe.
pub struct SphinxLm;

impl Recipe for SphinxLm {
    fn name(&self) -> &'static str {
        "sphinx-lm"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let source = input.join(SOURCE);
        let bytes = fs::read(&source).map_err(RecipeError::io(&source))?;
        let ngrams = read_sphinx(&bytes).map_err(|error| RecipeError::unsuitable(SOURCE, error))?;
        drop(bytes);
        let path = output.join(OUTPUT);
        let file = File::create(&path).map_err(RecipeError::io(&path))?;
        write_trie(ngrams, BufWriter::new(file)).map_err(|error| match error {
            LmError::Io(error) => RecipeError::io(&path)(error),
            other => RecipeError::unsuitable(SOURCE, other),
        })?;
        fs::remove_file(&source).map_err(RecipeError::io(source))?;
        files::copy_all(input, output)
    }
}
