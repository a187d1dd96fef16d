//! Tensors whose data is in another file ("external data").

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use crate::GraphError;
use crate::proto::{Graph, Model, Tensor};

/// `data_location` of a tensor with external data.
const EXTERNAL: i32 = 1;

/// Reads every initializer's external data in from `folder`, in branches too.
///
/// # Errors
/// [`GraphError::Tensor`] when a tensor points outside `folder` or past the end of a file,
/// [`GraphError::Io`] when a file cannot be read.
pub fn internalise(model: &mut Model, folder: &Path) -> Result<(), GraphError> {
    match &mut model.graph {
        Some(graph) => internalise_from(graph, folder),
        None => Ok(()),
    }
}

/// The same for one graph.
///
/// # Errors
/// As [`internalise`].
pub fn internalise_from(graph: &mut Graph, folder: &Path) -> Result<(), GraphError> {
    for tensor in &mut graph.initializer {
        read_in(tensor, folder)?;
    }
    for attribute in graph.node.iter_mut().flat_map(|node| &mut node.attribute) {
        if let Some(tensor) = &mut attribute.t {
            read_in(tensor, folder)?;
        }
        for branch in attribute.g.iter_mut().chain(&mut attribute.graphs) {
            internalise_from(branch, folder)?;
        }
    }
    Ok(())
}

fn read_in(tensor: &mut Tensor, folder: &Path) -> Result<(), GraphError> {
    if tensor.data_location.unwrap_or(0) != EXTERNAL {
        return Ok(());
    }
    let error = |reason: &str| GraphError::tensor(tensor.name(), reason);
    let location = entry(tensor, "location").ok_or_else(|| error("no location"))?;
    let inside = Path::new(location)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err(error("its data is outside the model's folder"));
    }
    let number = |key| match entry(tensor, key) {
        None => Ok(None),
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| error(key)),
    };
    let offset = number("offset")?.unwrap_or(0);
    let path = folder.join(location);
    let mut file = File::open(&path).map_err(GraphError::io(&path))?;
    let size = file.metadata().map_err(GraphError::io(&path))?.len();
    let rest = size
        .checked_sub(offset)
        .ok_or_else(|| error("offset past the end of the file"))?;
    let length = number("length")?.unwrap_or(rest);
    if length > rest {
        return Err(error("length past the end of the file"));
    }
    file.seek(SeekFrom::Start(offset))
        .map_err(GraphError::io(&path))?;
    let mut data = Vec::new();
    file.take(length)
        .read_to_end(&mut data)
        .map_err(GraphError::io(&path))?;
    tensor.raw_data = Some(data);
    tensor.data_location = None;
    tensor.external_data.clear();
    Ok(())
}

fn entry<'a>(tensor: &'a Tensor, key: &str) -> Option<&'a str> {
    tensor
        .external_data
        .iter()
        .find(|entry| entry.key() == key)
        .map(|entry| entry.value())
}
