//! Files and bytes.

use std::fs;
use std::path::Path;

use prost::Message;

use crate::proto::{Graph, Model};
use crate::{GraphError, external};

/// A model from the bytes of a file. Data in other files is left where it is.
///
/// # Errors
/// [`GraphError::Decode`].
pub fn decode(bytes: &[u8]) -> Result<Model, GraphError> {
    Ok(Model::decode(bytes)?)
}

/// The bytes of a file.
pub fn encode(model: &Model) -> Vec<u8> {
    model.encode_to_vec()
}

/// Reads a file, and the tensors it keeps in files beside it.
///
/// # Errors
/// [`GraphError::Io`], [`GraphError::Decode`], and [`GraphError::Tensor`] when a tensor points
/// outside the folder or past the end of its file.
pub fn load(path: &Path) -> Result<Model, GraphError> {
    let bytes = fs::read(path).map_err(GraphError::io(path))?;
    let mut model = decode(&bytes)?;
    external::internalise(&mut model, path.parent().unwrap_or(Path::new("")))?;
    Ok(model)
}

/// Writes a file.
///
/// # Errors
/// [`GraphError::Io`].
pub fn save(model: &Model, path: &Path) -> Result<(), GraphError> {
    fs::write(path, encode(model)).map_err(GraphError::io(path))
}

impl Model {
    /// The model's graph.
    ///
    /// # Errors
    /// [`GraphError::NoGraph`].
    pub fn main(&self) -> Result<&Graph, GraphError> {
        self.graph.as_ref().ok_or(GraphError::NoGraph)
    }

    /// The model's graph, to be changed.
    ///
    /// # Errors
    /// [`GraphError::NoGraph`].
    pub fn main_mut(&mut self) -> Result<&mut Graph, GraphError> {
        self.graph.as_mut().ok_or(GraphError::NoGraph)
    }
}
