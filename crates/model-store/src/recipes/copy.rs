//! The recipe of models that are used as they come.

use std::fs;
use std::path::Path;

use crate::recipe::{Recipe, RecipeError};

/// Hands every source file over unchanged.
pub struct Copy;

impl Recipe for Copy {
    fn name(&self) -> &'static str {
        "copy"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        for entry in fs::read_dir(input).map_err(RecipeError::io(input))? {
            let from = entry.map_err(RecipeError::io(input))?;
            let to = output.join(from.file_name());
            // The input is deleted afterwards and on the same file system: no need to write twice.
            if fs::hard_link(from.path(), &to).is_err() {
                fs::copy(from.path(), &to).map_err(RecipeError::io(&to))?;
            }
        }
        Ok(())
    }
}
