//! Reading and writing what recipes handle.

use std::fs;
use std::path::Path;

use onnx_graph::{GraphError, Model};
use serde::de::DeserializeOwned;

use super::copy::Copy;
use crate::recipe::{Recipe, RecipeError};

/// A graph among the sources.
pub fn read_model(folder: &Path, name: &str) -> Result<Model, RecipeError> {
    onnx_graph::load(&folder.join(name)).map_err(|error| failed(name, error))
}

/// A JSON file among the sources.
pub fn read_json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, RecipeError> {
    let path = folder.join(name);
    let bytes = fs::read(&path).map_err(RecipeError::io(path))?;
    serde_json::from_slice(&bytes).map_err(|error| RecipeError::unsuitable(name, error))
}

/// Writes a graph made out of `source`.
pub fn write_model(
    source: &str,
    model: Result<Model, GraphError>,
    path: &Path,
) -> Result<(), RecipeError> {
    let model = model.map_err(|error| failed(source, error))?;
    onnx_graph::save(&model, path).map_err(|error| failed(source, error))
}

/// Everything that is left in `input`, unchanged.
pub fn copy_all(input: &Path, output: &Path) -> Result<(), RecipeError> {
    Copy.run(input, output)
}

fn failed(file: &str, error: GraphError) -> RecipeError {
    match error {
        GraphError::Io { path, source } => RecipeError::Io { path, source },
        other => RecipeError::unsuitable(file, other),
    }
}
