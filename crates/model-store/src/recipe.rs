//! The seam between fetching and converting: what turns verified source files into the files
//! a service loads.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Turns a model's verified source files into the files a service loads.
///
/// A recipe is a pure function of its input: the same sources give the same bytes, on any
/// machine, and nothing but `output` is written. It runs no inference.
pub trait Recipe: Send + Sync {
    /// The name that manifests use: `recipe = { name = "...", version = 1 }`.
    fn name(&self) -> &'static str;

    /// Grows by one whenever the output for the same input changes. Manifests repeat it, so that
    /// an old conversion in somebody's cache is never taken for the new one.
    fn version(&self) -> u32;

    /// Reads the manifest's files (under the names that `as` or `assemble` gave them) from
    /// `input` and writes every file of the manifest's `outputs` into `output`, an existing empty
    /// directory on the same file system. `input` is deleted afterwards.
    ///
    /// # Errors
    /// When a source file is not what the recipe was written for, or cannot be read or written.
    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError>;
}

/// Why a conversion failed.
#[derive(Debug, Error)]
pub enum RecipeError {
    /// A source was verified by checksum, but is not of the shape that the recipe expects.
    #[error("{file}: {reason}")]
    Unsuitable {
        /// The source file, as named in the manifest.
        file: String,
        /// What was expected and what was found.
        reason: String,
    },
    /// A source could not be read, or a result not written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file concerned.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
}

impl RecipeError {
    /// For `map_err`: attaches the path that an I/O error leaves out.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// A source that is not of the expected shape.
    pub fn unsuitable(file: impl Into<String>, reason: impl ToString) -> Self {
        Self::Unsuitable {
            file: file.into(),
            reason: reason.to_string(),
        }
    }
}
